import type { CodeBytes } from '../../support/dialect.js';
import { Math } from '../../support/dialect.js';
import { VectorAssembler } from './assembler-vector.js';
import type { Cc } from './registers.js';

export { Alu, BitOp, Cc, LoadKind, Reg, Round, Shift, SseLogic, SseOp } from './registers.js';

/**
 * The x86-64 assembler: control flow and the instructions without operands, on top of the general-purpose
 * (assembler-int.ts), floating-point (assembler-float.ts) and vector ones (assembler-vector.ts). The files are one class in
 * parts; only this one is instantiated, so that every call site is monomorphic.
 *
 * Positions are indexes into `buffer`. A forward jump returns the position of its displacement field; `bind` points it
 * to the current position.
 */
export class Assembler extends VectorAssembler {
  constructor(memory: CodeBytes, pos: i32 = 0) {
    super(memory, pos);
  }

  // Jumps to known positions.

  /** jmp: short form if it reaches, else rel32. */
  jmp(target: i32): void {
    const short = target - (this.pos + 2);
    if ((short << 24) >> 24 === short) {
      this.byte(0xeb);
      this.byte(short);
    } else {
      this.jmp32(target);
    }
  }

  /** jcc: short form if it reaches, else rel32. */
  jcc(cc: Cc, target: i32): void {
    const short = target - (this.pos + 2);
    if ((short << 24) >> 24 === short) {
      this.byte(0x70 | cc);
      this.byte(short);
    } else {
      this.jcc32(cc, target);
    }
  }

  /** jmp rel32 (5 bytes). */
  jmp32(target: i32): void {
    this.byte(0xe9);
    this.int32(target - (this.pos + 4));
  }

  /** jcc rel32 (6 bytes). */
  jcc32(cc: Cc, target: i32): void {
    this.byte(0x0f);
    this.byte(0x80 | cc);
    this.int32(target - (this.pos + 4));
  }

  /** call rel32 (5 bytes). */
  call32(target: i32): void {
    this.byte(0xe8);
    this.int32(target - (this.pos + 4));
  }

  // Forward jumps.

  /** jmp rel32 to a position not yet known; returns its field. */
  jmp_forward(): i32 {
    this.byte(0xe9);
    this.int32(0);
    return this.pos - 4;
  }

  /** jcc rel32 to a position not yet known; returns its field. */
  jcc_forward(cc: Cc): i32 {
    this.byte(0x0f);
    this.byte(0x80 | cc);
    this.int32(0);
    return this.pos - 4;
  }

  /** Writes a jmp rel32 (5 bytes) over what is at `at`; returns its field. */
  patch_jmp(at: i32): i32 {
    this.patch8(at, 0xe9);
    return at + 1;
  }

  /** call rel32 to a position not yet known; returns its field. */
  call_forward(): i32 {
    this.byte(0xe8);
    this.int32(0);
    return this.pos - 4;
  }

  /** Points the rel32 field at `at` (the last four bytes of its instruction) to the current position. */
  bind(at: i32): void {
    this.patch32(at, this.pos - at - 4);
  }

  /** Points the rel32 field at `at` to `target`. */
  bind_to(at: i32, target: i32): void {
    this.patch32(at, target - at - 4);
  }

  /** jmp rel8 to a position not yet known; returns its field, for `bind8`. */
  jmp8_forward(): i32 {
    this.byte(0xeb);
    this.byte(0);
    return this.pos - 1;
  }

  /** jcc rel8 to a position not yet known; returns its field, for `bind8`. */
  jcc8_forward(cc: Cc): i32 {
    this.byte(0x70 | cc);
    this.byte(0);
    return this.pos - 1;
  }

  /**
   * Points the rel8 field at `at` to the current position.
   * @throws RangeError if it does not reach (more than 127 bytes)
   */
  bind8(at: i32): void {
    const distance = this.pos - at - 1;
    if ((distance << 24) >> 24 !== distance) throw new RangeError(`short jump of ${distance} bytes`);
    this.patch8(at, distance);
  }

  // Indirect jumps and calls (64-bit operands by default).

  jmp_r(r: i32): void {
    this.rr(0xff, 0, 4, r);
  }

  jmp_m(base: i32, disp: i32): void {
    this.rm(0xff, 0, 4, base, disp);
  }

  /** jmp [base + index << scaleLog2 + disp]: a jump table of absolute addresses. */
  jmp_mx(base: i32, index: i32, scaleLog2: i32, disp: i32): void {
    this.rx(0xff, 0, 4, base, index, scaleLog2, disp);
  }

