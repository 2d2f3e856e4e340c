/**
 * Every form of the vector instructions with all registers and the boundary values of displacements and immediates, as in
 * encoder-forms.ts.
 */
import { V, VShift } from '../../src/backends/x64/vector-ops.js';
import {
  eachIndexed,
  eachMemory,
  eachPair,
  mem,
  num,
  predicates,
  r,
  registers,
  type Visit,
  widths,
  x,
} from './encoder-forms.js';

/** d = d op s; VEX: d = a op b. */
const binaries: [V, string][] = [
  [V.punpcklbw, 'punpcklbw'],
  [V.punpcklwd, 'punpcklwd'],
  [V.punpckldq, 'punpckldq'],
  [V.packsswb, 'packsswb'],
  [V.pcmpgtb, 'pcmpgtb'],
  [V.pcmpgtw, 'pcmpgtw'],
  [V.pcmpgtd, 'pcmpgtd'],
  [V.packuswb, 'packuswb'],
  [V.punpckhbw, 'punpckhbw'],
  [V.punpckhwd, 'punpckhwd'],
  [V.punpckhdq, 'punpckhdq'],
  [V.packssdw, 'packssdw'],
  [V.punpcklqdq, 'punpcklqdq'],
  [V.punpckhqdq, 'punpckhqdq'],
  [V.pcmpeqb, 'pcmpeqb'],
  [V.pcmpeqw, 'pcmpeqw'],
  [V.pcmpeqd, 'pcmpeqd'],
  [V.psrlw, 'psrlw'],
  [V.psrld, 'psrld'],
  [V.psrlq, 'psrlq'],
  [V.paddq, 'paddq'],
  [V.pmullw, 'pmullw'],
  [V.psubusb, 'psubusb'],
  [V.psubusw, 'psubusw'],
  [V.pminub, 'pminub'],
  [V.pand, 'pand'],
  [V.paddusb, 'paddusb'],
  [V.paddusw, 'paddusw'],
  [V.pmaxub, 'pmaxub'],
  [V.pandn, 'pandn'],
  [V.pavgb, 'pavgb'],
  [V.psraw, 'psraw'],
  [V.psrad, 'psrad'],
  [V.pavgw, 'pavgw'],
  [V.pmulhuw, 'pmulhuw'],
  [V.pmulhw, 'pmulhw'],
  [V.psubsb, 'psubsb'],
  [V.psubsw, 'psubsw'],
  [V.pminsw, 'pminsw'],
  [V.por, 'por'],
  [V.paddsb, 'paddsb'],
  [V.paddsw, 'paddsw'],
  [V.pmaxsw, 'pmaxsw'],
  [V.pxor, 'pxor'],
  [V.psllw, 'psllw'],
  [V.pslld, 'pslld'],
  [V.psllq, 'psllq'],
  [V.pmuludq, 'pmuludq'],
  [V.pmaddwd, 'pmaddwd'],
  [V.psubb, 'psubb'],
  [V.psubw, 'psubw'],
  [V.psubd, 'psubd'],
  [V.psubq, 'psubq'],
  [V.paddb, 'paddb'],
  [V.paddw, 'paddw'],
  [V.paddd, 'paddd'],
  [V.pshufb, 'pshufb'],
  [V.pmaddubsw, 'pmaddubsw'],
  [V.pmulhrsw, 'pmulhrsw'],
  [V.pmuldq, 'pmuldq'],
  [V.pcmpeqq, 'pcmpeqq'],
  [V.packusdw, 'packusdw'],
  [V.pcmpgtq, 'pcmpgtq'],
  [V.pminsb, 'pminsb'],
  [V.pminsd, 'pminsd'],
  [V.pminuw, 'pminuw'],
  [V.pminud, 'pminud'],
  [V.pmaxsb, 'pmaxsb'],
  [V.pmaxsd, 'pmaxsd'],
  [V.pmaxuw, 'pmaxuw'],
  [V.pmaxud, 'pmaxud'],
  [V.pmulld, 'pmulld'],
  [V.andps, 'andps'],
  [V.orps, 'orps'],
  [V.xorps, 'xorps'],
  [V.addps, 'addps'],
  [V.mulps, 'mulps'],
  [V.subps, 'subps'],
  [V.minps, 'minps'],
  [V.divps, 'divps'],
  [V.maxps, 'maxps'],
  [V.andpd, 'andpd'],
  [V.addpd, 'addpd'],
  [V.mulpd, 'mulpd'],
  [V.subpd, 'subpd'],
  [V.minpd, 'minpd'],
  [V.divpd, 'divpd'],
  [V.maxpd, 'maxpd'],
];

