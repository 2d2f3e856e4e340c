import { Frame } from '../backends/abi/layout.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { BlockKind, catchesReference, catchesTag } from '../stream/types.js';
import { newList } from '../support/dialect.js';
import { Type } from '../valuestack/types.js';
import type { EmitContext } from './context.js';
import { Control } from './control.js';
import { F } from './control-frames.js';
import { takeValues, throwAgain } from './exceptions.js';

/** Fields of a clause of try_table. */
const enum Clause {
  kind = 0,
  tag = 1,
  depth = 2,
  fields = 3,
}

/**
 * Blocks with handlers. Where nothing is thrown they cost one store at the begin: each call in them has an entry more in the code map,
 * which names the block's handler. At a call everything that outlives it is in memory: the handler finds the locals in their slots (zeros
 * that were promised are written when the block begins), and so are the operands below the block.
 *
 * A handler begins with nothing in registers but the exception (rax) and its tag (edx). A legacy catch keeps the exception as an operand
 * below its own, for rethrow.
 */
export class TryControl extends Control {
  constructor(c: EmitContext) {
    super(c);
  }

  /** Clauses of the try_tables that are open, those of the innermost one last. */
  readonly #clauses: i32[] = newList<i32>();

  override enterFunction(): void {
    super.enterFunction();
    if (this.#clauses.length > 0) this.#clauses.length = 0;
  }

  /** The block's operands lie above `height`; its handler is known to the calls that follow. */
  #beginHandled(kind: BlockKind, blockType: i32): i32 {
    const c = this.c;
    const vs = c.vs;
    const height = vs.height - this.params(blockType).length;
    vs.flushBelow(height);
    vs.writeZeros();
    // The landing stub takes the context from there.
    if (c.handler === 0) c.asm.mov_mr(1, Reg.rbp, Frame.savedContext, Reg.r15);
    const f = this.push(kind, height, blockType);
    const handler = c.code.handlers.add();
    this.frames[f + F.handler] = handler;
    this.frames[f + F.nextCatch] = 0;
    c.handler = handler;
    return f;
  }

