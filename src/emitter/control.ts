import { Room } from '../backends/code/room.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { BlockKind } from '../stream/types.js';
import { type Int8Array, newList } from '../support/dialect.js';
import { Place, Registers, Window } from '../valuestack/types.js';
import type { EmitContext } from './context.js';
import { ControlFrames, F } from './control-frames.js';

/** Bytes per br_table target: a jump, or the move of the values and a jump. */
const enum Cell {
  jump = 5,
  values = 40,
}

/**
 * Control constructs. Each frame is a fixed number of integers; what a label expects of registers is a state in
 * the value stack's pool. Operands below a block's parameters are in their slots from its start on, so that no
 * label has to know about them.
 */
export class Control extends ControlFrames {
  constructor(c: EmitContext) {
    super(c);
  }

  // br_table in progress.
  #cell: i32 = 0;
  #cells: i32 = 0;
  #tableEnd: i32 = 0;
  #wantedLoops: i32 = 0;
  /** Islands of a wide table, behind it: the next one, 0 in other tables. */
  #nextIsland: i32 = 0;
  #tables: i32 = 0;
  /** Frames with long chains. */
  readonly #crowded: i32[] = newList<i32>();

  override enterFunction(): void {
    super.enterFunction();
    this.#tables = 0;
    if (this.#crowded.length > 0) this.#crowded.length = 0;
  }

  get isFunctionLevel(): bool {
    return this.top === 0;
  }

  /** block */
  block(blockType: i32): void {
    const vs = this.c.vs;
    const height = vs.height - this.params(blockType).length;
    vs.flushBelow(height);
    this.push(BlockKind.block, height, blockType);
  }

  /**
   * A loop header's state is that of the code that enters it: locals in registers stay there across back edges.
   * A few registers are kept free for the body.
   */
  loop(blockType: i32): void {
    const asm = this.c.asm;
    const vs = this.c.vs;
    const count = this.params(blockType).length;
    const height = vs.height - count;
    vs.flushBelow(height);
    const loopGeneral = this.world.loopGeneral;
    const loopXmm = this.world.loopXmm;
    vs.limitLocals(Registers.generalMask, loopGeneral);
    vs.limitLocals(Registers.xmmMask, loopXmm);
    vs.zerosToRegisters(loopGeneral, loopXmm);
    vs.writeZeros();
    this.#placeResults(count);
    const f = this.push(BlockKind.loop, height, blockType);
    this.c.loops++;
    const state = vs.captureState(count <= this.world.blockResults ? count : 0);
    vs.makeAllDirty(state);
    this.frames[f + F.state] = state;
    this.frames[f + F.jumps] = asm.pos;
    vs.forgetZeroFlag();
  }

  /** if */
  if(blockType: i32): void {
    const c = this.c;
    const vs = c.vs;
    const condition = vs.popCondition();
    const count = this.params(blockType).length;
    const height = vs.height - count;
    vs.flushBelow(height);
    vs.writeZeros();
    this.#placeResults(count);
    const f = this.push(BlockKind.if_, height, blockType);
    this.frames[f + F.elseState] = vs.captureState(count <= this.world.blockResults ? count : 0);
    this.frames[f + F.elseJumps] = c.jumpIf(condition ^ 1, 0);
    vs.flagsLive = false;
  }

  /** else */
  else(live: bool): void {
    const c = this.c;
    const vs = c.vs;
    const f = this.top;
    const frames = this.frames;
    if (live) this.jump(f);
    vs.kill();
    c.bindChain(frames[f + F.elseJumps]);
    frames[f + F.kind] = BlockKind.else_;
    this.#adopt(f, frames[f + F.elseState], this.params(frames[f + F.blockType]));
    vs.freeState(frames[f + F.elseState]);
    frames[f + F.elseState] = -1;
  }

  /** end of block, loop, if or else. The function's own end is `endFunction`. */
  end(live: bool): void {
    const c = this.c;
    const vs = c.vs;
    const frames = this.frames;
    const f = this.top;
    const kind = frames[f + F.kind];
    this.top -= F.stride;
    if (kind === BlockKind.loop) {
      c.loops--;
      if (frames[f + F.late] !== 0) this.#lateCanonical(f, live);
      vs.freeState(frames[f + F.state]);
      if (!live) this.resetTo(f, this.results(frames[f + F.blockType]));
      return;
    }
    const types = this.results(frames[f + F.blockType]);
    if (kind === BlockKind.if_) {
      // No else: the skipping jump is one more branch to the label, with the parameters as results.
      const elseState = frames[f + F.elseState];
      if (frames[f + F.state] < 0 && frames[f + F.canonical] === 0) {
        frames[f + F.state] = elseState;
        frames[f + F.jumps] = frames[f + F.elseJumps];
      } else {
        if (live) this.jump(f);
        vs.kill();
        c.bindChain(frames[f + F.elseJumps]);
        this.#adopt(f, elseState, types);
        vs.freeState(elseState);
        live = true;
      }
    }
    this.bindLabel(f, types, live);
  }

  /** Bind the label of frame `f` here; `live` code falls into it. */
  protected bindLabel(f: i32, types: Int8Array, live: bool): void {
    const c = this.c;
    const vs = c.vs;
    const frames = this.frames;
    const count = types.length;
    const inRegisters = count <= this.world.blockResults ? count : 0;
    const canonical = frames[f + F.canonical];
    let state = frames[f + F.state];
    if (state < 0 && canonical === 0) {
      if (!live) this.resetTo(f, types);
      return;
    }
    if (c.frugal) {
      this.#bindInMemory(f, types, live);
      return;
    }
    if (state < 0) {
      if (live) {
        vs.writeZeros();
        this.#placeResults(count);
        state = vs.captureState(inRegisters);
      } else state = vs.canonicalState(types, inRegisters);
      frames[f + F.state] = state;
    }
    let over = 0;
    if (live) {
      this.#placeMany(f, count);
      if (vs.planMerge(state, inRegisters, false) > this.world.mergeLimit && canonical !== 0) this.allToMemory();
      else {
        vs.emitMerge();
        if (canonical !== 0 && !vs.isCanonical(state)) over = c.jumpForward(0);
      }
    }
    vs.kill();
    if (canonical !== 0) {
      c.bindChain(canonical);
      vs.emitFromCanonical(state, types, frames[f + F.height]);
    }
    c.bindChain(over);
    c.bindChain(frames[f + F.jumps]);
    this.#adopt(f, state, types);
    vs.freeState(state);
  }

  /** Everything that is in a register is in memory, too. */
  protected allToMemory(): void {
    const vs = this.c.vs;
    vs.writeZeros();
    vs.cleanLocals();
    vs.flushBelow(vs.height);
  }

  /** As `#bindLabel`, but code goes on with everything in memory: the branches with values in registers store them here. */
  #bindInMemory(f: i32, types: Int8Array, live: bool): void {
    const c = this.c;
    const vs = c.vs;
    const frames = this.frames;
    const state = frames[f + F.state];
    let over = 0;
    if (live) {
      this.allToMemory();
      if (state >= 0 && !vs.isCanonical(state)) over = c.jumpForward(0);
    }
    vs.kill();
    if (state >= 0) {
      c.bindChain(frames[f + F.jumps]);
      this.#adopt(f, state, types);
      vs.freeState(state);
      this.allToMemory();
      vs.kill();
    }
    c.bindChain(frames[f + F.canonical]);
    c.bindChain(over);
    this.resetTo(f, types);
  }

