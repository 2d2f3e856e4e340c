/**
 * What the engine calls of the core: `src/runtime/compile/core-session.ts` is the other side. One core compiles one module at
 * a time; between two of them the engine puts the memory back to what it was after `open`.
 */

import { ContextLayout, ContextShape } from '../backends/abi/layout';
import { CodeSpace } from '../backends/code/code-space';
import { ModuleCode } from '../backends/code/module-code';
import { CompilerStubs, CompilerTarget, CpuFeatures, trapStubs } from '../backends/code/target';
import { FunctionCompiler } from '../emitter/compiler';
import { BodyDecoder } from '../stream/body';
import { FailureContext } from '../stream/body-failures';
import { Limit } from '../stream/limits';
import { ModuleInfo } from '../stream/module';
import { elementsOf, header as arrayHeader, Int32Array, Uint8Array, Uint32Array } from '../support/dialect';
import { worldOf } from '../support/world';

let compiler!: FunctionCompiler;
let info!: ModuleInfo;
let decoder!: BodyDecoder;
let code!: ModuleCode;
/** The module's bytes: an array whose header is in the page before them. */
let wire!: Uint8Array;

/** So many bodies `runWhole` can take at once. */
const wholeRoom = 4096;
const wholeOffsets = new Int32Array(wholeRoom);
const wholeSizes = new Int32Array(wholeRoom);

/** Room for what the engine writes. */
export function allocate(bytes: i32): usize {
  return heap.alloc(bytes);
}

/** A byte somewhere: a trap where V8 does not rely on guard pages. */
export function probe(at: usize): i32 {
  return load<u8>(at);
}

/** Where the next block would be. */
export function heapEnd(): usize {
  const next = heap.alloc(0);
  heap.free(next);
  return next;
}

/** Forget all that was allocated from `end` on, which `heapEnd` has said; the engine puts the contents back. */
export function release(end: usize): void {
  const next = heapEnd();
  if (next <= end) return;
  // The last block can be given back: make one of all of it (its size stands before it).
  store<usize>(end - 4, next - 4 - end);
  heap.free(end);
}

/**
 * Once per core.
 * @param config stubs of traps (`trapStubs`), the other stubs (23), seven processor features, bounds checks, small world: int32 each.
 */
export function open(wireAt: usize, alias: usize, address: u64, config: usize): void {
  wire = changetype<Uint8Array>(wireAt - arrayHeader);
  const stubs = new CompilerStubs();
  let at = config;
  for (let i = 0; i < trapStubs; i++, at += 4) stubs.trap[i] = load<i32>(at);
  stubs.memoryFill = load<i32>(at, 0);
  stubs.memoryCopy = load<i32>(at, 4);
  stubs.memoryInit = load<i32>(at, 8);
  stubs.memoryGrow = load<i32>(at, 12);
  stubs.tableCopy = load<i32>(at, 16);
  stubs.tableInit = load<i32>(at, 20);
  stubs.tableFill = load<i32>(at, 24);
  stubs.tableGrow = load<i32>(at, 28);
  stubs.functionsCopy = load<i32>(at, 32);
  stubs.functionsInit = load<i32>(at, 36);
  stubs.functionsFill = load<i32>(at, 40);
  stubs.tailCall = load<i32>(at, 44);
  stubs.throwTag = load<i32>(at, 48);
  stubs.throwRef = load<i32>(at, 52);
  stubs.atomicNotify = load<i32>(at, 56);
  stubs.atomicWait32 = load<i32>(at, 60);
  stubs.atomicWait64 = load<i32>(at, 64);
  stubs.memorySize = load<i32>(at, 68);
  stubs.otherFill = load<i32>(at, 72);
  stubs.otherCopy = load<i32>(at, 76);
  stubs.otherInit = load<i32>(at, 80);
  stubs.wideGrow = load<i32>(at, 84);
  stubs.wideTableGrow = load<i32>(at, 88);
  at += 92;
  const cpu = new CpuFeatures();
  cpu.avx = load<i32>(at, 0) != 0;
  cpu.avx2 = load<i32>(at, 4) != 0;
  cpu.fma = load<i32>(at, 8) != 0;
  cpu.bmi1 = load<i32>(at, 12) != 0;
  cpu.bmi2 = load<i32>(at, 16) != 0;
  cpu.lzcnt = load<i32>(at, 20) != 0;
  cpu.popcnt = load<i32>(at, 24) != 0;
  const space = new CodeSpace(alias, address);
  const world = worldOf(load<i32>(at, 32) != 0);
  compiler = new FunctionCompiler(new CompilerTarget(space, stubs, cpu, load<i32>(at, 28) != 0, world), null);
}

/** Words of a list at `from`. */
function words(from: usize, count: i32): Int32Array {
  const list = new Int32Array(count);
  memory.copy(elementsOf(changetype<usize>(list)), from, <usize>count << 2);
  return list;
}

/** Places in the header of a module: int32 each, the lists behind them in the same order. */
const enum Header {
  types = 0,
  globals = 4,
  tables = 8,
  functions = 12,
  elements = 16,
  memories = 20,
  leastPages = 24,
  dataCount = 28,
  importedFunctions = 32,
  importedGlobals = 36,
  referencedFunctions = 40,
  /** Types that are used already. */
  usedTypes = 44,
  tags = 48,
  lists = 52,
}

/**
 * A module begins; its bytes before the code are there.
 * @param header see `Header`; lists: offsets of types, globals, tables and tags, type and reference of each function, flags of
 *   memories, used types
 */
