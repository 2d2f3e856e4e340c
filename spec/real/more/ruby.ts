/** CRuby (C, WASI through node:wasi): evaluate a script, raise and rescue. */
import { readFileSync } from 'node:fs';
import { type Program, packageFile, requirePackage } from '../program.js';

interface Engine {
  compile(bytes: Uint8Array): Promise<object>;
}

const script = `
  fib = ->(n) { n < 2 ? n : fib.(n - 1) + fib.(n - 2) }
  counts = (1..2000).group_by { |i| i % 7 }.transform_values(&:sum)
  problem = begin; Integer("x"); rescue ArgumentError => e; e.message; end
  fiber = Fiber.new { Fiber.yield 1; 2 }
  [fib.(18), counts, problem, "hello"[1..].tr('el', 'ip'), 2**200, Math.sqrt(2), 1r / 3, [3, 1, 2].sort_by { -_1 },
   "a1b22"=~/\\d\\d/, format("%08.3f", 3.14159), fiber.resume, fiber.resume, :sym.to_proc.call("x") ].inspect`;

export const program: Program<{ eval(source: string): { toString(): string } }> = {
  async load() {
    const { DefaultRubyVM } = requirePackage('@ruby/wasm-wasi', 'dist/cjs/node.js');
    const engine = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
    const bytes = readFileSync(packageFile('@ruby/3.3-wasm-wasi', 'dist/ruby.wasm'));
    return (await DefaultRubyVM(await engine.compile(bytes), { consolePrint: false })).vm;
  },
  work: (vm) => vm.eval(script.replace(', :sym.to_proc.call("x")', '')).toString(),
};
