import { Op, simdNumber } from '../../stream/op.js';
import { atomicSignature, packedSaturating, packedSignature, simdSignature } from '../../stream/opcodes.js';
import { Int32Array, Math, unreachable } from '../../support/dialect.js';
import { Type, typeOfByte } from '../../valuestack/types.js';
import type { TrapCode } from '../abi/layout.js';
import {
  Folded,
  fold32,
  fold64,
  isCommutative,
  isCompare,
  Kind,
  kindOf,
  NumberTable,
  negatedCompare,
  powerOfTwo,
  swappedCompare,
} from './fold.js';
import { doubled, type Graph, Ir, noType } from './ir.js';

/**
 * Makes values of the current block: constants folded, equal ones found (by hash; the older one has to dominate), loads and
 * global.gets included as long as nothing comes between that could change them.
 */
export class Values {
  readonly graph: Graph;
  /** The block that is built. */
  current: i32 = 0;
  /** Module offset of the opcode. */
  offset: i32 = 0;
  readonly #table: NumberTable = new NumberTable();
  readonly #folded: Folded = new Folded();
  /** Numbers of the state of memory and of the globals: equal numbers, equal contents. At the end of each block, too. */
  memoryState: i32 = 0;
  globalState: i32 = 0;
  #states: i32 = 0;
  #memoryAt: Int32Array = new Int32Array(128);
  #globalsAt: Int32Array = new Int32Array(128);

  constructor(graph: Graph) {
    this.graph = graph;
  }

  reset(): void {
    this.#table.clear();
    this.current = 0;
    this.#states = this.memoryState = this.globalState = 0;
  }

  // Blocks and the states between them.

