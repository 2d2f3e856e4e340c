/**
 * Every method of the assembler that has operands, with all registers and the boundary values of displacements and
 * immediates: what to emit, and the text it must decode to. The texts are made here from the operands, by rules
 * independent of the assembler.
 */
import type { Assembler } from '../../src/backends/x64/assembler.js';
import {
  type Alu,
  type BitOp,
  type Cc,
  LoadKind,
  type Shift,
  SseLogic,
  SseOp,
} from '../../src/backends/x64/registers.js';

/** Receives each case: emits one instruction and says how it reads. */
export type Visit = (emit: (a: Assembler) => void, text: string) => void;

export const names64 = 'rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15'.split(' ');
const names32 = 'eax ecx edx ebx esp ebp esi edi r8d r9d r10d r11d r12d r13d r14d r15d'.split(' ');
const names16 = 'ax cx dx bx sp bp si di r8w r9w r10w r11w r12w r13w r14w r15w'.split(' ');
const names8 = 'al cl dl bl spl bpl sil dil r8b r9b r10b r11b r12b r13b r14b r15b'.split(' ');
const namesXmm = names64.map((_, i) => `xmm${i}`);

export const boundaries = [0, 1, -1, 127, 128, -128, -129, 0x7fffffff, -0x80000000];
export const registers = names64.map((_, i) => i);
export const widths = [0, 1];

const aluNames = 'add or adc sbb and sub xor cmp'.split(' ');
const ccNames = 'o no b ae e ne be a s ns p np l ge le g'.split(' ');
const shifts: [Shift, string][] = [
  [0, 'rol'],
  [1, 'ror'],
  [4, 'shl'],
  [5, 'shr'],
  [7, 'sar'],
];
const bitOps: [BitOp, string][] = [
  [4, 'bt'],
  [5, 'bts'],
  [6, 'btr'],
  [7, 'btc'],
];
const sseOps: [SseOp, string][] = [
  [SseOp.add, 'add'],
  [SseOp.sub, 'sub'],
  [SseOp.mul, 'mul'],
  [SseOp.div, 'div'],
  [SseOp.min, 'min'],
  [SseOp.max, 'max'],
  [SseOp.sqrt, 'sqrt'],
];
const sseLogic: [SseLogic, string][] = [
  [SseLogic.and, 'andps'],
  [SseLogic.andn, 'andnps'],
  [SseLogic.or, 'orps'],
  [SseLogic.xor, 'xorps'],
];
const loadKinds: [LoadKind, string, number, string][] = [
  [LoadKind.u8_32, 'movzx', 0, 'byte ptr '],
  [LoadKind.s8_32, 'movsx', 0, 'byte ptr '],
  [LoadKind.u16_32, 'movzx', 0, 'word ptr '],
  [LoadKind.s16_32, 'movsx', 0, 'word ptr '],
  [LoadKind.u32, 'mov', 0, ''],
  [LoadKind.s8_64, 'movsx', 1, 'byte ptr '],
  [LoadKind.s16_64, 'movsx', 1, 'word ptr '],
  [LoadKind.s32_64, 'movsxd', 1, ''],
  [LoadKind.u64, 'mov', 1, ''],
];

export const r = (w: number, n: number): string => (w !== 0 ? names64 : names32)[n]!;
export const x = (n: number): string => namesXmm[n]!;
const sized = (size: number, n: number): string =>
  (size === 1 ? names8 : size === 2 ? names16 : size === 4 ? names32 : names64)[n]!;
const ptr = (size: number): string =>
  size === 1 ? 'byte ptr ' : size === 2 ? 'word ptr ' : size === 4 ? 'dword ptr ' : 'qword ptr ';
const precision = (f: number): string => (f !== 0 ? 'sd' : 'ss');

/** A signed number as the listing prints it. */
export function num(value: number): string {
  const magnitude = Math.abs(value);
  const text = magnitude < 10 ? `${magnitude}` : `0x${magnitude.toString(16)}`;
  return value < 0 ? `-${text}` : text;
}