  /** jmp [slot at position target]. */
  jmp_rip(target: i32): void {
    this.rrip(0xff, 0, 4, target, 0);
  }

  call_r(r: i32): void {
    this.rr(0xff, 0, 2, r);
  }

  call_m(base: i32, disp: i32): void {
    this.rm(0xff, 0, 2, base, disp);
  }

  /** call [base + index << scaleLog2 + disp]. */
  call_mx(base: i32, index: i32, scaleLog2: i32, disp: i32): void {
    this.rx(0xff, 0, 2, base, index, scaleLog2, disp);
  }

  /** call [slot at position target]. */
  call_rip(target: i32): void {
    this.rrip(0xff, 0, 2, target, 0);
  }

  ret(): void {
    this.byte(0xc3);
  }

  /** ret, then rsp += bytes (0..65535). */
  ret_n(bytes: i32): void {
    if (bytes === 0) {
      this.byte(0xc3);
    } else {
      this.byte(0xc2);
      this.int16(bytes);
    }
  }

  /** mov rsp, rbp; pop rbp. */
  leave(): void {
    this.byte(0xc9);
  }

  // Padding and marks.

  /** n bytes of no-operations, in the forms recommended by the SDM (up to 9 bytes each). */
  nop(n: i32): void {
    const b = this.buffer;
    let p = this.pos;
    while (n > 0) {
      const length = Math.min(n, 9);
      n -= length;
      const prefixed = length === 2 || length === 6 || length === 9;
      if (prefixed) b[p++] = 0x66;
      if (length < 3) {
        b[p++] = 0x90;
        continue;
      }
      b[p++] = 0x0f;
      b[p++] = 0x1f;
      const rest = length - (prefixed ? 3 : 2);
      // 1: [rax]; 2: [rax+0]; 3: [rax+rax+0]; 5: [rax+disp32]; 6: [rax+rax+disp32]
      b[p++] = rest === 1 ? 0x00 : rest === 2 ? 0x40 : rest === 3 ? 0x44 : rest === 5 ? 0x80 : 0x84;
      for (let i = 1; i < rest; i++) b[p++] = 0;
    }
    this.pos = p;
  }

  /** Pads with no-operations to a multiple of `alignment` (a power of two). */
  align(alignment: i32): void {
    this.nop(-this.pos & (alignment - 1));
  }

  int3(): void {
    this.byte(0xcc);
  }

  ud2(): void {
    this.byte(0x0f);
    this.byte(0x0b);
  }

  endbr64(): void {
    this.int32(0xfa1e0ff3 | 0);
  }

  // Flags, strings, system.

  pushfq(): void {
    this.byte(0x9c);
  }

  popfq(): void {
    this.byte(0x9d);
  }

  cld(): void {
    this.byte(0xfc);
  }

  std(): void {
    this.byte(0xfd);
  }

  /** Copies rcx bytes from [rsi] to [rdi], in the direction of the D flag. */
  rep_movsb(): void {
    this.byte(0xf3);
    this.byte(0xa4);
  }

  /** Copies rcx quadwords from [rsi] to [rdi]. */
  rep_movsq(): void {
    this.byte(0xf3);
    this.byte(0x48);
    this.byte(0xa5);
  }

  /** Stores al rcx times at [rdi]. */
  rep_stosb(): void {
    this.byte(0xf3);
    this.byte(0xaa);
  }

  /** Stores rax rcx times at [rdi]. */
  rep_stosq(): void {
    this.byte(0xf3);
    this.byte(0x48);
    this.byte(0xab);
  }

  /** Pops rip, cs, the flags, rsp and ss. */
  iretq(): void {
    this.byte(0x48);
    this.byte(0xcf);
  }

  syscall(): void {
    this.byte(0x0f);
    this.byte(0x05);
  }

  mfence(): void {
    this.byte(0x0f);
    this.byte(0xae);
    this.byte(0xf0);
  }

  /** Also the barrier against speculation. */
  lfence(): void {
    this.byte(0x0f);
    this.byte(0xae);
    this.byte(0xe8);
  }

  pause(): void {
    this.byte(0xf3);
    this.byte(0x90);
  }

  cpuid(): void {
    this.byte(0x0f);
    this.byte(0xa2);
  }

  /** edx:eax = time-stamp counter. */
  rdtsc(): void {
    this.byte(0x0f);
    this.byte(0x31);
  }

  /** eax, edx = extended control register ecx (0: which vector states the OS saves). */
  xgetbv(): void {
    this.byte(0x0f);
    this.byte(0x01);
    this.byte(0xd0);
  }
}
