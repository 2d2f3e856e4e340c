/** Pins the offsets that machine code knows: a change here means that all code generators change. */
import test from 'ava';
import {
  ActivationFrame,
  CodeRange,
  Context,
  ContextLayout,
  FunctionElement,
  FunctionRecord,
  MemoryField,
  MemoryRecord,
  PausedFrame,
  SegmentRecord,
  Stack,
  TableField,
  Thread,
  ThunkFrame,
  TrapCode,
} from '../../src/backends/abi/layout.js';

type Row = readonly [offset: number, size: number, expected: number];

function pinned(t: import('ava').ExecutionContext, rows: readonly Row[], size: number): void {
  let end = 0;
  for (const [offset, bytes, expected] of rows) {
    t.is(offset, expected);
    t.true(offset >= end, `${offset} overlaps`);
    t.is(offset % Math.min(bytes, 8), 0, `${offset} is aligned`);
    end = offset + bytes;
  }
  t.true(end <= size);
}

test('thread record', (t) => {
  pinned(
    t,
    [
      [Thread.savedRsp, 8, 0],
      [Thread.wasmSp, 8, 8],
      [Thread.stackLow, 8, 16],
      [Thread.stackHigh, 8, 24],
      [Thread.activation, 8, 32],
      [Thread.hostStackLow, 8, 40],
      [Thread.hostStackHigh, 8, 48],
      [Thread.deadline, 8, 56],
      [Thread.trapCode, 4, 68],
      [Thread.interrupt, 4, 72],
      [Thread.trapPc, 8, 80],
      [Thread.trapAddress, 8, 88],
      [Thread.trapSignal, 4, 96],
      [Thread.tid, 4, 100],
      [Thread.trapFp, 8, 104],
      [Thread.hostId, 4, 112],
      [Thread.hostContext, 8, 120],
      [Thread.trapRegisters, 128, 128],
      [Thread.ranges, 8, 312],
      [Thread.rangeCount, 4, 320],
      [Thread.isReady, 4, 324],
      [Thread.guardLow, 8, 328],
      [Thread.stackMapping, 8, 336],
      [Thread.stackMappingSize, 8, 344],
      [Thread.altStack, 8, 352],
      [Thread.altStackSize, 8, 360],
      [Thread.threadId, 4, 368],
      [Thread.rangeBytes, 4, 372],
      [Thread.deadlineTimer, 4, 376],
      [Thread.watchTimer, 4, 380],
      [Thread.enterRecord, 8, 384],
      [Thread.enterStub, 8, 392],
      [Thread.scopeRun, 8, 416],
      [Thread.scopeTime, 8, 424],
      [Thread.paused, PausedFrame.size, 432],
      [Thread.landingSp, 8, 832],
      [Thread.landingFp, 8, 840],
      [Thread.landingPc, 8, 848],
      [Thread.landingException, 4, 856],
      [Thread.landingTag, 4, 860],
      [Thread.enterInfo, 32, 864],
      [Thread.enterReceiver, 8, 896],
      [Thread.enterResult, 8, 904],
      [Thread.private_, 112, 912],
      [Thread.buffer, 16000, 1024],
    ],
    Thread.size,
  );
  t.is(Thread.size % 4096, 0);
});

test('records', (t) => {
  pinned(
    t,
    [
      [Context.thread, 8, 0],
      [Context.memoryBase, 8, 8],
      [Context.memory, 8, 16],
      [Context.instanceId, 4, 24],
      [Context.machineId, 4, 28],
      [Context.memoryLength, 8, 32],
      [Context.outOfBounds, 8, 40],
      [Context.outsideElement, 8, 48],
      [Context.nullElement, FunctionElement.size, 64],
    ],
    Context.variable,
  );
  pinned(
    t,
    [
      [MemoryRecord.base, 8, 0],
      [MemoryRecord.byteLength, 8, 8],
    ],
    MemoryRecord.size,
  );
  pinned(
    t,
    [
      [TableField.elements, 8, 0],
      [TableField.length, 8, 8],
    ],
    TableField.size,
  );
  pinned(
    t,
    [
      [FunctionElement.slot, 8, 0],
      [FunctionElement.context, 8, 8],
      [FunctionElement.typeId, 4, 16],
      [FunctionElement.record, 8, 24],
    ],
    FunctionElement.size,
  );
  // The begin of an element is a copy of the record's.
  t.is(FunctionElement.slot as number, FunctionRecord.slot);
  t.is(FunctionElement.context as number, FunctionRecord.context);
  t.is(FunctionElement.typeId as number, FunctionRecord.typeId);
  t.is(1 << FunctionElement.shift, FunctionElement.size);
  pinned(
    t,
    [
      [FunctionRecord.slot, 8, 0],
      [FunctionRecord.context, 8, 8],
      [FunctionRecord.typeId, 4, 16],
      [FunctionRecord.hostId, 4, 20],
      [FunctionRecord.index, 4, 24],
      [FunctionRecord.recordId, 4, 28],
    ],
    FunctionRecord.size,
  );
  pinned(
    t,
    [
      [SegmentRecord.address, 8, 0],
      [SegmentRecord.length, 8, 8],
    ],
    SegmentRecord.size,
  );
  pinned(
    t,
    [
      [CodeRange.start, 8, 0],
      [CodeRange.end, 8, 8],
      [CodeRange.functions, 8, 16],
      [CodeRange.alias, 8, 24],
      [CodeRange.mappedSize, 8, 32],
      [CodeRange.loops, 8, 40],
      [CodeRange.loopsEnd, 8, 48],
    ],
    CodeRange.size,
  );
  pinned(
    t,
    [
      [ActivationFrame.previous, 8, 0],
      [ActivationFrame.record, 8, 8],
      [ActivationFrame.hostSp, 8, 16],
      [ActivationFrame.pausedPc, 8, 24],
      [ActivationFrame.pausedFp, 8, 32],
      [ActivationFrame.pausedAt, 8, 40],
    ],
    ActivationFrame.size,
  );
  pinned(
    t,
    [
      [ThunkFrame.resume, 8, 0],
      [ThunkFrame.context, 8, 8],
      [ThunkFrame.fp, 8, 16],
      [ThunkFrame.pc, 8, 24],
    ],
    32,
  );
  pinned(
    t,
    [
      [PausedFrame.registers, 128, 0],
      [PausedFrame.rip, 8, 128],
      [PausedFrame.flags, 8, 136],
      [PausedFrame.vectors, 256, 144],
    ],
    PausedFrame.size,
  );
  t.true(Stack.guard > 2 * Stack.reserve && Stack.guard % 4096 === 0);
  t.is(TrapCode.count, 17);
});

test('the variable part of a context', (t) => {
  const layout = new ContextLayout({
    importedFunctions: 3,
    globals: 2,
    tables: 1,
    memories: 3,
    types: 3,
    tags: 1,
    referencedFunctions: 2,
    dataSegments: 2,
    elementSegments: 1,
  });
  t.is(layout.imports, 96);
  t.is(layout.globals, 192);
  t.is(layout.tables, 224);
  t.is(layout.memories, 240);
  t.is(layout.memory(0), Context.memoryBase);
  t.is(layout.memory(0) + MemoryField.record, Context.memory);
  t.is(layout.memory(0) + MemoryField.length, Context.memoryLength);
  t.is(layout.memory(2), 272);
  t.is(layout.typeIds, 304);
  t.is(layout.tags, 316);
  t.is(layout.functionRecords, 320);
  t.is(layout.dataSegments, 384);
  t.is(layout.elementSegments, 416);
  t.is(layout.size, 432);
});