/** The 64-bit number high:low, signed. */
function num64(low: number, high: number): string {
  const value = (BigInt(high) << 32n) | BigInt(low >>> 0);
  const magnitude = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${magnitude < 10n ? magnitude : `0x${magnitude.toString(16)}`}`;
}

/** Memory operand; base or index -1: none. */
export function mem(base: number, disp: number, index = -1, scale = 0): string {
  const parts: string[] = [];
  if (base >= 0) parts.push(names64[base]!);
  if (index >= 0) parts.push(scale === 0 ? names64[index]! : `${names64[index]!}*${1 << scale}`);
  if (parts.length === 0) return `[${disp < 0 ? `0x${BigInt.asUintN(64, BigInt(disp)).toString(16)}` : num(disp)}]`;
  return `[${parts.join('+')}${disp === 0 ? '' : disp < 0 ? num(disp) : `+${num(disp)}`}]`;
}

export function eachPair(visit: (a: number, b: number) => void): void {
  for (const a of registers) for (const b of registers) visit(a, b);
}

function eachWidthPair(visit: (w: number, a: number, b: number) => void): void {
  for (const w of widths) eachPair((a, b) => visit(w, a, b));
}

/** All bases with all displacements; the other register goes round. */
export function eachMemory(visit: (w: number, reg: number, base: number, disp: number) => void): void {
  let turn = 0;
  for (const w of widths)
    for (const base of registers) for (const disp of boundaries) visit(w, turn++ & 15, base, disp);
  for (const w of widths) eachPair((reg, base) => visit(w, reg, base, 8));
}

/** All bases (and none) with all indexes (and none) and some displacements. */
export function eachIndexed(visit: (reg: number, base: number, index: number, disp: number) => void): void {
  let turn = 0;
  for (let base = -1; base < 16; base++) {
    for (let index = -1; index < 16; index++) {
      if (index === 4) continue;
      for (const disp of boundaries) visit((turn = (turn + 5) % 16), base, index, disp);
    }
  }
}

function moves(visit: Visit): void {
  eachWidthPair((w, d, s) => {
    visit((a) => a.mov_rr(w, d, s), `mov ${r(w, d)}, ${r(w, s)}`);
    visit((a) => a.movsx8(w, d, s), `movsx ${r(w, d)}, ${sized(1, s)}`);
    visit((a) => a.movsx16(w, d, s), `movsx ${r(w, d)}, ${sized(2, s)}`);
    // Swapping is symmetric, but for rax the short form prints the other register first.
    const [first, second] = s !== d && s === 0 ? [d, s] : d === 0 && s !== d ? [s, d] : [d, s];
    visit((a) => a.xchg_rr(w, d, s), `xchg ${r(w, first)}, ${r(w, second)}`);
  });
  eachPair((d, s) => {
    visit((a) => a.movzx8(d, s), `movzx ${r(0, d)}, ${sized(1, s)}`);
    visit((a) => a.movzx16(d, s), `movzx ${r(0, d)}, ${sized(2, s)}`);
    visit((a) => a.movsxd(d, s), `movsxd ${r(1, d)}, ${r(0, s)}`);
  });
  for (const d of registers) {
    visit((a) => a.zero(d), `xor ${r(0, d)}, ${r(0, d)}`);
    visit((a) => a.push(d), `push ${r(1, d)}`);
    visit((a) => a.pop(d), `pop ${r(1, d)}`);
    for (const imm of boundaries) {
      visit((a) => a.mov_ri(d, imm), `mov ${r(0, d)}, ${num(imm)}`);
      for (const high of boundaries) {
        const text = high === 0 ? `mov ${r(0, d)}, ${num(imm)}` : `mov ${r(1, d)}, ${num64(imm, high)}`;
        visit((a) => a.mov_ri64(d, imm, high), text);
      }
    }
  }
  for (const imm of boundaries) visit((a) => a.push_i(imm), `push ${num(imm)}`);
  eachMemory((w, reg, base, disp) => {
    const m = mem(base, disp);
    visit((a) => a.mov_rm(w, reg, base, disp), `mov ${r(w, reg)}, ${m}`);
    visit((a) => a.mov_mr(w, base, disp, reg), `mov ${m}, ${r(w, reg)}`);
    visit((a) => a.mov_mi(w, base, disp, -disp | 1), `mov ${ptr(4 << w)}${m}, ${num(-disp | 1)}`);
    visit((a) => a.lea(w, reg, base, disp), `lea ${r(w, reg)}, ${m}`);
    visit((a) => a.push_m(base, disp), `push qword ptr ${m}`);
    visit((a) => a.pop_m(base, disp), `pop qword ptr ${m}`);
    for (const [kind, name, wide, size] of loadKinds) {
      visit((a) => a.loadm(kind, reg, base, disp), `${name} ${r(wide, reg)}, ${size}${m}`);
    }
    for (const size of [1, 2, 4, 8]) {
      visit((a) => a.storem(size, base, disp, reg), `mov ${m}, ${sized(size, reg)}`);
    }
  });
  eachIndexed((reg, base, index, disp) => {
    const m = mem(base, disp, index);
    for (const [kind, name, wide, size] of loadKinds) {
      visit((a) => a.loadx(kind, reg, base, index, disp), `${name} ${r(wide, reg)}, ${size}${m}`);
    }
    for (const size of [1, 2, 4, 8]) {
      visit((a) => a.storex(size, base, index, disp, reg), `mov ${m}, ${sized(size, reg)}`);
      visit((a) => a.storex_i(size, base, index, disp, -2), `mov ${ptr(size)}${m}, -2`);
    }
    for (let scale = 0; scale < 4; scale++) {
      const text =
        index < 0
          ? mem(base, disp)
          : base < 0 && scale === 0
            ? mem(index, disp)
            : base < 0 && scale === 1
              ? mem(index, disp, index)
              : mem(base, disp, index, scale);
      // [rsp + rsp] cannot be said, and rsp is never an index here.
      visit((a) => a.lea_x(1, reg, base, index, scale, disp), `lea ${r(1, reg)}, ${text}`);
    }
  });
}

function arithmetic(visit: Visit): void {
  for (let op = 0; op < 8; op++) {
    const name = aluNames[op]!;
    const alu = op as Alu;
    eachWidthPair((w, d, s) => visit((a) => a.alu_rr(alu, w, d, s), `${name} ${r(w, d)}, ${r(w, s)}`));
    for (const w of widths) {
      for (const d of registers) {
        for (const imm of boundaries) {
          visit((a) => a.alu_ri(alu, w, d, imm), `${name} ${r(w, d)}, ${num(imm)}`);
        }
      }
    }
    eachMemory((w, reg, base, disp) => {
      const m = mem(base, disp);
      visit((a) => a.alu_rm(alu, w, reg, base, disp), `${name} ${r(w, reg)}, ${m}`);
      visit((a) => a.alu_mr(alu, w, base, disp, reg), `${name} ${m}, ${r(w, reg)}`);
      const imm = boundaries[reg % boundaries.length]!;
      visit((a) => a.alu_mi(alu, w, base, disp, imm), `${name} ${ptr(4 << w)}${m}, ${num(imm)}`);
      if (op !== 7) visit((a) => a.lock_alu_mr(alu, w, base, disp, reg), `lock ${name} ${m}, ${r(w, reg)}`);
    });
  }
  eachIndexed((reg, base, index, disp) => {
    visit((a) => a.alu_rx(7, 1, reg, base, index, disp), `cmp ${r(1, reg)}, ${mem(base, disp, index)}`);
  });
  eachWidthPair((w, d, s) => {
    visit((a) => a.test_rr(w, d, s), `test ${r(w, d)}, ${r(w, s)}`);
    visit((a) => a.imul_rr(w, d, s), `imul ${r(w, d)}, ${r(w, s)}`);
    for (const imm of boundaries)
      visit((a) => a.imul_rri(w, d, s, imm), `imul ${r(w, d)}, ${d === s ? '' : `${r(w, s)}, `}${num(imm)}`);
    for (const name of ['bsr', 'bsf', 'lzcnt', 'tzcnt', 'popcnt'] as const) {
      visit((a) => a[name](w, d, s), `${name} ${r(w, d)}, ${r(w, s)}`);
    }
    visit((a) => a.bt_rr(w, d, s), `bt ${r(w, d)}, ${r(w, s)}`);
    for (const name of ['shlx', 'shrx', 'sarx'] as const) {
      const count = (d * 7 + s) & 15;
      visit((a) => a[name](w, d, s, count), `${name} ${r(w, d)}, ${r(w, s)}, ${r(w, count)}`);
    }
    visit((a) => a.andn(w, d, s, (s * 3 + d) & 15), `andn ${r(w, d)}, ${r(w, s)}, ${r(w, (s * 3 + d) & 15)}`);
    visit((a) => a.rorx(w, d, s, 31), `rorx ${r(w, d)}, ${r(w, s)}, 0x1f`);
    for (let cc = 0; cc < 16; cc++) {
      visit((a) => a.cmov_rr(cc as Cc, w, d, s), `cmov${ccNames[cc]!} ${r(w, d)}, ${r(w, s)}`);
    }
  });
  for (const w of widths) {
    for (const d of registers) {
      for (const imm of boundaries) {
        const text = imm >= 0 && imm < 128 ? sized(1, d) : r(imm < 0 ? w : 0, d); // the narrowest operation with the same flags
        visit((a) => a.test_ri(w, d, imm), `test ${text}, ${num(imm)}`);
      }
      for (const name of ['not', 'neg', 'mul', 'div', 'idiv', 'bswap'] as const) {
        visit((a) => a[name](w, d), `${name} ${r(w, d)}`);
      }
      visit((a) => a.imul1(w, d), `imul ${r(w, d)}`);
      for (const [op, name] of shifts) {
        visit((a) => a.shift_cl(op, w, d), `${name} ${r(w, d)}, cl`);
        for (const count of [0, 1, 2, 31, 63]) {
          visit((a) => a.shift_i(op, w, d, count), `${name} ${r(w, d)}, ${num(count)}`);
        }
      }
      for (const [op, name] of bitOps) visit((a) => a.bit_ri(op, w, d, 31), `${name} ${r(w, d)}, 0x1f`);
    }
  }
  for (let cc = 0; cc < 16; cc++) {
    for (const d of registers) visit((a) => a.setcc(cc as Cc, d), `set${ccNames[cc]!} ${sized(1, d)}`);
  }
  eachMemory((w, reg, base, disp) => {
    const m = mem(base, disp);
    visit((a) => a.imul_rm(w, reg, base, disp), `imul ${r(w, reg)}, ${m}`);
    visit((a) => a.div_m(w, base, disp), `div ${ptr(4 << w)}${m}`);
    visit((a) => a.idiv_m(w, base, disp), `idiv ${ptr(4 << w)}${m}`);
    visit((a) => a.test_mr(w, base, disp, reg), `test ${m}, ${r(w, reg)}`);
    visit((a) => a.test_mi(w, base, disp, 127), `test ${ptr(4 << w)}${m}, 0x7f`);
    visit((a) => a.cmov_rm(reg as Cc, w, reg, base, disp), `cmov${ccNames[reg]!} ${r(w, reg)}, ${m}`);
    visit((a) => a.lock_cmpxchg_mr(w, base, disp, reg), `lock cmpxchg ${m}, ${r(w, reg)}`);
    visit((a) => a.lock_xadd_mr(w, base, disp, reg), `lock xadd ${m}, ${r(w, reg)}`);
    visit((a) => a.xchg_mr(w, base, disp, reg), `xchg ${m}, ${r(w, reg)}`);
  });
  eachIndexed((reg, base, index, disp) => {
    const m = mem(base, disp, index);
    for (const size of [1, 2, 4, 8]) {
      visit((a) => a.lock_cmpxchg_x(size, base, index, disp, reg), `lock cmpxchg ${m}, ${sized(size, reg)}`);
      visit((a) => a.lock_xadd_x(size, base, index, disp, reg), `lock xadd ${m}, ${sized(size, reg)}`);
      visit((a) => a.xchg_x(size, base, index, disp, reg), `xchg ${m}, ${sized(size, reg)}`);
    }
  });
}

export const predicates = 'eq lt le unord neq nlt nle ord'.split(' ');

function floats(visit: Visit): void {
  // `w` of the pair and memory iterations serves as f here.
  eachWidthPair((f, d, s) => {
    const suffix = precision(f);
    const third = (d * 7 + s) & 15;
    visit((a) => a.movs_xx(f, d, s), `movaps ${x(d)}, ${x(s)}`);
    visit((a) => a.movd_xr(f, d, s), `${f !== 0 ? 'movq' : 'movd'} ${x(d)}, ${r(f, s)}`);
    visit((a) => a.movd_rx(f, d, s), `${f !== 0 ? 'movq' : 'movd'} ${r(f, d)}, ${x(s)}`);
    for (const [op, name] of sseOps) {
      visit((a) => a.arith_xx(op, f, d, s), `${name}${suffix} ${x(d)}, ${x(s)}`);
      visit((a) => a.varith_xxx(op, f, d, s, third), `v${name}${suffix} ${x(d)}, ${x(s)}, ${x(third)}`);
    }
    visit((a) => a.ucomis_xx(f, d, s), `ucomi${suffix} ${x(d)}, ${x(s)}`);
    for (let p = 0; p < 8; p++) visit((a) => a.cmps_xx(f, d, s, p), `cmp${predicates[p]!}${suffix} ${x(d)}, ${x(s)}`);
    for (const mode of [8, 9, 10, 11]) {
      visit((a) => a.round_xx(f, d, s, mode), `round${suffix} ${x(d)}, ${x(s)}, ${num(mode)}`);
      visit((a) => a.vround_xxx(f, d, s, third, mode), `vround${suffix} ${x(d)}, ${x(s)}, ${x(third)}, ${num(mode)}`);
    }
    visit((a) => a.movmsk(f, d, s), `movmsk${f !== 0 ? 'pd' : 'ps'} ${r(0, d)}, ${x(s)}`);
    for (const w of widths) {
      visit((a) => a.cvt_si2s(f, w, d, s), `cvtsi2${suffix} ${x(d)}, ${r(w, s)}`);
      visit((a) => a.cvtt_s2si(f, w, d, s), `cvtt${suffix}2si ${r(w, d)}, ${x(s)}`);
    }
  });
  eachPair((d, s) => {
    const third = (d * 5 + s) & 15;
    for (const [op, name] of sseLogic) {
      visit((a) => a.logic_xx(op, d, s), `${name} ${x(d)}, ${x(s)}`);
      visit((a) => a.vlogic_xxx(op, d, s, third), `v${name} ${x(d)}, ${x(s)}, ${x(third)}`);
    }
    visit((a) => a.andp_xx(d, s), `andps ${x(d)}, ${x(s)}`);
    visit((a) => a.andnp_xx(d, s), `andnps ${x(d)}, ${x(s)}`);
    visit((a) => a.orp_xx(d, s), `orps ${x(d)}, ${x(s)}`);
    visit((a) => a.xorp_xx(d, s), `xorps ${x(d)}, ${x(s)}`);
    visit((a) => a.pand_xx(d, s), `pand ${x(d)}, ${x(s)}`);
    visit((a) => a.pandn_xx(d, s), `pandn ${x(d)}, ${x(s)}`);
    visit((a) => a.por_xx(d, s), `por ${x(d)}, ${x(s)}`);
    visit((a) => a.pxor_xx(d, s), `pxor ${x(d)}, ${x(s)}`);
    visit((a) => a.pcmpeqd_xx(d, s), `pcmpeqd ${x(d)}, ${x(s)}`);
    visit((a) => a.cvt_ss2sd(d, s), `cvtss2sd ${x(d)}, ${x(s)}`);
    visit((a) => a.cvt_sd2ss(d, s), `cvtsd2ss ${x(d)}, ${x(s)}`);
  });
  for (const d of registers) {
    for (const count of [0, 1, 31, 63]) {
      for (const name of ['psrld', 'pslld', 'psrlq', 'psllq'] as const) {
        visit((a) => a[`${name}_i`](d, count), `${name} ${x(d)}, ${num(count)}`);
      }
    }
  }
  eachMemory((f, reg, base, disp) => {
    const m = mem(base, disp);
    const suffix = precision(f);
    const size = ptr(4 << f);
    visit((a) => a.movs_xm(f, reg, base, disp), `mov${suffix} ${x(reg)}, ${m}`);
    visit((a) => a.movs_mx(f, base, disp, reg), `mov${suffix} ${m}, ${x(reg)}`);
    visit((a) => a.movups_xm(reg, base, disp), `movups ${x(reg)}, ${m}`);
    visit((a) => a.movups_mx(base, disp, reg), `movups ${m}, ${x(reg)}`);
    visit((a) => a.ucomis_xm(f, reg, base, disp), `ucomi${suffix} ${x(reg)}, ${m}`);
    for (const [op, name] of sseOps) {
      visit((a) => a.arith_xm(op, f, reg, base, disp), `${name}${suffix} ${x(reg)}, ${m}`);
      const second = (reg * 3 + 1) & 15;
      visit((a) => a.varith_xxm(op, f, reg, second, base, disp), `v${name}${suffix} ${x(reg)}, ${x(second)}, ${m}`);
    }
    for (const [op, name] of sseLogic) visit((a) => a.logic_xm(op, reg, base, disp), `${name} ${x(reg)}, ${m}`);
    visit((a) => a.cvt_si2s_m(1, f, reg, base, disp), `cvtsi2sd ${x(reg)}, ${size}${m}`);
    visit((a) => a.ldmxcsr(base, disp), `ldmxcsr ${m}`);
    visit((a) => a.stmxcsr(base, disp), `stmxcsr ${m}`);
  });
  eachIndexed((reg, base, index, disp) => {
    const m = mem(base, disp, index);
    for (const f of widths) {
      const suffix = precision(f);
      visit((a) => a.floadx(f, reg, base, index, disp), `mov${suffix} ${x(reg)}, ${m}`);
      visit((a) => a.fstorex(f, base, index, disp, reg), `mov${suffix} ${m}, ${x(reg)}`);
      visit((a) => a.arith_xmx(SseOp.add, f, reg, base, index, disp), `add${suffix} ${x(reg)}, ${m}`);
    }
  });
}

function indirect(visit: Visit): void {
  for (const d of registers) {
    visit((a) => a.jmp_r(d), `jmp ${r(1, d)}`);
    visit((a) => a.call_r(d), `call ${r(1, d)}`);
  }
  eachMemory((_, __, base, disp) => {
    visit((a) => a.jmp_m(base, disp), `jmp qword ptr ${mem(base, disp)}`);
    visit((a) => a.call_m(base, disp), `call qword ptr ${mem(base, disp)}`);
  });
  eachIndexed((_, base, index, disp) => {
    for (let scale = 0; scale < 4; scale++) {
      const m = mem(base, disp, index, scale);
      visit((a) => a.jmp_mx(base, index, scale, disp), `jmp qword ptr ${m}`);
      visit((a) => a.call_mx(base, index, scale, disp), `call qword ptr ${m}`);
    }
  });
}

/** Instructions that name a position relative to rip: `target` is absolute. */
function ripRelative(visit: Visit, target: number): void {
  const m = `[${num(target)}]`;
  for (const d of registers) {
    visit((a) => a.lea_rip(d, target), `lea ${r(1, d)}, ${m}`);
    for (const w of widths) {
      const suffix = precision(w);
      visit((a) => a.mov_rm_rip(w, d, target), `mov ${r(w, d)}, ${m}`);
      visit((a) => a.mov_mr_rip(w, target, d), `mov ${m}, ${r(w, d)}`);
      visit((a) => a.movs_xm_rip(w, d, target), `mov${suffix} ${x(d)}, ${m}`);
      visit((a) => a.movs_mx_rip(w, target, d), `mov${suffix} ${m}, ${x(d)}`);
      visit((a) => a.ucomis_xm_rip(w, d, target), `ucomi${suffix} ${x(d)}, ${m}`);
      visit((a) => a.arith_xm_rip(SseOp.mul, w, d, target), `mul${suffix} ${x(d)}, ${m}`);
      for (let op = 0; op < 8; op++) {
        const name = aluNames[op]!;
        visit((a) => a.alu_rm_rip(op as Alu, w, d, target), `${name} ${r(w, d)}, ${m}`);
        visit((a) => a.alu_mr_rip(op as Alu, w, target, d), `${name} ${m}, ${r(w, d)}`);
      }
    }
    visit((a) => a.movups_xm_rip(d, target), `movups ${x(d)}, ${m}`);
    visit((a) => a.logic_xm_rip(SseLogic.xor, d, target), `xorps ${x(d)}, ${m}`);
  }
  for (const w of widths) {
    for (const imm of boundaries) {
      visit((a) => a.alu_mi_rip(5, w, target, imm), `sub ${ptr(4 << w)}${m}, ${num(imm)}`);
    }
  }
  visit((a) => a.jmp_rip(target), `jmp qword ptr ${m}`);
  visit((a) => a.call_rip(target), `call qword ptr ${m}`);
  visit((a) => a.jmp(target), `jmp ${num(target)}`);
  visit((a) => a.jmp32(target), `jmp ${num(target)}`);
  visit((a) => a.call32(target), `call ${num(target)}`);
  for (let cc = 0; cc < 16; cc++) {
    visit((a) => a.jcc(cc as Cc, target), `j${ccNames[cc]!} ${num(target)}`);
    visit((a) => a.jcc32(cc as Cc, target), `j${ccNames[cc]!} ${num(target)}`);
  }
}

/** The forms, by group. */
export const groups: Record<string, (visit: Visit) => void> = {
  moves,
  arithmetic,
  floats,
  indirect,
  'rip-relative, behind': (visit) => ripRelative(visit, 16),
  'rip-relative, far ahead': (visit) => ripRelative(visit, 0x7654321),
};
