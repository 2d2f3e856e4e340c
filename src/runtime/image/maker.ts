/**
 * Making code images (`format.ts`). The compiler needs not tell which fields of its code refer to something outside:
 * it writes the same code again for a place elsewhere, and what differs are these fields. A third code, for which all that
 * can be referred to lies elsewhere again, must be what the loader makes of the image: so an image that was made is one
 * that can be loaded anywhere.
 */
import { TrapCode } from '../../backends/abi/layout.js';
import type { CodeSpace } from '../../backends/code/code-space.js';
import type { ModuleCode } from '../../backends/code/module-code.js';
import type { Bounds, CompilerStubs, CpuFeatures } from '../../backends/code/target.js';
import { FunctionCompiler } from '../../emitter/compiler.js';
import { ModuleDecoder } from '../../stream/decoder.js';
import { moduleWords } from '../../stream/module-words.js';
import { worldOf } from '../../support/world.js';
import { layoutOf } from '../../tiering/context-layout.js';
import { type ContentHash, hashOf } from '../compile/known-modules.js';
import { codeVersion } from '../compile/shared-code.js';
import '../../tiering/isolated-tier.js';
import { contentHash, type ImageParts } from './check.js';
import { relocate } from './code.js';
import {
  cpuMask,
  Head,
  ImageOption,
  imageFormat,
  imageMagic,
  NumberWriter,
  stubOffsets,
  Target,
  versionWords,
} from './format.js';
import { callDirectly, type Fields, routeStubs } from './linker.js';

/** What an image's code is made for. */
export interface ImageTarget {
  /** The code runs on processors that have all this. */
  readonly cpu: CpuFeatures;
  readonly bounds: Bounds;
  /** For engines with this debug switch. */
  readonly smallWorld?: boolean;
  /** Functions call each other directly: nothing can take the place of one. */
  readonly linked?: boolean;
  /** The module's bytes are in the image, too. */
  readonly holdsModule?: boolean;
}

/** Where the parts of a draft lie: code-memory offsets. */
interface Arrangement {
  readonly code: number;
  /** Bytes between the code's room and the slots, and between slots and constants. */
  readonly beforeSlots: number;
  readonly beforeConstants: number;
  /** Of the stub with this number. */
  readonly stub: (number: number) => number;
}

const codeAlignment = 64;
const firstCode = 1 << 20;
/**
 * The second place of the code differs in the lowest byte of all distances: each field that refers to something outside
 * differs there.
 */
const codeShift = 5 * codeAlignment;

/** A field names up to four bytes before its constant, if bytes of the instruction follow it: those are no slots. */
const gap = 16;

const first: Arrangement = {
  code: firstCode,
  beforeSlots: 0,
  beforeConstants: gap,
  stub: (number) => codeAlignment * (number + 1),
};
const second: Arrangement = { ...first, code: firstCode + codeShift, beforeSlots: -codeShift };
const third: Arrangement = {
  code: firstCode + 7 * codeAlignment,
  beforeSlots: 48,
  beforeConstants: 112,
  stub: (number) => 16 * (number + 1) * (number + 5),
};

/** Code memory that is only written. */
class DraftSpace implements CodeSpace {
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  readonly base: number = 0;
  readonly spanEnd: number;
  #nextCode: number;
  nextData: number;

  constructor({ code, beforeSlots }: Arrangement, size: number) {
    this.#nextCode = code;
    this.spanEnd = code + size;
    this.nextData = this.spanEnd + codeAlignment * 16 + beforeSlots;
    // Pages that nobody touches cost nothing.
    this.bytes = new Uint8Array(this.nextData + size);
    this.i32 = new Int32Array(this.bytes.buffer);
  }

  /** One span: an image has its code in one piece. */
  openSpan(minBytes: number): number {
    const start = this.#nextCode;
    if (start + minBytes > this.spanEnd) throw new RangeError('code image: too much machine code');
    this.#nextCode = this.spanEnd;
    return start;
  }

  /** What the slots hold depends on where code memory is: images have the entries. */
  writeEntry(): void {}

  freeCode(): void {}
  trimCode(): void {}

  allocateData(bytes: number): number {
    const at = this.nextData;
    this.nextData += (bytes + 15) & ~15;
    if (this.nextData > this.bytes.length) throw new RangeError('code image: too many functions or constants');
    return at;
  }

  freeData(): void {}
}

/** A module's code in one place. */
interface Draft {
  readonly arrangement: Arrangement;
  readonly stubs: readonly number[];
  readonly module: ModuleCode;
  readonly code: Uint8Array;
  readonly constants: Uint8Array;
  /** Where they begin. */
  readonly constantsAt: number;
  readonly types: readonly number[];
  readonly words: Int32Array;
}

const largestDraft = 400 << 20;

