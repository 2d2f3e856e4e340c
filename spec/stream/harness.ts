/** Helpers of the decoder's tests: verdicts beside V8's, recorded sink calls, small modules. */
import { ModuleDecoder } from '../../src/stream/decoder.js';
import { WasmDecodeError } from '../../src/stream/errors.js';
import type { ModuleInfo } from '../../src/stream/module.js';
import type { BodySink } from '../../src/stream/sink.js';
import { isNewerThanV8, isOlderInV8 } from '../support/engine.js';
import { ByteWriter } from '../support/writer.js';

/** V8's own validator, whatever the global is replaced by. */
interface Validator {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
}

const V8 = (globalThis as unknown as { WebAssembly: Validator }).WebAssembly;

/** All methods of a sink. */
export const sinkMethods = [
  ...[
    'beginFunction',
    'locals',
    'beginCode',
    'endFunction',
    'at',
    'unreachable',
    'unreachableIf',
    'block',
    'loop',
    'if',
    'else',
    'end',
  ],
  ...[
    'br',
    'brIf',
    'brTableBegin',
    'brTableTarget',
    'brTableDefault',
    'return',
    'call',
    'callIndirect',
    'returnCall',
    'returnCallIndirect',
    'drop',
  ],
  ...['select', 'localGet', 'localSet', 'localTee', 'globalGet', 'globalSet', 'tableGet', 'tableSet', 'i32Const'],
  ...[
    'i64Const',
    'f32Const',
    'f64Const',
    'load',
    'store',
    'useMemory',
    'memorySize',
    'memoryGrow',
    'numeric',
    'wide',
    'memoryInit',
  ],
  ...['dataDrop', 'memoryCopy', 'memoryFill', 'tableInit', 'elemDrop', 'tableCopy', 'tableGrow', 'tableSize'],
  ...['tableFill', 'refNull', 'refIsNull', 'refFunc', 'v128Const', 'simd', 'simdLane', 'simdShuffle', 'simdLoad'],
  ...['simdStore', 'simdLoadLane', 'simdStoreLane', 'beginTry', 'catchTag', 'catchAll', 'delegate', 'throwTag'],
  ...['rethrow', 'throwRef', 'catchClause', 'beginTryTable', 'atomic', 'atomicFence'],
] as const satisfies readonly (keyof BodySink)[];

/** A sink whose methods all call `handle` with their name and arguments. */
export function sinkOf(handle: (name: string, args: readonly unknown[]) => void): BodySink {
  const methods = sinkMethods.map((name) => [name, (...args: unknown[]) => handle(name, args)]);
  return Object.fromEntries(methods) as BodySink;
}

/** A sink that does nothing. */
export function emptySink(): BodySink {
  return sinkOf(() => {});
}

export interface Recording {
  /** Sink calls, one line each. */
  readonly calls: string[];
  readonly info: ModuleInfo | undefined;
  readonly error: WasmDecodeError | undefined;
}

/** What a decoder may see: the first `end` bytes, and nothing that has not come yet. */
function arrived(bytes: Uint8Array, end: number): Uint8Array {
  const view = new Uint8Array(bytes.length + 16).fill(0xaa);
  view.set(bytes.subarray(0, end));
  return view;
}

/**
 * Decode a module that comes in pieces.
 * @param cuts where the pieces end, in ascending order; the end of the module need not be named. Bytes beyond a
 * piece are 0xaa, so that reading too far shows.
 */
export function record(bytes: Uint8Array, cuts: Iterable<number> = []): Recording {
  const calls: string[] = [];
  const sink = sinkOf((name, args) => calls.push([name, ...args].join(' ')));
  const decoder = new ModuleDecoder(sink, { onHeader: () => void calls.push('header') });
  try {
    const view = arrived(bytes, 0);
    let last = 0;
    for (const end of cuts) {
      view.set(bytes.subarray(last, end), last);
      decoder.push(view, end);
      last = end;
    }
    view.set(bytes.subarray(last), last);
    return { calls, info: decoder.finish(view.subarray(0, bytes.length), bytes.length), error: undefined };
  } catch (error) {
    if (!(error instanceof WasmDecodeError)) throw error;
    return { calls, info: undefined, error };
  }
}

export type Verdict = 'valid' | 'unsupported' | 'invalid';

/** The decoder's verdict, and its message if the module is refused. */
export function verdict(bytes: Uint8Array, sink: BodySink = emptySink()): [Verdict, string] {
  const decoder = new ModuleDecoder(sink);
  try {
    decoder.push(bytes, bytes.length);
    decoder.finish(bytes, bytes.length);
    return ['valid', ''];
  } catch (error) {
    if (!(error instanceof WasmDecodeError)) throw error;
    return [error.message.includes('not supported yet') ? 'unsupported' : 'invalid', error.message];
  }
}

/**
 * What is wrong with the decoder's verdict, by V8's: undefined if nothing. A module with a feature that is not there
 * yet may be refused, whatever V8 says.
 */
export function disagreement(bytes: Uint8Array, sink?: BodySink): string | undefined {
  const [own, message] = verdict(bytes, sink);
  const expected = V8.validate(bytes);
  if (own === 'unsupported' || (own === 'valid') === expected) return undefined;
  if (expected && isOlderInV8(message)) return undefined;
  if (expected) return `refused, V8 accepts: ${message}`;
  const refusal = v8Refusal(bytes);
  return isNewerThanV8(refusal) ? undefined : `accepted, V8 refuses: ${refusal}`;
}

function v8Refusal(bytes: Uint8Array): string {
  try {
    new V8.Module(bytes);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

export type SectionBytes = readonly [id: number, contents: readonly number[] | Uint8Array];

/** A module from its sections: [id, contents]. */
export function moduleOf(...sections: readonly SectionBytes[]): Uint8Array {
  const writer = new ByteWriter().header();
  for (const [id, contents] of sections) {
    writer.byte(id).u32(contents.length).bytes(Uint8Array.from(contents));
  }
  return writer.finish();
}

/** LEB128 of an unsigned number, in at least `width` bytes. */
export function leb(value: number, width = 1): number[] {
  const bytes: number[] = [];
  for (;;) {
    const low = value % 128;
    value = Math.floor(value / 128);
    if (value === 0 && bytes.length + 1 >= width) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

/** A length-prefixed sequence of bytes. */
export function sized(bytes: readonly number[]): number[] {
  return [...leb(bytes.length), ...bytes];
}

/** A name. */
export function name(text: string): number[] {
  return sized([...Buffer.from(text)]);
}

/** A vector of the same item many times: the count, then the items. */
export function many(count: number, item: readonly number[]): Uint8Array {
  const prefix = leb(count);
  const bytes = new Uint8Array(prefix.length + count * item.length);
  bytes.set(prefix);
  for (let i = 0; i < count; i++) bytes.set(item, prefix.length + i * item.length);
  return bytes;
}

/** Bytes joined. */
export function join(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}
