import { copyBytes, fillBytes } from '../support/bulk.js';
import { below, Int8Array, type Uint8Array, unreachable } from '../support/dialect.js';
import type { FailureContext } from './body-failures.js';
import { BodyRare } from './body-rare.js';
import { checkRest, isCheck, noTypes } from './body-reader.js';
import { Limit } from './limits.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import { naturalAlignment, packedSignature } from './opcodes.js';
import type { BodySink } from './sink.js';
import { BlockKind, ValType } from './types.js';

/** No instruction without a list is longer: a lane's access to a memory with 64-bit addresses, all numbers padded, has 27 bytes. */
const instructionMargin = 32;

/** Where a body's decoding stopped. */
const enum Phase {
  localGroups = 0,
  local = 1,
  code = 2,
  tableTargets = 3,
  selectTypes = 4,
  catchClauses = 5,
}

/**
 * Decoder and validator of function bodies. It can stop between any two opcodes and inside the vectors of br_table
 * and select, and goes on when more bytes are here; nothing is read twice but the few bytes of an instruction that
 * was not complete. Each valid live opcode becomes one call of the sink.
 */
export class BodyDecoder extends BodyRare {
  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  #phase: Phase = Phase.localGroups;
  /** Types of parameters and locals. */
  readonly #localTypes: Int8Array = new Int8Array(Limit.locals + 1);
  #localCount: i32 = 0;
  /** Runs of locals that are still to come. */
  #groups: u32 = 0;
  /** Targets of br_table that are still to come, besides the default, or clauses of try_table. */
  #remaining: i32 = 0;
  /** Label types of the last target, to compare with. */
  #targetTypes: Uint8Array = noTypes;
  #hasTargetTypes: bool = false;
  /** Of the try_table whose clauses come. */
  #tryType: i32 = 0;
  #clauses: i32 = 0;

