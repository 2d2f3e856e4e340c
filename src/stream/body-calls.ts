import { sameBytes } from '../support/bulk.js';
import { below, type Uint8Array } from '../support/dialect.js';
import { BodyAtomic } from './body-atomic.js';
import type { FailureContext } from './body-failures.js';
import type { ModuleInfo } from './module.js';
import type { BodySink } from './sink.js';
import { ValType } from './types.js';

/** Calls that are rarer than `call`: through tables, and those that take the place of their caller. `pos` is behind the opcode. */
export class BodyCalls extends BodyAtomic {
  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  /** Immediates of a call through a table. */
  #typeIndex: u32 = 0;
  #table: u32 = 0;

  protected callIndirect(): void {
    this.#readIndirect('call_indirect');
    const type = this.info.types.at(this.#typeIndex);
    this.pop(this.typeOfIndex(this.#table), type.params.length);
    this.popAll(type.params);
    this.pushAll(type.results);
    if (this.live) this.sink.callIndirect(this.#typeIndex, this.#table);
  }

  protected returnCall(): void {
    const index = this.u32('function index');
    if (!below(index, this.info.functionTypes.length)) this.fail(`function index #${index} is out of bounds`);
    const type = this.info.types.at(this.info.functionTypes[index]);
    this.#checkResults(type.results, 'return_call');
    this.popAll(type.params);
    if (this.live) this.sink.returnCall(index);
    this.setDead();
  }

  protected returnCallIndirect(): void {
    this.#readIndirect('return_call_indirect');
    const type = this.info.types.at(this.#typeIndex);
    this.#checkResults(type.results, 'return_call_indirect');
    this.pop(this.typeOfIndex(this.#table), type.params.length);
    this.popAll(type.params);
    if (this.live) this.sink.returnCallIndirect(this.#typeIndex, this.#table);
    this.setDead();
  }

  #readIndirect(name: string): void {
    const typeIndex = this.u32('type index');
    const table = this.u32('table index');
    if (!below(typeIndex, this.info.types.length)) this.fail(`invalid signature index: ${typeIndex}`);
    if (this.table(table) !== ValType.funcref) {
      this.fail(`${name}: immediate table #${table} is not of function type`);
    }
    this.#typeIndex = typeIndex;
    this.#table = table;
  }

  /** The results of a tail call are the function's own. */
  #checkResults(results: Uint8Array, name: string): void {
    const own = this.results;
    if (results.length !== own.length || !sameBytes(results, 0, own, 0, own.length)) {
      this.fail(`${name}: tail call type error`);
    }
  }
}
