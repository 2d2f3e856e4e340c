/**
 * Generates one valid function body: a typed stack machine that takes random steps. Values stay on the stack while
 * blocks are opened, left by branches and closed above them; locals are read lazily and overwritten later; loops carry
 * parameters over their back edges in changing order. That is what stresses places, spills and merges of a compiler.
 */
import { Op } from '../support/instructions.js';
import { type Random, randomF32Bits, randomF64Bits, randomI32, randomI64 } from '../support/random.js';
import {
  EMPTY,
  F32,
  F64,
  FUNCREF,
  type FunctionType,
  I32,
  I64,
  isReference,
  V128,
  type ValueType,
} from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';
import { type Environment, hostTypes } from './environment.js';
import type { MemoryOperator, Operator } from './operators.js';
import { shuffle } from './vector-operators.js';

/** An enclosing block. */
export interface Label {
  kind: 'block' | 'loop' | 'if' | 'function' | 'try' | 'catch';
  /** Types that a branch to it takes. */
  types: ValueType[];
  /** Height of the stack below its parameters. */
  height: number;
  /** Local that bounds the iterations of a loop. */
  counter: number;
  iterations: number;
}

export interface BodyLimits {
  /** Instructions, about. */
  budget: number;
  locals: number;
  depth: number;
  /** Of blocks in each other. */
  nesting: number;
}

/** Bytes that make lanes of 8 and 16 bits which saturate or have an edge value. */
const edges = [0, 1, 0x7f, 0x80, 0xff];

/** Emission and the state of the stack: what the steps of steps.ts are made of. */
export class BodyGenerator {
  readonly code = new ByteWriter(1024);
  readonly random: Random;
  readonly environment: Environment;
  readonly index: number;
  readonly type: FunctionType;
  readonly locals: ValueType[];
  /** Counters of open loops: no other code may write them. */
  readonly counters = new Set<number>();
  /** Local that a vector is kept in while its halves are hashed. */
  vectorScratch: number | undefined;
  readonly stack: ValueType[] = [];
  readonly labels: Label[] = [];
  readonly limits: BodyLimits;
  budget: number;
  /** The code at this point cannot be reached. */
  dead = false;
  /** How often the current point runs per call, about. */
  multiplier = 1;
  cost = 0;
  /** How much this body likes its locals, constants, calls and memory. */
  readonly taste: { local: number; constant: number; call: number; memory: number };

  constructor(random: Random, environment: Environment, index: number, limits: BodyLimits) {
    this.random = random;
    this.environment = environment;
    this.index = index;
    this.limits = limits;
    this.budget = limits.budget;
    this.type = environment.functions[index]!.type;
    this.locals = [...this.type.params];
    const { numberTypes } = environment;
    const types: ValueType[] = random.oneIn(3) ? [random.pick(numberTypes), I32] : [...numberTypes];
    for (let count = random.below(limits.locals + 1); count > 0; count--) {
      this.locals.push(random.oneIn(25) ? environment.referenceType(random) : random.pick(types));
    }
    this.taste = {
      local: random.between(2, 12),
      constant: random.between(1, 4),
      call: random.below(3),
      memory: environment.memory === null ? 0 : random.below(4),
    };
  }

  // Emission. Each method keeps `stack` in step with what it writes.

  opcode(opcode: number): void {
    if (opcode > 0xff) this.code.byte(opcode >>> 16).u32(opcode & 0xffff);
    else this.code.byte(opcode);
    this.budget--;
    this.cost += this.multiplier;
  }

  push(type: ValueType): void {
    this.stack.push(type);
  }

  /** Remove `count` values from the known stack; in dead code fewer may be there. */
  pop(count = 1): void {
    this.stack.length = Math.max(this.base, this.stack.length - count);
  }

  /** Height below which the current block must not reach. */
  get base(): number {
    return this.labels[this.labels.length - 1]!.height;
  }

  /** Values of the current block on the stack. */
  get available(): number {
    return this.stack.length - this.base;
  }

