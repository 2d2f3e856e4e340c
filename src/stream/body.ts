import { WasmDecodeError } from './errors.js';
import { Limit } from './limits.js';
import type { ModuleInfo } from './module.js';
import { naturalAlignment, opcodeInfo, opcodeName, packedSaturating, packedSignature } from './opcodes.js';
import type { BodySink } from './sink.js';
import { isReference, typeName, ValType } from './types.js';

const noTypes = new Uint8Array(0);
const singleTypes: readonly Uint8Array[] = Array.from({ length: 128 }, (_, i) => Uint8Array.of(i));

/** Bytes that the longest instruction without a vector can have: prefix, two 5-byte indices, with room to spare. */
const instructionMargin = 20;
/** From this many types on, they are compared and filled in bulk. */
const bulkTypes = 16;

const enum Frame {
  kind = 0,
  /** Height of the operand stack below the parameters. */
  height = 1,
  blockType = 2,
  flags = 3,
  stride = 4,
}

const enum Kind {
  block = 0,
  loop = 1,
  if = 2,
  else = 3,
  function = 4,
}

const enum Flag {
  /** The rest of the block cannot be reached: its operand stack is polymorphic. */
  polymorphic = 1,
  /** The block was entered by live code: the sink knows it. */
  entered = 2,
  /** Live code branches to its label. */
  branched = 4,
}

/** Where a body's decoding stopped. */
const enum Phase {
  localGroups = 0,
  local = 1,
  code = 2,
  tableTargets = 3,
  selectTypes = 4,
}

/**
 * Decoder and validator of function bodies. It can stop between any two opcodes and inside the vectors of br_table
 * and select, and goes on when more bytes are here; nothing is read twice but the few bytes of an instruction that
 * was not complete. Each valid live opcode becomes one call of the sink.
 * Validation follows the algorithm of the Core Specification, appendix "Validation Algorithm".
 */
export class BodyDecoder {
  readonly #info: ModuleInfo;
  readonly #sink: BodySink;
  readonly #externref: boolean;
  #bytes: Uint8Array = noTypes;
  /** Next byte. */
  pos = 0;
  /** End of the body. */
  #end = 0;
  #phase: Phase = Phase.localGroups;

  #functionIndex = 0;
  #results: Uint8Array = noTypes;
  #localTypes = new Uint8Array(Limit.locals + 1);
  #localCount = 0;
  #groups = 0;

  // The operand stack: types by height.
  #types = new Uint8Array(4096);
  #height = 0;
  /** Height at which the innermost block begins; `#polymorphic` if nothing is missing below it. */
  #base = 0;
  #polymorphic = false;
  /** The current point can be reached. */
  #live = true;
  #frames = new Int32Array(Frame.stride * 256);
  /** Offset of the innermost frame. */
  #top = 0;

  // br_table and select t* in progress.
  #remaining = 0;
  #tableArity = -1;
  #opcode = 0;
  #opcodeAt = 0;

  constructor(info: ModuleInfo, sink: BodySink, externref: boolean) {
    this.#info = info;
    this.#sink = sink;
    this.#externref = externref;
  }

  /** Start the body of `functionIndex`, whose bytes are [start, end) of the module. */
  begin(functionIndex: number, start: number, end: number): void {
    const typeIndex = this.#info.functionTypes[functionIndex];
    const type = this.#info.types[typeIndex];
    this.#functionIndex = functionIndex;
    this.#results = type.results;
    this.#localCount = type.params.length;
    this.#localTypes.set(type.params);
    this.pos = start;
    this.#end = end;
    this.#phase = Phase.localGroups;
    this.#height = 0;
    this.#base = 0;
    this.#polymorphic = false;
    this.#live = true;
    this.#top = 0;
    const frames = this.#frames;
    frames[Frame.kind] = Kind.function;
    frames[Frame.height] = 0;
    frames[Frame.blockType] = -1;
    frames[Frame.flags] = Flag.entered;
    this.#sink.beginFunction(functionIndex, typeIndex, start);
  }