  /** Start the body of `functionIndex`, whose bytes are [start, end) of the module. */
  begin(functionIndex: i32, start: i32, end: i32): void {
    const typeIndex = this.info.functionTypes[functionIndex];
    const type = this.info.types.at(typeIndex);
    this.functionIndex = functionIndex;
    this.#localCount = type.params.length;
    copyBytes(this.#localTypes, type.params);
    this.pos = start;
    this.start = start;
    this.end = end;
    this.opcode = -1;
    this.opcodeAt = start;
    this.#phase = Phase.localGroups;
    this.resetStack(type.results);
    this.sink.beginFunction(functionIndex, typeIndex, start);
  }

  /** The opcode that is being decoded, or was last. */
  get at(): i32 {
    return this.opcodeAt;
  }

  /** Consume what bytes [pos, limit) allow. Returns true when the body is complete. */
  run(bytes: Uint8Array, limit: i32): bool {
    this.bytes = bytes;
    if (limit > this.end) limit = this.end;
    if (this.#phase < Phase.code && !this.#locals(limit)) return false;
    for (;;) {
      if (this.#phase === Phase.tableTargets) {
        if (!this.#tableTargets(limit)) return false;
      } else if (this.#phase === Phase.selectTypes) {
        if (!this.#selectTypes(limit)) return false;
      } else if (this.#phase === Phase.catchClauses) {
        if (!this.#catchClauses(limit)) return false;
      }
      if (this.#code(limit)) {
        this.sink.endFunction();
        return true;
      }
      if (this.#phase === Phase.code) return false;
    }
    // biome-ignore lint/correctness/noUnreachable: AssemblyScript wants a value where a loop ends that never does.
    return unreachable();
  }

  #locals(limit: i32): bool {
    if (this.#phase === Phase.localGroups) {
      if (!this.lebHere(this.pos, limit)) return false;
      this.#groups = this.u32('local decls count');
      this.#phase = Phase.local;
    }
    while (this.#groups !== 0) {
      const at = this.pos;
      if (limit < this.end) {
        const typeAt = this.lebEnd(at, limit);
        if (typeAt < 0 || typeAt >= limit) return false;
      }
      const count = this.u32('local count');
      if (this.pos >= this.end) this.fail('expected a local type, reached the end of the function', this.pos);
      const type = this.valueType(this.bytes[this.pos], this.pos);
      this.pos++;
      if (!below(count, Limit.locals - this.#localCount + 1)) this.fail('local count too large', at);
      fillBytes(this.#localTypes, type, this.#localCount, this.#localCount + count);
      this.#localCount += count;
      if (count > 0) this.sink.locals(count, type);
      this.#groups--;
    }
    this.#phase = Phase.code;
    this.sink.beginCode();
    return true;
  }

  // Vectors.

  #tableTargets(limit: i32): bool {
    const sink = this.sink;
    while (this.#remaining >= 0) {
      if (!this.lebHere(this.pos, limit)) return false;
      const depth = this.u32('branch depth');
      const f = this.label(depth);
      const types = this.labelTypes(f);
      const last = this.#targetTypes;
      if (!this.#hasTargetTypes || types !== last) {
        if (this.#hasTargetTypes && types.length !== last.length) {
          this.fail(`br_table: label arity inconsistent with previous arity ${last.length}`);
        }
        this.checkTop(types, 'branch');
        this.#targetTypes = types;
        this.#hasTargetTypes = true;
      }
      this.branchTo(f);
      if (this.live) {
        if (this.#remaining > 0) sink.brTableTarget(depth);
        else sink.brTableDefault(depth);
      }
      this.#remaining--;
    }
    this.setDead();
    this.#phase = Phase.code;
    return true;
  }

  #catchClauses(limit: i32): bool {
    for (; this.#remaining > 0; this.#remaining--) {
      if (!this.clauseHere(limit)) return false;
      this.catchClause();
    }
    this.enter(BlockKind.tryTable, this.#tryType);
    if (this.live) this.sink.beginTryTable(this.#tryType, this.#clauses);
    this.#phase = Phase.code;
    return true;
  }

  #selectTypes(limit: i32): bool {
    if (this.pos >= limit) {
      if (limit === this.end) this.fail('select: expected a type', limit);
      return false;
    }
    const type = this.valueType(this.bytes[this.pos], this.pos);
    this.pos++;
    this.pop(ValType.i32, 2);
    this.pop(type, 1);
    this.pop(type, 0);
    this.push(type);
    if (this.live) this.sink.select();
    this.#phase = Phase.code;
    return true;
  }

  /** A load or store whose memory is not the first, or an unusual one, or whose alignment is not one byte. `pos` is behind the opcode. */
  #unusualAccess(op: i32): void {
    this.alignment(naturalAlignment[op]);
    const offset = this.accessOffset();
    const packed = packedSignature[op];
    if (op >= Op.i32Store) {
      this.pop((packed >> 8) & 0xff, 1);
      this.pop(this.addressType, 0);
      if (this.live) this.sink.store(op, offset);
    } else {
      this.pop(this.addressType, 0);
      this.push((packed >> 16) & 0xff);
      if (this.live) this.sink.load(op, offset);
    }
  }

  /**
   * The hot loop. Returns true after the function's last `end`. Stops with `phase` changed for vectors, or when the
   * next instruction is not complete. Locals instead of fields where it counts; integers only.
   */
  #code(limit: i32): bool {
    const bytes = this.bytes;
    const sink = this.sink;
    const end = this.end;
    const localTypes = this.#localTypes;
    const localCount = this.#localCount;
    // Each access is looked at closely where memory 0 has 64-bit addresses or a page size of its own, or is missing.
    const isUnusual = this.info.memories.length === 0 || this.info.is64(0) || this.info.hasBytePages(0);
    // An instruction that runs over the end would have to swallow the last `end`; no fast path below does that.
    const safe = limit === end && bytes[end - 1] === Op.end ? end : limit - instructionMargin;
    let pos = this.pos;
    for (;;) {
      if (pos >= safe) {
        if (pos >= limit) {
          if (limit === end) this.fail('function body must end with "end" opcode', end);
          this.pos = pos;
          return false;
        }
        if (!this.isComplete(pos, limit)) {
          this.pos = pos;
          if (limit < end) return false;
          this.opcodeAt = pos;
          this.opcode = bytes[pos];
          this.failCutOff();
        }
      }
      const at = pos;
      const op = bytes[pos++];
      this.opcodeAt = at;
      this.opcode = op;
      // At one place for all opcodes, so that V8 inlines it.
      if (this.live) sink.at(at);
      if (op >= Op.i32Eqz && op <= Op.i64Extend32S) {
        // Fixed signatures.
        const packed = packedSignature[op];
        if (packed >>> 24 === 2) this.pop((packed >> 8) & 0xff, 1);
        this.pop(packed & 0xff, 0);
        this.push((packed >> 16) & 0xff);
        if (this.live) sink.numeric(op);
        continue;
      }
      if (op >= Op.i32Load && op <= Op.i64Store32) {
        // Loads and stores: alignment, offset.
        const align = bytes[pos++];
        if (align > naturalAlignment[op] || isUnusual) {
          this.pos = pos - 1;
          this.#unusualAccess(op);
          pos = this.pos;
          continue;
        }
        let offset = bytes[pos++];
        if (offset >= 0x80) {
          this.pos = pos - 1;
          offset = this.u32('offset');
          pos = this.pos;
        }
        const packed = packedSignature[op];
        if (op >= Op.i32Store) {
          this.pop((packed >> 8) & 0xff, 1);
          this.pop(ValType.i32, 0);
          if (this.live) sink.store(op, offset);
        } else {
          this.pop(ValType.i32, 0);
          this.push((packed >> 16) & 0xff);
          if (this.live) sink.load(op, offset);
        }
        continue;
      }
      switch (op) {
        case Op.localGet: {
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.u32('local index');
            pos = this.pos;
          }
          if (!below(index, localCount)) this.fail(`invalid local index: ${index}`);
          this.push(localTypes[index]);
          if (this.live) sink.localGet(index);
          break;
        }
        case Op.localSet: {
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.u32('local index');
            pos = this.pos;
          }
          if (!below(index, localCount)) this.fail(`invalid local index: ${index}`);
          this.pop(localTypes[index], 0);
          if (this.live) sink.localSet(index);
          break;
        }
        case Op.localTee: {
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.u32('local index');
            pos = this.pos;
          }
          if (!below(index, localCount)) this.fail(`invalid local index: ${index}`);
          this.pop(localTypes[index], 0);
          this.push(localTypes[index]);
          if (this.live) sink.localTee(index);
          break;
        }
        case Op.i32Const: {
          let value = bytes[pos++];
          if (value >= 0x80) {
            this.pos = pos - 1;
            value = this.s32();
            pos = this.pos;
          } else value = (value << 25) >> 25;
          this.push(ValType.i32);
          if (this.live) sink.i32Const(value);
          break;
        }
        case Op.block:
        case Op.loop:
        case Op.if_: {
          if (op === Op.if_ && pos + checkRest <= limit && isCheck(bytes, pos)) {
            this.pop(ValType.i32, 0);
            if (this.live) sink.unreachableIf(pos + 1);
            pos += checkRest;
            break;
          }
          this.pos = pos;
          const blockType = this.blockType();
          pos = this.pos;
          if (op === Op.if_) this.pop(ValType.i32, 0);
          this.enter((op - Op.block) as BlockKind, blockType);
          if (this.live) {
            if (op === Op.block) sink.block(blockType);
            else if (op === Op.loop) sink.loop(blockType);
            else sink.if(blockType);
          }
          break;
        }
        case Op.else_:
          this.else();
          break;
        case Op.end:
          if (this.endBlock()) {
            if (pos !== end) this.fail('operators remaining after end of function', pos);
            this.pos = pos;
            return true;
          }
          break;
        case Op.br:
        case Op.brIf: {
          let depth = bytes[pos++];
          if (depth >= 0x80) {
            this.pos = pos - 1;
            depth = this.u32('branch depth');
            pos = this.pos;
          }
          if (op === Op.brIf) this.pop(ValType.i32, 0);
          const f = this.label(depth);
          this.checkBranch(this.labelTypes(f), 'branch');
          this.branchTo(f);
          if (this.live) {
            if (op === Op.br) sink.br(depth);
            else sink.brIf(depth);
          }
          if (op === Op.br) this.setDead();
          break;
        }
        case Op.brTable: {
          // The targets are consumed one by one.
          this.pos = pos;
          const count = this.u32('table count');
          if (!below(count, Limit.brTableTargets + 1)) this.fail(`invalid table count (> max br_table size): ${count}`);
          this.pop(ValType.i32, 0);
          this.#remaining = count;
          this.#hasTargetTypes = false;
          if (this.live) sink.brTableBegin(count);
          this.#phase = Phase.tableTargets;
          return false;
        }
        case Op.call: {
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.u32('function index');
            pos = this.pos;
          }
          if (!below(index, this.info.functionTypes.length)) this.fail(`function index #${index} is out of bounds`);
          const type = this.info.types.at(this.info.functionTypes[index]);
          this.popAll(type.params);
          this.pushAll(type.results);
          if (this.live) sink.call(index);
          break;
        }
        case Op.tryTable: {
          // The clauses are consumed one by one.
          this.pos = pos;
          this.#tryType = this.blockType();
          const count = this.u32('catch count');
          if (!below(count, Limit.catchClauses + 1)) this.fail(`invalid catch count (> max catch count): ${count}`);
          this.#remaining = this.#clauses = count;
          this.#phase = Phase.catchClauses;
          return false;
        }
        case Op.nop:
          break;
        case Op.drop:
          this.popAny(0);
          if (this.live) sink.drop();
          break;
        case Op.selectTyped: {
          this.pos = pos;
          if (this.u32('number of select types') !== 1)
            this.fail('invalid number of types: select accepts exactly one type');
          this.#phase = Phase.selectTypes;
          return false;
        }
        default:
          this.pos = pos;
          this.rare(op);
          pos = this.pos;
      }
    }
    // biome-ignore lint/correctness/noUnreachable: as above.
    return unreachable();
  }
}
