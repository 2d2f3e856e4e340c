import { below } from '../support/dialect.js';
import { BodyCalls } from './body-calls.js';
import type { FailureContext } from './body-failures.js';
import { Flag, Frame } from './body-validator.js';
import type { ModuleInfo } from './module.js';
import type { BodySink } from './sink.js';
import { BlockKind, CatchKind, catchesReference, catchesTag, ValType } from './types.js';

/**
 * Exceptions in both encodings: throwing, the legacy try with its catches, the clauses of try_table. In each method `pos` is
 * behind the opcode.
 */
export class BodyExceptions extends BodyCalls {
  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  /** A tag index; returns the index of the tag's type. */
  #tag(): i32 {
    const tag = this.u32('tag index');
    if (!below(tag, this.info.tags.length)) this.fail(`Invalid tag index: ${tag}`);
    return tag;
  }

  protected throwTag(): void {
    const tag = this.#tag();
    this.popAll(this.info.types.at(this.info.tags.type(tag)).params);
    if (this.live) this.sink.throwTag(tag);
    this.setDead();
  }

  protected throwRef(): void {
    this.pop(ValType.exnref, 0);
    if (this.live) this.sink.throwRef();
    this.setDead();
  }

  protected rethrow(): void {
    const depth = this.u32('branch depth');
    const kind = this.frames[this.label(depth) + Frame.kind];
    if (kind !== BlockKind.catch_ && kind !== BlockKind.catchAll) {
      this.fail('rethrow not targeting catch or catch-all');
    }
    if (this.live) this.sink.rethrow(depth);
    this.setDead();
  }

  // The legacy try.

  protected beginTry(): void {
    const blockType = this.blockType();
    this.enter(BlockKind.try_, blockType);
    if (this.live) this.sink.beginTry(blockType);
  }

  protected catchTag(): void {
    const tag = this.#tag();
    this.#beforeCatch('catch');
    const live = this.live;
    const isEntered = this.#beginCatch(BlockKind.catch_);
    this.pushAll(this.info.types.at(this.info.tags.type(tag)).params);
    if (isEntered) this.sink.catchTag(live, tag);
  }

  protected catchAll(): void {
    this.#beforeCatch('catch-all');
    const live = this.live;
    if (this.#beginCatch(BlockKind.catchAll)) this.sink.catchAll(live);
  }

  #beforeCatch(name: string): void {
    const kind = this.frames[this.top + Frame.kind];
    if (kind === BlockKind.catchAll) {
      this.fail(name === 'catch' ? 'catch after catch-all for try' : 'catch-all already present for try');
    }
    if (kind !== BlockKind.try_ && kind !== BlockKind.catch_) this.fail(`${name} does not match a try`);
  }

  /** The part of the try before ends; what follows is reached if the try is. */
  #beginCatch(kind: BlockKind): bool {
    const frames = this.frames;
    const f = this.top;
    this.checkEnd(this.blockResults(frames[f + Frame.blockType]));
    frames[f + Frame.kind] = kind;
    let flags = frames[f + Frame.flags] & ~Flag.polymorphic;
    // Live code at the end of the part reaches the label.
    if (this.live) flags |= Flag.branched;
    frames[f + Frame.flags] = flags;
    this.polymorphic = false;
    if ((flags & Flag.entered) === 0) return false;
    if (!this.live) this.sink.at(this.opcodeAt);
    this.live = true;
    return true;
  }

  protected delegate(): void {
    const depth = this.u32('branch depth');
    if (this.frames[this.top + Frame.kind] !== BlockKind.try_) this.fail('delegate does not match a try');
    // The try's own label is not counted.
    if (!below(depth, this.top / Frame.stride)) this.fail(`invalid branch depth: ${depth}`);
    this.endBlock(depth);
  }

  // The clauses of try_table.

  /** A clause of try_table whose bytes are here: it is a branch to its label. */
  protected catchClause(): void {
    const at = this.pos;
    const kind = this.bytes[at];
    if (at >= this.end || kind > CatchKind.allRef) this.fail('invalid catch kind in try table', at);
    this.pos = at + 1;
    const tag = catchesTag(kind) ? this.#tag() : 0;
    const depth = this.u32('branch depth');
    const f = this.label(depth);
    const height = this.height;
    const polymorphic = this.polymorphic;
    const base = this.base;
    // What the clause brings is all that the label gets.
    this.base = height;
    this.polymorphic = false;
    if (catchesTag(kind)) this.pushAll(this.info.types.at(this.info.tags.type(tag)).params);
    if (catchesReference(kind)) this.push(ValType.exnref);
    const types = this.labelTypes(f);
    if (types.length !== this.height - height) {
      this.fail(`catch kind generates ${this.height - height} operands, target block expects ${types.length}`, at);
    }
    this.checkTop(types, 'branch');
    this.height = height;
    this.base = base;
    this.polymorphic = polymorphic;
    this.branchTo(f);
    if (this.live) this.sink.catchClause(kind, tag, depth);
  }

  /** The bytes of the clause at `pos` are all here before `limit`. */
  protected clauseHere(limit: i32): bool {
    if (limit === this.end) return true;
    let p = this.pos + 1;
    if (p > limit) return false;
    if (catchesTag(this.bytes[this.pos])) {
      p = this.lebEnd(p, limit);
      if (p < 0) return false;
    }
    return this.lebEnd(p, limit) >= 0;
  }
}
