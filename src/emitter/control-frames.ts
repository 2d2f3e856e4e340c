import { noTypes, singleType } from '../backends/code/call-shape.js';
import { Limit } from '../stream/limits.js';
import { BlockKind } from '../stream/types.js';
import { type Int8Array, Int32Array } from '../support/dialect.js';
import { grow } from '../support/reserve.js';
import type { World } from '../support/world.js';
import type { EmitContext } from './context.js';

/** Fields of a control frame. */
export const enum F {
  kind = 0,
  /** Stack height below the block's parameters. */
  height = 1,
  blockType = 2,
  /** Chain of forward jumps to the label; for loops the label's code position. */
  jumps = 3,
  /** Label state, -1 before the first branch. */
  state = 4,
  /** Chain of jumps to the label's canonical entry; for loops its code position (0: none yet). */
  canonical = 5,
  /** Chain of the jumps that skip the then-branch. */
  elseJumps = 6,
  elseState = 7,
  /** Loops inside a br_table whose canonical entry is wanted: chain of jumps and next such frame + 1. */
  wanted = 8,
  nextWanted = 9,
  /** In a wide br_table the same field: the frame's island, if `table` is that table's number. */
  island = 9,
  table = 10,
  /** Loops: chain of the islands of wide br_tables, until the loop ends. */
  late = 11,
  /** Forward jumps to the label that are not bound yet, as far as they were counted. */
  branches = 12,
  /** Who handles what the code around the block throws. */
  outerHandler = 13,
  /** try, try_table: the block's own handler. */
  handler = 14,
  /** A legacy catch: chain of the jumps to the next one. try_table: number of its clauses. */
  nextCatch = 15,
  stride = 16,
}

/** Control frames that there is room for at first. */
const firstFrames = 1024;
const mostFrames: i32 = (Limit.functionSize >> 1) + 2;

/**
 * The control frames of a function: a fixed number of integers each, the types of their labels, and the chains of jumps to
 * them.
 */
export class ControlFrames {
  protected readonly c: EmitContext;
  protected readonly world: World;
  protected frames: Int32Array = new Int32Array(F.stride * firstFrames);
  /** Offset of the innermost frame, -stride if there is none. */
  protected top: i32 = -F.stride;

  constructor(c: EmitContext) {
    this.c = c;
    this.world = c.world;
  }

  protected push(kind: BlockKind, height: i32, blockType: i32): i32 {
    const f = this.top + F.stride;
    if (f + F.stride > this.frames.length) {
      // Deeper nesting is rare, and hostile: room for the most that a body can have is reserved.
      this.frames = grow(this.frames, f + F.stride, F.stride * mostFrames, this.c.info.memory);
    }
    this.top = f;
    const frames = this.frames;
    frames[f + F.kind] = kind | 0;
    frames[f + F.height] = height | 0;
    frames[f + F.blockType] = blockType | 0;
    frames[f + F.jumps] = 0;
    frames[f + F.state] = -1;
    frames[f + F.canonical] = 0;
    frames[f + F.elseJumps] = 0;
    frames[f + F.elseState] = -1;
    frames[f + F.wanted] = 0;
    frames[f + F.nextWanted] = 0;
    frames[f + F.table] = 0;
    frames[f + F.late] = 0;
    frames[f + F.branches] = 0;
    frames[f + F.outerHandler] = this.c.handler;
    return f;
  }

  protected params(blockType: i32): Int8Array {
    return blockType >= 256 ? this.c.shapeOf(blockType - 256).params : noTypes;
  }

  protected results(blockType: i32): Int8Array {
    if (blockType >= 256) return this.c.shapeOf(blockType - 256).results;
    return blockType < 0 ? noTypes : singleType(blockType);
  }

  /** Types of the values a branch to frame `f` carries. */
  protected labelTypes(f: i32): Int8Array {
    const blockType = this.frames[f + F.blockType];
    switch (this.frames[f + F.kind]) {
      case BlockKind.loop:
        return this.params(blockType);
      case BlockKind.function_:
        return this.c.shape.results;
      default:
        return this.results(blockType);
    }
  }

  /** The module is done: not much memory is kept. */
  endModule(): void {
    if (this.frames.length > F.stride * firstFrames) this.frames = new Int32Array(F.stride * firstFrames);
  }

  /** The function's own label. */
  enterFunction(): void {
    this.top = -F.stride;
    this.push(BlockKind.function_, 0, -1);
  }

  protected frameAt(depth: i32): i32 {
    return this.top - depth * F.stride;
  }

  /**
   * The jumps to a label so far go to a jump to it, which stands here. So a label is bound in bounded time, however many
   * branches it has.
   */
  protected cutChains(f: i32): void {
    const c = this.c;
    const frames = this.frames;
    frames[f + F.branches] = 0;
    if (frames[f + F.kind] === BlockKind.loop) return;
    const jumps = frames[f + F.jumps];
    const canonical = frames[f + F.canonical];
    if ((jumps | canonical) === 0) return;
    const over = c.jumpForward(0);
    if (jumps !== 0) {
      c.bindChain(jumps);
      frames[f + F.jumps] = c.jumpForward(0);
    }
    if (canonical !== 0) {
      c.bindChain(canonical);
      frames[f + F.canonical] = c.jumpForward(0);
    }
    c.bindChain(over);
  }
}
