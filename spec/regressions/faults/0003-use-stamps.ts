/**
 * A function so large that the register file's use stamps did not fit beside the register number any more: eviction handed
 * out a register that an operand was in, here the address of a load, which so became any 64-bit value.
 *
 * @seconds 120
 */
import { check, done, WebAssembly } from './support.js';

const results = 1000;
const size = 7_600_000;

function leb(n: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push(n > 127 ? (n & 127) | 128 : n);
    n >>>= 7;
  } while (n > 0);
  return bytes;
}

const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];

/** Reads of locals from the 12th i32 and the first f64 on: all registers hold locals afterwards. */
function reads(integers: number): number[] {
  const code: number[] = [];
  for (let k = 0; k < integers; k++) code.push(0x20, 1 + k, 0x45, 0x1a); // local.get; i32.eqz; drop
  for (let k = 0; k < 15; k++) code.push(0x20, 13 + k, 0x99, 0x1a); // local.get; f64.abs; drop
  return code;
}

// Call a function with 1000 results; fill the registers; 1000 times if else end: each label takes as many stamps as it has
// locals in registers, and costs no more than 4 bytes.
const unit = [0x10, 1, ...reads(9)];
for (let k = 0; k < results; k++) unit.push(0x04, 0x40, 0x05, 0x0b);
const units = Math.floor((size - 100) / unit.length);
// The address of the load is the sum of two locals. The i64 parameter is read after it and needs a register.
const end = [...reads(12), 0x20, 1, 0x20, 2, 0x6a, 0x20, 0, 0x50, 0x1a, 0x29, 3, 0, 0x0b];
const locals = [2, 12, 0x7f, 15, 0x7c];
const length = locals.length + units * unit.length + end.length;
const zeros = Array.from({ length: results }, () => [0x41, 0]).flat();
const header = [
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...section(1, [2, 0x60, 1, 0x7e, 1, 0x7e, 0x60, 0, ...leb(results), ...new Array<number>(results).fill(0x7f)]),
  ...section(3, [2, 0, 1]),
  ...section(5, [1, 0, 1]),
  ...section(7, [1, 1, 102, 0, 0]),
];
const many = [...leb(zeros.length + 2), 0, ...zeros, 0x0b];
const body = Buffer.concat([
  Buffer.from(locals),
  ...new Array<Buffer>(units).fill(Buffer.from(unit)),
  Buffer.from(end),
]);
const codeLength = 1 + leb(length).length + length + many.length;
const bytes = Buffer.concat([
  Buffer.from([...header, 10, ...leb(codeLength), 2, ...leb(length)]),
  body,
  Buffer.from(many),
]);

const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as { f: (x: bigint) => bigint };
// 4 GiB are the memory's; far away there is something else, or nothing.
for (const elsewhere of [0n, 1n << 33n, -(1n << 40n), 1n << 62n]) {
  let seen: unknown;
  try {
    seen = f(elsewhere);
  } catch (error) {
    seen = error;
  }
  check(seen === 0n, `the load from address 0 gives ${String(seen)} after a parameter of ${elsewhere}`);
}
done();