  /** Consume what bytes [pos, limit) allow. Returns true when the body is complete. */
  run(bytes: Uint8Array, limit: number): boolean {
    this.#bytes = bytes;
    if (limit > this.#end) limit = this.#end;
    if (this.#phase < Phase.code && !this.#locals(limit)) return false;
    for (;;) {
      if (this.#phase === Phase.tableTargets) {
        if (!this.#tableTargets(limit)) return false;
      } else if (this.#phase === Phase.selectTypes) {
        if (!this.#selectTypes(limit)) return false;
      }
      if (this.#code(limit)) {
        this.#sink.endFunction();
        return true;
      }
      if (this.#phase === Phase.code) return false;
    }
  }

  // Locals.

  #locals(limit: number): boolean {
    if (this.#phase === Phase.localGroups) {
      if (!this.#lebHere(this.pos, limit)) return false;
      this.#opcodeAt = this.pos;
      this.#groups = this.#u32('local decls count');
      this.#phase = Phase.local;
    }
    while (this.#groups > 0) {
      const at = this.pos;
      const type = this.#lebEnd(at, limit);
      if (type < 0 || type >= limit) {
        if (limit === this.#end) this.#fail('expected more local declarations', limit);
        return false;
      }
      this.#opcodeAt = at;
      const count = this.#u32('local count');
      const kind = this.#valueType(this.#bytes[this.pos], this.pos);
      this.pos++;
      if (count > Limit.locals - this.#localCount) this.#fail('local count too large', at);
      this.#localTypes.fill(kind, this.#localCount, this.#localCount + count);
      this.#localCount += count;
      if (count > 0) this.#sink.locals(count, kind);
      this.#groups--;
    }
    this.#phase = Phase.code;
    this.#sink.beginCode();
    return true;
  }

  // Errors: cold, one place.

  #fail(message: string, at = this.#opcodeAt): never {
    const name = this.#info.functionName(this.#functionIndex);
    const where = name === undefined ? `#${this.#functionIndex}` : `#${this.#functionIndex}:"${name}"`;
    throw new WasmDecodeError(`Compiling function ${where} failed: ${message}`, at, this.#functionIndex, this.#opcode);
  }

  #mismatch(operand: number, expected: number, actual: number): never {
    this.#fail(`${opcodeName(this.#opcode)}[${operand}] expected type ${typeName(expected)}, found type ${typeName(actual)}`);
  }

  #missing(): never {
    this.#fail(`not enough arguments on the stack for ${opcodeName(this.#opcode)}`);
  }

  #unsupported(opcode: number): never {
    this.#opcode = opcode;
    const info = opcodeInfo(opcode);
    if (info === undefined) this.#fail(`invalid opcode 0x${opcode.toString(16)}`);
    this.#fail(`${info.name}: not supported yet (${info.feature})`);
  }

  // LEB128 (Core Specification, 5.2.2).

  /** Position after the LEB128 number at `at`, or -1 if it does not end before `limit`. */
  #lebEnd(at: number, limit: number): number {
    const bytes = this.#bytes;
    for (let i = at; i < limit; i++) if (bytes[i] < 0x80) return i + 1;
    return -1;
  }

  /** A number at `at` is complete, or too long, or cut off by the end of the body (then reading it fails). */
  #lebHere(at: number, limit: number): boolean {
    return limit === this.#end || limit - at >= 10 || this.#lebEnd(at, limit) >= 0;
  }

  #u32(what: string): number {
    const bytes = this.#bytes;
    let pos = this.pos;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= this.#end) this.#fail(`expected ${what}, reached the end of the function`, pos);
      const b = bytes[pos++];
      if (shift === 28) {
        if (b >= 0x10) this.#fail(`${what}: invalid LEB128, ${b >= 0x80 ? 'length overflow' : 'extra bits'}`, pos - 1);
        value |= b << 28;
        break;
      }
      value |= (b & 0x7f) << shift;
      if (b < 0x80) break;
    }
    this.pos = pos;
    return value >>> 0;
  }

