/**
 * `import './module.wasm'` compiled on V8 under `beamline/register`, without a word.
 *
 * @flags --experimental-wasm-modules --no-warnings
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check, done, wat } from './support.js';

await import('../../../src/register.js');
const { defaultEngine } = await import('../../../src/index.js');
const folder = mkdtempSync(join(tmpdir(), 'beamline-0024-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const put = (name: string, content: Uint8Array | string): string => {
  writeFileSync(join(folder, name), content);
  return pathToFileURL(join(folder, name)).href;
};
put('host.mjs', 'export const ten = () => 10;');
put('inner.wasm', wat('(module (func (export "two") (result i32) (i32.const 2)))'));
const outer = put(
  'outer.wasm',
  wat(`(module (import "./host.mjs" "ten" (func $ten (result i32))) (import "./inner.wasm" "two" (func $two (result i32)))
    (func (export "sum") (param i32) (result i32) (i32.add (local.get 0) (i32.add (call $ten) (call $two)))))`),
);
const { sum } = (await import(outer)) as { sum: (value: number) => number };
check(sum(30) === 42, `the sum is ${sum(30)}`);
const { functionsCompiled } = defaultEngine().statistics();
check(functionsCompiled === 2, `${functionsCompiled} functions were compiled here`);
const invalid = put('invalid.wasm', Uint8Array.of(0, 97, 115, 109, 9, 0, 0, 0));
const error: unknown = await import(invalid).catch((reason) => reason);
const { CompileError } = Reflect.get(globalThis, 'WebAssembly');
check(error instanceof CompileError, `an invalid module: ${error}`);
if (Number.parseInt(process.versions.node, 10) >= 24) {
  // The source phase gives the module.
  const main = put('main.mjs', `import source module from './inner.wasm'; export { module };`);
  const { module } = await import(main);
  const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly');
  check(module instanceof Module && new Instance(module).exports.two() === 2, 'the source phase');
}
done();
