/**
 * What a function body becomes. The body decoder validates each opcode and then calls exactly one method of
 * the sink: the single-pass emitter is one sink, the SSA builder another. The decoder calls nothing for code
 * that cannot be reached, apart from `else` and `end` of blocks that were entered by reachable code.
 *
 * "Depth" counts the enclosing labels, 0 is the innermost. Frames opened in dead code are never seen by the
 * sink and never counted, because only live code branches.
 * 64-bit constants come as two 32-bit halves (int32 values).
 */
export interface BodySink {
  /** A body begins. `offset` is the byte offset of its size field in the module. */
  beginFunction(functionIndex: number, typeIndex: number, offset: number): void;
  /** A run of declared locals. */
  locals(count: number, type: number): void;
  /** All locals are declared: the first opcode follows. */
  beginCode(): void;
  /** The last `end` was read (its own `end()` was called before). */
  endFunction(): void;

  /** Called for each opcode that can be reached, before its method, with the module offset of its first byte. */
  at(offset: number): void;

  unreachable(): void;
  /** `if`, `unreachable`, `end`, in one: a check. Pops the condition. `offset` is that of the `unreachable`. */
  unreachableIf(offset: number): void;
  /** `blockType`: -1 empty, 0x40..0x7f a value type byte, or 256 + type index. */
  block(blockType: number): void;
  loop(blockType: number): void;
  /** Pops the condition. */
  if(blockType: number): void;
  /** `live`: the end of the then-branch can be reached. */
  else(live: boolean): void;
  /** Ends block, loop, if (with or without else) or the body. `live`: the point before can be reached. */
  end(live: boolean): void;
  br(depth: number): void;
  brIf(depth: number): void;
  /** br_table comes piece by piece: begin, `count` targets, the default. */
  brTableBegin(count: number): void;
  brTableTarget(depth: number): void;
  brTableDefault(depth: number): void;
  return(): void;
  call(functionIndex: number): void;
  callIndirect(typeIndex: number, tableIndex: number): void;
  /** Calls in the place of the function: nothing behind them is reached. */
  returnCall(functionIndex: number): void;
  returnCallIndirect(typeIndex: number, tableIndex: number): void;

  /** try, which goes on with catch, catch_all, delegate or end (as `else` and `end`: called in dead code, too). */
  beginTry(blockType: number): void;
  /** Pushes the tag's values. `live`: the end of what came before can be reached. */
  catchTag(live: boolean, tag: number): void;
  catchAll(live: boolean): void;
  /** Ends the try; `depth` counts from outside of it. */
  delegate(live: boolean, depth: number): void;
  throwTag(tag: number): void;
  rethrow(depth: number): void;
  throwRef(): void;
  /** try_table comes piece by piece: `count` clauses (`kind` as in `CatchKind`, depths from outside), then the block begins. */
  catchClause(kind: number, tag: number, depth: number): void;
  beginTryTable(blockType: number, count: number): void;

  drop(): void;
  select(): void;
  localGet(index: number): void;
  localSet(index: number): void;
  localTee(index: number): void;
  globalGet(index: number): void;
  globalSet(index: number): void;
  tableGet(table: number): void;
  tableSet(table: number): void;

  i32Const(value: number): void;
  i64Const(low: number, high: number): void;
  f32Const(bits: number): void;
  f64Const(low: number, high: number): void;

  /**
   * The access that comes next is to this memory: another one than memory 0, or one with single bytes as pages or with 64-bit addresses.
   * Then `offsetHigh` is the upper half of its offset.
   */
  useMemory(index: number, offsetHigh: number): void;
  /** 0x28..0x35. `offset` is an unsigned 32-bit number. */
  load(opcode: number, offset: number): void;
  /** 0x36..0x3e. */
  store(opcode: number, offset: number): void;
  memorySize(memory: number): void;
  memoryGrow(memory: number): void;

  /** i32/i64/f32/f64 comparison, arithmetic, conversion: 0x45..0xc4, and 0xfc00 | 0..7 (saturating truncation). */
  numeric(opcode: number): void;

