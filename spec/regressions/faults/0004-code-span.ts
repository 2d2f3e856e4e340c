/**
 * A br_table for which too little room was reserved wrote over the end of its code span: over the code of a module that was
 * compiled meanwhile. The victim has no store, and its memory was written to by the other module's code.
 *
 * @seconds 120
 */
import { check, done, Engine, wat } from './support.js';

function unsigned(n: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push(n > 127 ? (n & 127) | 128 : n);
    n >>>= 7;
  } while (n > 0);
  return bytes;
}

/** Below 2^13. */
const signed = (n: number): number[] => (n < 64 ? [n] : [(n & 127) | 128, n >> 7]);

/** Stores of constants take 8 and 5 bytes of code: so many of each that the table begins where it must. */
function build(eights: number, fives: number): Uint8Array {
  const cells = 200;
  const parameters = [...new Array<number>(6).fill(0x7e), ...new Array<number>(8).fill(0x7c)];
  const integers = parameters.length + 32;
  const floats = integers + 11;
  const code: number[] = [];
  for (let k = 0; k < eights; k++) code.push(0x41, 0, 0x41, 1, 0x3a, 0, ...unsigned(200));
  for (let k = 0; k < fives; k++) code.push(0x41, 0, 0x41, 1, 0x3a, 0, 0);
  // All registers hold locals that are newer than their slots; 32 vectors are promised zeros.
  for (let k = 0; k < 10; k++) code.push(0x42, ...signed(1000 + k), 0x21, integers + k);
  code.push(0x41, 5, 0x21, integers + 10);
  for (let k = 0; k < 15; k++) code.push(0x44, 1, 2, 3, 4, 5, 6, 7, 0x40, 0x21, floats + k);
  code.push(0x02, 1);
  for (let k = 0; k < 63; k++) code.push(0xfd, 0x0c, ...new Array<number>(16).fill(0xff));
  code.push(0x20, integers + 10, 0x0e, ...unsigned(cells - 1), ...new Array<number>(cells).fill(0), 0x0b, 0x1a, 0x1a);
  // What ran in the victim's place: a store to its memory.
  code.push(0x41, 0, 0x41, ...signed(0x1337), 0x36, 2, 0, 0x00, 0x0b);
  const type = [0x60, ...unsigned(parameters.length), ...parameters, 0];
  const body = [4, 32, 0x7b, 10, 0x7e, 1, 0x7f, 15, 0x7c, ...code];
  const section = (id: number, ...content: number[]) => [id, ...unsigned(content.length), ...content];
  return Uint8Array.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, 2, ...type, 0x60, 0, 2, 0x7b, 0x7b),
    ...section(3, 1, 0),
    ...section(5, 1, 0, 1),
    ...section(10, 1, ...unsigned(body.length), ...body),
  ]);
}

const victimBytes = wat(`(module (memory (export "memory") 1)
  (func $f (result i32) (i32.load (i32.const 0)))
  (func (export "f") (result i32) (call $f)))`);

for (let eights = 735; eights < 738; eights++) {
  for (let fives = 0; fives < 8; fives++) {
    const { WebAssembly } = new Engine({ limits: { codeMemory: 4 << 20 } });
    const bytes = build(eights, fives);
    let victim: { f: () => number; memory: { buffer: ArrayBuffer } } | undefined;
    async function* pieces() {
      // The code section has begun: there is a code span. Then the victim is compiled behind it.
      yield bytes.subarray(0, 1000);
      const module = new WebAssembly.Module(victimBytes);
      victim = new WebAssembly.Instance(module).exports as unknown as typeof victim;
      yield bytes.subarray(1000);
    }
    await WebAssembly.compileStreaming(pieces());
    let seen: unknown;
    try {
      seen = victim?.f();
    } catch (error) {
      seen = error;
    }
    check(seen === 0, `the function that loads a zero gives ${String(seen)} (${eights}, ${fives})`);
    check(new Int32Array(victim!.memory.buffer)[0] === 0, 'the memory of a module without stores has changed');
  }
}
done();
