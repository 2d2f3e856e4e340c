/**
 * Listings: the machine code of a module beside the opcodes it came from. Code is compiled into plain memory, for
 * any processor's features, and never run; addresses of slots, stubs, frame and context are replaced by names, so that
 * the same bytes give the same text everywhere.
 */

import {
  Context,
  ContextLayout,
  Frame,
  FunctionElement,
  MemoryField,
  TableField,
  TrapCode,
} from '../backends/abi/layout.js';
import { SiteKind } from '../backends/code/code-map-writer.js';
import type { CodeSpace } from '../backends/code/code-space.js';
import type { ModuleCode } from '../backends/code/module-code.js';
import type { Bounds, CompilerStubs, CompilerTarget } from '../backends/code/target.js';
import type { CpuFeatures } from '../backends/x64/cpu.js';
import type { Disassembler, DisassemblyLine } from '../backends/x64/disassemble.js';
import type { Debug } from '../debug.js';
import { FunctionCompiler } from '../emitter/compiler.js';
import { ModuleDecoder } from '../stream/decoder.js';
import { ExportKind } from '../stream/item-lists.js';
import type { ModuleInfo } from '../stream/module.js';
import { opcodeText } from '../stream/opcode-text.js';
import { worldOf } from '../support/world.js';

/** Names of the trap stubs, by TrapCode. */
const trapNames: Readonly<Record<number, string>> = {
  [TrapCode.unreachable]: 'unreachable',
  [TrapCode.memoryOutOfBounds]: 'memory-out-of-bounds',
  [TrapCode.divideByZero]: 'divide-by-zero',
  [TrapCode.integerOverflow]: 'integer-overflow',
  [TrapCode.invalidConversion]: 'invalid-conversion',
  [TrapCode.tableOutOfBounds]: 'table-out-of-bounds',
  [TrapCode.undefinedElement]: 'undefined-element',
  [TrapCode.nullReference]: 'null-reference',
  [TrapCode.signatureMismatch]: 'signature-mismatch',
  [TrapCode.stackOverflow]: 'stack-overflow',
  [TrapCode.internal]: 'internal-error',
  [TrapCode.elementOutOfBounds]: 'element-out-of-bounds',
  [TrapCode.unalignedAccess]: 'unaligned-access',
};

/** Imaginary stubs, 16 bytes apart. */
const plainStubs = {
  trap: Array.from({ length: TrapCode.count }, (_, code) => 16 * (code + 1)),
  memoryFill: 0x200,
  memoryCopy: 0x210,
  memoryInit: 0x220,
  memoryGrow: 0x230,
  tableCopy: 0x240,
  tableInit: 0x250,
  tableFill: 0x260,
  tableGrow: 0x270,
  functionsCopy: 0x280,
  functionsInit: 0x290,
  functionsFill: 0x2a0,
  tailCall: 0x2b0,
  throwTag: 0x2c0,
  throwRef: 0x2d0,
  atomicNotify: 0x2e0,
  atomicWait32: 0x2f0,
  atomicWait64: 0x300,
  memorySize: 0x310,
  otherFill: 0x320,
  otherCopy: 0x330,
  otherInit: 0x340,
  wideGrow: 0x350,
  wideTableGrow: 0x360,
} as const satisfies CompilerStubs;

const stubNames = new Map<number, string>();
for (const [name, at] of Object.entries(plainStubs)) if (typeof at === 'number') stubNames.set(at, `stub:${name}`);
plainStubs.trap.forEach((at, code) => {
  stubNames.set(at, `trap:${trapNames[code] ?? code}`);
});

const codeStart = 0x1000;
/** Slots lie behind the code and are addressed relative to it: both must fit in 31 bits. */
const largestCode = 1 << 30;
const base = 0x1_0000_0000;

/**
 * Code memory that cannot be executed: for listings and tests. Two of them behave alike, so the same module compiled into
 * each gives the same bytes.
 */
export class PlainCodeSpace implements CodeSpace {
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  readonly base: number = base;
  readonly #dataStart: number;
  readonly #oneSpan: boolean;
  spanEnd = 0;
  #nextCode = codeStart;
  #nextData: number;