  top(depth = 0): ValueType | undefined {
    return depth < this.available ? this.stack[this.stack.length - 1 - depth] : undefined;
  }

  i32(value: number): void {
    this.opcode(Op.i32Const);
    this.code.s32(value);
    this.push(I32);
  }

  constant(type: ValueType): void {
    const { random, code } = this;
    if (type === I32) return this.i32(randomI32(random));
    if (type === I64) {
      this.opcode(Op.i64Const);
      code.s64(randomI64(random));
    } else if (type === F32) {
      this.opcode(Op.f32Const);
      code.f32Bits(randomF32Bits(random));
    } else if (type === F64) {
      this.opcode(Op.f64Const);
      code.f64Bits(randomF64Bits(random));
    } else if (type === V128) {
      this.opcode((0xfd << 16) | 12);
      this.vectorBytes();
    } else if (type !== FUNCREF || random.oneIn(2)) {
      this.opcode(Op.refNull);
      code.byte(type);
    } else {
      this.opcode(Op.refFunc);
      code.u32(random.below(this.environment.functions.length));
    }
    this.push(type);
  }

  /** The 16 bytes of a vector constant: of numbers of one type. */
  vectorBytes(): void {
    const { random, code } = this;
    const kind = random.below(6);
    for (let i = 0; i < 4; i++) {
      if (kind === 0) code.bytes(new Uint8Array(Int32Array.of(randomI32(random)).buffer));
      else if (kind === 1) code.f32Bits(randomF32Bits(random));
      else if (kind === 2) code.byte(...Array.from({ length: 4 }, () => random.below(256)));
      else if (kind === 3) code.byte(...Array.from({ length: 4 }, () => random.pick(edges)));
      else if (i % 2 === 0) code.f64Bits(kind === 4 ? randomF64Bits(random) : BigInt.asUintN(64, randomI64(random)));
    }
  }

  operator(operator: Operator): void {
    this.opcode(operator.opcode);
    if (operator.lanes > 0) this.code.byte(this.random.below(operator.lanes));
    if (operator.opcode === shuffle) for (let i = 0; i < 16; i++) this.code.byte(this.random.below(32));
    this.pop(operator.params.length);
    this.push(operator.result);
  }

  localGet(index: number): void {
    this.opcode(Op.localGet);
    this.code.u32(index);
    this.push(this.locals[index]!);
  }

  localSet(index: number): void {
    this.opcode(Op.localSet);
    this.code.u32(index);
    this.pop();
  }

  localTee(index: number): void {
    this.opcode(Op.localTee);
    this.code.u32(index);
    if (this.available === 0) this.push(this.locals[index]!);
  }

  /** A local of the type that may be written, or a new one. */
  writableLocal(type: ValueType): number {
    const found = this.localsOf(type).filter((index) => !this.counters.has(index));
    if (found.length > 0) return this.random.pick(found);
    this.locals.push(type);
    return this.locals.length - 1;
  }

  localsOf(type: ValueType): number[] {
    const found: number[] = [];
    this.locals.forEach((local, index) => {
      if (local === type) found.push(index);
    });
    return found;
  }

  drop(): void {
    this.opcode(Op.drop);
    this.pop();
  }

  blockType(params: ValueType[], results: ValueType[]): void {
    if (params.length === 0 && results.length === 0) this.code.byte(EMPTY);
    else if (params.length === 0 && results.length === 1 && !this.random.oneIn(8)) this.code.byte(results[0]!);
    else this.code.s32(this.environment.typeIndex({ params, results }));
  }

  // Expressions: code that pushes one value of a type.

  expression(type: ValueType, depth = this.random.small(this.limits.depth)): void {
    const { random, taste } = this;
    if (depth <= 0 || this.budget <= 0) return this.leaf(type);
    if (isReference(type)) return this.reference(type);
    const choice = random.weighted([taste.local + taste.constant, 9, taste.memory, taste.call, 1.5, 0.7]);
    if (choice === 1) this.operation(type, depth);
    else if (choice === 2) this.load(random.pick(this.environment.operators.loadsGiving(type)), depth - 1);
    else if (choice === 3 && this.callFor(type, depth - 1)) return;
    else if (choice === 4) this.select(type, depth - 1);
    else if (choice === 5 && type === I32 && this.environment.memory !== null) this.memorySize();
    else this.leaf(type);
  }

