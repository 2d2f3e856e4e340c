/** Lightbeam's benchmark: fib with the recursive call inside a loop, beside gcc -O2 code of the same form. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';
import { root } from './corpus.js';
import { kernelFolder } from './native.js';
import { type RaceOptions, type RaceResult, race } from './race.js';

export async function benchFib(options: RaceOptions & { readonly quick: boolean }): Promise<RaceResult> {
  const tools = await wabt();
  const module = tools.parseWat('fib.wat', readFileSync(join(kernelFolder, 'fib.wat'), 'utf8'));
  const folder = join(root, '.cache', 'bench');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'fib.wasm');
  writeFileSync(path, module.toBinary({}).buffer);
  module.destroy();
  const n = options.quick ? 30 : 34;
  const subject = { name: 'fib', kind: 'recursive calls in a loop', path, n, gccFlags: ['-fno-inline'] };
  const [result] = await race([subject], { ...options, rounds: Math.max(9, 2 * options.rounds) });
  return result!;
}