  /**
   * @param size bytes of code that fit
   * @param slots bytes of data that fit
   * @param oneSpan all code is contiguous; else spans are as large as was asked for, as in an engine
   */
  constructor(size: number, slots: number, oneSpan = true) {
    this.#dataStart = codeStart + ((size + 15) & ~15);
    this.bytes = new Uint8Array(this.#dataStart + ((slots + 15) & ~15));
    this.i32 = new Int32Array(this.bytes.buffer);
    this.#oneSpan = oneSpan;
    this.#nextData = this.#dataStart;
  }

  openSpan(minBytes: number): number {
    const start = this.#nextCode;
    this.spanEnd = this.#oneSpan ? this.#dataStart : start + ((minBytes + 15) & ~15);
    if (start + minBytes > this.#dataStart) throw new RangeError('listing: the code does not fit');
    this.#nextCode = this.spanEnd;
    return start;
  }

  writeEntry(slot: number, entry: number): void {
    this.i32[slot >>> 2] = (this.base + entry) | 0;
    this.i32[(slot >>> 2) + 1] = Math.floor((this.base + entry) / 4294967296);
  }

  freeCode(): void {}
  trimCode(): void {}

  allocateData(bytes: number): number {
    const at = this.#nextData;
    this.#nextData += (bytes + 15) & ~15;
    if (this.#nextData > this.bytes.length) throw new RangeError('listing: the slots do not fit');
    return at;
  }

  freeData(): void {}
}

/** Compile for `PlainCodeSpace`. */
export function plainTarget(
  space: CodeSpace,
  cpu: CpuFeatures,
  debug?: Partial<Debug>,
  bounds: Bounds = 'guard',
): CompilerTarget {
  return {
    code: space,
    stubs: plainStubs,
    cpu,
    checksBounds: bounds === 'check',
    world: worldOf(debug?.smallWorld === true),
  };
}

/** What an instance context of the module looks like. */
export function contextLayoutOf(info: ModuleInfo): ContextLayout {
  return new ContextLayout({
    importedFunctions: info.importedFunctions,
    globals: info.globals.length,
    tables: info.tables.length,
    memories: info.memories.length,
    types: info.types.length,
    tags: info.tags.length,
    referencedFunctions: info.referencedFunctions.length,
    dataSegments: Math.max(0, info.dataCount),
    elementSegments: info.elements.length,
  });
}

/** Where a function's frame has what, as far as its listing needs it. */
interface FrameMap {
  /** Name per displacement from rbp. */
  readonly locals: ReadonlyMap<number, string>;
  /** Displacement of operand slot 0. */
  readonly slotBase: number;
}

interface CompiledFunction {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** Pairs of code position and module offset, one per opcode that the compiler has seen. */
  readonly marks: readonly number[];
  readonly frame: FrameMap;
}

/** Locals that listings name; the slots of later ones are printed as they are. */
const namedLocals = 1000;

/** The compiler, which takes notes. */
class NotingCompiler extends FunctionCompiler {
  readonly functions: CompiledFunction[] = [];
  #marks: number[] = [];

  override beginCode(): void {
    super.beginCode();
    this.#marks = [];
  }

  override at(offset: number): void {
    super.at(offset);
    this.#marks.push(this.asm.pos, offset);
  }

  override endFunction(): void {
    const { vs, functionIndex: index, entry: start } = this;
    const locals = new Map<number, string>();
    for (let k = 0; k < Math.min(vs.localCount, namedLocals); k++) locals.set(vs.localDisp(k), `local ${k}`);
    const frame = { locals, slotBase: vs.slotTop(0) - 8 };
    super.endFunction();
    this.functions.push({ index, start, end: this.asm.pos, marks: this.#marks, frame });
  }
}

/** The compiler, which notes where functions begin and end. */
class MeasuringCompiler extends FunctionCompiler {
  /** Bytes of machine code per own function. */
  readonly sizes: number[] = [];

  override endFunction(): void {
    const { entry } = this;
    super.endFunction();
    this.sizes.push(this.asm.pos - entry);
  }
}

/** The machine code of one opcode: none if it only changed what the compiler knows. */
export interface ListedOpcode {
  /** Module offset, -1 for the prologue. */
  readonly offset: number;
  /** In text format; empty for the prologue. */
  readonly text: string;
  /** Instructions, and labels as `L1:`. */
  readonly lines: readonly string[];
}

export interface ListedFunction {
  /** Index in the module, imports included. */
  readonly index: number;
  /** By which it is exported, or from the name section, else `function N`. */
  readonly name: string;
  /** Bytes of machine code. */
  readonly codeBytes: number;
  readonly opcodes: readonly ListedOpcode[];
}

export interface ListingOptions {
  /** Compile for this processor. */
  readonly cpu: CpuFeatures;
  /** Who finds accesses outside of a memory; guard pages unless said otherwise. */
  readonly bounds?: Bounds;
  /** List only the functions for which this returns true. */
  readonly filter?: (index: number, name: string) => boolean;
  /** Put each instruction's bytes before it. */
  readonly bytes?: boolean;
  /** Say behind each instruction that can trap, and behind calls, what they are. */
  readonly sites?: boolean;
}

/** Compile into plain memory. */
function compilePlain<Compiler extends FunctionCompiler>(
  bytes: Uint8Array,
  make: (space: CodeSpace) => Compiler,
): { compiler: Compiler; space: CodeSpace; info: ModuleInfo; code: ModuleCode; layout: ContextLayout } {
  const space = new PlainCodeSpace(Math.min(largestCode, 64 * bytes.length + (1 << 20)), 8 * bytes.length + 64);
  const compiler = make(space);
  const session: { code?: ModuleCode; layout?: ContextLayout } = {};
  const decoder = new ModuleDecoder(compiler, {
    onHeader: (header) => {
      session.layout = contextLayoutOf(header);
      session.code = compiler.beginModule(header, session.layout);
    },
  });
  const info = decoder.finish(bytes, bytes.length);
  compiler.finishModule();
  const { code, layout } = session as { code: ModuleCode; layout: ContextLayout };
  return { compiler, space, info, code, layout };
}

/**
 * Compile a module for a processor and tell the size of each own function's machine code.
 * @throws WasmDecodeError if the module is not valid; RangeError if it has more than 1 GiB of code
 */
export function measureModule(bytes: Uint8Array, cpu: CpuFeatures): { info: ModuleInfo; sizes: readonly number[] } {
  const { compiler, info } = compilePlain(bytes, (space) => new MeasuringCompiler(plainTarget(space, cpu), null));
  return { info, sizes: compiler.sizes };
}

/**
 * Compile a module and list its functions.
 * @throws WasmDecodeError if the module is not valid; RangeError if it has more than 1 GiB of code
 */
export function listModule(bytes: Uint8Array, disassembler: Disassembler, options: ListingOptions): ListedFunction[] {
  const plain = compilePlain(
    bytes,
    (space) => new NotingCompiler(plainTarget(space, options.cpu, undefined, options.bounds), null),
  );
  const writer = new ListingWriter(plain, disassembler, options);
  const listed: ListedFunction[] = [];
  for (const compiled of plain.compiler.functions) {
    const name = writer.functionName(compiled.index);
    if (options.filter === undefined || options.filter(compiled.index, name)) listed.push(writer.list(compiled));
  }
  return listed;
}

const siteNames: Readonly<Record<SiteKind, string>> = {
  [SiteKind.call]: 'return site',
  [SiteKind.memory]: 'trap: memory',
  [SiteKind.division]: 'trap: division',
  [SiteKind.trap]: 'trap',
  [SiteKind.frame]: 'trap: stack overflow',
  [SiteKind.handler]: 'handler',
};
/** Columns of instructions with bytes and sites. */
const siteColumn = 40;
const bytesColumn = 30;

/** Turns code and notes into text. */
class ListingWriter {
  readonly #space: CodeSpace;
  readonly #disassembler: Disassembler;
  readonly #options: Pick<ListingOptions, 'bytes' | 'sites'>;
  readonly #info: ModuleInfo;
  readonly #code: ModuleCode;
  readonly #context: ReadonlyMap<number, string>;
  /** Names by which functions are exported. */
  readonly #names = new Map<number, string>();

  constructor(
    { space, info, code, layout }: { space: CodeSpace; info: ModuleInfo; code: ModuleCode; layout: ContextLayout },
    disassembler: Disassembler,
    options: Pick<ListingOptions, 'bytes' | 'sites'>,
  ) {
    this.#space = space;
    this.#disassembler = disassembler;
    this.#options = options;
    this.#info = info;
    this.#code = code;
    this.#context = contextNames(info, layout);
    for (const { kind, index, name } of info.exports.toArray())
      if (kind === ExportKind.function) this.#names.set(index, name);
  }

  #knownName(index: number): string | undefined {
    return this.#names.get(index) ?? this.#info.functionName(index);
  }

  functionName(index: number): string {
    return this.#knownName(index) ?? `function ${index}`;
  }

  /** Name of a stub, of a function's slot, or a constant: what is outside of the functions. */
  #globalSymbol(offset: number): string | undefined {
    const stub = stubNames.get(offset);
    if (stub !== undefined) return stub;
    const slot = (offset - this.#code.slots) / 8;
    if (Number.isInteger(slot) && slot >= 0 && slot < this.#code.functions) {
      return this.functionName(this.#info.importedFunctions + slot);
    }
    const behind = this.#code.slots + 8 * this.#code.functions;
    return offset >= behind ? this.#constant(offset) : undefined;
  }

  /** A vector constant by its value: 32-bit lanes, one if all are the same, or 64-bit lanes if two are. */
  #constant(offset: number): string {
    const at = offset >>> 2;
    const lanes = Array.from(this.#space.i32.subarray(at, at + 4), (lane) =>
      (lane >>> 0).toString(16).padStart(8, '0'),
    );
    const [a, b, c, d] = lanes as [string, string, string, string];
    if (a !== c || b !== d) return lanes.map((lane) => `0x${lane}`).join(' ');
    return a === b ? `4 x 0x${a}` : `2 x 0x${b}${a}`;
  }

  list(compiled: CompiledFunction): ListedFunction {
    const { start, end, marks } = compiled;
    const bytes = this.#space.bytes.subarray(start, end);
    // Labels in order of their addresses: a first pass finds the targets.
    const targets = new Set<number>();
    for (const line of this.#disassembler.disassemble(bytes, start)) {
      if (line.target >= start && line.target < end) targets.add(line.target);
    }
    const sorted = [...targets].sort((a, b) => a - b);
    const labels = new Map(sorted.map((target, i) => [target, `L${i + 1}`]));
    const lines = this.#disassembler.disassemble(bytes, start, {
      symbol: (address) => labels.get(address) ?? this.#globalSymbol(address) ?? this.#helperSymbol(address),
    });
    const opcodes: ListedOpcode[] = [];
    const printed = new Set<number>();
    let next = 0;
    const label = (address: number): string[] => {
      const name = labels.get(address);
      if (name === undefined || printed.has(address)) return [];
      printed.add(address);
      return [`${name}:`];
    };
    /** Lines below code position `limit`. */
    const take = (limit: number): string[] => {
      const taken: string[] = [];
      for (; next < lines.length && (lines[next] as DisassemblyLine).address < limit; next++) {
        const line = lines[next] as DisassemblyLine;
        taken.push(...label(line.address), this.#line(line, compiled.frame));
      }
      return taken;
    };
    opcodes.push({ offset: -1, text: '', lines: take(marks[0] ?? end) });
    for (let k = 0; k < marks.length; k += 2) {
      const offset = marks[k + 1] as number;
      const text = opcodeText(this.#info.wire, offset, { functionName: (index) => this.#knownName(index) });
      // A label belongs to the opcode that defines it, even if that has no code of its own.
      const before = /^(?:else|end)\b/.test(text) ? label(marks[k] as number) : [];
      const code = take(marks[k + 2] ?? end);
      const after = /^loop\b/.test(text) ? label(marks[k + 2] ?? end) : [];
      opcodes.push({ offset, text, lines: [...before, ...code, ...after] });
    }
    return { index: compiled.index, name: this.functionName(compiled.index), codeBytes: end - start, opcodes };
  }

  #line(line: DisassemblyLine, frame: FrameMap): string {
    let text = this.#symbolic(line.text, frame);
    if (this.#options.sites) {
      const site = this.#site(line);
      if (site !== '') text = `${text.padEnd(siteColumn)} ; ${site}`;
    }
    if (!this.#options.bytes) return text;
    const bytes = this.#space.bytes.subarray(line.address, line.address + line.length);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `${hex.padEnd(bytesColumn)} ${text}`;
  }

  /** What the code map says of an instruction. */
  #site(line: DisassemblyLine): string {
    const at = this.#code.map.lookup(line.address);
    if (
      at !== undefined &&
      (at.kind === SiteKind.memory || at.kind === SiteKind.division || at.kind === SiteKind.frame)
    ) {
      return siteNames[at.kind];
    }
    const after = this.#code.map.lookup(line.address + line.length);
    return after !== undefined && (after.kind === SiteKind.call || after.kind === SiteKind.trap)
      ? siteNames[after.kind]
      : '';
  }

  /** Calls that lead to none of the known places: marshalling code for types with many values. */
  #helperSymbol(address: number): string | undefined {
    return address >= codeStart && address < this.#code.slots ? 'marshal' : undefined;
  }

  /** Names for what the frame and the context have at constant places. */
  #symbolic(text: string, frame: FrameMap): string {
    return text.replace(
      /\[(rbp|r15)([+-](?:0x[0-9a-f]+|\d))?\]/,
      (whole, register: string, disp: string | undefined) => {
        const value = disp === undefined ? 0 : Number(disp.slice(1)) * (disp[0] === '-' ? -1 : 1);
        const name = register === 'r15' ? this.#context.get(value) : frameName(value, frame);
        return name === undefined ? whole : `[${name}]`;
      },
    );
  }
}

function frameName(disp: number, frame: FrameMap): string | undefined {
  if (disp === Frame.savedContext) return 'saved r15';
  const local = frame.locals.get(disp);
  if (local !== undefined) return local;
  const slot = (frame.slotBase - disp) / 8;
  return Number.isInteger(slot) && slot >= 0 ? `slot ${slot}` : undefined;
}

/** Entries of each kind in the context that listings name. */
const namedEntries = 1000;

function contextNames(info: ModuleInfo, layout: ContextLayout): Map<number, string> {
  const names = new Map<number, string>([
    [Context.thread, 'thread'],
    [Context.memoryBase, 'memory base'],
    [Context.memory, 'memory'],
    [Context.memoryLength, 'memory length'],
    [Context.outOfBounds, 'out of bounds'],
    [Context.outsideElement, 'null element'],
  ]);
  const add = (what: string, start: number, stride: number, count: number, field = '') => {
    for (let k = 0; k < Math.min(count, namedEntries); k++) names.set(start + stride * k, `${what} ${k}${field}`);
  };
  const others = Math.max(0, info.memories.length - 1);
  for (let k = 0; k < Math.min(others, namedEntries); k++) {
    const fields = layout.memory(k + 1);
    names.set(fields + MemoryField.base, `memory ${k + 1} base`);
    names.set(fields + MemoryField.record, `memory ${k + 1}`);
    names.set(fields + MemoryField.length, `memory ${k + 1} length`);
  }
  const imports = layout.imports;
  const elements = info.importedFunctions;
  add('import', imports + FunctionElement.slot, FunctionElement.size, elements, ' slot');
  add('import', imports + FunctionElement.context, FunctionElement.size, elements, ' context');
  add('import', imports + FunctionElement.hostId, FunctionElement.size, elements, ' host id');
  add('import', imports + FunctionElement.record, FunctionElement.size, elements, ' record');
  add('tag', layout.tags, 4, info.tags.length);
  add('global', layout.globals, 16, info.globals.length);
  add('table', layout.tables + TableField.elements, TableField.size, info.tables.length);
  add('table', layout.tables + TableField.length, TableField.size, info.tables.length, ' length');
  add('type id', layout.typeIds, 4, info.types.length);
  add('record', layout.functionRecords, 32, info.referencedFunctions.length);
  add('data', layout.dataSegments + 8, 16, Math.max(0, info.dataCount), ' length');
  add('elem', layout.elementSegments + 8, 16, info.elements.length, ' length');
  return names;
}

/** Columns of `formatFunction`. */
const textColumn = 26;

/** A function's listing as lines: opcodes at the left, their instructions at the right. */
export function formatFunction(listed: ListedFunction): string[] {
  const out = [`${listed.name}:`];
  for (const { text, lines } of listed.opcodes) {
    if (lines.length === 0) out.push(`  ${text}`);
    lines.forEach((line, i) => {
      const left = i === 0 ? `  ${text}` : '';
      const indented = /^L\d+:$/.test(line) ? line : `   ${line}`;
      if (left.length > textColumn - 2) {
        out.push(left, ' '.repeat(textColumn) + indented);
      } else out.push(left.padEnd(textColumn) + indented);
    });
  }
  return out;
}
