/**
 * Entry stubs and host thunks of signatures that no module has any more used up the engine's room for stubs for good.
 *
 * @flags --expose-gc
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { check, done, Engine, wat } from './support.js';

// A sixteenth of it is for stubs: 256 KiB.
const engine = new Engine({ limits: { codeMemory: 4 << 20 } });
const { WebAssembly } = engine;
const types = ['i32', 'i64', 'f32', 'f64'];
const perModule = 300;

/** A type of its own for each number: ten parameters, the digits to the base of four. */
function parameters(n: number): string {
  return Array.from({ length: 10 }, (_, i) => types[Math.floor(n / 4 ** i) % 4]).join(' ');
}

/** Functions of as many signatures, imported and exported. */
function text(first: number, count: number): string {
  const numbers = Array.from({ length: count }, (_, k) => first + k);
  const imports = numbers.map((n) => `(import "m" "h${n}" (func $h${n} (param ${parameters(n)})))`);
  const calls = numbers.map((n) => {
    const args = Array.from({ length: 10 }, (_, i) => `(local.get ${i})`).join(' ');
    return `(func (export "f${n}") (param ${parameters(n)}) (call $h${n} ${args}))`;
  });
  return `(module ${imports.join('\n')} ${calls.join('\n')})`;
}

function argumentsOf(n: number): (number | bigint)[] {
  return parameters(n)
    .split(' ')
    .map((type, i) => (type === 'i64' ? BigInt(n + i) : n + i));
}

/** Instantiate and call each export once. */
function use(first: number, count: number): void {
  let sum = 0;
  const imports: Record<string, (...args: (number | bigint)[]) => void> = {};
  for (let n = first; n < first + count; n++) imports[`h${n}`] = (...args) => (sum += Number(args[9]));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wat(text(first, count))), { m: imports });
  let wanted = 0;
  for (let n = first; n < first + count; n++) {
    (exports[`f${n}`] as (...args: unknown[]) => void)(...argumentsOf(n));
    wanted += n + 9;
  }
  check(sum === wanted, `modules from ${first} on: ${sum}, not ${wanted}`);
}

let inUse = 0;
for (let k = 0; k < 12; k++) {
  use(k * perModule, perModule);
  for (let i = 0; i < 100 && engine.statistics().modules > 0; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await sleep(1);
  }
  check(engine.statistics().modules === 0, 'a module that was dropped is still there');
  if (k === 0) inUse = engine.statistics().codeMemory;
}
check(
  engine.statistics().codeMemory <= inUse,
  `${inUse} bytes of code memory in use, ${engine.statistics().codeMemory} afterwards`,
);
// A signature that comes back, and one that was never there.
use(0, 1);
use(100_000, 1);
done();
