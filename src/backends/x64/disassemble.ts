/**
 * Disassembly (Intel syntax) for listings, tools and tests, by iced-x86. iced takes some milliseconds to load and is
 * never needed to compile, so it is loaded on first use.
 */
import type { Decoder, Formatter, Instruction } from 'iced-x86';

type Iced = typeof import('iced-x86');

/** One instruction. */
export interface DisassemblyLine {
  /** Index of its first byte in the bytes given. */
  readonly offset: number;
  /** `baseAddress + offset`. */
  readonly address: number;
  readonly length: number;
  /** Intel syntax, lower case, e.g. `mov eax, [rbp-0x10]`. Undecodable bytes read `(bad)`. */
  readonly text: string;
  /** Address of the target of a direct branch or of a rip-relative operand, else -1. */
  readonly target: number;
}

export interface DisassembleOptions {
  /**
   * Name for an address that an instruction branches to or names rip-relatively; undefined: print the number.
   * Must not depend on the order of calls.
   */
  readonly symbol?: (address: number) => string | undefined;
  /** At most this many instructions. */
  readonly limit?: number;
}

/** How lines become text; see `formatListing`. */
export interface ListingOptions {
  /** Print each instruction's address (default) or not. */
  readonly addresses?: boolean;
  /** Print each instruction's bytes (default: no). */
  readonly bytes?: boolean;
  /** A line to print above the instruction at this offset, for labels and source positions. */
  readonly heading?: (offset: number) => string | undefined;
}

/** Synchronous disassembler; get one with `loadDisassembler`. */
export class Disassembler {
  readonly #iced: Iced;
  readonly #formatter: Formatter;

  constructor(iced: Iced) {
    this.#iced = iced;
    const formatter = new iced.Formatter(iced.FormatterSyntax.Intel);
    formatter.hexPrefix = '0x';
    formatter.hexSuffix = '';
    formatter.uppercaseHex = false;
    formatter.spaceAfterOperandSeparator = true;
    formatter.branchLeadingZeros = false;
    // Not smallHexNumbersInDecimal: iced 1.21 then prints 64-bit immediates by their low half (0x200000001 as 1).
    formatter.smallHexNumbersInDecimal = false;
    formatter.showBranchSize = false;
    formatter.memorySizeOptions = iced.MemorySizeOptions.Default;
    this.#formatter = formatter;
  }

  /**
   * @param bytes the machine code
   * @param baseAddress address (or code offset) of the first byte; below 2^53
   */
  disassemble(bytes: Uint8Array, baseAddress: number, options: DisassembleOptions = {}): DisassemblyLine[] {
    const lines: DisassemblyLine[] = [];
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    const iced = this.#iced;
    const decoder: Decoder = new iced.Decoder(64, bytes, iced.DecoderOptions.None);
    const instruction: Instruction = new iced.Instruction();
    try {
      decoder.ip = BigInt(baseAddress);
      while (decoder.canDecode && lines.length < limit) {
        const offset = decoder.position;
        decoder.decodeOut(instruction);
        const target = this.#target(instruction);
        // The immediates of vector instructions are patterns and bit masks, not numbers.
        this.#formatter.signedImmediateOperands = !this.#isVector(instruction);
        let text = this.#formatter.format(instruction).replace(/\b0x(\d)\b/g, '$1');
        if (target >= 0 && options.symbol !== undefined) {
          const name = options.symbol(target);
          if (name !== undefined) text = this.#withSymbol(text, target, name);
        }
        lines.push({ offset, address: baseAddress + offset, length: instruction.length, text, target });
      }
    } finally {
      instruction.free();
      decoder.free();
    }
    return lines;
  }

  /** The first operand is an xmm register. */
  #isVector(instruction: Instruction): boolean {
    const iced = this.#iced;
    if (instruction.opCount === 0 || instruction.opKind(0) !== iced.OpKind.Register) return false;
    return iced.RegisterExt.isXMM(instruction.opRegister(0));
  }

  /** Address that the instruction names relative to rip, or -1. */
  #target(instruction: Instruction): number {
    if (instruction.isIpRelMemoryOperand) return Number(instruction.ipRelMemoryAddress);
    const kind = instruction.opCount > 0 ? instruction.opKind(0) : -1;
    return kind === this.#iced.OpKind.NearBranch64 ? Number(instruction.nearBranchTarget) : -1;
  }

  /** The number as the formatter printed it in a branch or an address, replaced. */
  #withSymbol(text: string, target: number, name: string): string {
    const hex = target < 10 ? `${target}` : `0x${target.toString(16)}`;
    const at = text.lastIndexOf(hex);
    return at < 0 ? text : text.slice(0, at) + name + text.slice(at + hex.length);
  }
}

let loaded: Promise<Disassembler> | undefined;

/** The disassembler, loaded once. */
export function loadDisassembler(): Promise<Disassembler> {
  // iced-x86 is CommonJS: what it exports is the default export of the namespace.
  loaded ??= import('iced-x86').then((module) => new Disassembler((module as { default?: Iced }).default ?? module));
  return loaded;
}

/**
 * Disassembles machine code.
 * @param bytes the machine code
 * @param baseAddress address (or code offset) of the first byte; below 2^53
 */
export async function disassemble(
  bytes: Uint8Array,
  baseAddress: number,
  options: DisassembleOptions = {},
): Promise<DisassemblyLine[]> {
  return (await loadDisassembler()).disassemble(bytes, baseAddress, options);
}

/** Lines as text, one instruction per line: address, bytes, instruction. `bytes` are those that were disassembled. */
export function formatListing(
  lines: readonly DisassemblyLine[],
  bytes: Uint8Array,
  options: ListingOptions = {},
): string[] {
  const out: string[] = [];
  const last = lines.at(-1);
  const digits = last === undefined ? 1 : last.address.toString(16).length;
  for (const line of lines) {
    const heading = options.heading?.(line.offset);
    if (heading !== undefined) out.push(heading);
    let text = '  ';
    if (options.addresses !== false) text += `${line.address.toString(16).padStart(digits)}  `;
    if (options.bytes === true) {
      const hex = Array.from(bytes.subarray(line.offset, line.offset + line.length), (byte) =>
        byte.toString(16).padStart(2, '0'),
      );
      text += `${hex.join(' ').padEnd(30)}  `;
    }
    out.push(text + line.text);
  }
  return out;
}
