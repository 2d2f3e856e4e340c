/** A wasm frame as V8's stack trace API shows it to `Error.prepareStackTrace` (https://v8.dev/docs/stack-trace-api). */
import type { FrameNames } from './code-registry.js';

/** A wasm frame: what is needed of it when its code is freed. */
export interface LocatedFrame {
  readonly names: FrameNames;
  /** Byte offset of the instruction in the module. */
  readonly wasmOffset: number;
  /** Number of activations between this frame and the innermost one. */
  readonly activation: number;
}

/** Answers as V8's call sites of wasm frames do: a module is one line, columns are byte offsets from 1. */
export class WasmCallSite {
  readonly #frame: LocatedFrame;

  constructor(frame: LocatedFrame) {
    this.#frame = frame;
  }

  /** `name (wasm://beamline/module:wasm-function[3]:0x1234)` */
  toString(): string {
    const { wasmOffset } = this.#frame;
    const name = this.getFunctionName();
    const address = `${this.getFileName()}:wasm-function[${this.getFunction()}]:0x${wasmOffset.toString(16)}`;
    return name === null ? address : `${name} (${address})`;
  }

  getFileName(): string {
    return `wasm://beamline/${this.#frame.names.moduleName}`;
  }

  getScriptNameOrSourceURL(): string {
    return this.getFileName();
  }

  getScriptHash(): string {
    return '';
  }

  getLineNumber(): number {
    return 1;
  }

  getColumnNumber(): number {
    return this.#frame.wasmOffset + 1;
  }

  getPosition(): number {
    return this.#frame.wasmOffset;
  }

  getEnclosingLineNumber(): number {
    return 1;
  }

  getEnclosingColumnNumber(): number {
    return this.getColumnNumber();
  }

  /** The function's index, as in V8. */
  getFunction(): number {
    const { names, wasmOffset } = this.#frame;
    return names.functionAt(wasmOffset);
  }

  getFunctionName(): string | null {
    return this.#frame.names.functionName(this.getFunction()) ?? null;
  }

  getTypeName(): null {
    return null;
  }

  getMethodName(): null {
    return null;
  }

  getThis(): undefined {
    return undefined;
  }

  getEvalOrigin(): undefined {
    return undefined;
  }

  getPromiseIndex(): null {
    return null;
  }

  isNative(): boolean {
    return false;
  }

  isToplevel(): boolean {
    return false;
  }

  isEval(): boolean {
    return false;
  }

  isConstructor(): boolean {
    return false;
  }

  isAsync(): boolean {
    return false;
  }

  isPromiseAll(): boolean {
    return false;
  }
}