export function beginModule(header: usize, held: f64, peak: f64, limit: f64): void {
  info = new ModuleInfo();
  setBudget(held, peak, limit);
  let at = header + Header.lists;
  info.types.offsets = words(at, load<i32>(header, Header.types));
  at += 4 * info.types.length;
  info.globals.offsets = words(at, load<i32>(header, Header.globals));
  at += 4 * info.globals.length;
  info.tables.offsets = words(at, load<i32>(header, Header.tables));
  at += 4 * info.tables.length;
  info.tags.offsets = words(at, load<i32>(header, Header.tags));
  at += 4 * info.tags.length;
  const functions = load<i32>(header, Header.functions);
  info.functionTypes = changetype<Uint32Array>(words(at, functions));
  at += 4 * functions;
  info.reference = words(at, functions);
  at += 4 * functions;
  info.elements.length = load<i32>(header, Header.elements);
  const memories = load<i32>(header, Header.memories);
  info.memories.flags = words(at, memories);
  at += 4 * memories;
  info.leastPages = load<i32>(header, Header.leastPages);
  info.dataCount = load<i32>(header, Header.dataCount);
  info.importedFunctions = load<i32>(header, Header.importedFunctions);
  info.importedGlobals = load<i32>(header, Header.importedGlobals);
  info.referencedFunctions = load<i32>(header, Header.referencedFunctions);
  const used = load<i32>(header, Header.usedTypes);
  for (let k = 0; k < used; k++) info.types.adopt(load<i32>(at + 4 * k));
  const shape = new ContextShape();
  shape.importedFunctions = info.importedFunctions;
  shape.globals = info.globals.length;
  shape.tables = info.tables.length;
  shape.memories = info.memories.length;
  shape.types = info.types.length;
  shape.tags = info.tags.length;
  shape.referencedFunctions = info.referencedFunctions;
  shape.dataSegments = max(0, info.dataCount);
  shape.elementSegments = info.elements.length;
  code = compiler.beginModule(info, new ContextLayout(shape));
  decoder = new BodyDecoder(info, compiler, new FailureContext());
}

export function beginBody(functionIndex: i32, start: i32, end: i32): void {
  decoder.begin(functionIndex, start, end);
}

/** True when the body is complete. */
export function runBody(limit: i32): bool {
  return decoder.run(wire, limit);
}

let done = 0;

/**
 * Whole bodies, one after another, as long as they are here and nothing is unusual about their sizes: a body's size is at
 * `at`. Returns how many; after a trap `wholeDone` has that number.
 * @param most at most `wholeRoom`
 */
export function runWhole(at: i32, limit: i32, sectionEnd: i32, functionIndex: i32, most: i32): i32 {
  done = 0;
  if (sectionEnd < limit) limit = sectionEnd;
  while (done < most) {
    let size: u32 = 0;
    let shift = 0;
    let pos = at;
    let byte = 0x80;
    while (byte >= 0x80 && pos < limit && shift < 28) {
      byte = wire[pos++];
      size |= (byte & 0x7f) << shift;
      shift += 7;
    }
    if (byte >= 0x80 || size > <u32>Limit.functionSize || size > <u32>(limit - pos)) break;
    const end = pos + <i32>size;
    wholeOffsets[done] = pos;
    wholeSizes[done] = size;
    decoder.begin(functionIndex + done, pos, end);
    if (!decoder.run(wire, end)) unreachable();
    done++;
    at = end;
  }
  return done;
}

export function wholeDone(): i32 {
  return done;
}

/** Where the bodies of `runWhole` are, and their sizes: the elements of arrays. */
export function wholeOffsetsAt(): usize {
  return elementsOf(changetype<usize>(wholeOffsets));
}

export function wholeSizesAt(): usize {
  return elementsOf(changetype<usize>(wholeSizes));
}

export function finishModule(): void {
  compiler.finishModule();
}

// The state of a compilation.

/** Next byte of the body. */
export function position(): i32 {
  return decoder.pos;
}

/** The opcode at hand. */
export function opcodeAt(): i32 {
  return decoder.at;
}

export function codeBytes(): i32 {
  return compiler.codeBytes;
}

export function setBudget(held: f64, peak: f64, limit: f64): void {
  info.memory.held = held;
  info.memory.peak = peak;
  info.memory.limit = limit;
}

export function held(): f64 {
  return info.memory.held;
}

export function peak(): f64 {
  return info.memory.peak;
}

/** How many types the code has asked for that were not used before; which. */
export function typesAsked(): i32 {
  return info.types.asked.length;
}

export function typeAsked(k: i32): i32 {
  return info.types.asked[k];
}

// What a module became.

export function slots(): i32 {
  return code.slots;
}

export function moduleCodeBytes(): i32 {
  return code.codeBytes;
}

export function sites(): i32 {
  return code.map.length;
}

export function siteChunk(k: i32): usize {
  return code.map.chunk(k);
}

export function mapSpans(): i32 {
  return code.map.spans;
}

export function mapSpan(k: i32, field: i32): i32 {
  return code.map.span(k, field);
}

export function stackMapNodes(): i32 {
  return code.stackMaps.nodes;
}

export function stackMapChunk(k: i32): usize {
  return code.stackMaps.chunk(k);
}

export function stackMapLists(): i32 {
  return code.stackMaps.listCount;
}

export function stackMapOffsets(k: i32): usize {
  return code.stackMaps.offsets(k);
}
