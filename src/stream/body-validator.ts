import { sameBytes } from '../support/bulk.js';
import { below, Int8Array, Int32Array, Uint8Array } from '../support/dialect.js';
import { grow } from '../support/reserve.js';
import type { FailureContext } from './body-failures.js';
import { BodyReader, noTypes } from './body-reader.js';
import { Limit } from './limits.js';
import type { ModuleInfo } from './module.js';
import type { BodySink } from './sink.js';
import { BlockKind, ValType } from './types.js';

/** By value type. */
const singleTypes: Uint8Array[] = [];
for (let type = 0; type < 128; type++) {
  const types = new Uint8Array(1);
  types[0] = type;
  singleTypes.push(types);
}

/** Each frame takes two bytes of the body at least, and the function has one. */
const mostFrames: i32 = (Limit.functionSize >> 1) + 2;

/** Operands that the array of types has room for at first when 4096 are not enough. */
const firstOperands: i32 = 1 << 16;

/** From this many types on, they are compared and filled in bulk. */
const bulkTypes = 16;

export const enum Frame {
  kind = 0,
  /** Height of the operand stack below the parameters. */
  height = 1,
  blockType = 2,
  flags = 3,
  stride = 4,
}

export const enum Flag {
  /** The rest of the block cannot be reached: its operand stack is polymorphic. */
  polymorphic = 1,
  /** The block was entered by live code: the sink knows it. */
  entered = 2,
  /** Live code branches to its label. */
  branched = 4,
}

/**
 * Operand types and control frames: the algorithm of the Core Specification, appendix "Validation Algorithm", over
 * typed arrays. A frame costs O(1), lists of types are compared and filled in bulk.
 */
