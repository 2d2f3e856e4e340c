/**
 * What the tests of the value stack share: random steps that opcodes take, on a value stack whose code is executed, beside
 * a model that knows what each operand and each local must be.
 */
import fc from 'fast-check';
import { Assembler } from '../../src/backends/x64/assembler.js';
import { loadDisassembler } from '../../src/backends/x64/disassemble.js';
import { checkInvariants } from '../../src/emitter/invariants.js';
import { LabelStates } from '../../src/valuestack/labels.js';
import { isFloat, Registers, Type, Window } from '../../src/valuestack/types.js';
import { Operand } from '../../src/valuestack/value-stack.js';
import { low32, Simulator } from './simulator.js';

const disassembler = await loadDisassembler();

/** Parameters in registers, then declared locals: two of each type. */
const localTypes = [Type.i32, Type.i64, Type.f32, Type.f64, Type.i32, Type.i64, Type.f32, Type.f64] as const;
const parameterRegisters = [0, 2, 16, 17] as const;

const enum Step {
  constant,
  get,
  set,
  tee,
  drop,
  /** Pop, perhaps into a new register, push. */
  unary,
  /** Pop two, push the lower one. */
  binary,
  popOwned,
  popInto,
  vacate,
  ensureOwn,
  flush,
  spillRegisters,
  cleanLocals,
  writeZeros,
  spillAll,
  limitLocals,
  zerosToRegisters,
  pushSlots,
}

/** How often each step is taken; pushes outweigh pops, so that the window is exceeded now and then. */
const weights: readonly number[] = [12, 20, 6, 6, 2, 8, 6, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 2];

export interface Command {
  readonly step: Step;
  readonly n: number;
  readonly value: number;
}

export const command: fc.Arbitrary<Command> = fc.record({
  step: fc.oneof(...weights.map((weight, step) => ({ weight, arbitrary: fc.constant(step as Step) }))),
  n: fc.nat(1000),
  value: fc.oneof(fc.constant(0), fc.integer({ min: -3, max: 3 }), fc.integer()),
});

const isWide = (type: number): boolean => type === Type.i64 || type === Type.f64;
const bitsOf = (type: number): number => (isWide(type) ? 64 : 32);

/** Value, register and frame contents at some point of the execution. */
export interface Snapshot {
  readonly registers: readonly bigint[];
  readonly frame: ReadonlyMap<number, bigint>;
  readonly stack: readonly { readonly type: number; readonly value: bigint }[];
  readonly locals: readonly bigint[];
}

export class Harness {
  readonly #asm = new Assembler(new Uint8Array(1 << 16));
  readonly #simulator = new Simulator(disassembler);
  #stack: { type: number; value: bigint }[] = [];
  #locals: bigint[];
  /** Operands below this height are not touched. */
  #base = 0;
  readonly vs = new LabelStates(this.#asm);
  #executed = 0;
  readonly #text: string[] = [];

  constructor() {
    const vs = this.vs;
    vs.resetStack();
    vs.localType.set(localTypes);
    vs.setParameters(
      Int32Array.from(parameterRegisters, (_, k) => -16 - 8 * k),
      parameterRegisters.length,
    );
    vs.localCount = localTypes.length;
    vs.setFrame(localTypes.length);
    this.#locals = localTypes.map(() => 0n);
    parameterRegisters.forEach((r, k) => {
      vs.assignLocal(k, r, 1);
      const value = BigInt.asUintN(bitsOf(localTypes[k] as number), 0x7766554433221100n + BigInt(k));
      this.#simulator.registers[r] = value;
      this.#locals[k] = value;
    });
    vs.zeroMask = (1 << (localTypes.length - parameterRegisters.length)) - 1;
  }

  /** Execute what was emitted since the last call. */
  #run(): void {
    const asm = this.#asm;
    this.#text.push(...this.#simulator.run(asm.buffer.subarray(this.#executed, asm.pos)));
    this.#executed = asm.pos;
  }

