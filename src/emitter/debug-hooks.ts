import { createRequire } from 'node:module';
import { Disassembler } from '../backends/x64/disassemble.js';
import { type Debug, debugApplies, needsReference } from '../debug.js';
import { Op } from '../stream/op.js';
import { opcodeText } from '../stream/opcode-text.js';
import { opcodeName } from '../stream/opcodes.js';
import { Place, Registers, Type, Window } from '../valuestack/types.js';
import type { ValueStack } from '../valuestack/value-stack.js';
import type { EmitContext } from './context.js';
import { checkInvariants } from './invariants.js';

const generalNames = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');

/** Name of a register of the value stack's numbering. */
export function registerName(r: number): string {
  return r < Registers.firstXmm ? generalNames[r] : `xmm${r - Registers.firstXmm}`;
}

const typeNames: Readonly<Record<number, string>> = {
  [Type.i32]: 'i32',
  [Type.i64]: 'i64',
  [Type.f32]: 'f32',
  [Type.f64]: 'f64',
  [Type.v128]: 'v128',
  [Type.ref]: 'ref',
  [Type.externRef]: 'externref',
};

/** One line: where each operand and each cached local is. `*` marks locals that are newer than their slots. */
export function describeState(vs: ValueStack): string {
  const entries: string[] = [];
  if (vs.floor > 0) entries.push(`${vs.floor} in slots`);
  for (let h = vs.floor; h < vs.height; h++) {
    const i = h & Window.mask;
    const a = vs.a[i];
    const type = typeNames[vs.type[h]];
    switch (vs.place[i]) {
      case Place.reg:
        entries.push(`${type}:${registerName(a)}`);
        break;
      case Place.local:
        entries.push(`${type}:local ${a}`);
        break;
      case Place.constant:
        entries.push(`${type}:${a}`);
        break;
      case Place.flags:
        entries.push('i32:flags');
        break;
      default:
        entries.push(`${type}:slot`);
    }
  }
  const locals: string[] = [];
  for (let r = 0; r < Registers.count; r++) {
    if (vs.localIn[r] >= 0) locals.push(`${registerName(r)}=${vs.localIn[r]}${(vs.dirty >>> r) & 1 ? '*' : ''}`);
  }
  return `[${entries.join(' ')}] {${locals.join(' ')}}`;
}

/** What the debug switches do between opcodes. Off the hot path: a compiler without switches has no hooks. */
export class DebugHooks {
  readonly #debug: Debug;
  readonly #print: (line: string) => void;
  #on = false;
  /** Code position and module offset of each opcode of the function. */
  #marks: number[] = [];
  #start = 0;
  #started = false;

  constructor(debug: Debug, print: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
    this.#debug = debug;
    this.#print = print;
  }

  /** Each flag as it holds for the current function. */
  get forceSpills(): boolean {
    return this.#on && this.#debug.forceSpills;
  }

  get checkUpperHalves(): boolean {
    return this.#on && this.#debug.checkUpperHalves;
  }

  beginFunction(c: EmitContext): void {
    const index = c.functionIndex;
    this.#on = debugApplies(this.#debug, index, c.info.functionName(index));
    this.#marks = [];
    this.#started = false;
  }

  /** Before the opcode at module offset `offset`. */
  at(c: EmitContext, offset: number): void {
    if (!this.#on) return;
    const debug = this.#debug;
    if (!this.#started) {
      this.#started = true;
      this.#start = c.entry;
      if (debug.dumpWasm || debug.traceStack || debug.dumpCode) {
        this.#print(`function ${c.functionIndex} ${c.info.functionName(c.functionIndex) ?? ''}`.trimEnd());
      }
    }
    if (debug.checkInvariants) checkInvariants(c.vs);
    if (debug.traceStack) this.#print(`    ${describeState(c.vs)}`);
    if (debug.dumpWasm) this.#print(`  +0x${offset.toString(16)} ${this.#opcode(c, offset)}`);
    if (debug.dumpCode) this.#marks.push(c.asm.pos, offset);
  }

  #opcode(c: EmitContext, offset: number): string {
    const { wire } = c.info;
    const op = wire[offset];
    // Their lists come later.
    return op === Op.brTable || op === Op.selectTyped ? opcodeName(op) : opcodeText(wire, offset);
  }

  /** After the function's last instruction. */
  endFunction(c: EmitContext): void {
    if (!this.#on || !this.#debug.dumpCode) return;
    const code = c.asm.memory.subarray(this.#start, c.asm.pos);
    const marks = this.#marks;
    let k = 0;
    for (const line of disassembler().disassemble(code, this.#start)) {
      for (; k < marks.length && marks[k] <= line.address; k += 2) {
        this.#print(`  ;; +0x${marks[k + 1].toString(16)} ${this.#opcode(c, marks[k + 1])}`);
      }
      this.#print(`${line.address.toString(16).padStart(8)}  ${line.text}`);
    }
  }
}

/** The hooks, if some switch is on. */
export function debugHooks(debug: Debug | null): DebugHooks | null {
  return debug !== null && needsReference(debug) ? new DebugHooks(debug) : null;
}

let loaded: Disassembler | undefined;

/** iced-x86, loaded when the first dump needs it. */
function disassembler(): Disassembler {
  loaded ??= new Disassembler(createRequire(import.meta.url)('iced-x86'));
  return loaded;
}