  /** A value without operands. */
  leaf(type: ValueType): void {
    const { random, taste } = this;
    const locals = this.localsOf(type);
    const choice = random.weighted([locals.length > 0 ? taste.local : 0, taste.constant, 1]);
    if (choice === 0) return this.localGet(random.pick(locals));
    if (choice === 2 && this.globalGet(type)) return;
    this.constant(type);
  }

  globalGet(type: ValueType): boolean {
    const found = this.environment.globals.flatMap((global, index) => (global.type === type ? [index] : []));
    if (found.length === 0) return false;
    this.opcode(Op.globalGet);
    this.code.u32(this.random.pick(found));
    this.push(type);
    return true;
  }

  reference(type: ValueType): void {
    const { random, environment } = this;
    const count = environment.tables.filter((table) => table.type === type).length;
    if (count === 0 || !random.oneIn(3)) return this.leaf(type);
    const table = environment.tables.findIndex((found) => found.type === type) + random.below(count);
    this.tableIndex(table);
    this.opcode(Op.tableGet);
    this.code.u32(table);
    this.pop();
    this.push(type);
  }

  /** An index into a table, out of bounds once in a while. */
  tableIndex(table: number): void {
    const { min } = this.environment.tables[table]!;
    if (this.random.oneIn(60)) return this.expression(I32, 1);
    this.i32(this.random.below(min));
    if (this.random.oneIn(3)) this.hideConstant();
  }

  /** Adds something to the i32 on top that is zero, but not known to be. */
  hideConstant(): void {
    this.leaf(I32);
    this.i32(0);
    this.opcode(0x71); // i32.and
    this.pop(2);
    this.push(I32);
    this.opcode(0x6a); // i32.add
    this.pop(2);
    this.push(I32);
  }

  operation(type: ValueType, depth: number): void {
    const operator = this.random.pick(this.environment.operators.giving(type));
    for (const param of operator.params) this.expression(param, depth - 1);
    this.applyOperator(operator);
  }

  /** The operator on operands that are there; traps are made rare. */
  applyOperator(operator: Operator): void {
    if (!operator.traps || this.random.oneIn(40)) return this.operator(operator);
    if (operator.params.length === 2) {
      // A division: an odd divisor is not zero.
      if (operator.result === I32) {
        this.i32(1);
        this.opcode(0x72);
      } else {
        this.opcode(Op.i64Const);
        this.code.s64(1n);
        this.push(I64);
        this.opcode(0x84);
      }
      this.pop(2);
      this.push(operator.result);
      return this.operator(operator);
    }
    // A truncation: the saturating form of the same number.
    const number = operator.opcode < 0xae ? operator.opcode - 0xa8 : operator.opcode - 0xae + 4;
    this.operator({ ...operator, opcode: (0xfc << 16) | number });
  }

  /** An address for an access of up to 16 bytes with a static offset of at most 64, in bounds nearly always. */
  address(depth = 1): void {
    const { random } = this;
    this.expression(I32, depth);
    if (random.oneIn(150)) return;
    this.i32(random.pick([0xff, 0xfe78, 0x7fff, 0x3f, 0xfc0]));
    this.opcode(0x71);
    this.pop(2);
    this.push(I32);
    if (random.oneIn(3)) {
      this.i32(random.below(64));
      this.opcode(0x6a);
      this.pop(2);
      this.push(I32);
    }
  }

  /** Alignment and offset, and the lane if there is one. */
  memoryArgument(operator: MemoryOperator): void {
    const { random, code } = this;
    code.u32(random.below(Math.log2(operator.size) + 1));
    if (random.oneIn(150)) code.u32(random.pick([0x10000, 0x1ffff, 0x7fffffff, 0x80000000, 0xffffffff]));
    else code.u32(random.oneIn(2) ? 0 : random.below(64));
    if (operator.lanes > 0) code.byte(random.below(operator.lanes));
  }