  #expect(what: string, type: number, actual: bigint | undefined, expected: bigint): void {
    // Above an i32 in a general register there are zeros: those are compared, too.
    const bits = type === Type.i32 ? 64 : bitsOf(type);
    if (actual === undefined || BigInt.asUintN(bits, actual) !== expected) {
      throw new Error(`${what} is ${actual?.toString(16)}, not ${expected.toString(16)}\n${this.#text.join('\n')}`);
    }
  }

  #expectRegister(what: string, r: number, type: number, expected: bigint): void {
    this.#run();
    this.#expect(what, type, this.#simulator.registers[r], expected);
  }

  #push(type: number, value: bigint): void {
    this.#stack.push({ type, value });
  }

  #popReg(): [r: number, type: number, value: bigint] {
    const { type, value } = this.#stack.pop()!;
    const r = this.vs.popReg();
    this.#expectRegister('popped register', r, type, value);
    return [r, type, value];
  }

  step({ step, n, value }: Command): void {
    const { vs } = this;
    const depth = this.#stack.length - this.#base;
    const local = n % localTypes.length;
    vs.pinned = 0;
    switch (step) {
      case Step.constant: {
        const type = n & 3;
        const high = isWide(type) ? (n & 4 ? value >> 31 : Math.imul(value, 12345)) : 0;
        vs.pushConstant(type, value, type === Type.i32 ? value >> 31 : high);
        const low = BigInt.asUintN(32, BigInt(value));
        this.#push(type, isWide(type) ? low | (BigInt.asUintN(32, BigInt(high)) << 32n) : low);
        break;
      }
      case Step.get:
        vs.pushLocal(local);
        this.#push(localTypes[local] as number, this.#locals[local] as bigint);
        break;
      case Step.set:
      case Step.tee: {
        const top = this.#stack.at(-1);
        if (depth === 0 || top === undefined) return;
        // A local of the operand's type.
        const target = (localTypes as readonly number[]).indexOf(top.type, n & 4);
        vs.setLocal(target);
        this.#locals[target] = top.value;
        this.#stack.pop();
        if (step === Step.tee) {
          vs.pushLocal(target);
          this.#push(top.type, top.value);
        }
        break;
      }
      case Step.drop:
        if (depth === 0) return;
        vs.drop();
        this.#stack.pop();
        break;
      case Step.unary: {
        if (depth === 0) return;
        const [r, type, v] = this.#popReg();
        const d = vs.owned(r) ? r : vs.allocate(type);
        if (d !== r) vs.move(type, d, r);
        vs.pushReg(type, d);
        this.#push(type, v);
        break;
      }
      case Step.binary: {
        if (depth < 2) return;
        const upper = this.#stack.pop()!;
        const kind = vs.popOperand();
        const { operandReg, operandDisp, operandLow, operandHigh } = vs;
        const [r, type, v] = this.#popReg();
        // Both operands are there at the same time.
        if (kind === Operand.reg) this.#expectRegister('operand', operandReg, upper.type, upper.value);
        else if (kind === Operand.memory) {
          const memory = this.#simulator.frame.get(operandDisp) ?? 0n;
          this.#expect('operand in memory', upper.type, isWide(upper.type) ? memory : low32(memory), upper.value);
        } else {
          const immediate = isWide(upper.type) ? operandLow : operandLow >>> 0;
          if (isWide(upper.type) && operandHigh !== operandLow >> 31) throw new Error('immediate is too wide');
          this.#expect('immediate', upper.type, BigInt.asUintN(64, BigInt(immediate)), upper.value);
        }
        const d = vs.owned(r) ? r : vs.allocate(type);
        if (d !== r) vs.move(type, d, r);
        vs.pushReg(type, d);
        this.#push(type, v);
        break;
      }
      case Step.popOwned: {
        if (depth === 0) return;
        const { type, value: v } = this.#stack.pop()!;
        const r = vs.popOwned();
        this.#expectRegister('owned register', r, type, v);
        if (!vs.owned(r)) throw new Error('the register is not owned');
        // Overwritten, as an opcode may.
        this.#simulator.registers[r] = BigInt.asUintN(bitsOf(type), 0x5a5a5a5a12345678n);
        vs.pushReg(type, r);
        this.#push(type, BigInt.asUintN(bitsOf(type), 0x5a5a5a5a12345678n));
        break;
      }
      case Step.popInto: {
        if (depth === 0 || isFloat(this.#stack.at(-1)!.type)) return;
        const { type, value: v } = this.#stack.pop()!;
        const r = [0, 1, 2][n % 3] as number;
        vs.popInto(r);
        this.#expectRegister('fixed register', r, type, v);
        this.#simulator.registers[r] = BigInt.asUintN(bitsOf(type), 0x2b2b2b2b87654321n);
        vs.pushReg(type, r);
        this.#push(type, BigInt.asUintN(bitsOf(type), 0x2b2b2b2b87654321n));
        break;
      }
      case Step.vacate: {
        const r = [0, 1, 2, 16, 17, 18][n % 6] as number;
        vs.vacate(r);
        this.#run();
        this.#simulator.registers[r] = 0xbadbadbadbadn;
        break;
      }
      case Step.ensureOwn: {
        const count = Math.min(depth, 1 + (n % 4));
        // As where the values of a branch are placed: the lower ones first.
        for (let k = 0; k < count; k++) vs.ensureOwnReg(vs.height - count + k);
        vs.pinned = 0;
        for (let k = 0; k < count; k++) {
          const h = vs.height - count + k;
          const { type, value: v } = this.#stack[h]!;
          this.#expectRegister('register of its own', vs.a[h & Window.mask] as number, type, v);
        }
        break;
      }
      case Step.flush:
        vs.flushBelow(this.#base + (n % (depth + 1)));
        break;
      case Step.spillRegisters:
        vs.spillBelow(vs.height);
        break;
      case Step.cleanLocals:
        vs.cleanLocals();
        break;
      case Step.writeZeros:
        vs.writeZeros();
        break;
      case Step.spillAll:
        vs.flushBelow(vs.height);
        vs.writeZeros();
        vs.cleanLocals();
        vs.dropRegisters();
        break;
      case Step.limitLocals:
        vs.limitLocals(n & 1 ? Registers.generalMask : Registers.xmmMask, n % 5);
        break;
      case Step.zerosToRegisters:
        vs.zerosToRegisters(n % 9, n % 12);
        break;
      default: {
        // As a call with many results does.
        const types = Int8Array.from({ length: n & 1 ? n % 24 : 16 + (n & 7) }, (_, k) => (n + 3 * k) & 3);
        vs.flushBelow(vs.height);
        this.#run();
        types.forEach((type, k) => {
          const result = BigInt.asUintN(bitsOf(type), 0x1234567890abcdefn * BigInt(k + 1));
          this.#push(type, result);
          this.#simulator.frame.set(vs.slotDisp(vs.height + k), result);
        });
        vs.pushSlots(types);
      }
    }
    checkInvariants(vs);
    if (vs.height !== this.#stack.length) throw new Error('the height is wrong');
  }

  /** Where the next instruction goes. */
  get pos(): number {
    return this.#asm.pos;
  }

  snapshot(): Snapshot {
    this.#run();
    return {
      registers: [...this.#simulator.registers],
      frame: new Map(this.#simulator.frame),
      stack: this.#stack.slice(),
      locals: this.#locals.slice(),
    };
  }

  /** Execution goes on here, as if it came from where the snapshot was taken. */
  restore({ registers, frame, stack, locals }: Snapshot): void {
    registers.forEach((value, r) => {
      this.#simulator.registers[r] = value;
    });
    this.#simulator.frame.clear();
    for (const [disp, value] of frame) this.#simulator.frame.set(disp, value);
    this.#stack = stack.slice();
    this.#locals = locals.slice();
    this.#executed = this.pos;
    this.#text.push('---');
  }

  /** The slots of locals in registers are out of date, as after the first turn of a loop. */
  spoilSlots(): void {
    localTypes.forEach((_, k) => {
      if (this.vs.localReg[k]! >= 0) this.#simulator.frame.set(this.vs.localDisp(k), 0xbadbadbadbadbadn);
    });
  }

  /** Operands go to their slots and zeros are written, as where a block begins that branches lead out of. */
  beginBlock(): void {
    this.vs.flushBelow(this.vs.height);
    this.vs.writeZeros();
    this.#base = this.#stack.length;
  }

  /** Push the values of a branch, from different places. */
  pushValues(types: Int8Array, choice: number): void {
    const { vs } = this;
    types.forEach((type, k) => {
      const local = (localTypes as readonly number[]).indexOf(type, ((choice >>> k) & 1) * 4);
      const kind = (choice >>> (2 * k + 4)) & 3;
      vs.pinned = 0;
      if (kind === 0) {
        vs.pushConstant(type, choice, choice >> 31);
        const value = BigInt.asUintN(bitsOf(type), BigInt(choice));
        // An f64's two halves are given like an i64's.
        this.#push(type, value);
        return;
      }
      vs.pushLocal(local);
      this.#push(type, this.#locals[local] as bigint);
      if (kind === 1) vs.materialize(vs.height - 1);
      if (kind === 2) vs.ensureOwnReg(vs.height - 1);
    });
    vs.pinned = 0;
  }

  /** The stack below the block and the block's values: what the code at the label finds. */
  leaveBlock(count: number): void {
    this.#stack = [...this.#stack.slice(0, this.#base), ...this.#stack.slice(this.#stack.length - count)];
  }

  get base(): number {
    return this.#base;
  }

  /** Everything is where the value stack says; at the end all locals are in their slots. */
  finish(): void {
    const { vs } = this;
    for (let k = 0; k < localTypes.length; k++) {
      vs.pinned = 0;
      vs.pushLocal(k);
      this.#push(localTypes[k] as number, this.#locals[k] as bigint);
      this.#popReg();
    }
    while (this.#stack.length > 0) {
      vs.pinned = 0;
      this.#popReg();
      checkInvariants(vs);
    }
    vs.writeZeros();
    vs.cleanLocals();
    this.#run();
    this.checkLocals();
  }

  checkLocals(): void {
    localTypes.forEach((type, k) => {
      const memory = this.#simulator.frame.get(this.vs.localDisp(k)) ?? 0n;
      this.#expect(`slot of local ${k}`, type, isWide(type) ? memory : low32(memory), this.#locals[k] as bigint);
    });
  }

  /** Write all that is in registers to memory and check it there; leaves nothing in registers. */
  flushAndCheck(): void {
    const { vs } = this;
    vs.flushBelow(vs.height);
    vs.cleanLocals();
    checkInvariants(vs);
    this.#run();
    this.checkMemory();
  }

  /** All operands and locals are in their slots. */
  checkMemory(): void {
    this.checkLocals();
    this.#stack.forEach(({ type, value }, h) => {
      const memory = this.#simulator.frame.get(this.vs.slotDisp(h));
      const wanted = memory === undefined || isWide(type) ? memory : low32(memory);
      this.#expect(`slot of operand ${h}`, type, wanted, value);
    });
  }

  /** Execute the code from `pos` to its end once more, now coming from `snapshot`. */
  replay(pos: number, snapshot: Snapshot): void {
    this.restore(snapshot);
    this.#executed = pos;
    this.#run();
  }
}