export class BodyValidator extends BodyReader {
  protected readonly sink: BodySink;
  /** Result types of the function. */
  protected results: Uint8Array = noTypes;
  /** The operand stack: types by height. */
  protected types: Int8Array = new Int8Array(4096);
  protected height: i32 = 0;
  /** Height at which the innermost block begins. */
  protected base: i32 = 0;
  /** Operands that are missing above `base` have any type. */
  protected polymorphic: bool = false;
  /** The current point can be reached. */
  protected live: bool = true;
  /** The memory that `alignment` has read the index of. */
  #accessed: u32 = 0;
  /** Type of the address of the access at hand. */
  protected addressType: i32 = ValType.i32;
  protected frames: Int32Array = new Int32Array(Frame.stride * 1024);
  /** Offset of the innermost frame. */
  protected top: i32 = 0;

  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, context);
    this.sink = sink;
  }

  /** An empty stack, and the function's own frame. */
  protected resetStack(results: Uint8Array): void {
    this.results = results;
    this.height = 0;
    this.base = 0;
    this.polymorphic = false;
    this.live = true;
    this.top = 0;
    const frames = this.frames;
    frames[Frame.kind] = BlockKind.function_;
    frames[Frame.height] = 0;
    frames[Frame.blockType] = -1;
    frames[Frame.flags] = Flag.entered;
  }

  // Types of blocks and labels.

  #params(blockType: i32): Uint8Array {
    return blockType >= 256 ? this.info.types.at(blockType - 256).params : noTypes;
  }

  protected blockResults(blockType: i32): Uint8Array {
    if (blockType >= 256) return this.info.types.at(blockType - 256).results;
    return blockType < 0 ? noTypes : singleTypes[blockType];
  }

  /** Types that a branch to the frame carries. */
  protected labelTypes(frame: i32): Uint8Array {
    const blockType = this.frames[frame + Frame.blockType];
    switch (this.frames[frame + Frame.kind]) {
      case BlockKind.loop:
        return this.#params(blockType);
      case BlockKind.function_:
        return this.results;
      default:
        return this.blockResults(blockType);
    }
  }

  // The operand stack.

  protected push(type: i32): void {
    const h = this.height;
    if (h === this.types.length) this.growTypes(h + 1);
    this.types[h] = type | 0;
    this.height = h + 1;
  }

  protected growTypes(needed: i32): void {
    if (needed <= this.types.length) return;
    if (needed > Limit.operands) this.fail(`operand stack is higher than ${Limit.operands} operands`);
    // Bodies with so many operands are rare, and hostile: room for the most there can be is reserved.
    const memory = this.info.memory;
    if (needed > firstOperands) {
      this.types = grow(this.types, needed, Limit.operands, memory);
      return;
    }
    memory.take(firstOperands);
    const grown = new Int8Array(firstOperands);
    grown.set(this.types);
    this.types = grown;
  }

  /** Pop any type. */
  protected popAny(operand: i32): i32 {
    if (this.height === this.base) {
      if (!this.polymorphic) this.failMissing(operand);
      return ValType.bottom;
    }
    return this.types[--this.height];
  }

  /** Pop operand number `operand` of the instruction. */
  protected pop(expected: i32, operand: i32): void {
    const h = this.height - 1;
    if (h >= this.base && this.types[h] === expected) this.height = h;
    else this.#popOther(expected, operand);
  }

  /** Apart from `pop`, so that V8 inlines that. */
  #popOther(expected: i32, operand: i32): void {
    if (this.height === this.base) {
      if (!this.polymorphic) this.failMissing(operand);
      return;
    }
    const actual = this.types[--this.height];
    if (actual !== expected && actual !== ValType.bottom) this.failType(operand, expected, actual, this.height);
  }

  /** Pop a list of types, the last one first. */
  protected popAll(types: Uint8Array, merge: string = ''): void {
    this.height -= this.checkTop(types, merge);
  }

  /**
   * The list of types is on top of the stack, as far as the stack is known. Returns how many of them are known.
   * @param merge what a mismatch is called if the operands are for a label: `branch`, `fallthru`.
   */
  protected checkTop(types: Uint8Array, merge: string): i32 {
    const count = types.length;
    const height = this.height;
    let known = height - this.base;
    if (known >= count) known = count;
    else if (!this.polymorphic) this.failCount(count, known, merge);
    const stack = this.types;
    if (known > bulkTypes) {
      // In dead code the lowest operand of a block can be of unknown type (what `select` makes of missing ones).
      const compared = stack[height - known] === ValType.bottom ? known - 1 : known;
      if (sameBytes(stack, height - compared, types, count - compared, compared)) return known;
    }
    for (let k = 1; k <= known; k++) {
      const actual = stack[height - k];
      const expected = types[count - k];
      if (actual !== expected && actual !== ValType.bottom) {
        this.failListType(count - k, expected, actual, merge, height - k);
      }
    }
    return known;
  }

  protected pushAll(types: Uint8Array): void {
    const count = types.length;
    if (this.height + count > this.types.length) this.growTypes(this.height + count);
    if (count > bulkTypes) this.types.set(types, this.height);
    else for (let i = 0; i < count; i++) this.types[this.height + i] = types[i];
    this.height += count;
  }

  /** The operands that a branch needs are there; they stay (types of polymorphic ones become known). */
  protected checkBranch(types: Uint8Array, merge: string): void {
    const known = this.checkTop(types, merge);
    if (known === types.length && !this.polymorphic) return;
    this.height -= known;
    this.pushAll(types);
  }

  // Control.

  /** What follows cannot be reached. */
  protected setDead(): void {
    this.height = this.base;
    this.polymorphic = true;
    this.live = false;
    this.frames[this.top + Frame.flags] |= Flag.polymorphic;
  }

  /** block, loop, if: pops the parameters, opens a frame, pushes them again. */
  protected enter(kind: BlockKind, blockType: i32): void {
    const params = this.#params(blockType);
    this.popAll(params);
    const f = this.top + Frame.stride;
    if (f + Frame.stride > this.frames.length) {
      this.frames = grow(this.frames, f + Frame.stride, Frame.stride * mostFrames, this.info.memory);
    }
    const frames = this.frames;
    this.top = f;
    frames[f + Frame.kind] = kind;
    frames[f + Frame.height] = this.height;
    frames[f + Frame.blockType] = blockType;
    frames[f + Frame.flags] = this.live ? Flag.entered : 0;
    this.base = this.height;
    this.polymorphic = false;
    this.pushAll(params);
  }

  /** The block's results are there, and nothing else. */
  protected checkEnd(results: Uint8Array): void {
    this.popAll(results, 'fallthru');
    if (this.height === this.base) return;
    const found = this.height - this.base + results.length;
    this.fail(`expected ${results.length} elements on the stack for fallthru, found ${found}`);
  }

  protected else(): void {
    const frames = this.frames;
    const f = this.top;
    if (frames[f + Frame.kind] !== BlockKind.if_) this.fail('else does not match an if');
    const blockType = frames[f + Frame.blockType];
    this.checkEnd(this.blockResults(blockType));
    frames[f + Frame.kind] = BlockKind.else_;
    const live = this.live;
    let flags = frames[f + Frame.flags] & ~Flag.polymorphic;
    // Live code at the end of the then-branch reaches the label.
    if (live) flags |= Flag.branched;
    frames[f + Frame.flags] = flags;
    this.polymorphic = false;
    this.pushAll(this.#params(blockType));
    if ((flags & Flag.entered) !== 0) {
      this.live = true;
      if (!live) this.sink.at(this.opcodeAt);
      this.sink.else(live);
    }
  }

  /** `end`, or the delegate that ends a try. Returns true for the function's own. */
  protected endBlock(delegatesTo: i32 = -1): bool {
    const frames = this.frames;
    const f = this.top;
    const kind = frames[f + Frame.kind];
    const blockType = frames[f + Frame.blockType];
    const flags = frames[f + Frame.flags];
    const results = kind === BlockKind.function_ ? this.results : this.blockResults(blockType);
    this.checkEnd(results);
    if (kind === BlockKind.if_) {
      const params = this.#params(blockType);
      if (params.length !== results.length || !sameBytes(params, 0, results, 0, params.length)) {
        this.fail('type error in fallthru: an if without else must have equal parameter and result types');
      }
    }
    if ((flags & Flag.entered) !== 0) {
      if (!this.live) this.sink.at(this.opcodeAt);
      if (delegatesTo < 0) this.sink.end(this.live);
      else this.sink.delegate(this.live, delegatesTo);
      if (kind === BlockKind.if_) this.live = true;
      else if (kind !== BlockKind.loop && (flags & Flag.branched) !== 0) this.live = true;
    }
    if (kind === BlockKind.function_) return true;
    const outer = f - Frame.stride;
    this.top = outer;
    this.base = frames[outer + Frame.height];
    this.polymorphic = (frames[outer + Frame.flags] & Flag.polymorphic) !== 0;
    this.pushAll(results);
    return false;
  }

  /** Frame of a label immediate. */
  protected label(depth: u32): i32 {
    // Compared before it is multiplied: the product of a number from the wire may wrap.
    if (!below(depth, this.top / Frame.stride + 1)) this.fail(`invalid branch depth: ${depth}`);
    return this.top - depth * Frame.stride;
  }

  /** The point is a branch to the frame's label. */
  protected branchTo(f: i32): void {
    if (this.live) this.frames[f + Frame.flags] |= Flag.branched;
  }

  // Indices.

  protected checkMemory(index: u32): void {
    const count = this.info.memories.length;
    if (!below(index, count)) this.fail(`memory index ${index} exceeds number of declared memories (${count})`);
  }

  /** The alignment at `pos`, a power of two, and the memory index behind it, if its bit 6 says that there is one. */
  protected alignment(maximum: i32): i32 {
    const flags = this.u32('alignment');
    let alignment = flags;
    this.#accessed = 0;
    if ((flags & 0x40) !== 0) {
      alignment = flags & ~0x40;
      this.#accessed = this.u32('memory index');
    }
    if (!below(alignment, maximum + 1)) {
      this.fail(`invalid alignment; expected maximum alignment is ${maximum}, actual alignment is ${alignment}`);
    }
    return alignment;
  }

  /** Behind `alignment`: the offset of the access, which is to the memory that was named there. Addresses are of `addressType`. */
  protected accessOffset(): u32 {
    const index = this.#accessed;
    this.checkMemory(index);
    if (this.info.is64(index)) {
      const offset = this.u64('offset');
      this.addressType = ValType.i64;
      if (this.live) this.sink.useMemory(index, this.high);
      return offset;
    }
    this.addressType = ValType.i32;
    if (this.live && (index !== 0 || this.info.hasBytePages(index))) this.sink.useMemory(index, 0);
    return this.u32('offset');
  }

  /** Type of a memory's addresses, sizes and lengths. */
  protected typeOfAddress(memory: u32): i32 {
    return this.info.is64(memory) ? ValType.i64 : ValType.i32;
  }

  /** The alignment of an atomic access: no other one is valid. */
  protected exactAlignment(wanted: i32): void {
    const at = this.pos;
    const alignment = this.alignment(wanted);
    if (alignment === wanted) return;
    this.fail(
      `invalid alignment for atomic operation; expected alignment is ${wanted}, actual alignment is ${alignment}`,
      at,
    );
  }

  /** The memory index of instructions that are about a whole memory. */
  protected memoryIndex(): i32 {
    const index = this.u32('memory index');
    this.checkMemory(index);
    return index;
  }

  /** Type of a table's indices, sizes and lengths. */
  protected typeOfIndex(table: u32): i32 {
    return this.info.tables.is64(table) ? ValType.i64 : ValType.i32;
  }

  /** Element type of a table. */
  protected table(index: u32): i32 {
    if (!below(index, this.info.tables.length)) this.fail(`table index ${index} out of range`);
    return this.info.tables.element(index);
  }

  protected dataSegment(index: u32): void {
    if (this.info.dataCount < 0) this.fail('data count section required');
    if (!below(index, this.info.dataCount)) this.fail(`invalid data segment index: ${index}`);
  }

  /** Type of an element segment. */
  protected elementSegment(index: u32): i32 {
    if (!below(index, this.info.elements.length)) this.fail(`invalid element segment index: ${index}`);
    return this.info.elements.type(index);
  }
}