/** d = op s. */
const unaries: [V, string][] = [
  [V.ptest, 'ptest'],
  [V.pabsb, 'pabsb'],
  [V.pabsw, 'pabsw'],
  [V.pabsd, 'pabsd'],
  [V.pmovsxbw, 'pmovsxbw'],
  [V.pmovsxwd, 'pmovsxwd'],
  [V.pmovsxdq, 'pmovsxdq'],
  [V.pmovzxbw, 'pmovzxbw'],
  [V.pmovzxwd, 'pmovzxwd'],
  [V.pmovzxdq, 'pmovzxdq'],
  [V.sqrtps, 'sqrtps'],
  [V.sqrtpd, 'sqrtpd'],
  [V.cvtps2pd, 'cvtps2pd'],
  [V.cvtpd2ps, 'cvtpd2ps'],
  [V.cvtdq2ps, 'cvtdq2ps'],
  [V.cvttps2dq, 'cvttps2dq'],
  [V.cvtdq2pd, 'cvtdq2pd'],
  [V.cvttpd2dq, 'cvttpd2dq'],
  [V.movddup, 'movddup'],
];

/** d = op s, immediate. */
const immediateUnaries: [V, string][] = [
  [V.pshufd, 'pshufd'],
  [V.pshuflw, 'pshuflw'],
  [V.pshufhw, 'pshufhw'],
  [V.roundps, 'roundps'],
  [V.roundpd, 'roundpd'],
];

/** d = d op s, immediate. */
const immediateBinaries: [V, string][] = [
  [V.shufps, 'shufps'],
  [V.pblendw, 'pblendw'],
  [V.palignr, 'palignr'],
  [V.insertps, 'insertps'],
];

const shifts: [VShift, string][] = [
  [VShift.psrlw, 'psrlw'],
  [VShift.psraw, 'psraw'],
  [VShift.psllw, 'psllw'],
  [VShift.psrld, 'psrld'],
  [VShift.psrad, 'psrad'],
  [VShift.pslld, 'pslld'],
  [VShift.psrlq, 'psrlq'],
  [VShift.psllq, 'psllq'],
];

/** Lanes from general registers or memory, with the width of the register: by W for pinsrd. */
const inserts: [V, number, string][] = [
  [V.pinsrb, 0, 'pinsrb'],
  [V.pinsrw, 0, 'pinsrw'],
  [V.pinsrd, 0, 'pinsrd'],
  [V.pinsrd, 1, 'pinsrq'],
];
const extracts: [V, number, string][] = [
  [V.pextrb, 0, 'pextrb'],
  [V.pextrw, 0, 'pextrw'],
  [V.pextrd, 0, 'pextrd'],
  [V.pextrd, 1, 'pextrq'],
];
/** Loads with an index that have a legacy form, and whether a VEX form with a second source exists. */
const loads: [V, string][] = [
  [V.movups, 'movups'],
  [V.movss, 'movss'],
  [V.movsd, 'movsd'],
  [V.movddup, 'movddup'],
  [V.movlps, 'movlps'],
  [V.movhps, 'movhps'],
  [V.pmovsxbw, 'pmovsxbw'],
  [V.pmovzxbw, 'pmovzxbw'],
  [V.pmovsxwd, 'pmovsxwd'],
  [V.pmovzxwd, 'pmovzxwd'],
  [V.pmovsxdq, 'pmovsxdq'],
  [V.pmovzxdq, 'pmovzxdq'],
];
const stores: [V, string][] = [
  [V.movupsStore, 'movups'],
  [V.movlpsStore, 'movlps'],
  [V.movhpsStore, 'movhps'],
];
const broadcasts: [V, string][] = [
  [V.vbroadcastss, 'vbroadcastss'],
  [V.vpbroadcastb, 'vpbroadcastb'],
  [V.vpbroadcastw, 'vpbroadcastw'],
];
const immediates = [0, 1, 9, 0x55, 0xaa, 0xff];
/** A third register for a pair. */
const third = (d: number, s: number): number => (d * 7 + s * 3 + 1) & 15;

