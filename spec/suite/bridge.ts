/**
 * Calls exported functions without losing a bit. A JS number cannot carry the payload of a signalling NaN, nor a
 * vector at all. So the call goes through a small wasm module made for the signature: it imports the function,
 * and exports one that takes and gives float bits as i32 and i64, and vectors as two i64.
 */
import type { Namespace } from '../support/engine.js';
import { Op } from '../support/instructions.js';
import { F32, F64, type FunctionType, I32, I64, Kind, Section, V128, type ValueType } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';
import type { Raw } from './values.js';

type Callable = (...args: unknown[]) => unknown;

const V128_CONST_ZERO = [0xfd, 12, ...new Array<number>(16).fill(0)];

function needsBridge(type: ValueType): boolean {
  return type === F32 || type === F64 || type === V128;
}

/** The types that stand for a type outside. */
function carried(type: ValueType): ValueType[] {
  if (type === F32) return [I32];
  if (type === F64) return [I64];
  return type === V128 ? [I64, I64] : [type];
}

/** Bytes of the module that exports `f` with bits for floats, and calls the imported function. */
export function bridgeModule(type: FunctionType): Uint8Array {
  const outer: FunctionType = { params: type.params.flatMap(carried), results: type.results.flatMap(carried) };
  const writer = new ByteWriter().header();
  writer.section(Section.type, (section) => section.u32(2).functionType(type).functionType(outer));
  writer.section(Section.import, (section) => section.u32(1).name('').name('f').byte(Kind.function, 0));
  writer.section(Section.function, (section) => section.u32(1).u32(1));
  writer.section(Section.export, (section) => section.u32(1).name('f').byte(Kind.function, 1));
  writer.section(Section.code, (section) => section.u32(1).sized((body) => writeBody(body, type, outer.params.length)));
  return writer.finish();
}

function writeBody(body: ByteWriter, type: FunctionType, params: number): void {
  // One local per result: the last result is on top, and each may become two values.
  body.vector(type.results, (result) => body.u32(1).byte(result));
  let param = 0;
  for (const value of type.params) {
    if (value === V128) {
      body.byte(...V128_CONST_ZERO);
      body.byte(Op.localGet).u32(param++).byte(0xfd, 30, 0); // i64x2.replace_lane 0
      body.byte(Op.localGet).u32(param++).byte(0xfd, 30, 1);
      continue;
    }
    body.byte(Op.localGet).u32(param++);
    if (value === F32) body.byte(Op.f32ReinterpretI32);
    if (value === F64) body.byte(Op.f64ReinterpretI64);
  }
  body.byte(Op.call).u32(0);
  for (let i = type.results.length - 1; i >= 0; i--) body.byte(Op.localSet).u32(params + i);
  type.results.forEach((value, i) => {
    body.byte(Op.localGet).u32(params + i);
    if (value === F32) body.byte(Op.i32ReinterpretF32);
    if (value === F64) body.byte(Op.i64ReinterpretF64);
    if (value === V128)
      body
        .byte(0xfd, 29, 0, Op.localGet)
        .u32(params + i)
        .byte(0xfd, 29, 1); // i64x2.extract_lane
  });
  body.byte(Op.end);
}

/** Bytes of the module that imports a global and exports `f`, which gives its bits. */
function globalModule(type: ValueType, mutable: boolean): Uint8Array {
  const writer = new ByteWriter().header();
  writer.section(Section.type, (section) => section.u32(1).functionType({ params: [], results: carried(type) }));
  writer.section(Section.import, (section) =>
    section
      .u32(1)
      .name('')
      .name('g')
      .byte(Kind.global, type, mutable ? 1 : 0),
  );
  writer.section(Section.function, (section) => section.u32(1).u32(0));
  writer.section(Section.export, (section) => section.u32(1).name('f').byte(Kind.function, 0));
  writer.section(Section.code, (section) =>
    section.u32(1).sized((body) => {
      body.u32(0).byte(Op.globalGet, 0);
      if (type === F32) body.byte(Op.i32ReinterpretF32);
      if (type === F64) body.byte(Op.i64ReinterpretF64);
      if (type === V128) body.byte(0xfd, 29, 0, Op.globalGet, 0, 0xfd, 29, 1);
      body.byte(Op.end);
    }),
  );
  return writer.finish();
}

/** Exact calls for one engine; modules are compiled once per signature. */
export class Bridge {
  readonly #engine: Namespace;
  readonly #modules = new Map<string, InstanceType<Namespace['Module']>>();
  readonly #wrapped = new WeakMap<Callable, Callable>();

  constructor(engine: Namespace) {
    this.#engine = engine;
  }

  #module(key: string, build: () => Uint8Array): InstanceType<Namespace['Module']> {
    let module = this.#modules.get(key);
    if (module === undefined) this.#modules.set(key, (module = new this.#engine.Module(build())));
    return module;
  }

  /**
   * Call an exported function of a known type.
   * @param args in the raw form of values.ts
   * @returns one raw value per result
   */
  call(target: Callable, type: FunctionType, args: Raw[]): Raw[] {
    if (![...type.params, ...type.results].some(needsBridge)) return results(target(...args), type.results.length);
    let wrapped = this.#wrapped.get(target);
    if (wrapped === undefined) {
      const key = `${type.params.join()}>${type.results.join()}`;
      const module = this.#module(key, () => bridgeModule(type));
      wrapped = new this.#engine.Instance(module, { '': { f: target } }).exports.f as Callable;
      this.#wrapped.set(target, wrapped);
    }
    const outer = wrapped(...args.flatMap(splitVector));
    return joinVectors(results(outer, type.results.flatMap(carried).length), type.results);
  }

  /** The value of an exported global, in raw form. */
  readGlobal(global: { value: unknown }, type: ValueType, mutable: boolean): Raw {
    if (!needsBridge(type)) return global.value;
    const module = this.#module(`global ${type} ${mutable}`, () => globalModule(type, mutable));
    const read = new this.#engine.Instance(module, { '': { g: global } }).exports.f as Callable;
    return joinVectors(results(read(), carried(type).length), [type])[0];
  }
}

function results(value: unknown, count: number): Raw[] {
  if (count === 0) {
    if (value !== undefined) throw new Error(`a function without results gave ${String(value)}`);
    return [];
  }
  if (count === 1) return [value];
  if (!Array.isArray(value) || value.length !== count) throw new Error(`${count} results must come as an array`);
  return value;
}

function splitVector(value: Raw): Raw[] {
  if (!(value instanceof Uint8Array)) return [value];
  const view = new DataView(value.buffer, value.byteOffset, 16);
  return [view.getBigInt64(0, true), view.getBigInt64(8, true)];
}

function joinVectors(values: Raw[], types: ValueType[]): Raw[] {
  let next = 0;
  return types.map((type) => {
    if (type !== V128) return values[next++];
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setBigInt64(0, values[next++] as bigint, true);
    view.setBigInt64(8, values[next++] as bigint, true);
    return bytes;
  });
}
