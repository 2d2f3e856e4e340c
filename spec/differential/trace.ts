/**
 * Rewrites an instrumented module so that every call of every function is logged, with arguments and results. Function
 * indices stay as they are: each function becomes a wrapper around a copy of itself at the end of the index space. The
 * log goes out through a table slot, since an import would shift the indices.
 */
import { createHash } from 'node:crypto';
import type { Namespace } from '../support/engine.js';
import { Op } from '../support/instructions.js';
import { type ModuleShape, readModule, type SectionRange } from '../support/reader.js';
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  type FunctionType,
  I32,
  I64,
  Kind,
  Section,
  V128,
  type ValueType,
} from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';
import { show } from './execute.js';
import { prefix } from './instrument.js';

export const logExport = '__trace_log';
const startExport = '__trace_start';

type Callable = (...args: unknown[]) => unknown;

const order = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/**
 * The tracing module. A start function becomes an export, so that the log is in place before it runs.
 * @param bytes a module from `instrument`
 */
export function addTrace(bytes: Uint8Array): Uint8Array {
  const shape = readModule(bytes);
  const writer = new ByteWriter(bytes.length * 2).header();
  let tables = false;
  for (const section of shape.sections) {
    if (!tables && section.id !== Section.custom && order.indexOf(section.id) > order.indexOf(Section.table)) {
      writer.section(Section.table, (out) => out.u32(1).byte(FUNCREF).limits(1, 1));
      tables = true;
    }
    tables ||= section.id === Section.table;
    writeSection(shape, writer, section);
  }
  return writer.finish();
}

function writeSection(shape: ModuleShape, writer: ByteWriter, section: SectionRange): void {
  const content = shape.bytes.subarray(section.payload, section.end);
  const append = (count: number, more: number, write: (out: ByteWriter) => void): void => {
    const width = new ByteWriter(8).u32(count).length;
    writer.section(section.id, (out) => write(out.u32(count + more).bytes(content.subarray(width))));
  };
  const defined = shape.functions.slice(shape.importedFunctions);
  switch (section.id) {
    case Section.type:
      return append(shape.types.length, 1, (out) => out.functionType({ params: [I64], results: [] }));
    case Section.function:
      return append(defined.length, defined.length, (out) => {
        for (const type of defined) out.u32(type);
      });
    case Section.table:
      return append(shape.tables.length - shape.importedTables, 1, (out) => out.byte(FUNCREF).limits(1, 1));
    case Section.export: {
      const start = shape.start === undefined ? 0 : 1;
      return append(shape.exports.length, 1 + start, (out) => {
        out.name(logExport).byte(Kind.table).u32(shape.tables.length);
        if (start === 1) out.name(startExport).byte(Kind.function).u32(shape.start!);
      });
    }
    case Section.start:
      return;
    case Section.code:
      writer.section(Section.code, (out) => {
        out.u32(2 * defined.length);
        for (const [i, type] of defined.entries()) {
          out.sized((body) => writeWrapper(body, shape, shape.types[type]!, i));
        }
        for (const { start, end } of shape.bodies) out.u32(end - start).bytes(shape.bytes.subarray(start, end));
      });
      return;
    default:
      writer.bytes(shape.bytes.subarray(section.start, section.end));
  }
}

function writeWrapper(out: ByteWriter, shape: ModuleShape, type: FunctionType, definedIndex: number): void {
  const index = shape.importedFunctions + definedIndex;
  const log = (write: () => void): void => {
    write();
    out.byte(Op.i32Const, 0, Op.callIndirect).u32(shape.types.length).u32(shape.tables.length);
  };
  const event = (kind: number): void => log(() => out.byte(Op.i64Const).s64(BigInt(index * 2 + kind)));
  const logLocal = (local: number, value: ValueType): void =>
    log(() => {
      out.byte(Op.localGet).u32(local);
      if (value === V128) foldVector(out, local);
      else asI64(out, value);
    });
  out.vector(type.results, (result) => out.u32(1).byte(result));
  event(0);
  for (const [i, param] of type.params.entries()) logLocal(i, param);
  for (const i of type.params.keys()) out.byte(Op.localGet).u32(i);
  out.byte(Op.call).u32(shape.functions.length + definedIndex);
  const results = type.params.length;
  for (let i = type.results.length - 1; i >= 0; i--) out.byte(Op.localSet).u32(results + i);
  event(1);
  for (const [i, result] of type.results.entries()) logLocal(results + i, result);
  for (const i of type.results.keys()) out.byte(Op.localGet).u32(results + i);
  out.byte(Op.end);
}

