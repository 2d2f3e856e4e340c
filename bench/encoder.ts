/**
 * Nanoseconds per instruction of the assembler, on a mix as a baseline compiler emits it.
 * Run: node dist/bench/encoder.js
 */
import { Assembler } from '../src/backends/x64/assembler.js';
import { Alu, Cc, LoadKind, Reg, SseOp } from '../src/backends/x64/registers.js';

const instructions = 17;

/** Seventeen instructions; the registers vary so that V8 cannot fold the encodings. */
function mix(a: Assembler, i: number): void {
  const r = i & 3;
  const s = (i >> 3) & 15;
  const slot = -8 * (i & 31);
  a.mov_rm(0, r, Reg.rbp, slot);
  a.alu_rr(Alu.add, 0, r, s);
  a.alu_ri(Alu.and, 0, r, i);
  a.mov_mr(1, Reg.rbp, slot, r);
  a.loadx(LoadKind.u32, s, Reg.r14, r, i);
  a.storex(4, Reg.r14, r, 16, s);
  a.imul_rr(0, r, s);
  a.mov_ri(r, i);
  a.test_rr(0, r, r);
  const skip = a.jcc_forward(Cc.e);
  a.movs_xm(1, r, Reg.rbp, slot);
  a.arith_xx(SseOp.add, 1, r, s);
  a.lea_x(1, r, s, r, 2, 0);
  a.bind(skip);
  a.setcc(Cc.l, r);
  a.movzx8(r, r);
  a.call_rip(64);
}

const a = new Assembler(new Uint8Array(1 << 20));
const rounds = 4000;
for (let batch = 0; batch < 6; batch++) {
  const repeat = 60;
  let bytes = 0;
  const start = process.hrtime.bigint();
  for (let k = 0; k < repeat; k++) {
    a.pos = 0;
    for (let i = 0; i < rounds; i++) mix(a, i);
    bytes += a.pos;
  }
  const ns = Number(process.hrtime.bigint() - start);
  const count = repeat * rounds * instructions;
  console.log(`${(ns / count).toFixed(2)} ns per instruction, ${((bytes * 1000) / ns).toFixed(0)} MB/s of code`);
}
