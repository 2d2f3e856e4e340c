/**
 * A memory of V8 with 64-bit addresses was linked as one with 32-bit addresses: nothing is reserved behind it, so code
 * without bounds checks read and wrote what lies there. Where V8 has such memories by a flag only (Node 20), asking V8
 * ended the process.
 *
 * @runs default
 * @runs default --experimental-wasm-memory64
 * @runs check
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { check, done, Engine, wat } from './support.js';

// biome-ignore lint/suspicious/noExplicitAny: V8's namespace, not the engine's.
type Any = any;
const [mode, flag] = process.argv.slice(2);
const v8 = Reflect.get(globalThis, 'WebAssembly') as Any;
if (flag !== undefined && process.versions.node.startsWith('20.')) {
  const self = fileURLToPath(import.meta.url);
  const child = spawnSync(process.execPath, [flag, self, mode as string], { encoding: 'utf8' });
  check(child.status === 0 && child.stdout.endsWith('ok\n'), `${child.stdout}${child.stderr}`);
}

/** A memory with 64-bit addresses, declared by a module. */
function wide(limits: number[]): object | undefined {
  const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 5, 1 + limits.length, 1, ...limits, 7, 5, 1, 1, 109, 2, 0];
  try {
    return new v8.Instance(new v8.Module(new Uint8Array(bytes))).exports.m;
  } catch {
    return undefined; // This V8 has none.
  }
}

const { WebAssembly } = new Engine(mode === 'check' ? { memory: 'mmap' } : {});
const module = new WebAssembly.Module(
  wat(`(module (import "a" "m" (memory 1)) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))`),
);
const bounded = [5, 1, 2];
const spacious = [5, 1, 128, 128, 4];
const shared = [7, 1, 2];
for (const limits of [bounded, spacious, [4, 1], shared]) {
  const m = wide(limits);
  if (m === undefined) continue;
  let message = 'linked';
  try {
    new WebAssembly.Instance(module, { a: { m } } as Any);
  } catch (error) {
    check(error instanceof WebAssembly.LinkError, String(error));
    message = (error as Error).message;
  }
  console.log(limits.join(' '), message);
  check(
    /Import #0 "a" "m": (cannot import (memory64|i64)|mismatch in shared)/.test(message),
    'linked, or for another reason',
  );
}
for (const maximum of [1, 65536, undefined]) {
  const m = new v8.Memory({ initial: 1, ...(maximum === undefined ? {} : { maximum }) });
  const { load } = new WebAssembly.Instance(module, { a: { m } } as Any).exports as Any;
  check(load(0) === 0, 'a memory with 32-bit addresses is not linked any more');
}
done();
