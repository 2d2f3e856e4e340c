/**
 * The optimizing tier set no register aside for the address of a vector access that is a constant and no displacement of an instruction:
 * "internal error: register -1 was allocated, which is not free" where all others were taken.
 */
import { check, done, Engine, wat } from './support.js';

const addresses = [-1, -16, 0x7ffffff8, 65521, 65536];
const accesses = [
  '(v128.store offset=16 (i32.const ADDRESS) (i32x4.splat (local.get 0)))',
  '(drop (v128.load offset=16 (i32.const ADDRESS)))',
  '(drop (v128.load8_splat offset=16 (i32.const ADDRESS)))',
  '(drop (v128.load64_zero offset=16 (i32.const ADDRESS)))',
  '(drop (v128.load16_lane offset=16 3 (i32.const ADDRESS) (i32x4.splat (local.get 0))))',
  '(v128.store32_lane offset=16 2 (i32.const ADDRESS) (i32x4.splat (local.get 0)))',
];
const functions = addresses.flatMap((address) => accesses.map((access) => access.replace('ADDRESS', String(address))));
const bytes = await wat(
  `(module (memory 1) ${functions.map((body, k) => `(func (export "f${k}") (param i32) ${body})`).join('\n')})`,
);

for (const options of [{}, { cpu: 'sse4.1' }, { bounds: 'check' }, { debug: { forceSpills: true } }] as const) {
  const { Instance, Module } = new Engine({ tier: 'optimizing', ...options }).WebAssembly;
  const exports = new Instance(new Module(bytes)).exports as Record<string, (n: number) => void>;
  functions.forEach((body, k) => {
    let message = 'no error';
    try {
      exports[`f${k}`]?.(7);
    } catch (error) {
      message = (error as Error).message;
    }
    check(message === 'memory access out of bounds', `${JSON.stringify(options)}: ${body}: ${message}`);
  });
}
done();
