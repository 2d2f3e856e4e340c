/** The wire buffer: what goes in is what is there, and growing leaves the storage where it is. */
import test from 'ava';
import { WireBuffer } from '../../src/stream/wire.js';

const chunk = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, i) => first + 7 * i);

function check(wire: WireBuffer, chunks: readonly Uint8Array[]): boolean {
  const expected = Buffer.concat(chunks);
  return wire.length === expected.length && Buffer.compare(wire.bytes.subarray(0, wire.length), expected) === 0;
}

test('known length: storage of that size', (t) => {
  const wire = new WireBuffer(1000);
  const chunks = [chunk(600, 0), chunk(0, 0), chunk(400, 1)];
  for (const part of chunks) wire.append(part);
  t.true(check(wire, chunks));
  t.is(wire.bytes.length, 1000);
});

test('known length that was wrong', (t) => {
  const wire = new WireBuffer(10);
  const chunks = [chunk(6, 0), chunk(600, 3), chunk(300000, 1)];
  for (const part of chunks) wire.append(part);
  t.true(check(wire, chunks));
});

test('unknown length: grows, and the caller may change its chunks', (t) => {
  const wire = new WireBuffer();
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < 60; i++) {
    const part = chunk(i * 997, i);
    chunks.push(part.slice());
    wire.append(part);
    part.fill(0);
  }
  t.true(check(wire, chunks));
});

test('the largest module has 1 GiB', (t) => {
  const wire = new WireBuffer();
  wire.append(new Uint8Array(10));
  const large = { length: 1 << 30 } as Uint8Array;
  t.throws(() => wire.append(large), { instanceOf: RangeError, message: /larger than 1073741824 bytes/ });
  t.is(wire.length, 10);
});