/** The vector on top, which the local has too, as one i64: lane 0 * p ^ lane 1. */
function foldVector(out: ByteWriter, local: number): void {
  out.byte(0xfd, 29, 0, Op.i64Const).s64(0x100000001b3n).byte(0x7e); // i64x2.extract_lane, i64.mul
  out.byte(Op.localGet).u32(local).byte(0xfd, 29, 1, 0x85); // i64.xor
}

function asI64(out: ByteWriter, type: ValueType): void {
  if (type === I32) out.byte(0xac);
  else if (type === F32) out.byte(Op.i32ReinterpretF32, 0xac);
  else if (type === F64) out.byte(Op.i64ReinterpretF64);
  else if (type === FUNCREF || type === EXTERNREF) out.byte(Op.refIsNull, 0xac);
}

const scratch = new DataView(new ArrayBuffer(8));

/** A logged value as text. */
function decode(bits: bigint, type: ValueType): string {
  scratch.setBigInt64(0, bits);
  if (type === I32) return show(Number(bits), type);
  if (type === I64) return show(bits, type);
  if (type === F32) return show(scratch.getFloat32(4), type);
  if (type === F64) return show(scratch.getFloat64(0), type);
  if (type === V128) return `vector #${BigInt.asUintN(64, bits).toString(16)}`;
  return bits === 0n ? 'reference' : 'null';
}

/** Short hash over the mutable globals and the small memories: a wrong store shows at the next event. */
function stateDigest(shape: ModuleShape, exports: Record<string, unknown>): string {
  const hash = createHash('md5');
  for (const [name, value] of Object.entries(exports)) {
    if (name.startsWith(`${prefix}memory`)) {
      const { buffer } = value as { buffer: ArrayBuffer };
      if (buffer.byteLength <= 1 << 18) hash.update(new Uint8Array(buffer));
    } else if (name.startsWith(`${prefix}global`)) {
      // JavaScript cannot read a vector.
      if (shape.globals[Number(name.slice(`${prefix}global`.length))]?.type === V128) continue;
      const content = (value as { value: unknown }).value;
      hash.update(typeof content === 'function' ? 'function' : String(content)).update(' ');
    }
  }
  return hash.digest('hex').slice(0, 8);
}

/**
 * Put the log in place, and run the start function if there is one. Lines are `> index(arguments) [state]` when a
 * function is entered, `< index = results [state]` when it returns.
 */
export function connectTrace(
  engine: Namespace,
  bytes: Uint8Array,
  exports: Record<string, unknown>,
  onLine: (line: string) => void,
): void {
  const shape = readModule(bytes);
  let types: ValueType[] = [];
  let head = '';
  let tail = '';
  let values: string[] = [];
  const emit = (): void => onLine(`${head}${values.join(', ')}${tail} [${stateDigest(shape, exports)}]`);
  const log = (word: bigint): void => {
    if (values.length < types.length) {
      values.push(decode(word, types[values.length]!));
      if (values.length === types.length) emit();
      return;
    }
    const index = Number(word >> 1n);
    const entering = (word & 1n) === 0n;
    const type = shape.types[shape.functions[index]!]!;
    types = entering ? type.params : type.results;
    head = entering ? `> ${index}(` : `< ${index} = `;
    tail = entering ? ')' : '';
    values = [];
    if (types.length === 0) emit();
  };
  const table = exports[logExport] as { set(index: number, value: unknown): void };
  table.set(0, exportedFunction(engine, log));
  if (typeof exports[startExport] === 'function') (exports[startExport] as Callable)();
}

/** A JS function of type (i64) -> () as an exported function, which a table takes. */
function exportedFunction(engine: Namespace, target: (word: bigint) => void): unknown {
  const writer = new ByteWriter().header();
  writer.section(Section.type, (out) => out.u32(1).functionType({ params: [I64], results: [] }));
  writer.section(Section.import, (out) => out.u32(1).name('').name('log').byte(Kind.function, 0));
  writer.section(Section.export, (out) => out.u32(1).name('log').byte(Kind.function, 0));
  const module = new engine.Module(writer.finish());
  return new engine.Instance(module, { '': { log: target } }).exports.log;
}
