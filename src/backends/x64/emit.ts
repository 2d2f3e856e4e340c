/**
 * The lowest layer of the assembler: bytes, prefixes, ModRM and SIB (Intel SDM vol. 2, 2.1 to 2.3).
 *
 * Shape for speed: every instruction is one call to a helper that keeps `buffer` and `pos` in local variables, so
 * that V8 holds them in machine registers; the opcode is a constant at each call site and its tests fold away
 * when V8 inlines. Uint8Array stores truncate by themselves, so no byte is masked.
 */

import { type CodeBytes, Math, spanOf, Uint8Array } from '../../support/dialect.js';
import { SpanSet } from './span-set.js';

/** An opcode in one int: bits 0-7 the opcode byte, bits 8-10 its map, bits 16-23 the mandatory prefix. */
export const enum Op {
  /** Map 0F. */
  m0f = 0x100,
  /** Map 0F 38. */
  m38 = 0x300,
  /** Map 0F 3A. */
  m3a = 0x500,
  p66 = 0x660000,
  pf2 = 0xf20000,
  pf3 = 0xf30000,
}

/** What callers pass as `rex`: W, or "a REX prefix even if empty" (spl, bpl, sil, dil as byte registers). */
export const enum Rex {
  none = 0,
  w = 8,
  force = 0x40,
}

/** The pp field of a VEX prefix: the mandatory prefix. */
export const enum VexPp {
  none = 0,
  p66 = 1,
  pf3 = 2,
  pf2 = 3,
}

/** The mmmmm field of a VEX prefix: the opcode map. */
export const enum VexMap {
  m0f = 1,
  m38 = 2,
  m3a = 3,
}

/**
 * Positions are below 2^30, as code memory is. Saying so where they are read spares V8 a check for overflow at each
 * byte.
 */
const enum Position {
  mask = 0x3fffffff,
}

const noRoom = new Uint8Array(0);

/**
 * Writes x86-64 instruction bytes into a span of memory, and nowhere else: the view that all stores go through ends where the
 * span ends, so that a byte too many is lost, and `checkRoom` finds that out before anybody can run the code. Only
 * patches reach back: into this span and those that were closed before.
 */
export class Emit {
  /** Where code can be. Positions are indexes into it. */
  readonly memory: CodeBytes;
  /** The memory up to the end of the open span. */
  buffer: Uint8Array;
  /** Where the next byte goes. It only moves on, but for `open`. */
  pos: i32;
  /** The open span. */
  #start: i32 = 0;
  #end: i32 = 0;
  /** What was written of the spans before it. */
  readonly #closed: SpanSet = new SpanSet();

  /** All of `memory` from `pos` on is the first span. */
  constructor(memory: CodeBytes, pos: i32 = 0) {
    this.memory = memory;
    this.buffer = spanOf(memory, memory.length);
    this.pos = pos | 0;
    this.#start = pos | 0;
    this.#end = memory.length;
  }