  load(operator: MemoryOperator, depth: number): void {
    this.address(depth);
    if (operator.lanes > 0) this.expression(V128, depth);
    this.opcode(operator.opcode);
    this.memoryArgument(operator);
    this.pop(operator.lanes > 0 ? 2 : 1);
    this.push(operator.type);
  }

  memorySize(): void {
    this.opcode(Op.memorySize);
    this.code.byte(0);
    this.push(I32);
  }

  select(type: ValueType, depth: number): void {
    this.expression(type, depth);
    this.expression(type, depth);
    this.condition(depth);
    this.selectTop(type);
  }

  /** `select` on two values and a condition that are there. */
  selectTop(type: ValueType): void {
    if (isReference(type) || this.random.oneIn(4)) {
      this.opcode(Op.selectTyped);
      this.code.u32(1).byte(type);
    } else {
      this.opcode(Op.select);
    }
    this.pop(3);
    this.push(type);
  }

  /** An i32 that is a comparison more often than not. */
  condition(depth = 1): void {
    const { random } = this;
    if (!random.chance(70)) return this.expression(I32, depth);
    const type = random.pick(hostTypes);
    const comparisons = this.environment.operators
      .giving(I32)
      .filter(({ opcode, params }) => opcode <= 0x66 && params[0] === type && (params.length === 2 || random.oneIn(2)));
    const operator = random.pick(comparisons);
    for (const param of operator.params) this.expression(param, depth);
    this.operator(operator);
    for (let count = random.oneIn(5) ? random.between(1, 3) : 0; count > 0; count--) this.opcode(0x45); // i32.eqz
  }

  // Calls.

  /** True if a call to the function keeps the running time in bounds. */
  callable(index: number): boolean {
    const target = this.environment.functions[index]!;
    if (!target.ready) return this.multiplier === 1 && this.random.oneIn(30);
    return (target.cost + 5) * this.multiplier < 4000;
  }

  callFor(type: ValueType, depth: number): boolean {
    const found = this.environment.functions.flatMap((target, index) =>
      target.type.results.length === 1 && target.type.results[0] === type && this.callable(index) ? [index] : [],
    );
    if (found.length === 0) return false;
    const index = this.random.pick(found);
    for (const param of this.environment.functions[index]!.type.params) this.expression(param, depth - 1);
    this.call(index);
    return true;
  }

  /** Call a function with these results in the place of this one, with whatever arguments; false if there is none. */
  tailCall(results: readonly ValueType[]): boolean {
    const found = this.environment.functions.flatMap(({ type }, index) =>
      type.results.join() === results.join() && this.callable(index) ? [index] : [],
    );
    if (found.length === 0) return false;
    const index = this.random.pick(found);
    this.need(this.environment.functions[index]!.type.params);
    this.call(index, true);
    return true;
  }

  /** Call on arguments that are there: directly, or through a table that has the function. */
  call(index: number, tail = false): void {
    const { type, cost } = this.environment.functions[index]!;
    const table = this.environment.tables.findIndex(({ elements }) => elements.includes(index));
    if (table >= 0 && this.random.oneIn(3)) {
      this.i32(this.environment.tables[table]!.elements.indexOf(index));
      if (this.random.oneIn(2)) this.hideConstant();
      this.pop();
      this.opcode(tail ? Op.returnCallIndirect : Op.callIndirect);
      this.code.u32(this.environment.typeIndex(type)).u32(table);
    } else {
      this.opcode(tail ? Op.returnCall : Op.call);
      this.code.u32(index);
    }
    this.cost += cost * this.multiplier;
    this.pop(type.params.length);
    for (const result of type.results) this.push(result);
  }

  // The stack as a whole.

