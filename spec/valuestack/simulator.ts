/**
 * Executes the few instructions that move values (mov, movaps, movss, movsd, movd, movq, xor and xorps of a register
 * with itself) from the disassembly of the bytes that were really emitted. Anything else is an error.
 */
import type { Disassembler } from '../../src/backends/x64/disassemble.js';

const names64 = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
const names32 = 'eax ecx edx ebx esp ebp esi edi r8d r9d r10d r11d r12d r13d r14d r15d'.split(' ');

/** Number and width of each register's names, in the value stack's numbering. */
const registers = new Map<string, readonly [number: number, bits: number]>();
names64.forEach((name, r) => {
  registers.set(name, [r, 64]);
});
names32.forEach((name, r) => {
  registers.set(name, [r, 32]);
});
for (let x = 0; x < 16; x++) registers.set(`xmm${x}`, [16 + x, 128]);

const mask32 = 0xffffffffn;

export function low32(value: bigint): bigint {
  return value & mask32;
}

/** The 64 low bits of all registers, and the frame around rbp. */
export class Simulator {
  readonly registers: bigint[] = new Array<bigint>(32).fill(0n);
  /** 8-byte slots by displacement from rbp. */
  readonly frame = new Map<number, bigint>();
  readonly #disassembler: Disassembler;

  constructor(disassembler: Disassembler) {
    this.#disassembler = disassembler;
  }

  /** Execute the instructions in `bytes`; returns them as text. */
  run(bytes: Uint8Array): string[] {
    const lines = this.#disassembler.disassemble(bytes, 0).map((line) => line.text);
    for (const line of lines) this.#execute(line);
    return lines;
  }

  #execute(line: string): void {
    const [, operation, destination, source] = /^(\w+) ([^,]+), (.+)$/.exec(line) ?? [];
    if (operation === undefined || destination === undefined || source === undefined)
      throw new Error(`cannot run ${line}`);
    if (operation === 'xor' || operation === 'xorps') {
      if (destination !== source) throw new Error(`cannot run ${line}`);
      this.#write(destination, 0n, 64);
      return;
    }
    const bits = this.#width(operation, destination, source);
    if (bits === 0) throw new Error(`cannot run ${line}`);
    this.#write(destination, this.#read(source, bits), bits);
  }

  /** Bits that the instruction moves, 0 if it is unknown. */
  #width(operation: string, destination: string, source: string): number {
    if (operation === 'movaps' || operation === 'movq' || operation === 'movsd') return 64;
    if (operation === 'movss' || operation === 'movd') return 32;
    if (operation !== 'mov') return 0;
    if (destination.startsWith('dword')) return 32;
    if (destination.startsWith('qword')) return 64;
    return (registers.get(destination) ?? registers.get(source) ?? [0, 0])[1];
  }

  #read(operand: string, bits: number): bigint {
    const register = registers.get(operand);
    let value: bigint;
    if (register !== undefined) value = this.registers[register[0]] as bigint;
    else if (operand.includes('[')) {
      const slot = this.frame.get(displacement(operand));
      if (slot === undefined) throw new Error(`${operand} was never written`);
      value = slot;
    } else value = operand.startsWith('-') ? -BigInt(operand.slice(1)) : BigInt(operand);
    return BigInt.asUintN(bits, value);
  }

  /** Registers lose their upper half, memory does not. */
  #write(operand: string, value: bigint, bits: number): void {
    const register = registers.get(operand);
    if (register !== undefined) {
      this.registers[register[0]] = value;
      return;
    }
    const disp = displacement(operand);
    // What is not written is garbage.
    const old = this.frame.get(disp) ?? 0xdeadbeefdeadbeefn;
    this.frame.set(disp, bits === 64 ? value : (old & ~mask32) | value);
  }
}

function displacement(operand: string): number {
  const [, sign, digits] = /\[rbp([+-])(0x[0-9a-f]+|\d)\]$/.exec(operand) ?? [];
  if (digits === undefined) throw new Error(`not in the frame: ${operand}`);
  return Number(digits) * (sign === '-' ? -1 : 1);
}