  #s32(): number {
    const bytes = this.#bytes;
    let pos = this.pos;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= this.#end) this.#fail('expected an i32 constant, reached the end of the function', pos);
      const b = bytes[pos++];
      if (shift === 28) {
        const rest = b & 0x78;
        if (b >= 0x80 || (rest !== 0 && rest !== 0x78)) this.#fail('i32 constant: invalid LEB128', pos - 1);
        value |= b << 28;
        break;
      }
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        value = (value << (25 - shift)) >> (25 - shift);
        break;
      }
    }
    this.pos = pos;
    return value;
  }

  #low = 0;
  #high = 0;

  /** A signed 64-bit number into two halves. */
  #s64(): void {
    const bytes = this.#bytes;
    let pos = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      if (pos >= this.#end) this.#fail('expected an i64 constant, reached the end of the function', pos);
      const b = bytes[pos++];
      const v = b & 0x7f;
      if (shift < 28) low |= v << shift;
      else if (shift === 28) {
        low |= v << 28;
        high |= v >>> 4;
      } else high |= v << (shift - 32);
      if (shift === 63) {
        if (b !== 0 && b !== 0x7f) this.#fail('i64 constant: invalid LEB128', pos - 1);
        break;
      }
      if (b < 0x80) {
        if ((b & 0x40) !== 0) {
          const bits = shift + 7;
          if (bits < 32) {
            low |= -1 << bits;
            high = -1;
          } else if (bits < 64) high |= -1 << (bits - 32);
        }
        break;
      }
    }
    this.pos = pos;
    this.#low = low;
    this.#high = high;
  }

  // Types.

  #valueType(byte: number, at: number): number {
    switch (byte) {
      case ValType.i32:
      case ValType.i64:
      case ValType.f32:
      case ValType.f64:
      case ValType.funcref:
        return byte;
      case ValType.externref:
        return this.#externType(at);
      case ValType.v128:
        this.#fail('v128: not supported yet (SIMD)', at);
    }
    this.#fail(`invalid value type 0x${byte.toString(16)}`, at);
  }

  #externType(at: number): number {
    if (!this.#externref) this.#fail('externref: not supported yet (externref)', at);
    return ValType.externref;
  }

  #referenceType(byte: number, at: number): number {
    if (byte === ValType.funcref) return byte;
    if (byte === ValType.externref) return this.#externType(at);
    this.#fail(`invalid reference type 0x${byte.toString(16)}`, at);
  }

  /** A block type: -1 empty, a value type byte, or 256 + type index. */
  #blockType(): number {
    const b = this.#bytes[this.pos];
    if (this.pos >= this.#end) this.#fail('expected a block type', this.pos);
    if (b === 0x40) {
      this.pos++;
      return -1;
    }
    if (b < 0x80 && b >= 0x40) {
      this.#valueType(b, this.pos);
      this.pos++;
      return b;
    }
    // A positive s33: type index.
    const at = this.pos;
    const bytes = this.#bytes;
    let value = 0;
    for (let shift = 0, pos = at; ; shift += 7) {
      if (pos >= this.#end) this.#fail('expected a block type', pos);
      const byte = bytes[pos++];
      if (shift === 28) {
        if (byte >= 0x10) this.#fail('block type: invalid LEB128', pos - 1);
        value += byte * 0x10000000;
        this.pos = pos;
        break;
      }
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if ((byte & 0x40) !== 0) this.#fail('block type is not a valid signature index', at);
        this.pos = pos;
        break;
      }
    }
    if (value >= this.#info.types.length) this.#fail(`block type index ${value} is not a signature definition`, at);
    return 256 + value;
  }

  #params(blockType: number): Uint8Array {
    return blockType >= 256 ? this.#info.types[blockType - 256].params : noTypes;
  }

  #blockResults(blockType: number): Uint8Array {
    if (blockType >= 256) return this.#info.types[blockType - 256].results;
    return blockType < 0 ? noTypes : singleTypes[blockType];
  }

  /** Types that a branch to the frame carries. */
  #labelTypes(frame: number): Uint8Array {
    const blockType = this.#frames[frame + Frame.blockType];
    switch (this.#frames[frame + Frame.kind]) {
      case Kind.loop:
        return this.#params(blockType);
      case Kind.function:
        return this.#results;
      default:
        return this.#blockResults(blockType);
    }
  }

  // The operand stack.

  #push(type: number): void {
    if (this.#height === this.#types.length) this.#growTypes(this.#height + 1);
    this.#types[this.#height++] = type;
  }

  #growTypes(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, 2 * this.#types.length));
    grown.set(this.#types.subarray(0, this.#height));
    this.#types = grown;
  }

  /** Pop any type. */
  #popAny(): number {
    if (this.#height === this.#base) {
      if (!this.#polymorphic) this.#missing();
      return ValType.bottom;
    }
    return this.#types[--this.#height];
  }

  #pop(expected: number, operand: number): void {
    if (this.#height === this.#base) {
      if (!this.#polymorphic) this.#missing();
      return;
    }
    const actual = this.#types[--this.#height];
    if (actual !== expected && actual !== ValType.bottom) this.#mismatch(operand, expected, actual);
  }

  /** Pop a list of types, the last one first. */
  #popAll(types: Uint8Array): void {
    const count = types.length;
    if (count > bulkTypes && this.#height - this.#base >= count) {
      const from = this.#height - count;
      if (Buffer.compare(this.#types.subarray(from, this.#height), types) === 0) {
        this.#height = from;
        return;
      }
    }
    for (let i = count - 1; i >= 0; i--) this.#pop(types[i], i);
  }

  #pushAll(types: Uint8Array): void {
    const count = types.length;
    if (this.#height + count > this.#types.length) this.#growTypes(this.#height + count);
    if (count > bulkTypes) this.#types.set(types, this.#height);
    else for (let i = 0; i < count; i++) this.#types[this.#height + i] = types[i];
    this.#height += count;
  }

  /** The operands that a branch needs are there; they stay (types of polymorphic ones become known). */
  #checkBranch(types: Uint8Array): void {
    this.#popAll(types);
    this.#pushAll(types);
  }

  /** br_table: as a branch, but the stack keeps what it knows. */
  #checkTarget(types: Uint8Array): void {
    const count = types.length;
    const available = this.#height - this.#base;
    if (count > bulkTypes && available >= count) {
      if (Buffer.compare(this.#types.subarray(this.#height - count, this.#height), types) === 0) return;
    }
    if (available < count && !this.#polymorphic) this.#missing();
    const known = Math.min(count, available);
    for (let k = 1; k <= known; k++) {
      const actual = this.#types[this.#height - k];
      const expected = types[count - k];
      if (actual !== expected && actual !== ValType.bottom) this.#mismatch(count - k, expected, actual);
    }
  }

  #setDead(): void {
    this.#height = this.#base;
    this.#polymorphic = true;
    this.#live = false;
    this.#frames[this.#top + Frame.flags] |= Flag.polymorphic;
  }

  // Control.

  #enter(kind: Kind, blockType: number): void {
    const params = this.#params(blockType);
    this.#popAll(params);
    const f = this.#top + Frame.stride;
    if (f + Frame.stride > this.#frames.length) {
      const grown = new Int32Array(2 * this.#frames.length);
      grown.set(this.#frames);
      this.#frames = grown;
    }
    const frames = this.#frames;
    this.#top = f;
    frames[f + Frame.kind] = kind;
    frames[f + Frame.height] = this.#height;
    frames[f + Frame.blockType] = blockType;
    frames[f + Frame.flags] = this.#live ? Flag.entered : 0;
    this.#base = this.#height;
    this.#polymorphic = false;
    this.#pushAll(params);
  }

  /** The block's results are there, and nothing else. */
  #checkEnd(results: Uint8Array): void {
    this.#popAll(results);
    if (this.#height !== this.#base) {
      this.#fail(`expected ${results.length} elements on the stack for fallthru, found ${this.#height - this.#base + results.length}`);
    }
  }

  #else(): void {
    const frames = this.#frames;
    const f = this.#top;
    if (frames[f + Frame.kind] !== Kind.if) this.#fail('else does not match an if');
    const blockType = frames[f + Frame.blockType];
    this.#checkEnd(this.#blockResults(blockType));
    frames[f + Frame.kind] = Kind.else;
    const live = this.#live;
    let flags = frames[f + Frame.flags] & ~Flag.polymorphic;
    // Live code at the end of the then-branch reaches the label.
    if (live) flags |= Flag.branched;
    frames[f + Frame.flags] = flags;
    this.#polymorphic = false;
    this.#pushAll(this.#params(blockType));
    if ((flags & Flag.entered) !== 0) {
      this.#live = true;
      this.#sink.else(live);
    }
  }

  /** `end`. Returns true for the function's own. */
  #endBlock(): boolean {
    const frames = this.#frames;
    const f = this.#top;
    const kind = frames[f + Frame.kind];
    if (kind === Kind.function) {
      this.#checkEnd(this.#results);
      this.#sink.end(this.#live);
      return true;
    }
    const blockType = frames[f + Frame.blockType];
    const results = this.#blockResults(blockType);
    this.#checkEnd(results);
    const flags = frames[f + Frame.flags];
    if (kind === Kind.if) {
      const params = this.#params(blockType);
      if (params.length !== results.length || Buffer.compare(params, results) !== 0) {
        this.#fail('type error in fallthru: an if without else must have equal parameter and result types');
      }
    }
    if ((flags & Flag.entered) !== 0) {
      this.#sink.end(this.#live);
      if (kind === Kind.if) this.#live = true;
      else if (kind !== Kind.loop && (flags & Flag.branched) !== 0) this.#live = true;
    }
    const outer = f - Frame.stride;
    this.#top = outer;
    this.#base = frames[outer + Frame.height];
    this.#polymorphic = (frames[outer + Frame.flags] & Flag.polymorphic) !== 0;
    this.#pushAll(results);
    return false;
  }

  /** Frame of a label immediate. */
  #label(depth: number): number {
    const f = this.#top - depth * Frame.stride;
    if (f < 0) this.#fail(`invalid branch depth: ${depth}`);
    return f;
  }

  #branchTo(f: number): void {
    if (this.#live) this.#frames[f + Frame.flags] |= Flag.branched;
  }

  // Vectors.

  #tableTargets(limit: number): boolean {
    const sink = this.#sink;
    this.#opcode = 0x0e;
    while (this.#remaining >= 0) {
      if (!this.#lebHere(this.pos, limit)) return false;
      const f = this.#label(this.#u32('branch depth'));
      const types = this.#labelTypes(f);
      if (this.#tableArity < 0) this.#tableArity = types.length;
      else if (types.length !== this.#tableArity) {
        this.#fail(`br_table: label arity inconsistent with previous ${this.#tableArity}`);
      }
      this.#checkTarget(types);
      this.#branchTo(f);
      const depth = (this.#top - f) / Frame.stride;
      if (this.#live) {
        if (this.#remaining > 0) sink.brTableTarget(depth);
        else sink.brTableDefault(depth);
      }
      this.#remaining--;
    }
    this.#setDead();
    this.#phase = Phase.code;
    return true;
  }

  #selectTypes(limit: number): boolean {
    this.#opcode = 0x1c;
    if (this.pos >= limit) {
      if (limit === this.#end) this.#fail('select: expected a type', limit);
      return false;
    }
    const type = this.#valueType(this.#bytes[this.pos], this.pos);
    this.pos++;
    this.#pop(ValType.i32, 2);
    this.#pop(type, 1);
    this.#pop(type, 0);
    this.#push(type);
    if (this.#live) {
      this.#sink.at(this.#opcodeAt);
      this.#sink.select();
    }
    this.#phase = Phase.code;
    return true;
  }

  /** The instruction at `pos` is complete in [pos, limit): only asked near the end of the bytes that are here. */
  #isComplete(pos: number, limit: number): boolean {
    const bytes = this.#bytes;
    const op = bytes[pos];
    let p = pos + 1;
    let numbers = 0;
    switch (op) {
      case 0x02:
      case 0x03:
      case 0x04:
      case 0x0c:
      case 0x0d:
      case 0x0e:
      case 0x10:
      case 0x1c:
      case 0x20:
      case 0x21:
      case 0x22:
      case 0x23:
      case 0x24:
      case 0x25:
      case 0x26:
      case 0x3f:
      case 0x40:
      case 0x41:
      case 0x42:
      case 0xd0:
      case 0xd2:
        numbers = 1;
        break;
      case 0x11:
        numbers = 2;
        break;
      case 0x43:
        return p + 4 <= limit;
      case 0x44:
        return p + 8 <= limit;
      case 0xfc: {
        p = this.#lebEnd(p, limit);
        if (p < 0) return limit - pos >= 6;
        const sub = bytes[pos + 1];
        if (sub <= 7) numbers = 0;
        else if (sub === 8 || sub === 10 || sub === 12 || sub === 14) numbers = 2;
        else numbers = 1;
        break;
      }
      default:
        if (op >= 0x28 && op <= 0x3e) numbers = 2;
    }
    for (; numbers > 0; numbers--) {
      p = this.#lebEnd(p, limit);
      if (p < 0) return false;
    }
    return true;
  }

  #memory(): void {
    if (this.#info.memories.length === 0) this.#fail(`memory index 0 exceeds number of declared memories (0)`);
  }

  #zeroByte(what: string): void {
    if (this.pos >= this.#end) this.#fail(`expected ${what} index`, this.pos);
    if (this.#bytes[this.pos] !== 0) this.#fail(`expected ${what} index 0: not supported yet (multi-memory)`, this.pos);
    this.pos++;
  }

  #table(index: number): number {
    if (index >= this.#info.tables.length) this.#fail(`table index ${index} out of range`);
    return this.#info.tables[index].element;
  }

  /**
   * The hot loop. Returns true after the function's last `end`. Stops with `phase` changed for vectors, or when the
   * next instruction is not complete. Locals instead of fields where it counts; integers only.
   */
  #code(limit: number): boolean {
    const bytes = this.#bytes;
    const sink = this.#sink;
    const end = this.#end;
    const localTypes = this.#localTypes;
    const localCount = this.#localCount;
    const safe = limit === end ? limit : limit - instructionMargin;
    let pos = this.pos;
    let types = this.#types;
    for (;;) {
      if (pos >= safe) {
        if (pos >= limit) {
          if (pos > end) this.#fail('instruction runs over the end of the function', pos);
          if (limit === end) this.#fail('function body must end with "end" opcode', end);
          this.pos = pos;
          return false;
        }
        if (limit !== end && !this.#isComplete(pos, limit)) {
          this.pos = pos;
          return false;
        }
      }
      const at = pos;
      const op = bytes[pos++];
      this.#opcodeAt = at;
      this.#opcode = op;
      if (op >= 0x45 && op <= 0xc4) {
        // Fixed signatures. The usual case needs one comparison per operand.
        const packed = packedSignature[op];
        const count = packed >>> 24;
        let h = this.#height;
        if (count === 2) {
          if (h - this.#base >= 2 && types[h - 1] === ((packed >> 8) & 0xff) && types[h - 2] === (packed & 0xff)) h -= 2;
          else {
            this.#pop((packed >> 8) & 0xff, 1);
            this.#pop(packed & 0xff, 0);
            h = this.#height;
          }
        } else if (h > this.#base && types[h - 1] === (packed & 0xff)) h--;
        else {
          this.#pop(packed & 0xff, 0);
          h = this.#height;
        }
        if (h === types.length) {
          this.#height = h;
          this.#growTypes(h + 1);
          types = this.#types;
        }
        types[h] = (packed >> 16) & 0xff;
        this.#height = h + 1;
        if (this.#live) {
          sink.at(at);
          sink.numeric(op);
        }
        continue;
      }
      switch (op) {
        case 0x20: {
          // local.get
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.#u32('local index');
            pos = this.pos;
          }
          if (index >= localCount) this.#fail(`invalid local index: ${index}`);
          const h = this.#height;
          if (h === types.length) {
            this.#growTypes(h + 1);
            types = this.#types;
          }
          types[h] = localTypes[index];
          this.#height = h + 1;
          if (this.#live) {
            sink.at(at);
            sink.localGet(index);
          }
          break;
        }
        case 0x21: {
          // local.set
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.#u32('local index');
            pos = this.pos;
          }
          if (index >= localCount) this.#fail(`invalid local index: ${index}`);
          this.#pop(localTypes[index], 0);
          if (this.#live) {
            sink.at(at);
            sink.localSet(index);
          }
          break;
        }
        case 0x22: {
          // local.tee
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.#u32('local index');
            pos = this.pos;
          }
          if (index >= localCount) this.#fail(`invalid local index: ${index}`);
          this.#pop(localTypes[index], 0);
          this.#push(localTypes[index]);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.localTee(index);
          }
          break;
        }
        case 0x41: {
          // i32.const
          let value = bytes[pos++];
          if (value >= 0x80) {
            this.pos = pos - 1;
            value = this.#s32();
            pos = this.pos;
          } else value = (value << 25) >> 25;
          const h = this.#height;
          if (h === types.length) {
            this.#growTypes(h + 1);
            types = this.#types;
          }
          types[h] = ValType.i32;
          this.#height = h + 1;
          if (this.#live) {
            sink.at(at);
            sink.i32Const(value);
          }
          break;
        }
        case 0x28:
        case 0x29:
        case 0x2a:
        case 0x2b:
        case 0x2c:
        case 0x2d:
        case 0x2e:
        case 0x2f:
        case 0x30:
        case 0x31:
        case 0x32:
        case 0x33:
        case 0x34:
        case 0x35:
        case 0x36:
        case 0x37:
        case 0x38:
        case 0x39:
        case 0x3a:
        case 0x3b:
        case 0x3c:
        case 0x3d:
        case 0x3e: {
          // loads and stores: alignment, offset
          const align = bytes[pos++];
          if (align > naturalAlignment[op]) {
            this.pos = pos - 1;
            const wide = this.#u32('alignment');
            if (wide > naturalAlignment[op]) {
              if (wide >= 64 && wide < 128) this.#fail('memory index: not supported yet (multi-memory)');
              this.#fail(`invalid alignment; expected maximum alignment is ${naturalAlignment[op]}, actual alignment is ${wide}`);
            }
            pos = this.pos;
          }
          let offset = bytes[pos++];
          if (offset >= 0x80) {
            this.pos = pos - 1;
            offset = this.#u32('offset');
            pos = this.pos;
          }
          if (this.#info.memories.length === 0) this.#memory();
          if (op >= 0x36) {
            const packed = packedSignature[op];
            this.#pop((packed >> 8) & 0xff, 1);
            this.#pop(ValType.i32, 0);
            if (this.#live) {
              sink.at(at);
              sink.store(op, offset);
            }
          } else {
            this.#pop(ValType.i32, 0);
            this.#push((packedSignature[op] >> 16) & 0xff);
            types = this.#types;
            if (this.#live) {
              sink.at(at);
              sink.load(op, offset);
            }
          }
          break;
        }
        case 0x02:
        case 0x03:
        case 0x04: {
          // block, loop, if
          this.pos = pos;
          const blockType = this.#blockType();
          pos = this.pos;
          if (op === 0x04) this.#pop(ValType.i32, 0);
          this.#enter((op - 2) as Kind, blockType);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            if (op === 0x02) sink.block(blockType);
            else if (op === 0x03) sink.loop(blockType);
            else sink.if(blockType);
          }
          break;
        }
        case 0x05:
          if (this.#frames[this.#top + Frame.flags] & Flag.entered) sink.at(at);
          this.#else();
          types = this.#types;
          break;
        case 0x0b:
          if (this.#frames[this.#top + Frame.flags] & Flag.entered) sink.at(at);
          if (this.#endBlock()) {
            if (pos !== end) this.#fail('operators remaining after end of function', pos);
            this.pos = pos;
            return true;
          }
          types = this.#types;
          break;
        case 0x0c:
        case 0x0d: {
          // br, br_if
          let depth = bytes[pos++];
          if (depth >= 0x80) {
            this.pos = pos - 1;
            depth = this.#u32('branch depth');
            pos = this.pos;
          }
          if (op === 0x0d) this.#pop(ValType.i32, 0);
          const f = this.#label(depth);
          this.#checkBranch(this.#labelTypes(f));
          types = this.#types;
          this.#branchTo(f);
          if (this.#live) {
            sink.at(at);
            if (op === 0x0c) sink.br(depth);
            else sink.brIf(depth);
          }
          if (op === 0x0c) this.#setDead();
          break;
        }
        case 0x0e: {
          // br_table: the targets are consumed one by one
          this.pos = pos;
          const count = this.#u32('table count');
          if (count > Limit.brTableTargets) this.#fail(`invalid table count (> max br_table size): ${count}`);
          this.#pop(ValType.i32, 0);
          this.#remaining = count;
          this.#tableArity = -1;
          if (this.#live) {
            sink.at(at);
            sink.brTableBegin(count);
          }
          this.#phase = Phase.tableTargets;
          return false;
        }
        case 0x0f:
          this.#checkBranch(this.#results);
          if (this.#live) {
            sink.at(at);
            sink.return();
          }
          this.#setDead();
          break;
        case 0x10: {
          // call
          let index = bytes[pos++];
          if (index >= 0x80) {
            this.pos = pos - 1;
            index = this.#u32('function index');
            pos = this.pos;
          }
          if (index >= this.#info.functionTypes.length) this.#fail(`function index #${index} is out of bounds`);
          const type = this.#info.types[this.#info.functionTypes[index]];
          this.#popAll(type.params);
          this.#pushAll(type.results);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.call(index);
          }
          break;
        }
        case 0x11: {
          // call_indirect
          this.pos = pos;
          const typeIndex = this.#u32('type index');
          const table = this.#u32('table index');
          pos = this.pos;
          if (typeIndex >= this.#info.types.length) this.#fail(`invalid signature index: #${typeIndex}`);
          if (this.#table(table) !== ValType.funcref) {
            this.#fail(`call_indirect: immediate table #${table} is not of function type`);
          }
          const type = this.#info.types[typeIndex];
          this.#pop(ValType.i32, type.params.length);
          this.#popAll(type.params);
          this.#pushAll(type.results);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.callIndirect(typeIndex, table);
          }
          break;
        }
        case 0x00:
          if (this.#live) {
            sink.at(at);
            sink.unreachable();
          }
          this.#setDead();
          break;
        case 0x01:
          break;
        case 0x1a:
          this.#popAny();
          if (this.#live) {
            sink.at(at);
            sink.drop();
          }
          break;
        case 0x1b: {
          // select without types: numbers only
          this.#pop(ValType.i32, 2);
          const b = this.#popAny();
          const a = this.#popAny();
          if (isReference(a) || isReference(b)) {
            this.#fail('select without type is restricted to number and simd types');
          }
          if (a !== b && a !== ValType.bottom && b !== ValType.bottom) this.#mismatch(1, a, b);
          this.#push(a === ValType.bottom ? b : a);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.select();
          }
          break;
        }
        case 0x1c: {
          this.pos = pos;
          if (this.#u32('number of select types') !== 1) this.#fail('invalid number of types: select accepts exactly one type');
          this.#phase = Phase.selectTypes;
          return false;
        }
        case 0x23:
        case 0x24: {
          this.pos = pos;
          const index = this.#u32('global index');
          pos = this.pos;
          if (index >= this.#info.globals.length) this.#fail(`Invalid global index: ${index}`);
          const global = this.#info.globals[index];
          if (op === 0x23) this.#push(global.type);
          else {
            if (!global.mutable) this.#fail(`immutable global #${index} cannot be assigned`);
            this.#pop(global.type, 0);
          }
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            if (op === 0x23) sink.globalGet(index);
            else sink.globalSet(index);
          }
          break;
        }
        case 0x25:
        case 0x26: {
          this.pos = pos;
          const index = this.#u32('table index');
          pos = this.pos;
          const element = this.#table(index);
          if (op === 0x26) this.#pop(element, 1);
          this.#pop(ValType.i32, 0);
          if (op === 0x25) this.#push(element);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            if (op === 0x25) sink.tableGet(index);
            else sink.tableSet(index);
          }
          break;
        }
        case 0x3f:
        case 0x40:
          this.pos = pos;
          this.#zeroByte('memory');
          pos = this.pos;
          this.#memory();
          if (op === 0x40) this.#pop(ValType.i32, 0);
          this.#push(ValType.i32);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            if (op === 0x3f) sink.memorySize();
            else sink.memoryGrow();
          }
          break;
        case 0x42:
          this.pos = pos;
          this.#s64();
          pos = this.pos;
          this.#push(ValType.i64);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.i64Const(this.#low, this.#high);
          }
          break;
        case 0x43:
        case 0x44: {
          const size = op === 0x43 ? 4 : 8;
          if (pos + size > end) this.#fail('expected a constant, reached the end of the function', pos);
          const low = bytes[pos] | (bytes[pos + 1] << 8) | (bytes[pos + 2] << 16) | (bytes[pos + 3] << 24);
          this.#push(op === 0x43 ? ValType.f32 : ValType.f64);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            if (op === 0x43) sink.f32Const(low);
            else {
              sink.f64Const(
                low,
                bytes[pos + 4] | (bytes[pos + 5] << 8) | (bytes[pos + 6] << 16) | (bytes[pos + 7] << 24),
              );
            }
          }
          pos += size;
          break;
        }
        case 0xd0: {
          if (pos >= end) this.#fail('expected a reference type', pos);
          const type = this.#referenceType(bytes[pos], pos);
          pos++;
          this.#push(type);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.refNull(type);
          }
          break;
        }
        case 0xd1: {
          const type = this.#popAny();
          if (type !== ValType.bottom && !isReference(type)) {
            this.#fail(`ref.is_null[0] expected reference type, found type ${typeName(type)}`);
          }
          this.#push(ValType.i32);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.refIsNull();
          }
          break;
        }
        case 0xd2: {
          this.pos = pos;
          const index = this.#u32('function index');
          pos = this.pos;
          if (index >= this.#info.functionTypes.length) this.#fail(`function index #${index} is out of bounds`);
          if (!this.#info.isReferenced(index)) this.#fail(`undeclared reference to function #${index}`);
          this.#push(ValType.funcref);
          types = this.#types;
          if (this.#live) {
            sink.at(at);
            sink.refFunc(index);
          }
          break;
        }
        case 0xfc:
          this.pos = pos;
          this.#prefixed(at);
          pos = this.pos;
          types = this.#types;
          break;
        default:
          this.#unsupported(op);
      }
    }
  }

  /** Saturating conversions and bulk operations: 0xfc, then a u32. */
  #prefixed(at: number): void {
    const sink = this.#sink;
    const info = this.#info;
    const sub = this.#u32('prefixed opcode index');
    const op = 0xfc00 | sub;
    if (sub > 17) this.#unsupported(op);
    this.#opcode = op;
    if (sub <= 7) {
      const packed = packedSaturating[sub];
      this.#pop(packed & 0xff, 0);
      this.#push((packed >> 16) & 0xff);
      if (this.#live) {
        sink.at(at);
        sink.numeric(op);
      }
      return;
    }
    let a = 0;
    let b = 0;
    switch (sub) {
      case 8: // memory.init
        a = this.#u32('data segment index');
        this.#zeroByte('memory');
        this.#memory();
        this.#dataSegment(a);
        break;
      case 9: // data.drop
        a = this.#u32('data segment index');
        this.#dataSegment(a);
        break;
      case 10: // memory.copy
        this.#zeroByte('memory');
        this.#zeroByte('memory');
        this.#memory();
        break;
      case 11: // memory.fill
        this.#zeroByte('memory');
        this.#memory();
        break;
      case 12: {
        // table.init
        a = this.#u32('element segment index');
        b = this.#u32('table index');
        const element = this.#elementSegment(a);
        if (element !== this.#table(b)) {
          this.#fail(`table ${b} is not a super-type of ${typeName(element)}`);
        }
        break;
      }
      case 13: // elem.drop
        a = this.#u32('element segment index');
        this.#elementSegment(a);
        break;
      case 14: // table.copy
        a = this.#u32('table index');
        b = this.#u32('table index');
        if (this.#table(a) !== this.#table(b)) this.#fail(`table ${a} is not a super-type of table ${b}`);
        break;
      default: // table.grow, table.size, table.fill
        a = this.#u32('table index');
        this.#table(a);
    }
    if (sub === 15) {
      this.#pop(ValType.i32, 1);
      this.#pop(info.tables[a].element, 0);
      this.#push(ValType.i32);
    } else if (sub === 16) this.#push(ValType.i32);
    else if (sub === 17) {
      this.#pop(ValType.i32, 2);
      this.#pop(info.tables[a].element, 1);
      this.#pop(ValType.i32, 0);
    } else if (sub !== 9 && sub !== 13) {
      this.#pop(ValType.i32, 2);
      this.#pop(ValType.i32, 1);
      this.#pop(ValType.i32, 0);
    }
    if (!this.#live) return;
    sink.at(at);
    switch (sub) {
      case 8:
        return sink.memoryInit(a);
      case 9:
        return sink.dataDrop(a);
      case 10:
        return sink.memoryCopy();
      case 11:
        return sink.memoryFill();
      case 12:
        return sink.tableInit(a, b);
      case 13:
        return sink.elemDrop(a);
      case 14:
        return sink.tableCopy(a, b);
      case 15:
        return sink.tableGrow(a);
      case 16:
        return sink.tableSize(a);
      default:
        return sink.tableFill(a);
    }
  }

  #dataSegment(index: number): void {
    if (this.#info.dataCount < 0) this.#fail('data count section required');
    if (index >= this.#info.dataCount) this.#fail(`invalid data segment index: ${index}`);
  }

  #elementSegment(index: number): number {
    if (index >= this.#info.elements.length) this.#fail(`invalid element segment index: ${index}`);
    return this.#info.elements[index].type;
  }
}