  /** Nothing is in registers: the code that follows starts in `state` with the entries of `types` pushed. */
  #adopt(f: i32, state: i32, types: Int8Array): void {
    const vs = this.c.vs;
    vs.height = vs.floor = this.frames[f + F.height];
    if (types.length <= this.world.blockResults) vs.adoptState(state, types, types.length);
    else {
      vs.adoptState(state, types, 0);
      vs.pushSlots(types);
    }
  }

  /** No branch reaches what follows, nor does the code before: go on somehow, in a consistent state. */
  protected resetTo(f: i32, types: Int8Array): void {
    const vs = this.c.vs;
    vs.kill();
    vs.height = vs.floor = this.frames[f + F.height];
    vs.pushSlots(types);
  }

  // Values of branches.

  /** The top `count` entries get registers of their own, or (many) their slots. Changes no flags. */
  #placeResults(count: i32): void {
    const vs = this.c.vs;
    if (count === 0) return;
    if (count > this.world.blockResults) {
      vs.flushBelow(vs.height);
      return;
    }
    for (let k = 0; k < count; k++) vs.ensureOwnReg(vs.height - count + k);
    vs.pinned = 0;
  }

  /** Many values: into their slots, and from there to the label's slots. */
  #placeMany(f: i32, count: i32): void {
    if (count <= this.world.blockResults) return;
    const vs = this.c.vs;
    vs.flushBelow(vs.height);
    vs.emitSlotCopy(count, this.frames[f + F.height]);
  }

  /** Unconditional jump to the label of frame `f`, after which the abstract state is worthless. */
  protected jump(f: i32): void {
    const c = this.c;
    const vs = c.vs;
    const frames = this.frames;
    const kind = frames[f + F.kind];
    if (kind === BlockKind.function_) {
      this.returnNow();
      return;
    }
    const count = this.labelTypes(f).length;
    if (c.frugal && kind !== BlockKind.loop) {
      this.allToMemory();
      vs.useSlotsFor(count, frames[f + F.height]);
      vs.emitSlotCopy(count, frames[f + F.height]);
      frames[f + F.canonical] = c.jumpForward(frames[f + F.canonical]);
      return;
    }
    const inRegisters = count <= this.world.blockResults ? count : 0;
    if (frames[f + F.state] < 0) {
      vs.writeZeros();
      this.#placeResults(count);
      frames[f + F.state] = vs.captureState(inRegisters);
      this.#placeMany(f, count);
    } else {
      this.#placeMany(f, count);
      vs.planMerge(frames[f + F.state], inRegisters, kind === BlockKind.loop);
      vs.emitMerge();
    }
    if (kind === BlockKind.loop) c.asm.jmp(frames[f + F.jumps]);
    else frames[f + F.jumps] = c.jumpForward(frames[f + F.jumps]);
  }

  /** As `jump`, through memory: where a branch must be short, and its values need not be fast. */
  protected jumpInMemory(f: i32): void {
    const c = this.c;
    const vs = c.vs;
    const frames = this.frames;
    const kind = frames[f + F.kind];
    if (kind === BlockKind.function_) {
      this.returnNow();
      return;
    }
    const count = this.labelTypes(f).length;
    this.allToMemory();
    if (kind === BlockKind.loop) this.loopCanonical(f);
    vs.useSlotsFor(count, frames[f + F.height]);
    vs.emitSlotCopy(count, frames[f + F.height]);
    if (kind === BlockKind.loop) {
      c.asm.jmp(frames[f + F.canonical]);
      return;
    }
    frames[f + F.canonical] = c.jumpForward(frames[f + F.canonical]);
    if (++frames[f + F.branches] >= this.world.longChain) this.cutChains(f);
  }

  /** br */
  br(depth: i32): void {
    const f = this.frameAt(depth);
    this.jump(f);
    this.c.vs.kill();
    if (++this.frames[f + F.branches] >= this.world.longChain) this.cutChains(f);
  }

  /** return */
  return(): void {
    this.returnNow();
    this.c.vs.kill();
  }

  /** br_if */
  brIf(depth: i32): void {
    const f = this.frameAt(depth);
    this.#branchIf(f);
    if (++this.frames[f + F.branches] >= this.world.longChain) this.cutChains(f);
  }

  #branchIf(f: i32): void {
    const c = this.c;
    const vs = c.vs;
    const frames = this.frames;
    const kind = frames[f + F.kind];
    const condition = vs.popCondition();
    if (kind === BlockKind.function_) {
      this.#prepareReturn();
      const over = c.jumpIf(condition ^ 1, 0);
      vs.flagsLive = false;
      this.#emitReturn();
      c.bindChain(over);
      return;
    }
    const count = this.labelTypes(f).length;
    const inRegisters = count <= this.world.blockResults ? count : 0;
    const height = frames[f + F.height];
    vs.writeZeros();
    let many = false;
    if (frames[f + F.state] < 0) {
      this.#placeResults(count);
      frames[f + F.state] = vs.captureState(inRegisters);
      many = inRegisters < count && vs.height - count !== height;
      if (!many) {
        frames[f + F.jumps] = c.jumpIf(condition, frames[f + F.jumps]);
        vs.flagsLive = false;
        return;
      }
    } else if (inRegisters < count) {
      vs.flushBelow(vs.height);
      many = vs.height - count !== height;
    }
    const state = frames[f + F.state];
    const loop = kind === BlockKind.loop;
    const cost = vs.planMerge(state, inRegisters, loop);
    if (cost === 0 && !many) {
      if (loop) c.jumpBackIf(condition, frames[f + F.jumps]);
      else frames[f + F.jumps] = c.jumpIf(condition, frames[f + F.jumps]);
      vs.flagsLive = false;
      return;
    }
    if (loop && count === 0 && !this.#entriesInRegisters()) {
      // Moving locals to the header's registers on both paths costs nothing extra and saves a jump.
      vs.emitMerge();
      vs.adoptMergedLocals(state);
      c.jumpBackIf(condition, frames[f + F.jumps]);
      vs.flagsLive = false;
      return;
    }
    if (cost > this.world.mergeLimit) {
      this.#brIfCanonical(f, condition, count);
      return;
    }
    const over = c.jumpIf(condition ^ 1, 0);
    vs.flagsLive = false;
    if (many) vs.emitSlotCopy(count, height);
    vs.emitMerge();
    if (loop) c.asm.jmp(frames[f + F.jumps]);
    else frames[f + F.jumps] = c.jumpForward(frames[f + F.jumps]);
    c.bindChain(over);
  }

  /** Some entry of the stack is in a register. */
  #entriesInRegisters(): bool {
    const vs = this.c.vs;
    for (let h = vs.floor; h < vs.height; h++) if (vs.place[h & Window.mask] === Place.reg) return true;
    return false;
  }

  /**
   * Many instructions lead to the label's state. Instead of repeating them at each branch, everything goes to memory
   * (once: the stores are on both paths, and paid for by what made the registers dirty), and the loads stand once
   * at the label's canonical entry.
   */
  #brIfCanonical(f: i32, condition: i32, count: i32): void {
    const c = this.c;
    const vs = c.vs;
    const frames = this.frames;
    vs.cleanLocals();
    vs.flushBelow(vs.height);
    const height = frames[f + F.height];
    const copy = count > 0 && vs.height - count !== height;
    if (frames[f + F.kind] === BlockKind.loop) this.loopCanonical(f);
    let over = 0;
    if (copy) {
      over = c.jumpIf(condition ^ 1, 0);
      vs.emitSlotCopy(count, height);
    }
    vs.useSlotsFor(count, height);
    if (frames[f + F.kind] === BlockKind.loop) {
      if (copy) c.asm.jmp(frames[f + F.canonical]);
      else c.jumpBackIf(condition, frames[f + F.canonical]);
    } else if (copy) frames[f + F.canonical] = c.jumpForward(frames[f + F.canonical]);
    else frames[f + F.canonical] = c.jumpIf(condition, frames[f + F.canonical]);
    c.bindChain(over);
    vs.flagsLive = false;
  }

  /** Emit the canonical entry of a loop, if it is not there yet. Changes no flags. */
  protected loopCanonical(f: i32): void {
    const c = this.c;
    const frames = this.frames;
    if (frames[f + F.canonical] !== 0) return;
    const over = c.jumpForward(0);
    frames[f + F.canonical] = c.asm.pos;
    c.vs.emitFromCanonical(frames[f + F.state], this.labelTypes(f), frames[f + F.height]);
    c.asm.jmp(frames[f + F.jumps]);
    c.bindChain(over);
  }

  /** The canonical entry that wide br_tables in the loop jump to, at the loop's end. */
  #lateCanonical(f: i32, live: bool): void {
    const c = this.c;
    const frames = this.frames;
    c.ensureSpace();
    const over = live ? c.jumpForward(0) : 0;
    c.bindChain(frames[f + F.late]);
    if (frames[f + F.canonical] !== 0) c.asm.jmp(frames[f + F.canonical]);
    else {
      c.vs.emitFromCanonical(frames[f + F.state], this.labelTypes(f), frames[f + F.height]);
      c.asm.jmp(frames[f + F.jumps]);
    }
    c.bindChain(over);
  }

  // br_table: everything goes to memory once, then an indirect jump into a table of small cells.

  brTableBegin(count: i32): void {
    this.#cells = count + 1;
    this.#tableEnd = 0;
  }

  /** The first target tells how many values the branches carry: only now the table can begin. */
  #openTable(depth: i32): void {
    const c = this.c;
    const count = this.#cells - 1;
    const asm = c.asm;
    const vs = c.vs;
    const index = vs.popReg();
    const arity = this.labelTypes(this.frameAt(depth)).length;
    const wide = count >= this.world.wideTable;
    this.#cell = arity === 0 ? Cell.jump : Cell.values;
    c.reserve(Room.tableHead + this.#cells * (this.#cell + (wide ? Cell.jump : 0)));
    vs.writeZeros();
    vs.cleanLocals();
    vs.flushBelow(vs.height);
    // r11 = min(index, count), without a branch.
    asm.mov_ri(Registers.scratch, count);
    asm.alu_ri(Alu.cmp, 0, index, count);
    asm.cmov_rr(Cc.b, 0, Registers.scratch, index);
    vs.dropRegisters();
    asm.lea_x(1, Registers.scratch, Registers.scratch, Registers.scratch, 2, 0);
    const table = asm.lea_rip_forward(Reg.rax);
    asm.lea_x(1, Registers.scratch, Reg.rax, Registers.scratch, arity === 0 ? 0 : 3, 0);
    asm.jmp_r(Registers.scratch);
    asm.bind(table);
    this.#tableEnd = asm.pos + this.#cells * this.#cell;
    this.#wantedLoops = 0;
    this.#nextIsland = wide ? this.#tableEnd : 0;
    this.#tables++;
  }

  /** The frame's island in the wide table: a jump to the label, behind the table. */
  #island(f: i32): i32 {
    const frames = this.frames;
    if (frames[f + F.table] === this.#tables) return frames[f + F.island];
    const asm = this.c.asm;
    const island = this.#nextIsland;
    this.#nextIsland = island + Cell.jump;
    frames[f + F.table] = this.#tables;
    frames[f + F.island] = island;
    const jump = asm.patch_jmp(island);
    if (frames[f + F.kind] === BlockKind.loop) {
      asm.patch32(jump, frames[f + F.late]);
      frames[f + F.late] = jump;
    } else this.#addTableJump(f, jump);
    return island;
  }

  /** A jump of br_table to a label that is not a loop's. */
  #addTableJump(f: i32, jump: i32): void {
    const frames = this.frames;
    this.c.asm.patch32(jump, frames[f + F.canonical]);
    frames[f + F.canonical] = jump;
    if (++frames[f + F.branches] === this.world.longChain) this.#crowded.push(f);
  }

  brTableTarget(depth: i32): void {
    if (this.#tableEnd === 0) this.#openTable(depth);
    const c = this.c;
    const asm = c.asm;
    const vs = c.vs;
    const frames = this.frames;
    const f = this.frameAt(depth);
    const start = asm.pos;
    const types = this.labelTypes(f);
    const count = types.length;
    // The function's label has its values in the first slots, as any block at height 0.
    const height = frames[f + F.height];
    vs.useSlotsFor(count, height);
    vs.emitSlotCopy(count, height);
    if (frames[f + F.kind] === BlockKind.loop) {
      if (frames[f + F.canonical] !== 0) asm.jmp32(frames[f + F.canonical]);
      else if (this.#nextIsland !== 0) asm.jmp32(this.#island(f));
      else {
        if (frames[f + F.wanted] === 0) {
          frames[f + F.nextWanted] = this.#wantedLoops;
          this.#wantedLoops = f + 1;
        }
        frames[f + F.wanted] = c.jumpForward(frames[f + F.wanted]);
      }
    } else if (this.#nextIsland !== 0) asm.jmp32(this.#island(f));
    else this.#addTableJump(f, asm.jmp_forward());
    const rest = this.#cell - (asm.pos - start);
    if (rest > 0) asm.nop(rest);
  }

  brTableDefault(depth: i32): void {
    const c = this.c;
    const frames = this.frames;
    this.brTableTarget(depth);
    if (c.asm.pos !== this.#tableEnd) throw new Error('internal error: br_table cell has a wrong size');
    if (this.#nextIsland !== 0) c.asm.skip(this.#nextIsland - this.#tableEnd);
    while (this.#wantedLoops !== 0) {
      const f = this.#wantedLoops - 1;
      c.ensureSpace();
      c.bindChain(frames[f + F.wanted]);
      frames[f + F.canonical] = c.asm.pos;
      c.vs.emitFromCanonical(frames[f + F.state], this.labelTypes(f), frames[f + F.height]);
      c.asm.jmp(frames[f + F.jumps]);
      this.#wantedLoops = frames[f + F.nextWanted];
      frames[f + F.wanted] = 0;
    }
    for (let n = 0; n < this.world.cutsPerOpcode && this.#crowded.length > 0; n++) {
      c.ensureSpace();
      const f = this.#crowded.pop() as i32;
      if (f <= this.top) this.cutChains(f);
    }
    c.vs.kill();
  }

  // Returning.

  /** Many results go to their slots and through the type's marshalling code. */
  #returnsThroughSlots(): bool {
    return this.c.shape.results.length > this.world.callResults;
  }

  /** The part of a return that may run on both paths of a conditional one; changes no flags. */
  #prepareReturn(): void {
    const vs = this.c.vs;
    if (this.#returnsThroughSlots()) vs.flushBelow(vs.height);
  }

  protected returnNow(): void {
    this.#prepareReturn();
    this.#emitReturn();
  }

  /** Return with results that are in slots from height `base` on. */
  #returnFrom(base: i32): void {
    const asm = this.c.asm;
    const vs = this.c.vs;
    const shape = this.c.shape;
    asm.lea(1, Registers.scratch, Reg.rbp, vs.slotTop(base));
    asm.jmp32(shape.returnHelper);
  }

  /** Results to their places and leave. The abstract state is not changed. */
  #emitReturn(): void {
    const c = this.c;
    const asm = c.asm;
    const vs = c.vs;
    const shape = c.shape;
    const count = shape.results.length;
    const base = vs.height - count;
    if (this.#returnsThroughSlots()) {
      this.#returnFrom(base);
      return;
    }
    const moves = vs.moves;
    moves.clear();
    for (let k = 0; k < count; k++) {
      const h = base + k;
      const type = shape.results[k];
      const d = shape.resultPlace[k];
      const i = h & Window.mask;
      switch (vs.placeAt(h)) {
        case Place.reg:
          moves.move(type, d, vs.a[i]);
          break;
        case Place.local: {
          const local = vs.a[i];
          const r = vs.localReg[local];
          if (r >= 0) moves.move(type, d, r);
          else moves.load(type, d, vs.localDisp(local));
          break;
        }
        case Place.constant:
          moves.constant(type, d, vs.a[i], vs.b[i]);
          break;
        default:
          moves.load(type, d, vs.slotDisp(h));
      }
    }
    moves.emit();
    asm.leave();
    asm.ret_n(8 * shape.stackParams);
  }

  /** The function's `end`: return; branches of br_table to it come here with the results in the first slots. */
  endFunction(live: bool): void {
    const c = this.c;
    const vs = c.vs;
    const shape = c.shape;
    if (live) this.returnNow();
    vs.kill();
    const canonical = this.frames[F.canonical];
    this.top = -F.stride;
    if (canonical === 0) return;
    c.ensureSpace();
    c.bindChain(canonical);
    vs.height = vs.floor = 0;
    vs.pushSlots(shape.results);
    this.#emitReturn();
    vs.kill();
  }
}
