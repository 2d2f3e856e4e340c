import { Uint8Array } from '../support/dialect.js';
import { WasmDecodeError } from './errors.js';
import { largestPrefixed, wrongGcOpcode } from './gc-opcodes.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import { opcodeInfo, opcodeName, prefixedOpcode, proposalOf } from './opcodes.js';
import { typeName, wrongHeapType, wrongType } from './type-names.js';

/** Longest error trace: an error message names the origin of an operand if the error is no further into the body, in bytes. */
const longestTrace = 262144;

/** What error messages need to know beside the body. */
export interface FailureContext {
  /** Name of a function, if it has one. */
  functionName(index: i32): string | undefined;
  /**
   * Where the instruction is that pushed the operand at `height`, when the one at `at` is looked at; -1 if that is not known.
   * Found by reading the body again: it costs nothing while there is no error.
   */
  originOf?(body: BodyAt, height: i32): i32;
}

/** A body, and the instruction in it that is looked at. */
export interface BodyAt {
  readonly info: ModuleInfo;
  readonly bytes: Uint8Array;
  readonly functionIndex: i32;
  readonly start: i32;
  readonly end: i32;
  readonly at: i32;
}

/**
 * What is wrong with a body, in V8's words. Everything here is cold; the compiler core has a twin of this class that only stops
 * (`src/core/body-failures.ts`): the body is then read again here.
 */
export class BodyFailures {
  protected readonly info: ModuleInfo;
  readonly #context: FailureContext;
  protected bytes: Uint8Array = new Uint8Array(0);
  /** First byte and end of the body. */
  protected start: i32 = 0;
  protected end: i32 = 0;
  protected functionIndex: i32 = 0;
  /** The instruction at hand and where it begins. */
  protected opcode: i32 = -1;
  protected opcodeAt: i32 = 0;

  constructor(info: ModuleInfo, context: FailureContext) {
    this.info = info;
    this.#context = context;
  }

  /** @throws WasmDecodeError */
  protected fail(message: string, at: i32 = this.opcodeAt): never {
    const name = this.#context.functionName(this.functionIndex);
    const where = name === undefined ? `#${this.functionIndex}` : `#${this.functionIndex}:"${name}"`;
    throw new WasmDecodeError(`Compiling function ${where} failed: ${message}`, at, this.functionIndex, this.opcode);
  }

  /** The opcode has no meaning, or one that is not implemented. */
  protected failOpcode(opcode: i32): never {
    this.opcode = opcode;
    const info = opcodeInfo(opcode);
    if (info === undefined) {
      const proposal = proposalOf(opcode);
      if (proposal !== undefined) this.fail(`opcode 0x${opcode.toString(16)}: not supported yet (${proposal})`);
      this.fail(`invalid opcode 0x${opcode.toString(16)}`);
    }
    this.fail(`${info.name}: not supported yet (${info.feature})`);
  }

  protected failValueType(byte: i32, at: i32): never {
    this.fail(wrongType('value type', byte), at);
  }

  /** The halves of a heap type's number. */
  protected failHeapType(low: i32, high: i32, at: i32): never {
    const value = 4294967296 * high + (low >>> 0);
    if (value >= 0) this.fail(`heap type ${value}: not supported yet (typed function references)`, at);
    this.fail(wrongHeapType(value), at);
  }

  protected failCutOff(): never {
    this.fail(`${opcodeName(this.opcode)}: instruction runs over the end of the function`);
  }

  /** The number behind the vector prefix is none of a vector instruction. */
  protected failVectorOpcode(sub: i32): never {
    // As V8 does, the errors are told apart by how large the number is.
    this.fail(sub > largestPrefixed ? `Invalid prefixed opcode ${sub}` : 'invalid simd opcode');
  }

  /** An instruction of garbage collection, or the number of none. */
  protected failGcOpcode(sub: i32): never {
    this.opcode = Op.prefixGc;
    this.fail(wrongGcOpcode(sub >>> 0));
  }

  /** The number behind the atomic prefix is none of an atomic instruction. */
  protected failAtomicOpcode(sub: i32): never {
    if (sub > largestPrefixed) this.fail(`Invalid prefixed opcode ${sub}`);
    this.fail(`invalid atomic opcode: 0xfe${sub.toString(16).padStart(2, '0')}`);
  }

  /** @param height of the operand that has the wrong type. */
  protected failType(operand: i32, expected: i32, actual: i32, height: i32): never {
    const found = this.described(height, actual);
    this.fail(`${opcodeName(this.opcode)}[${operand}] expected type ${typeName(expected)}, found ${found}`);
  }

  /** An operand for a message: what pushed it, and its type. The result of a block is called after the block. */
  protected described(height: i32, type: i32): string {
    const origin = this.#originOf(height);
    if (origin < 0) return `type ${typeName(type)}`;
    return `${origin === Op.end ? 'block' : opcodeName(origin)} of type ${typeName(type)}`;
  }

  /** Opcode of the instruction that pushed the operand at `height`, or -1 if it is not known. */
  #originOf(height: i32): i32 {
    const { info, bytes, functionIndex, start, end, opcodeAt: at } = this;
    if (this.#context.originOf === undefined || at - start > longestTrace) return -1;
    const origin = this.#context.originOf({ info, bytes, functionIndex, start, end, at }, height);
    if (origin < 0) return -1;
    const op = bytes[origin];
    return op === Op.prefixBulk || op === Op.prefixSimd || op === Op.prefixAtomic ? this.#prefixedAt(origin) : op;
  }

  /** The opcode with a prefix at `at`, as the opcode table has it. */
  #prefixedAt(at: i32): i32 {
    const { bytes } = this;
    let number = 0;
    for (let shift = 0, p = at + 1; ; shift += 7) {
      const b = bytes[p++];
      number |= (b & 0x7f) << shift;
      if (b < 0x80) return prefixedOpcode(bytes[at], number);
    }
  }

  /** Operand number `operand` is not there, those behind it were. */
  protected failMissing(operand: i32): never {
    const need = opcodeInfo(this.opcode)?.operands ?? 0;
    const count = need > 0 ? ` (need ${need}, got ${need - 1 - operand})` : '';
    this.fail(`not enough arguments on the stack for ${opcodeName(this.opcode)}${count}`);
  }

  /** @param merge what the operands are for: `branch`, `fallthru`, `return`, or '' for an instruction's own. */
  protected failCount(need: i32, got: i32, merge: string): never {
    if (merge !== '') this.fail(`expected ${need} elements on the stack for ${merge}, found ${got}`);
    this.fail(`not enough arguments on the stack for ${opcodeName(this.opcode)} (need ${need}, got ${got})`);
  }

  /** A type of a list is another one. */
  protected failListType(operand: i32, expected: i32, actual: i32, merge: string, height: i32): never {
    if (merge === '') this.failType(operand, expected, actual, height);
    const got = `expected ${typeName(expected)}, got ${typeName(actual)}`;
    this.fail(`type error in ${merge}[${operand}] (${got})`);
  }
}