  /** Here the handler begins, after code that cannot go on. */
  #beginHandler(f: i32): void {
    const c = this.c;
    c.ensureSpace();
    c.handler = this.frames[f + F.outerHandler];
    c.code.handlers.set(this.frames[f + F.handler], c.asm.pos);
    this.#beginCode(f);
  }

  /** Nothing is in registers that the value stack knows of, and nothing is above the block's operands. */
  #beginCode(f: i32): void {
    const vs = this.c.vs;
    vs.kill();
    vs.forgetZeroFlag();
    vs.height = vs.floor = this.frames[f + F.height];
  }

  /** Jump if the exception has another tag. */
  #unlessTag(tag: i32): i32 {
    const c = this.c;
    c.asm.alu_rm(Alu.cmp, 0, Reg.rdx, Reg.r15, c.layout.tags + 4 * tag);
    return c.jumpIf(Cc.ne, 0);
  }

  /** No clause was for the exception. */
  #passOn(f: i32, chain: i32): void {
    const c = this.c;
    c.ensureSpace();
    c.bindChain(chain);
    this.#beginCode(f);
    c.restoreStackPointer();
    c.vs.pushReg(Type.externRef, Reg.rax);
    throwAgain(c);
  }

  /** The results of a live end go to the label; what follows is reached by branches only. */
  #leave(f: i32, live: bool): void {
    if (live) this.jump(f);
    this.c.vs.kill();
    if (live && ++this.frames[f + F.branches] >= this.world.longChain) this.cutChains(f);
  }

  /** The block is done, its label follows. */
  #endHandled(f: i32): void {
    this.top -= F.stride;
    this.bindLabel(f, this.results(this.frames[f + F.blockType]), false);
  }

  // The legacy try.

  /** try */
  beginTry(blockType: i32): void {
    this.#beginHandled(BlockKind.try_, blockType);
  }

  /** catch */
  catchTag(live: bool, tag: i32): void {
    const f = this.top;
    this.#beginCatch(f, live);
    this.frames[f + F.kind] = BlockKind.catch_;
    this.frames[f + F.nextCatch] = this.#unlessTag(tag);
    this.#keepException();
    takeValues(this.c, this.c.shapeOf(this.c.info.tags.type(tag)).params);
  }

  /** catch_all */
  catchAll(live: bool): void {
    const f = this.top;
    this.#beginCatch(f, live);
    this.frames[f + F.kind] = BlockKind.catchAll;
    this.frames[f + F.nextCatch] = 0;
    this.#keepException();
    this.c.restoreStackPointer();
  }

  #beginCatch(f: i32, live: bool): void {
    this.#leave(f, live);
    if (this.frames[f + F.kind] === BlockKind.try_) {
      this.#beginHandler(f);
      return;
    }
    this.c.ensureSpace();
    this.c.bindChain(this.frames[f + F.nextCatch]);
    this.#beginCode(f);
  }

  #keepException(): void {
    const vs = this.c.vs;
    vs.pushReg(Type.externRef, Reg.rax);
    vs.flushBelow(vs.height);
  }

  /** rethrow */
  rethrow(depth: i32): void {
    const vs = this.c.vs;
    const height = this.frames[this.frameAt(depth) + F.height];
    const r = vs.allocate(Type.externRef);
    vs.loadSlot(Type.externRef, r, vs.slotDisp(height));
    vs.pushReg(Type.externRef, r);
    throwAgain(this.c);
  }

  /** delegate: the handler is that of the block at `depth`, counted from outside, or of what is around it. */
  delegate(live: bool, depth: i32): void {
    const f = this.top;
    const frames = this.frames;
    const target = f - (depth + 1) * F.stride;
    const kind = frames[target + F.kind];
    const isHandled = kind === BlockKind.try_ || kind === BlockKind.tryTable;
    this.#delegateTo(f, frames[target + (isHandled ? F.handler : F.outerHandler)]);
    this.#leave(f, live);
    this.#endHandled(f);
  }

  #delegateTo(f: i32, handler: i32): void {
    this.c.handler = this.frames[f + F.outerHandler];
    this.c.code.handlers.set(this.frames[f + F.handler], handler === 0 ? 0 : ~handler);
  }

  override end(live: bool): void {
    const f = this.top;
    switch (this.frames[f + F.kind]) {
      case BlockKind.try_:
        // Without a catch.
        this.#delegateTo(f, this.frames[f + F.outerHandler]);
        this.#leave(f, live);
        break;
      case BlockKind.catch_:
        this.#leave(f, live);
        this.#passOn(f, this.frames[f + F.nextCatch]);
        break;
      case BlockKind.catchAll:
        this.#leave(f, live);
        break;
      case BlockKind.tryTable:
        this.#leave(f, live);
        this.#emitClauses(f);
        break;
      default:
        super.end(live);
        return;
    }
    this.#endHandled(f);
  }

  // try_table.

  catchClause(kind: i32, tag: i32, depth: i32): void {
    this.#clauses.push(kind);
    this.#clauses.push(tag);
    this.#clauses.push(depth);
  }

  /** try_table, whose clauses are known. */
  beginTryTable(blockType: i32, count: i32): void {
    const f = this.#beginHandled(BlockKind.tryTable, blockType);
    this.frames[f + F.nextCatch] = count;
  }

  /** The handler: one clause after another. */
  #emitClauses(f: i32): void {
    const c = this.c;
    const vs = c.vs;
    const clauses = this.#clauses;
    const first = clauses.length - Clause.fields * this.frames[f + F.nextCatch];
    this.#beginHandler(f);
    let next = 0;
    let catchesAll = false;
    for (let i = first; i < clauses.length && !catchesAll; i += Clause.fields) {
      if (i > first) {
        c.ensureSpace();
        c.bindChain(next);
        this.#beginCode(f);
      }
      vs.pinned = 0;
      const kind = clauses[i + Clause.kind];
      if (catchesTag(kind)) {
        next = this.#unlessTag(clauses[i + Clause.tag]);
        takeValues(c, c.shapeOf(c.info.tags.type(clauses[i + Clause.tag])).params);
      } else {
        catchesAll = true;
        c.restoreStackPointer();
      }
      if (catchesReference(kind)) vs.pushReg(Type.externRef, Reg.rax);
      this.jumpInMemory(f - (clauses[i + Clause.depth] + 1) * F.stride);
      vs.kill();
    }
    if (!catchesAll) this.#passOn(f, next);
    clauses.length = first;
  }
}