  /** The current block is done. */
  protected leaveBlock(): void {
    const b = this.current;
    while (b >= this.#memoryAt.length) {
      this.graph.memory.take(8 * this.#memoryAt.length);
      this.#memoryAt = doubled(this.#memoryAt);
      this.#globalsAt = doubled(this.#globalsAt);
    }
    this.#memoryAt[b] = this.memoryState;
    this.#globalsAt[b] = this.globalState;
  }

  /** Begin block `b`, whose forward predecessors are known. */
  protected enterBlock(b: i32): void {
    const g = this.graph;
    this.current = b;
    let e = g.edgeHead[b];
    if (e < 0) return;
    this.memoryState = this.#memoryAt[g.edgeFrom[e]];
    this.globalState = this.#globalsAt[g.edgeFrom[e]];
    let dominator = g.edgeFrom[e];
    for (e = g.edgeNext[e]; e >= 0; e = g.edgeNext[e]) {
      const from = g.edgeFrom[e];
      dominator = g.commonDominator(dominator, from);
      if (this.#memoryAt[from] !== this.memoryState) this.memoryState = ++this.#states;
      if (this.#globalsAt[from] !== this.globalState) this.globalState = ++this.#states;
    }
    g.setDominator(b, dominator);
    if (g.header[b] !== 0) this.changeAll();
  }

  changeMemory(): void {
    this.memoryState = ++this.#states;
  }

  changeGlobals(): void {
    this.globalState = ++this.#states;
  }

  changeAll(): void {
    this.memoryState = ++this.#states;
    this.globalState = ++this.#states;
  }

  // Values.

  /** A new instruction in the block. */
  add(op: i32, type: i32, x: i32, y: i32, z: i32, imm: i32, imm2: i32): i32 {
    const g = this.graph;
    const v = g.make(op, type, this.offset);
    g.x[v] = x;
    g.y[v] = y;
    g.z[v] = z;
    g.imm[v] = imm;
    g.imm2[v] = imm2;
    g.append(v, this.current);
    return v;
  }

  #hash(op: i32, type: i32, x: i32, y: i32, z: i32, imm: i32, imm2: i32): i32 {
    let h = Math.imul(op, 0x9e3779b1 | 0) ^ Math.imul(x, 0x85ebca6b | 0) ^ Math.imul(y, 0xc2b2ae35 | 0);
    h ^= Math.imul(z, 0x27d4eb2f) ^ Math.imul(imm, 0x165667b1) ^ Math.imul(imm2, 0x9e3779b9 | 0) ^ type;
    return h ^ (h >>> 15);
  }

  /** The value of an operation that depends on these numbers only: an older one if there is one that dominates. */
  number(op: i32, type: i32, x: i32, y: i32, z: i32, imm: i32, imm2: i32): i32 {
    const hash = this.#hash(op, type, x, y, z, imm, imm2);
    const found = this.#find(hash, op, type, x, y, z, imm, imm2);
    if (found >= 0) return found;
    const v = this.add(op, type, x, y, z, imm, imm2);
    this.#table.add(hash, v);
    return v;
  }

  #find(hash: i32, op: i32, type: i32, x: i32, y: i32, z: i32, imm: i32, imm2: i32): i32 {
    const g = this.graph;
    for (let k = 0; k < 2; k++) {
      const v = this.#table.at(hash, k);
      if (v < 0) continue;
      if (g.op[v] !== op || g.type[v] !== type || g.imm[v] !== imm || g.imm2[v] !== imm2) continue;
      if (g.x[v] !== x || g.y[v] !== y || g.z[v] !== z || g.block[v] < 0) continue;
      if (g.dominates(g.block[v], this.current)) return v;
    }
    return -1;
  }

  /** Constants are in the first block, which ends when the function does. */
  constant(type: i32, low: i32, high: i32): i32 {
    const hash = this.#hash(Ir.constant, type, -1, -1, -1, low, high);
    const found = this.#find(hash, Ir.constant, type, -1, -1, -1, low, high);
    if (found >= 0) return found;
    const g = this.graph;
    const v = g.make(Ir.constant, type, this.offset);
    g.imm[v] = low;
    g.imm2[v] = high;
    g.append(v, 0);
    this.#table.add(hash, v);
    return v;
  }

  i32Constant(value: i32): i32 {
    return this.constant(Type.i32, value | 0, 0);
  }

  isConstant32(v: i32, value: i32): bool {
    const g = this.graph;
    return g.op[v] === Ir.constant && g.type[v] === Type.i32 && g.imm[v] === value;
  }

  /** A value that is stored at x + offset is what a load there gives, as long as memory stays so. */
  knowLoad(op: i32, type: i32, x: i32, offset: i32, value: i32): void {
    const hash = this.#hash(op, type, x, -1, -1, offset, this.memoryState);
    // A load that is no instruction of any block: it stands for the value.
    const g = this.graph;
    const v = g.make(op, type, this.offset);
    g.x[v] = x;
    g.imm[v] = offset;
    g.imm2[v] = this.memoryState;
    g.block[v] = this.current;
    g.forward[v] = value;
    this.#table.add(hash, v);
  }

  loadAt(op: i32, type: i32, x: i32, offset: i32): i32 {
    return this.graph.resolve(this.number(op, type, x, -1, -1, offset, this.memoryState));
  }

  knowGlobal(type: i32, index: i32, value: i32): void {
    const hash = this.#hash(Op.globalGet, type, -1, -1, -1, index, this.globalState);
    const g = this.graph;
    const v = g.make(Op.globalGet, type, this.offset);
    g.imm[v] = index;
    g.imm2[v] = this.globalState;
    g.block[v] = this.current;
    g.forward[v] = value;
    this.#table.add(hash, v);
  }

  global(type: i32, index: i32, state: i32): i32 {
    return this.graph.resolve(this.number(Op.globalGet, type, -1, -1, -1, index, state));
  }

  // Opcodes.

  unary(op: i32, x: i32): i32 {
    const g = this.graph;
    const type = resultType(op);
    if (op === Op.i32Eqz || op === Op.i64Eqz) return this.#isZero(op, x);
    if (g.op[x] === Ir.constant) {
      const low = g.imm[x];
      if (op === Op.i64ExtendI32U) return this.constant(Type.i64, low, 0);
      if (op === Op.i64ExtendI32S) return this.constant(Type.i64, low, low >> 31);
      if (op === Op.i32WrapI64 || op === Op.i32ReinterpretF32) return this.constant(Type.i32, low, 0);
      if (op === Op.f32ReinterpretI32) return this.constant(Type.f32, low, 0);
      if (op === Op.f64ReinterpretI64) return this.constant(Type.f64, low, g.imm2[x]);
      if (op === Op.i64ReinterpretF64) return this.constant(Type.i64, low, g.imm2[x]);
    }
    if (op === Op.i32WrapI64 && (g.op[x] === Op.i64ExtendI32U || g.op[x] === Op.i64ExtendI32S))
      return g.resolve(g.x[x]);
    if (kindOf(op) === Kind.other) return this.add(op, type, x, -1, -1, 0, 0);
    return this.number(op, type, x, -1, -1, 0, 0);
  }

  #isZero(op: i32, x: i32): i32 {
    const g = this.graph;
    if (g.op[x] === Ir.constant) return this.i32Constant((g.imm[x] | g.imm2[x]) === 0 ? 1 : 0);
    if (op === Op.i32Eqz && isCompare(g.op[x])) {
      const negated = negatedCompare(g.op[x]);
      if (negated >= 0) return this.number(negated, Type.i32, g.resolve(g.x[x]), g.resolve(g.y[x]), -1, 0, 0);
    }
    return this.number(op, Type.i32, x, -1, -1, 0, 0);
  }