function registerForms(visit: Visit): void {
  eachPair((d, s) => {
    const b = third(d, s);
    for (const [op, name] of binaries) {
      visit((a) => a.sse_xx(op, d, s), `${name} ${x(d)}, ${x(s)}`);
      visit((a) => a.vex_xxx(op, d, s, b), `v${name} ${x(d)}, ${x(s)}, ${x(b)}`);
    }
    for (const [op, name] of unaries) {
      visit((a) => a.sse_xx(op, d, s), `${name} ${x(d)}, ${x(s)}`);
      visit((a) => a.vex_xxx(op, d, 0, s), `v${name} ${x(d)}, ${x(s)}`);
    }
    visit((a) => a.sse_xx(V.movsd, d, s), `movsd ${x(d)}, ${x(s)}`);
    visit((a) => a.vex_xxx(V.movsd, d, s, b), `vmovsd ${x(d)}, ${x(s)}, ${x(b)}`);
    visit((a) => a.sse_xx(V.movlhps, d, s), `movlhps ${x(d)}, ${x(s)}`);
    visit((a) => a.vex_xxx(V.movlhps, d, s, b), `vmovlhps ${x(d)}, ${x(s)}, ${x(b)}`);
    for (const [op, name] of broadcasts) visit((a) => a.vex_xxx(op, d, 0, s), `${name} ${x(d)}, ${x(s)}`);
    const mask = (b + 5) & 15;
    const blended = `${x(d)}, ${x(s)}, ${x(b)}, ${x(mask)}`;
    visit((a) => a.vex_xxxx(V.vpblendvb, d, s, b, mask), `vpblendvb ${blended}`);
    visit((a) => a.vex_xxxx(V.vblendvps, d, s, b, mask), `vblendvps ${blended}`);
    visit((a) => a.vex_xxxx(V.vblendvpd, d, s, b, mask), `vblendvpd ${blended}`);
    const fused = `${x(d)}, ${x(s)}, ${x(b)}`;
    visit((a) => a.vex_fma(V.vfmadd231ps, 0, d, s, b), `vfmadd231ps ${fused}`);
    visit((a) => a.vex_fma(V.vfmadd231ps, 1, d, s, b), `vfmadd231pd ${fused}`);
    visit((a) => a.vex_fma(V.vfnmadd231ps, 0, d, s, b), `vfnmadd231ps ${fused}`);
    visit((a) => a.vex_fma(V.vfnmadd231ps, 1, d, s, b), `vfnmadd231pd ${fused}`);
  });
}

function immediateForms(visit: Visit): void {
  eachPair((d, s) => {
    const b = third(d, s);
    for (const i of immediates) {
      for (const [op, name] of immediateUnaries) {
        visit((a) => a.sse_xxi(op, d, s, i), `${name} ${x(d)}, ${x(s)}, ${num(i)}`);
        visit((a) => a.vex_xxxi(op, d, 0, s, i), `v${name} ${x(d)}, ${x(s)}, ${num(i)}`);
      }
      for (const [op, name] of immediateBinaries) {
        visit((a) => a.sse_xxi(op, d, s, i), `${name} ${x(d)}, ${x(s)}, ${num(i)}`);
        visit((a) => a.vex_xxxi(op, d, s, b, i), `v${name} ${x(d)}, ${x(s)}, ${x(b)}, ${num(i)}`);
      }
    }
    predicates.forEach((predicate, i) => {
      for (const [op, suffix] of [
        [V.cmpps, 'ps'],
        [V.cmppd, 'pd'],
      ] as const) {
        visit((a) => a.sse_xxi(op, d, s, i), `cmp${predicate}${suffix} ${x(d)}, ${x(s)}`);
        visit((a) => a.vex_xxxi(op, d, s, b, i), `vcmp${predicate}${suffix} ${x(d)}, ${x(s)}, ${x(b)}`);
      }
    });
    for (const [op, w, name] of inserts) {
      const from = r(w, s);
      visit((a) => a.pinsr(op, w, d, s, 1), `${name} ${x(d)}, ${from}, 1`);
      visit((a) => a.vpinsr(op, w, d, b, s, 1), `v${name} ${x(d)}, ${x(b)}, ${from}, 1`);
    }
    for (const [op, w, name] of extracts) visit((a) => a.pextr(op, w, d, s, 1), `${name} ${r(w, d)}, ${x(s)}, 1`);
    visit((a) => a.signs(V.pmovmskb, d, s), `pmovmskb ${r(0, d)}, ${x(s)}`);
    visit((a) => a.signs(V.movmskps, d, s), `movmskps ${r(0, d)}, ${x(s)}`);
    visit((a) => a.signs(V.movmskpd, d, s), `movmskpd ${r(0, d)}, ${x(s)}`);
  });
  for (const d of registers) {
    for (const count of [0, 1, 15, 31, 63]) {
      for (const [op, name] of shifts) {
        const s = (d * 5 + 3) & 15;
        visit((a) => a.sse_shift(op, d, count), `${name} ${x(d)}, ${num(count)}`);
        visit((a) => a.vex_shift(op, d, s, count), `v${name} ${x(d)}, ${x(s)}, ${num(count)}`);
      }
    }
  }
}