function stubsAt(at: (number: number) => number): CompilerStubs {
  return {
    memoryFill: at(0),
    memoryCopy: at(1),
    memoryInit: at(2),
    memoryGrow: at(3),
    tableCopy: at(4),
    tableInit: at(5),
    tableFill: at(6),
    tableGrow: at(7),
    functionsCopy: at(8),
    functionsInit: at(9),
    functionsFill: at(10),
    tailCall: at(11),
    throwTag: at(12),
    throwRef: at(13),
    atomicNotify: at(14),
    atomicWait32: at(15),
    atomicWait64: at(16),
    memorySize: at(17),
    otherFill: at(18),
    otherCopy: at(19),
    otherInit: at(20),
    wideGrow: at(21),
    wideTableGrow: at(22),
    // Code 0 is no trap.
    trap: Array.from({ length: TrapCode.count }, (_, code) => (code === 0 ? 0 : at(23 + code))),
  };
}

/** @throws WasmDecodeError, RangeError */
function compile(bytes: Uint8Array, target: ImageTarget, arrangement: Arrangement): Draft {
  const space = new DraftSpace(arrangement, Math.min(largestDraft, 64 * bytes.length + (1 << 20)) & -codeAlignment);
  const stubs = stubsAt(arrangement.stub);
  const { cpu, bounds, smallWorld = false } = target;
  const world = worldOf(smallWorld);
  const compiler = new FunctionCompiler({ code: space, stubs, cpu, checksBounds: bounds === 'check', world }, null);
  let constantsAt = 0;
  const onHeader: NonNullable<ConstructorParameters<typeof ModuleDecoder>[1]>['onHeader'] = (info) => {
    compiler.beginModule(info, layoutOf(info));
    space.nextData += arrangement.beforeConstants;
    constantsAt = space.nextData;
  };
  const info = new ModuleDecoder(compiler, { onHeader }).finish(bytes, bytes.length);
  const module = compiler.finishModule();
  // Their cells hold places in the code, which loading does not move.
  if (!module.handlers.isEmpty)
    throw new RangeError('a code image of a module with handlers: not supported yet (exceptions)');
  const [start = arrangement.code, end = start] = module.spans;
  return {
    arrangement,
    stubs: stubOffsets(stubs),
    module,
    code: space.bytes.subarray(start, end),
    constants: space.bytes.subarray(constantsAt, space.nextData),
    constantsAt,
    types: info.types.usedIndices(),
    words: moduleWords(info),
  };
}