  /** Go on at `start`, and write no further than to `end`. What was written before can still be patched. */
  open(start: i32, end: i32): void {
    this.checkRoom();
    if (this.pos > this.#start) this.#closed.add(this.#start, this.pos);
    this.buffer = spanOf(this.memory, end);
    this.#start = start | 0;
    this.#end = end | 0;
    this.pos = start | 0;
  }

  /** Nothing that was written is the assembler's any more, and it has no room until a span is opened. */
  forget(): void {
    this.#closed.clear();
    this.buffer = noRoom;
    this.#start = 0;
    this.#end = 0;
    this.pos = 0;
  }

  /** @throws Error if there was too little room for what was emitted: some of it is lost */
  checkRoom(): void {
    const missing = this.pos - this.#end;
    if (missing > 0) throw new Error(`internal error: room for machine code is ${missing} bytes too small`);
  }

  /** Leave out bytes that were written by patches. */
  skip(bytes: i32): void {
    this.pos += bytes;
  }

  /** One raw byte. */
  byte(value: i32): void {
    this.buffer[this.pos++] = value | 0;
  }

  /** Two raw bytes, little endian. */
  int16(value: i32): void {
    const b = this.buffer;
    const p = this.pos & Position.mask;
    b[p] = value | 0;
    b[p + 1] = value >> 8;
    this.pos = p + 2;
  }

  /** Four raw bytes, little endian. Byte stores: the position is unaligned, and the bytes may cross a cache line. */
  int32(value: i32): void {
    const b = this.buffer;
    const p = this.pos & Position.mask;
    b[p] = value | 0;
    b[p + 1] = value >> 8;
    b[p + 2] = value >> 16;
    b[p + 3] = value >> 24;
    this.pos = p + 4;
  }

  /** @throws Error if positions [at, at + bytes) are not the assembler's to patch */
  #checkPatch(at: i32, bytes: i32): void {
    if (at >= this.#start && at + bytes <= this.#end) return;
    if (this.#closed.holds(at, at + bytes)) return;
    throw new Error(`internal error: position ${at} is not in the code that is written`);
  }

  /** Overwrites the byte at position `at`. */
  patch8(at: i32, value: i32): void {
    this.#checkPatch(at, 1);
    this.memory[at] = value | 0;
  }

  /** Overwrites four bytes at position `at`. */
  patch32(at: i32, value: i32): void {
    this.#checkPatch(at, 4);
    const b = this.memory;
    b[at] = value | 0;
    b[at + 1] = value >> 8;
    b[at + 2] = value >> 16;
    b[at + 3] = value >> 24;
  }

  /** Instruction with a register in ModRM.reg (or a /digit) and a register in ModRM.rm. */
  protected rr(op: i32, rex: i32, reg: i32, rm: i32): void {
    const b = this.buffer;
    let p = this.pos & Position.mask;
    if (op > 0xffff) b[p++] = op >> 16;
    rex |= ((reg & 8) >> 1) | (rm >> 3);
    if (rex !== 0) b[p++] = 0x40 | rex;
    if ((op & 0x700) !== 0) {
      b[p++] = 0x0f;
      if ((op & 0x600) !== 0) b[p++] = (op & 0x200) !== 0 ? 0x38 : 0x3a;
    }
    b[p] = op | 0;
    b[p + 1] = 0xc0 | ((reg & 7) << 3) | (rm & 7);
    this.pos = p + 2;
  }

  /** Prefixes and opcode of an instruction with a memory operand; index is 0 if there is none. Returns the new position. */
  private head(op: i32, rex: i32, reg: i32, base: i32, index: i32): i32 {
    const b = this.buffer;
    let p = this.pos & Position.mask;
    if (op > 0xffff) b[p++] = op >> 16;
    rex |= ((reg & 8) >> 1) | ((index & 8) >> 2) | (base >> 3);
    if (rex !== 0) b[p++] = 0x40 | rex;
    if ((op & 0x700) !== 0) {
      b[p++] = 0x0f;
      if ((op & 0x600) !== 0) b[p++] = (op & 0x200) !== 0 ? 0x38 : 0x3a;
    }
    b[p++] = op | 0;
    return p;
  }

  /** Instruction of the one-byte map with memory operand [rbp + disp]: a slot of the frame. */
  protected slot(op: i32, rex: i32, reg: i32, disp: i32): void {
    const b = this.buffer;
    let p = this.pos & Position.mask;
    rex |= (reg & 8) >> 1;
    if (rex !== 0) b[p++] = 0x40 | rex;
    b[p] = op | 0;
    const modrm = ((reg & 7) << 3) | 5;
    if ((disp << 24) >> 24 === disp) {
      b[p + 1] = modrm | 0x40;
      b[p + 2] = disp | 0;
      this.pos = p + 3;
    } else {
      b[p + 1] = modrm | 0x80;
      b[p + 2] = disp | 0;
      b[p + 3] = disp >> 8;
      b[p + 4] = disp >> 16;
      b[p + 5] = disp >> 24;
      this.pos = p + 6;
    }
  }

  /** Instruction with memory operand [base + disp]. */
  protected rm(op: i32, rex: i32, reg: i32, base: i32, disp: i32): void {
    this.pos = this.head(op, rex, reg, base, 0);
    this.address(reg, base, disp);
  }

  /** Instruction with memory operand [base + index << scale + disp]; base and index may each be -1 (none). */
  protected rx(op: i32, rex: i32, reg: i32, base: i32, index: i32, scale: i32, disp: i32): void {
    if (base < 0 && scale === 0) {
      // An index of scale 1 is as well a base, which needs no disp32.
      base = index;
      index = -1;
    }
    if (index < 0 && base >= 0) {
      this.pos = this.head(op, rex, reg, base, 0);
      this.address(reg, base, disp);
    } else {
      this.pos = this.head(op, rex, reg, Math.max(base, 0), Math.max(index, 0));
      this.addressIndexed(reg, base, index, scale, disp);
    }
  }

  /** Instruction with memory operand [rip + x] such that it names `target`; `tail` bytes of immediate follow. */
  protected rrip(op: i32, rex: i32, reg: i32, target: i32, tail: i32): void {
    const b = this.buffer;
    const p = this.head(op, rex, reg, 0, 0);
    b[p] = ((reg & 7) << 3) | 5;
    this.pos = p + 1;
    this.int32(target - (p + 5 + tail));
  }

  /** ModRM, SIB and displacement of [base + disp]. rsp/r12 need a SIB byte, rbp/r13 a displacement. */
  protected address(reg: i32, base: i32, disp: i32): void {
    const b = this.buffer;
    let p = this.pos & Position.mask;
    const rm = base & 7;
    const modrm = ((reg & 7) << 3) | rm;
    if (disp === 0 && rm !== 5) {
      b[p++] = modrm;
      if (rm === 4) b[p++] = 0x24;
    } else if ((disp << 24) >> 24 === disp) {
      b[p++] = modrm | 0x40;
      if (rm === 4) b[p++] = 0x24;
      b[p++] = disp | 0;
    } else {
      b[p++] = modrm | 0x80;
      if (rm === 4) b[p++] = 0x24;
      b[p] = disp | 0;
      b[p + 1] = disp >> 8;
      b[p + 2] = disp >> 16;
      b[p + 3] = disp >> 24;
      p += 4;
    }
    this.pos = p;
  }

  /** ModRM, SIB and displacement of [base + index << scale + disp], base or index -1: none. rsp is no index. */
  protected addressIndexed(reg: i32, base: i32, index: i32, scale: i32, disp: i32): void {
    if (index === 4) throw new RangeError('rsp cannot be an index register');
    const b = this.buffer;
    let p = this.pos & Position.mask;
    const modrm = ((reg & 7) << 3) | 4;
    const sib = (scale << 6) | ((index < 0 ? 4 : index & 7) << 3);
    if (base < 0) {
      b[p] = modrm;
      b[p + 1] = sib | 5;
      this.pos = p + 2;
      this.int32(disp);
      return;
    }
    const low = base & 7;
    if (disp === 0 && low !== 5) {
      b[p++] = modrm;
      b[p++] = sib | low;
    } else if ((disp << 24) >> 24 === disp) {
      b[p++] = modrm | 0x40;
      b[p++] = sib | low;
      b[p++] = disp | 0;
    } else {
      b[p] = modrm | 0x80;
      b[p + 1] = sib | low;
      b[p + 2] = disp | 0;
      b[p + 3] = disp >> 8;
      b[p + 4] = disp >> 16;
      b[p + 5] = disp >> 24;
      p += 6;
    }
    this.pos = p;
  }

  /**
   * VEX prefix and opcode (SDM vol. 2, 2.3.5), the two-byte form if it can say it. `rm` is the register in ModRM.rm or
   * the base, `index` the index register or 0.
   */
  protected vex(map: i32, pp: i32, w: i32, op: i32, reg: i32, v: i32, rm: i32, index: i32): void {
    const b = this.buffer;
    let p = this.pos & Position.mask;
    const vvvv = ((~v & 15) << 3) | pp;
    if (map === VexMap.m0f && w === 0 && rm < 8 && index < 8) {
      b[p++] = 0xc5;
      b[p++] = ((~reg & 8) << 4) | vvvv;
    } else {
      b[p++] = 0xc4;
      b[p++] = ((~reg & 8) << 4) | ((~index & 8) << 3) | ((~rm & 8) << 2) | map;
      b[p++] = (w << 7) | vvvv;
    }
    b[p] = op | 0;
    this.pos = p + 1;
  }

  /** A VEX instruction with three registers. */
  protected vrr(map: i32, pp: i32, w: i32, op: i32, reg: i32, v: i32, rm: i32): void {
    this.vex(map, pp, w, op, reg, v, rm, 0);
    this.byte(0xc0 | ((reg & 7) << 3) | (rm & 7));
  }

  /** A VEX instruction with memory operand [base + disp]. */
  protected vrm(map: i32, pp: i32, w: i32, op: i32, reg: i32, v: i32, base: i32, disp: i32): void {
    this.vex(map, pp, w, op, reg, v, base, 0);
    this.address(reg, base, disp);
  }
}
