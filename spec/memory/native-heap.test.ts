import test from 'ava';
import { classBytes, NativeHeap, sizeClassOf } from '../../src/runtime/store/native-heap.js';

test('size classes hold what they are asked for and waste at most a quarter', (t) => {
  for (let bytes = 1; bytes < 150_000; bytes += 7) {
    const sizeClass = sizeClassOf(bytes);
    const size = classBytes(sizeClass);
    t.true(size >= bytes);
    if (sizeClass > 1) t.true(classBytes(sizeClass - 1) < bytes);
    t.true(size <= bytes * 1.25 + 16);
  }
});

test('blocks are aligned, zeroed, and reused after they are freed', (t) => {
  const heap = new NativeHeap();
  const block = heap.allocate(100);
  t.is(block.address % 16, 0);
  block.setPointer(8, 0x7fff_1234_5678);
  t.is(block.getPointer(8), 0x7fff_1234_5678);
  t.is(heap.readPointer(block.address + 8), 0x7fff_1234_5678);
  heap.free(block);
  heap.free(block);
  t.is(heap.inUse, 0);
  const again = heap.allocate(97);
  t.is(again.address, block.address);
  t.is(again.getPointer(8), 0);
});

test('large blocks have a mapping of their own, found by address, unmapped when freed', (t) => {
  const heap = new NativeHeap();
  const block = heap.allocate(5_000_000);
  block.setU32(4_999_996, 42);
  t.is(heap.readU32(block.address + 4_999_996), 42);
  const reserved = heap.reserved;
  heap.free(block);
  t.true(heap.reserved <= reserved - 5_000_000);
  t.is(heap.inUse, 0);
  t.is(heap.blocks, 0);
});

test('many small blocks do not overlap', (t) => {
  const heap = new NativeHeap();
  const blocks = Array.from({ length: 20_000 }, (_, i) => heap.allocate(8 + (i % 300)));
  for (const [i, block] of blocks.entries()) {
    block.setU32(0, i);
    block.setU32(4, ~i);
  }
  t.true(blocks.every((block, i) => block.getU32(0) === i && block.getU32(4) === ~i >>> 0));
  for (const block of blocks) heap.free(block);
  t.is(heap.inUse, 0);
});
