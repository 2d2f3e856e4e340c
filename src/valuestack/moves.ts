import { Int8Array, Int32Array, Math } from '../support/dialect.js';
import type { RegisterFile } from './register-file.js';
import { isFloat, Registers, Type } from './types.js';

const enum Late {
  none = 0,
  load = 1,
  constant = 2,
}

/**
 * A set of moves that happen "at once": registers to registers first (cycles through the scratch register), then
 * loads from the frame and constants. No instruction of it changes the flags if `flagsLive`.
 * Cost and size are bounded by the number of registers.
 */
export class MoveSet {
  readonly #registers: RegisterFile;
  readonly #source: Int8Array = new Int8Array(Registers.count);
  readonly #type: Int8Array = new Int8Array(Registers.count);
  /** Register moves that are not done per source; all 0 when there are none. */
  readonly #readers: Int8Array = new Int8Array(Registers.count);
  readonly #late: Int8Array = new Int8Array(Registers.count);
  readonly #low: Int32Array = new Int32Array(Registers.count);
  readonly #high: Int32Array = new Int32Array(Registers.count);
  /** Destinations of register moves that are not done. */
  #moves: i32 = 0;
  /** Destinations of loads and constants. */
  #loads: i32 = 0;

  constructor(registers: RegisterFile) {
    this.#registers = registers;
  }

  clear(): void {
    // After a plan that was not carried out.
    for (let m = this.#moves; m !== 0; m &= m - 1) this.#readers[this.#source[31 - Math.clz32(m & -m)]] = 0;
    this.#moves = 0;
    this.#loads = 0;
  }

  move(type: i32, d: i32, s: i32): void {
    if (d === s) return;
    this.#moves |= 1 << d;
    this.#source[d] = s | 0;
    this.#type[d] = type | 0;
    this.#readers[s]++;
  }

  load(type: i32, d: i32, disp: i32): void {
    this.#loads |= 1 << d;
    this.#late[d] = Late.load;
    this.#type[d] = type | 0;
    this.#low[d] = disp | 0;
  }

  constant(type: i32, d: i32, low: i32, high: i32): void {
    this.#loads |= 1 << d;
    this.#late[d] = Late.constant;
    this.#type[d] = type | 0;
    this.#low[d] = low | 0;
    this.#high[d] = high | 0;
  }

  emit(): void {
    if (this.#moves !== 0) this.#emitMoves();
    const registers = this.#registers;
    let loads = this.#loads;
    while (loads !== 0) {
      const d = 31 - Math.clz32(loads);
      loads ^= 1 << d;
      if (this.#late[d] === Late.load) registers.loadSlot(this.#type[d], d, this.#low[d]);
      else registers.loadConstant(this.#type[d], d, this.#low[d], this.#high[d]);
    }
  }

  #emitMoves(): void {
    const registers = this.#registers;
    const source = this.#source;
    const readers = this.#readers;
    // Chains: a destination that nobody reads can be written; that may free its source in turn.
    let todo = this.#moves;
    let scan = todo;
    while (scan !== 0) {
      let d = 31 - Math.clz32(scan);
      scan ^= 1 << d;
      while (((todo >>> d) & 1) !== 0 && readers[d] === 0) {
        const s = source[d];
        registers.move(this.#type[d], d, s);
        todo &= ~(1 << d);
        readers[s]--;
        d = s;
      }
    }
    // What remains are cycles.
    while (todo !== 0) {
      const first = 31 - Math.clz32(todo);
      const float = first >= Registers.firstXmm;
      const scratch = float ? Registers.firstXmm + Registers.scratchXmm : Registers.scratch;
      const wide = float ? Type.f64 : Type.i64;
      registers.move(wide, scratch, first);
      let d = first;
      for (;;) {
        todo &= ~(1 << d);
        const s = source[d];
        readers[s] = 0;
        if (s === first) {
          registers.move(wide, d, scratch);
          break;
        }
        registers.move(isFloat(this.#type[d]) ? this.#type[d] : wide, d, s);
        d = s;
      }
    }
    this.#moves = 0;
  }
}