  /** Make the top of the stack these types: what is there is used if it fits, the rest is computed. */
  need(types: readonly ValueType[]): void {
    let there = 0;
    if (this.random.chance(70)) {
      for (let count = Math.min(types.length, this.available); count > 0; count--) {
        const from = this.stack.length - count;
        if (types.slice(0, count).every((type, i) => type === this.stack[from + i])) {
          there = count;
          break;
        }
      }
    }
    for (const type of types.slice(there)) this.expression(type);
  }

  /** True if the top of the stack has these types. */
  fits(types: readonly ValueType[]): boolean {
    const from = this.stack.length - types.length;
    return from >= this.base && types.every((type, i) => type === this.stack[from + i]);
  }

  /** Consume the value on top in some visible or invisible way. */
  consumeTop(): void {
    const { random, environment } = this;
    const type = this.top()!;
    const globals = environment.globals.flatMap((global, i) => (global.mutable && global.type === type ? [i] : []));
    const choice = random.weighted([
      5,
      1,
      globals.length > 0 ? 2 : 0,
      this.available > 1 ? 8 : 0,
      isReference(type) ? 0 : 6,
    ]);
    if (choice === 4) return this.hashTop();
    if (choice === 0) return this.localSet(this.writableLocal(type));
    if (choice === 2) {
      this.opcode(Op.globalSet);
      this.code.u32(random.pick(globals));
      return this.pop();
    }
    if (choice === 3) {
      const operator = this.foldOperator();
      if (operator !== undefined) return this.applyOperator(operator);
    }
    this.drop();
  }

  /** Mix the number on top into the hash global, so that a wrong one shows. */
  hashTop(): void {
    const { code, environment } = this;
    const type = this.top();
    if (type === V128) return this.hashVector();
    if (type === I32)
      code.byte(0xac); // i64.extend_i32_s
    else if (type === F32) code.byte(Op.i32ReinterpretF32, 0xad);
    else if (type === F64) code.byte(Op.i64ReinterpretF64);
    code.byte(Op.globalGet).u32(environment.hashGlobal).byte(Op.i64Const).s64(0x100000001b3n).byte(0x7e); // i64.mul
    this.opcode(0x85); // i64.xor
    this.opcode(Op.globalSet);
    code.u32(environment.hashGlobal);
    this.pop();
  }

  /** The same for a vector: its two halves. */
  hashVector(): void {
    const { code } = this;
    this.vectorScratch ??= this.locals.push(V128) - 1;
    this.counters.add(this.vectorScratch);
    this.localTee(this.vectorScratch);
    for (const half of [0, 1]) {
      if (half === 1) this.localGet(this.vectorScratch);
      this.opcode((0xfd << 16) | 29); // i64x2.extract_lane
      code.byte(half);
      this.pop();
      this.push(I64);
      this.hashTop();
    }
  }

  /** An operator that takes the two values on top. */
  foldOperator(): Operator | undefined {
    const [second, first] = [this.top(1), this.top()];
    if (second === undefined || first === undefined) return undefined;
    const found = this.environment.operators.taking([second, first]);
    return found.length === 0 ? undefined : this.random.pick(found);
  }

  /** Make the values of the current block exactly its results, and be ready for `else` or `end`. */
  finish(results: readonly ValueType[]): void {
    const { random } = this;
    const label = this.labels[this.labels.length - 1]!;
    if (this.dead && random.oneIn(2)) {
      while (this.available > 0) this.drop();
      return;
    }
    if (this.available === results.length && this.fits(results)) return;
    if (random.oneIn(2)) while (this.available > results.length) this.consumeTop();
    this.need(results);
    if (this.available === results.length) return;
    if (label.kind !== 'loop' && random.oneIn(2)) {
      this.opcode(Op.br);
      this.code.u32(0);
      this.stack.length = label.height;
      this.dead = true;
      return;
    }
    // Move the results into locals, drop what lies below them, and bring them back.
    const saved = [...results].reverse().map((type) => {
      const used = this.writableLocal(type);
      this.counters.add(used);
      this.localSet(used);
      return used;
    });
    while (this.available > 0) this.consumeTop();
    for (const index of saved.reverse()) {
      this.localGet(index);
      this.counters.delete(index);
    }
  }
}
