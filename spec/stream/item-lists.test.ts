/** Sections as places in the module's bytes: what is read there again, and names that meet in one hash table. */
import test from 'ava';
import { TypeList } from '../../src/stream/item-lists.js';
import { NameSet } from '../../src/stream/name-set.js';
import { Reader } from '../../src/stream/reader.js';
import { WireCursor } from '../../src/stream/wire-cursor.js';
import { MemoryBudget, MemoryBudgetError } from '../../src/support/memory-budget.js';
import { Random } from '../support/random.js';
import { ByteWriter } from '../support/writer.js';

test('a cursor reads what the decoder reads', (t) => {
  const random = new Random(27);
  const w = new ByteWriter();
  const numbers: number[] = [0, 1, -1, 63, 64, -64, -65, 0x7fffffff, -0x80000000];
  for (let i = 0; i < 500; i++) numbers.push(random.between(0, 0xffffffff) >> random.between(0, 31));
  const wide = numbers.map(
    (low, i) => (BigInt(numbers[(7 * i) % numbers.length] as number) << 32n) | BigInt(low >>> 0),
  );
  for (const [i, value] of numbers.entries()) {
    w.u32(value >>> 0)
      .s32(value)
      .s64(BigInt.asIntN(64, wide[i] as bigint) >> BigInt(random.between(0, 63)))
      .name('é'.repeat(i % 3));
  }
  const bytes = w.finish();
  const reader = new Reader();
  reader.bytes = bytes;
  reader.limit = reader.end = bytes.length;
  const cursor = new WireCursor(bytes, 0);
  for (const value of numbers) {
    t.is(cursor.u32(), reader.u32(''));
    t.is(cursor.s32(), reader.s32(''));
    cursor.s64();
    reader.s64('');
    t.deepEqual([cursor.low, cursor.high | 0], [reader.low, reader.high | 0], `${value}`);
    t.is(cursor.skipName(), reader.skipName(''));
    t.is(cursor.pos, reader.pos);
  }
  t.is(cursor.pos, bytes.length);
});

test('names are the same if their bytes are, however their length is written', (t) => {
  const texts = ['', 'a', 'b', 'ab', 'abcd', 'abce', 'abcdabcd', 'abcdabce', 'é'.repeat(100), `${'é'.repeat(100)}x`];
  for (let i = 0; i < 2000; i++) texts.push(i.toString(36).padStart(1 + (i % 9), '-'));
  const distinct = [...new Set(texts)];
  const w = new ByteWriter().byte(0xff);
  const places = distinct.map((text) => {
    const at = w.length;
    w.name(text);
    return at;
  });
  const again = distinct.map((text) => {
    const at = w.length;
    const encoded = new TextEncoder().encode(text);
    w.byte((encoded.length & 0x7f) | 0x80, (encoded.length >>> 7) | 0x80, 0).bytes(encoded);
    return at;
  });
  const bytes = w.finish();
  const memory = new MemoryBudget();
  const names = new NameSet(distinct.length, memory);
  t.true(memory.held > 0);
  for (const place of places) t.true(names.add(bytes, place));
  for (const place of again) t.false(names.add(bytes, place));
  names.release();
  t.is(memory.held, 0);
  t.throws(() => new NameSet(1_000_000, new MemoryBudget(1 << 20)), { instanceOf: MemoryBudgetError });
});

test('types are made when they are used, equal ones once', (t) => {
  const wire = Uint8Array.of(0x60, 1, 0x7f, 0, 0x60, 0x81, 0, 0x7f, 0x80, 0, 0x60, 0, 1, 0x7f);
  const types = new TypeList({ wire, memory: new MemoryBudget() });
  for (const at of [0, 4, 10]) types.add(at);
  t.is(types.length, 3);
  t.is(types.known(1), undefined);
  const first = types.at(1);
  t.deepEqual([[...first.params], [...first.results], first.ordinal], [[0x7f], [], 0]);
  t.is(types.at(0), first);
  t.is(types.known(0), first);
  t.deepEqual([types.at(2).ordinal, types.used.length], [1, 2]);
});
