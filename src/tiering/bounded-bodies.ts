import type { OptimizingCompiler } from '../backends/x64/lower/compiler.js';
import type { Bodies } from '../stream/bodies.js';
import { BodyDecoder } from '../stream/body.js';
import type { FailureContext } from '../stream/body-failures.js';
import type { ModuleInfo } from '../stream/module.js';
import type { Uint8Array } from '../support/dialect.js';

/** Bodies for the optimizing tier. One that it gives up is read again, for the compiler that makes one pass. */
export class BoundedBodies implements Bodies {
  readonly #compiler: OptimizingCompiler;
  readonly #info: ModuleInfo;
  readonly #context: FailureContext;
  readonly #optimizing: BodyDecoder;
  #linear: BodyDecoder | undefined;
  #current: BodyDecoder;
  #functionIndex = 0;
  #start = 0;
  #end = 0;

  constructor(info: ModuleInfo, compiler: OptimizingCompiler, context: FailureContext) {
    this.#compiler = compiler;
    this.#info = info;
    this.#context = context;
    this.#optimizing = new BodyDecoder(info, compiler, context);
    this.#current = this.#optimizing;
  }

  get pos(): number {
    return this.#current.pos;
  }

  get at(): number {
    return this.#current.at;
  }

  begin(functionIndex: number, start: number, end: number): void {
    this.#functionIndex = functionIndex;
    this.#start = start;
    this.#end = end;
    this.#current = this.#optimizing;
    try {
      this.#current.begin(functionIndex, start, end);
    } catch (error) {
      this.#beginLinear(error);
    }
  }

  run(bytes: Uint8Array, limit: number): boolean {
    if (!this.#run(bytes, limit)) return false;
    if (this.#current === this.#linear) this.#compiler.endLinear();
    return true;
  }

  #run(bytes: Uint8Array, limit: number): boolean {
    try {
      return this.#current.run(bytes, limit);
    } catch (error) {
      this.#beginLinear(error);
    }
    return this.#current.run(bytes, limit);
  }

  /** @param error what has ended the optimizing compiler's work on the body: thrown again if it has not given up */
  #beginLinear(error: unknown): void {
    if (this.#current !== this.#optimizing || !this.#compiler.hasGivenUp) throw error;
    this.#linear ??= new BodyDecoder(this.#info, this.#compiler.linear, this.#context);
    this.#current = this.#linear;
    this.#compiler.beginLinear();
    this.#current.begin(this.#functionIndex, this.#start, this.#end);
  }
}