  binary(op: i32, x: i32, y: i32): i32 {
    const g = this.graph;
    const type = resultType(op);
    const xConstant = g.op[x] === Ir.constant;
    let yConstant = g.op[y] === Ir.constant;
    if (xConstant && yConstant) {
      if (g.type[x] === Type.i32 && fold32(op, g.imm[x], g.imm[y], this.#folded)) {
        return this.constant(Type.i32, this.#folded.low, 0);
      }
      if (g.type[x] === Type.i64 && fold64(op, g.imm[x], g.imm2[x], g.imm[y], g.imm2[y], this.#folded)) {
        return this.constant(Type.i64, this.#folded.low, this.#folded.high);
      }
    } else if (xConstant) {
      const swapped = swappedCompare(op);
      if (swapped !== op || (isCommutative(op) && type < Type.f32)) {
        op = swapped;
        const t = x;
        x = y;
        y = t;
        yConstant = true;
      }
    }
    if (yConstant && g.type[y] < Type.f32) {
      const simple = this.#withConstant(op, type, x, g.imm[y], g.imm2[y]);
      if (simple >= 0) return simple;
    }
    if (op === Op.i32Shl || op === Op.i32ShrS || op === Op.i32ShrU) {
      // The processor takes the count modulo 32 by itself.
      if (g.op[y] === Op.i32And && this.isConstant32(g.y[y], 31)) y = g.resolve(g.x[y]);
    }
    return this.number(op, type, x, y, -1, 0, 0);
  }

  /** x op constant, where that is something simpler; -1 if not. */
  #withConstant(op: i32, type: i32, x: i32, low: i32, high: i32): i32 {
    const g = this.graph;
    const isZero = (low | high) === 0;
    switch (op) {
      case Op.i32Add:
      case Op.i64Add:
        if (isZero) return x;
        if (op === Op.i32Add && g.op[x] === op && g.op[g.y[x]] === Ir.constant) {
          const sum = (g.imm[g.y[x]] + low) | 0;
          return this.binary(op, g.resolve(g.x[x]), this.i32Constant(sum));
        }
        return -1;
      case Op.i32Sub:
        if (isZero) return x;
        return this.binary(Op.i32Add, x, this.i32Constant(-low | 0));
      case Op.i32Or:
      case Op.i64Or:
      case Op.i32Xor:
      case Op.i64Xor:
      case Op.i64Sub:
        return isZero ? x : -1;
      case Op.i32Shl:
      case Op.i32ShrS:
      case Op.i32ShrU:
      case Op.i32Rotl:
      case Op.i32Rotr:
        return (low & 31) === 0 ? x : -1;
      case Op.i64Shl:
      case Op.i64ShrS:
      case Op.i64ShrU:
      case Op.i64Rotl:
      case Op.i64Rotr:
        return (low & 63) === 0 ? x : -1;
      case Op.i32And:
        if (low === 0) return this.i32Constant(0);
        return low === -1 ? x : -1;
      case Op.i32Mul:
      case Op.i64Mul: {
        if (isZero) return this.constant(type, 0, 0);
        if (high !== 0) return -1;
        const shift = powerOfTwo(low);
        if (shift < 0) return -1;
        if (shift === 0) return x;
        return this.binary(op === Op.i32Mul ? Op.i32Shl : Op.i64Shl, x, this.constant(type, shift, 0));
      }
      case Op.i32DivU:
      case Op.i64DivU: {
        const shift = high === 0 ? powerOfTwo(low) : -1;
        if (shift < 0) return -1;
        if (shift === 0) return x;
        return this.binary(op === Op.i32DivU ? Op.i32ShrU : Op.i64ShrU, x, this.constant(type, shift, 0));
      }
      case Op.i32RemU:
      case Op.i64RemU: {
        const shift = high === 0 ? powerOfTwo(low) : -1;
        if (shift < 0) return -1;
        return this.binary(op === Op.i32RemU ? Op.i32And : Op.i64And, x, this.constant(type, low - 1, 0));
      }
      case Op.i32Eq:
        return isZero ? this.unary(Op.i32Eqz, x) : -1;
      case Op.i64Eq:
        return isZero ? this.unary(Op.i64Eqz, x) : -1;
      case Op.i32Ne:
        // What is a truth value anyway.
        return isZero && isCompare(g.op[x]) ? x : -1;
      default:
        return -1;
    }
  }

  /** Something that is zero just when the condition is; sets `isNegated` if it is the other way round. */
  isNegated: bool = false;
  condition(x: i32): i32 {
    const g = this.graph;
    this.isNegated = false;
    for (;;) {
      g.work.spend(1);
      if (g.op[x] === Op.i32Ne && this.isConstant32(g.y[x], 0)) x = g.resolve(g.x[x]);
      else if (g.op[x] === Op.i32Eqz) {
        const inner = g.resolve(g.x[x]);
        // A test of the operand itself is as good as a test whether it is zero.
        x = inner;
        this.isNegated = !this.isNegated;
      } else return x;
    }
    // biome-ignore lint/correctness/noUnreachable: AssemblyScript wants a value where a loop ends that never does.
    return unreachable();
  }

  choose(x: i32, y: i32, condition: i32): i32 {
    const g = this.graph;
    condition = this.condition(condition);
    if (this.isNegated) {
      const t = x;
      x = y;
      y = t;
    }
    if (g.op[condition] === Ir.constant) return g.imm[condition] !== 0 ? x : y;
    if (x === y) return x;
    return this.number(Op.select, g.type[x], x, y, condition, 0, 0);
  }

  /** Ends the current block in a trap. */
  trap(code: TrapCode): void {
    this.add(Ir.trap, noType, -1, -1, -1, code, 0);
  }
}

/** Type of the result of an opcode with a fixed signature. */
export function resultType(op: i32): i32 {
  if (op < 256) return typeOfByte((packedSignature[op] >> 16) & 0xff);
  if (op < Op.v128Load) return typeOfByte((packedSaturating[op & 7] >> 16) & 0xff);
  return typeOfByte(signatureOf(op) >>> 24);
}

/** Number of operands. */
export function operandsOf(op: i32): i32 {
  if (op < 256) return packedSignature[op] >> 24;
  if (op < Op.v128Load) return 1;
  const signature = signatureOf(op);
  return (signature & 0xff0000) !== 0 ? 3 : (signature & 0xff00) !== 0 ? 2 : (signature & 0xff) !== 0 ? 1 : 0;
}

/** Behind the prefix of atomic accesses. The numbers of some vectors are above them. */
export function isAtomic(op: i32): bool {
  return op >= Op.memoryAtomicNotify && op <= Op.i64AtomicRmw32CmpxchgU;
}

/** Of an opcode behind the prefix of vectors or atomic accesses. */
function signatureOf(op: i32): i32 {
  return isAtomic(op) ? atomicSignature[op & 0xff] : simdSignature[simdNumber(op)];
}