function impossible(what: string, at: number): never {
  throw new Error(`internal error: code image: ${what} at ${at}`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The fields of the code that refer to something outside. */
function fieldsOf(draft: Draft, moved: Draft): Fields {
  const { code, stubs, module, constants, constantsAt, arrangement } = draft;
  if (moved.code.length !== code.length) impossible('another length', moved.code.length);
  const [here, there] = [viewOf(code), viewOf(moved.code)];
  const fields: Fields = new Map();
  for (let at = 0; at < code.length; at++) {
    if (code[at] === moved.code[at]) continue;
    if (at + 4 > code.length) impossible('half a field', at);
    const distance = here.getInt32(at, true);
    if (there.getInt32(at, true) !== distance - codeShift) impossible('code that depends on its place', at);
    const named = arrangement.code + at + 4 + distance;
    const stub = stubs.indexOf(named);
    let target: number;
    if (stub >= 0) target = Target.firstStub + stub;
    else if (named >= module.slots && named < module.slots + 8 * module.functions) target = Target.slots;
    else if (named >= constantsAt - 4 && named < constantsAt + constants.length) target = Target.constants;
    else impossible('a field that names nothing', at);
    const list = fields.get(target);
    if (list === undefined) fields.set(target, [at]);
    else list.push(at);
    at += 3;
  }
  return fields;
}

/** The code with its fields as the file has them, and the list of them. */
function unlink(draft: Draft, fields: Fields): [code: Uint8Array, list: Uint8Array] {
  const code = draft.code.slice();
  const view = viewOf(code);
  const list = new NumberWriter();
  for (const [target, offsets] of [...fields].sort(([a], [b]) => a - b)) {
    list.unsigned(target);
    list.unsigned(offsets.length);
    let end = 0;
    for (const at of offsets) {
      list.unsigned(at - end);
      end = at + 4;
      const shift = target === Target.slots ? draft.module.slots : draft.constantsAt;
      const held = target >= Target.firstStub ? 0 : view.getInt32(at, true) - shift + draft.arrangement.code;
      view.setInt32(at, held, true);
    }
  }
  return [code, list.bytes];
}

function entriesOf({ module, arrangement }: Draft): Uint8Array {
  const list = new NumberWriter();
  let before = arrangement.code;
  for (const entry of module.entries) {
    const distance = entry - before;
    if (distance < 0 || distance % 16 !== 0) impossible('an entry', entry);
    list.unsigned(distance / 16);
    before = entry;
  }
  return list.bytes;
}

function sitesOf({ module, arrangement }: Draft): Uint8Array {
  const list = new NumberWriter();
  list.unsigned(module.map.length);
  let code = arrangement.code;
  let wasm = 0;
  for (const chunk of module.map.parts().chunks) {
    for (let i = 0; i < chunk.length; i += 3) {
      const [codeOffset, wasmOffset, kind] = chunk.subarray(i, i + 3) as unknown as [number, number, number];
      if (codeOffset < code) impossible('a site', codeOffset);
      list.unsigned(codeOffset - code);
      list.signed(wasmOffset - wasm);
      list.unsigned(kind);
      code = codeOffset;
      wasm = wasmOffset;
    }
  }
  return list.bytes;
}

function stackMapsOf({ module }: Draft): Uint8Array {
  const { chunks, lists } = module.stackMaps.parts();
  const list = new NumberWriter();
  list.unsigned(chunks.reduce((sum, { length }) => sum + length, 0));
  for (const chunk of chunks) for (const word of chunk) list.signed(word);
  list.unsigned(lists.length);
  for (const word of lists) list.signed(word);
  return list.bytes;
}

function typesOf({ types }: Draft): Uint8Array {
  const list = new NumberWriter();
  list.unsigned(types.length);
  for (const type of types) list.unsigned(type);
  return list.bytes;
}

/** The loader must make of the parts what the compiler makes for that place. */
function verify(parts: ImageParts, draft: Draft): void {
  const code = parts.code.slice();
  const { module, constantsAt, arrangement, stubs } = draft;
  relocate(viewOf(code), parts, { code: arrangement.code, slots: module.slots, constants: constantsAt, stubs });
  if (Buffer.compare(code, draft.code) !== 0) impossible('other code elsewhere', code.length);
  if (Buffer.compare(parts.constants, draft.constants) !== 0) impossible('other constants elsewhere', constantsAt);
  const words = new Uint8Array(draft.words.buffer);
  const moved = [entriesOf(draft), sitesOf(draft), stackMapsOf(draft), typesOf(draft), words];
  const here = [parts.entries, parts.sites, parts.stackMaps, parts.types, parts.module];
  here.forEach((part, i) => {
    if (Buffer.compare(part, moved[i] as Uint8Array) !== 0) impossible('another map elsewhere', i);
  });
}

/**
 * Compile a module and make an image of its code. The same bytes and target give the same image.
 * @throws WasmDecodeError if the module is not valid; RangeError if it has more than 400 MiB of machine code
 */
export function makeImage(wasm: Uint8Array, target: ImageTarget): Uint8Array {
  const draft = compile(wasm, target, first);
  const fields = fieldsOf(draft, compile(wasm, target, second));
  const parts = partsOf(wasm, target, draft, fields);
  verify(parts, compile(wasm, target, third));
  return write(wasm, target, linkedParts(parts, target, draft, fields));
}

function partsOf(wasm: Uint8Array, target: ImageTarget, draft: Draft, fields: Fields): ImageParts {
  const [code, relocations] = unlink(draft, fields);
  return {
    functions: draft.module.functions,
    codeBytes: draft.module.codeBytes,
    code,
    constants: draft.constants,
    relocations,
    entries: entriesOf(draft),
    sites: sitesOf(draft),
    stackMaps: stackMapsOf(draft),
    types: typesOf(draft),
    module: new Uint8Array(draft.words.buffer),
    wasm: target.holdsModule === true ? wasm : new Uint8Array(0),
  };
}

/** The parts with fewer fields; what is not about code stays as it was. */
function linkedParts(parts: ImageParts, target: ImageTarget, draft: Draft, fields: Fields): ImageParts {
  const { module, arrangement } = draft;
  const own = draft.code.slice();
  const entries = Array.from(module.entries, (entry) => entry - arrangement.code);
  const left = target.linked === true ? callDirectly(own, fields, module.slots - arrangement.code, entries) : fields;
  const routed = routeStubs(own, left);
  const [code, relocations] = unlink({ ...draft, code: routed.code }, routed.fields);
  return { ...parts, code, relocations };
}

function write(wasm: Uint8Array, target: ImageTarget, parts: ImageParts): Uint8Array {
  const { code, constants, relocations, entries, sites, stackMaps, types, module } = parts;
  const lists = [code, constants, relocations, entries, sites, stackMaps, types, module, parts.wasm];
  const head = new Int32Array(Head.words);
  const size = lists.reduce((sum, { length }) => sum + length, head.byteLength);
  const image = new Uint8Array(size);
  head[Head.magic] = imageMagic;
  head[Head.format] = imageFormat;
  head[Head.size] = size;
  head[Head.codeVersion] = codeVersion;
  head.set(versionWords(), Head.engineVersion);
  head[Head.cpu] = cpuMask(target.cpu);
  head[Head.options] =
    (target.bounds === 'check' ? ImageOption.checksBounds : 0) |
    (target.smallWorld === true ? ImageOption.smallWorld : 0) |
    (target.linked === true ? ImageOption.linked : 0);
  head[Head.functions] = parts.functions;
  head[Head.codeBytes] = parts.codeBytes;
  let at = head.byteLength;
  lists.forEach((list, i) => {
    head[Head.code + i] = list.length;
    image.set(list, at);
    at += list.length;
  });
  image.set(new Uint8Array(head.buffer));
  image.set(bytesOf(hashOf(wasm)), 4 * Head.wasmHash);
  image.set(bytesOf(contentHash(image)), 4 * Head.hash);
  return image;
}

function bytesOf(hash: ContentHash): Uint8Array {
  return Uint8Array.from(hash, (character) => character.charCodeAt(0));
}