/** [base + disp]: VEX forms only, because the legacy ones want aligned memory. */
function memoryForms(visit: Visit): void {
  let turn = 0;
  eachMemory((_, d, base, disp) => {
    const m = mem(base, disp);
    const s = third(d, base);
    // A few instructions per address: over all addresses each has its turn many times.
    for (let k = 0; k < 8; k++) {
      const [op, name] = binaries[turn++ % binaries.length]!;
      visit((a) => a.vex_xxm(op, d, s, base, disp), `v${name} ${x(d)}, ${x(s)}, ${m}`);
    }
    const [op, name] = unaries[turn % unaries.length]!;
    const size = name === 'cvtpd2ps' || name === 'cvttpd2dq' ? 'xmmword ptr ' : '';
    visit((a) => a.vex_xxm(op, d, 0, base, disp), `v${name} ${x(d)}, ${size}${m}`);
    const predicate = turn & 7;
    const compare = `vcmp${predicates[predicate]!}ps ${x(d)}, ${x(s)}, ${m}`;
    visit((a) => a.vex_xxmi(V.cmpps, d, s, base, disp, predicate), compare);
  });
}

function indexedForms(visit: Visit): void {
  eachIndexed((d, base, index, disp) => {
    const m = mem(base, disp, index);
    for (const [op, name] of loads) visit((a) => a.sse_xmx(op, d, base, index, disp), `${name} ${x(d)}, ${m}`);
    for (const [op, name] of stores) visit((a) => a.sse_xmx(op, d, base, index, disp), `${name} ${m}, ${x(d)}`);
    for (const [op, w, name] of inserts) {
      visit((a) => a.sse_xmxi(op, w, d, base, index, disp, 1), `${name} ${x(d)}, ${m}, 1`);
    }
    for (const [op, w, name] of extracts) {
      visit((a) => a.sse_xmxi(op, w, d, base, index, disp, 1), `${name} ${m}, ${x(d)}, 1`);
    }
    // The VEX forms are only used with a base.
    if (base < 0) return;
    const s = third(d, base);
    for (const [op, name] of broadcasts) visit((a) => a.vex_xxmx(op, d, 0, base, index, disp), `${name} ${x(d)}, ${m}`);
    visit((a) => a.vex_xxmx(V.movlps, d, s, base, index, disp), `vmovlps ${x(d)}, ${x(s)}, ${m}`);
    visit((a) => a.vex_xxmx(V.movhps, d, s, base, index, disp), `vmovhps ${x(d)}, ${x(s)}, ${m}`);
    for (const [op, w, name] of inserts) {
      const text = `v${name} ${x(d)}, ${x(s)}, ${m}, 1`;
      visit((a) => a.vpinsr_mx(op, w, d, s, base, index, disp, 1), text);
    }
  });
}

function ripForms(visit: Visit, target: number): void {
  const m = `[${num(target)}]`;
  for (const d of registers) {
    const s = (d * 5 + 3) & 15;
    for (const [op, name] of binaries) {
      visit((a) => a.sse_x_rip(op, d, target), `${name} ${x(d)}, ${m}`);
      visit((a) => a.vex_xx_rip(op, d, s, target), `v${name} ${x(d)}, ${x(s)}, ${m}`);
    }
    for (const [op, name] of unaries) {
      const size = name === 'cvtpd2ps' || name === 'cvttpd2dq' ? 'xmmword ptr ' : '';
      visit((a) => a.sse_x_rip(op, d, target), `${name} ${x(d)}, ${m}`);
      visit((a) => a.vex_xx_rip(op, d, 0, target), `v${name} ${x(d)}, ${size}${m}`);
    }
    for (const i of immediates) {
      for (const [op, name] of immediateBinaries) {
        visit((a) => a.sse_x_ripi(op, d, target, i), `${name} ${x(d)}, ${m}, ${num(i)}`);
        visit((a) => a.vex_xx_ripi(op, d, s, target, i), `v${name} ${x(d)}, ${x(s)}, ${m}, ${num(i)}`);
      }
    }
    for (const w of widths) {
      const op = w === 0 ? V.cmpps : V.cmppd;
      visit((a) => a.sse_x_ripi(op, d, target, 2), `cmple${w === 0 ? 'ps' : 'pd'} ${x(d)}, ${m}`);
    }
  }
}

export const vectorGroups: Record<string, (visit: Visit) => void> = {
  'vectors: registers': registerForms,
  'vectors: immediates and lanes': immediateForms,
  'vectors: memory': memoryForms,
  'vectors: indexed memory': indexedForms,
  'vectors: rip-relative, behind': (visit) => ripForms(visit, 16),
  'vectors: rip-relative, far ahead': (visit) => ripForms(visit, 0x7654321),
};