  /** 0xfc 19..22: two results of 64 bits. */
  wide(opcode: number): void;

  /** 0xfc 8..17; a and b are the immediates in binary order (b is 0 if there is one). */
  memoryInit(dataIndex: number, memory: number): void;
  dataDrop(dataIndex: number): void;
  memoryCopy(destination: number, source: number): void;
  memoryFill(memory: number): void;
  tableInit(elementIndex: number, table: number): void;
  elemDrop(elementIndex: number): void;
  tableCopy(destination: number, source: number): void;
  tableGrow(table: number): void;
  tableSize(table: number): void;
  tableFill(table: number): void;

  /** v128.const: lanes 0 to 3 as int32. */
  v128Const(a: number, b: number, c: number, d: number): void;
  /** Opcodes behind the prefix 0xfd, as numbers without the prefix: those without immediates. */
  simd(opcode: number): void;
  /** extract_lane, replace_lane: 21..34. */
  simdLane(opcode: number, lane: number): void;
  /** i8x16.shuffle: the 16 lane bytes as four int32, lowest first. */
  simdShuffle(a: number, b: number, c: number, d: number): void;
  /** v128.load, its extending, splatting and zero-padding forms: 0..10, 92, 93. */
  simdLoad(opcode: number, offset: number): void;
  /** v128.store: 11. */
  simdStore(opcode: number, offset: number): void;
  /** 84..87. */
  simdLoadLane(opcode: number, offset: number, lane: number): void;
  /** 88..91. */
  simdStoreLane(opcode: number, offset: number, lane: number): void;

  /** 0xfe00..0xfe02, 0xfe10..0xfe4e: all that access memory. */
  atomic(opcode: number, offset: number): void;
  atomicFence(): void;

  refNull(type: number): void;
  refIsNull(): void;
  refFunc(functionIndex: number): void;
}

const nothing = (): void => undefined;

/** A sink for those who want the verdict only. */
export const ignoringSink: BodySink = {
  beginFunction: nothing,
  locals: nothing,
  beginCode: nothing,
  endFunction: nothing,
  at: nothing,
  unreachable: nothing,
  unreachableIf: nothing,
  block: nothing,
  loop: nothing,
  if: nothing,
  else: nothing,
  end: nothing,
  br: nothing,
  brIf: nothing,
  brTableBegin: nothing,
  brTableTarget: nothing,
  brTableDefault: nothing,
  return: nothing,
  call: nothing,
  callIndirect: nothing,
  returnCall: nothing,
  returnCallIndirect: nothing,
  beginTry: nothing,
  catchTag: nothing,
  catchAll: nothing,
  delegate: nothing,
  throwTag: nothing,
  rethrow: nothing,
  throwRef: nothing,
  catchClause: nothing,
  beginTryTable: nothing,
  drop: nothing,
  select: nothing,
  localGet: nothing,
  localSet: nothing,
  localTee: nothing,
  globalGet: nothing,
  globalSet: nothing,
  tableGet: nothing,
  tableSet: nothing,
  i32Const: nothing,
  i64Const: nothing,
  f32Const: nothing,
  f64Const: nothing,
  useMemory: nothing,
  load: nothing,
  store: nothing,
  memorySize: nothing,
  memoryGrow: nothing,
  numeric: nothing,
  wide: nothing,
  memoryInit: nothing,
  dataDrop: nothing,
  memoryCopy: nothing,
  memoryFill: nothing,
  tableInit: nothing,
  elemDrop: nothing,
  tableCopy: nothing,
  tableGrow: nothing,
  tableSize: nothing,
  tableFill: nothing,
  v128Const: nothing,
  simd: nothing,
  simdLane: nothing,
  simdShuffle: nothing,
  simdLoad: nothing,
  simdStore: nothing,
  simdLoadLane: nothing,
  simdStoreLane: nothing,
  atomic: nothing,
  atomicFence: nothing,
  refNull: nothing,
  refIsNull: nothing,
  refFunc: nothing,
};
