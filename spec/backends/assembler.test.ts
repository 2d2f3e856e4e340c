import test from 'ava';
import { Assembler } from '../../src/backends/x64/assembler.js';
import { loadDisassembler } from '../../src/backends/x64/disassemble.js';
import { Alu, BitOp, Cc, LoadKind, Reg, Round, Shift, SseOp } from '../../src/backends/x64/registers.js';

const [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi] = [
  Reg.rax,
  Reg.rcx,
  Reg.rdx,
  Reg.rbx,
  Reg.rsp,
  Reg.rbp,
  Reg.rsi,
  Reg.rdi,
];
const [r8, r9, r10, r11, r12, r13, r14, r15] = [Reg.r8, Reg.r9, Reg.r10, Reg.r11, Reg.r12, Reg.r13, Reg.r14, Reg.r15];
const [xmm0, xmm1, xmm2, xmm3, xmm8, xmm9, xmm10, xmm11, xmm12, xmm15] = [0, 1, 2, 3, 8, 9, 10, 11, 12, 15];

/** Text, bytes (as GNU as encodes the text; of equal alternatives ours: 8B for 89, lock before 66), and the call that emits it. */
const rows: [string, string, (a: Assembler) => void][] = [
  ['mov eax, ebx', '8bc3', (a) => a.mov_rr(0, rax, rbx)],
  ['mov r9, rsp', '4c8bcc', (a) => a.mov_rr(1, r9, rsp)],
  ['mov r12d, 0x12345678', '41bc78563412', (a) => a.mov_ri(r12, 0x12345678)],
  ['xor r8d, r8d', '4533c0', (a) => a.zero(r8)],
  ['mov ecx, -1', 'b9ffffffff', (a) => a.mov_ri64(rcx, -1, 0)],
  ['mov rcx, -2', '48c7c1feffffff', (a) => a.mov_ri64(rcx, -2, -1)],
  ['mov rbx, 0x200000001', '48bb0100000002000000', (a) => a.mov_ri64(rbx, 1, 2)],
  ['mov rax, [rbp-0x10]', '488b45f0', (a) => a.mov_rm(1, rax, rbp, -16)],
  ['mov eax, [rsp+8]', '8b442408', (a) => a.mov_rm(0, rax, rsp, 8)],
  ['mov eax, [r13]', '418b4500', (a) => a.mov_rm(0, rax, r13, 0)],
  ['mov eax, [r12]', '418b0424', (a) => a.mov_rm(0, rax, r12, 0)],
  ['mov [r15+0x80], rsi', '4989b780000000', (a) => a.mov_mr(1, r15, 128, rsi)],
  ['mov dword ptr [rsp], -1', 'c70424ffffffff', (a) => a.mov_mi(0, rsp, 0, -1)],
  ['movzx ecx, byte ptr [r14+rdx+1]', '410fb64c1601', (a) => a.loadx(LoadKind.u8_32, rcx, r14, rdx, 1)],
  ['movsx rcx, word ptr [r14+rdx-0x81]', '490fbf8c167fffffff', (a) => a.loadx(LoadKind.s16_64, rcx, r14, rdx, -129)],
  ['movsxd rcx, [rax]', '486308', (a) => a.loadx(LoadKind.s32_64, rcx, rax, -1, 0)],
  ['mov [r14+rbx+4], sil', '4188741e04', (a) => a.storex(1, r14, rbx, 4, rsi)],
  ['mov [r14+rbx], r9w', '6645890c1e', (a) => a.storex(2, r14, rbx, 0, r9)],
  ['mov word ptr [r14+rbx+4], -2', '6641c7441e04feff', (a) => a.storex_i(2, r14, rbx, 4, -2)],
  ['lea rax, [rcx+rcx+4]', '488d440904', (a) => a.lea_x(1, rax, -1, rcx, 1, 4)],
  ['lea rax, [rcx*8+4]', '488d04cd04000000', (a) => a.lea_x(1, rax, -1, rcx, 3, 4)],
  ['lea r13d, [r13+r12*4]', '478d6ca500', (a) => a.lea_x(0, r13, r13, r12, 2, 0)],
  ['movzx eax, sil', '400fb6c6', (a) => a.movzx8(rax, rsi)],
  ['movsx rdi, r8b', '490fbef8', (a) => a.movsx8(1, rdi, r8)],
  ['xchg r8, rax', '4990', (a) => a.xchg_rr(1, r8, rax)],
  ['push r12', '4154', (a) => a.push(r12)],
  ['push -1', '6aff', (a) => a.push_i(-1)],
  ['push 0x80', '6880000000', (a) => a.push_i(128)],
  ['push qword ptr [rsp+8]', 'ff742408', (a) => a.push_m(rsp, 8)],
  ['pop qword ptr [r12]', '418f0424', (a) => a.pop_m(r12, 0)],
  ['add rax, 1', '4883c001', (a) => a.alu_ri(Alu.add, 1, rax, 1)],
  ['cmp eax, 0x1000', '3d00100000', (a) => a.alu_ri(Alu.cmp, 0, rax, 0x1000)],
  ['and rdx, -0x81', '4881e27fffffff', (a) => a.alu_ri(Alu.and, 1, rdx, -129)],
  ['sub qword ptr [r15+0x40], 1', '49836f4001', (a) => a.alu_mi(Alu.sub, 1, r15, 64, 1)],
  ['xor [rbp-8], r10d', '443155f8', (a) => a.alu_mr(Alu.xor, 0, rbp, -8, r10)],
  ['adc rsi, [rdi]', '481337', (a) => a.alu_rm(Alu.adc, 1, rsi, rdi, 0)],
  ['cmp rdx, [r14+rcx]', '493b140e', (a) => a.alu_rx(Alu.cmp, 1, rdx, r14, rcx, 0)],
  ['test al, 1', 'a801', (a) => a.test_ri(1, rax, 1)],
  ['test dil, 0x7f', '40f6c77f', (a) => a.test_ri(0, rdi, 127)],
  ['test eax, 0x80', 'a980000000', (a) => a.test_ri(1, rax, 128)],
  ['test rbx, -0x80000000', '48f7c300000080', (a) => a.test_ri(1, rbx, -0x80000000)],
  ['imul r8, [rsp+0x10]', '4c0faf442410', (a) => a.imul_rm(1, r8, rsp, 16)],
  ['imul eax, ecx, 0xa', '6bc10a', (a) => a.imul_rri(0, rax, rcx, 10)],
  ['imul rdx', '48f7ea', (a) => a.imul1(1, rdx)],
  ['idiv r11d', '41f7fb', (a) => a.idiv(0, r11)],
  ['cdq', '99', (a) => a.cdq(0)],
  ['cqo', '4899', (a) => a.cdq(1)],
  ['shl eax, 1', 'd1e0', (a) => a.shift_i(Shift.shl, 0, rax, 1)],
  ['sar r9, 0x3f', '49c1f93f', (a) => a.shift_i(Shift.sar, 1, r9, 63)],
  ['ror edx, cl', 'd3ca', (a) => a.shift_cl(Shift.ror, 0, rdx)],
  ['shlx r8, r9, r10', 'c442a9f7c1', (a) => a.shlx(1, r8, r9, r10)],
  ['rorx eax, ebx, 7', 'c4e37bf0c307', (a) => a.rorx(0, rax, rbx, 7)],
  ['andn rax, rbx, r12', 'c4c2e0f2c4', (a) => a.andn(1, rax, rbx, r12)],
  ['tzcnt eax, r9d', 'f3410fbcc1', (a) => a.tzcnt(0, rax, r9)],
  ['popcnt r8, rax', 'f34c0fb8c0', (a) => a.popcnt(1, r8, rax)],
  ['bswap r13d', '410fcd', (a) => a.bswap(0, r13)],
  ['btc rax, 0x3f', '480fbaf83f', (a) => a.bit_ri(BitOp.btc, 1, rax, 63)],
  ['sete sil', '400f94c6', (a) => a.setcc(Cc.e, rsi)],
  ['setg r9b', '410f9fc1', (a) => a.setcc(Cc.g, r9)],
  ['cmovb rax, r15', '490f42c7', (a) => a.cmov_rr(Cc.b, 1, rax, r15)],
  ['lock cmpxchg [r14+rbx], r8w', 'f066450fb1041e', (a) => a.lock_cmpxchg_x(2, r14, rbx, 0, r8)],
  ['lock xadd [rdi], rax', 'f0480fc107', (a) => a.lock_xadd_mr(1, rdi, 0, rax)],
  ['xchg [rdi], cl', '860f', (a) => a.xchg_x(1, rdi, -1, 0, rcx)],
  ['movaps xmm1, xmm9', '410f28c9', (a) => a.movs_xx(1, xmm1, xmm9)],
  ['movss xmm3, [r14+rax+0x10]', 'f3410f105c0610', (a) => a.floadx(0, xmm3, r14, rax, 16)],
  ['movsd [rbp-0x18], xmm15', 'f2440f117de8', (a) => a.movs_mx(1, rbp, -24, xmm15)],
  ['movq xmm8, rax', '664c0f6ec0', (a) => a.movd_xr(1, xmm8, rax)],
  ['movd edx, xmm0', '660f7ec2', (a) => a.movd_rx(0, rdx, xmm0)],
  ['addsd xmm0, xmm8', 'f2410f58c0', (a) => a.arith_xx(SseOp.add, 1, xmm0, xmm8)],
  ['sqrtss xmm9, xmm1', 'f3440f51c9', (a) => a.arith_xx(SseOp.sqrt, 0, xmm9, xmm1)],
  ['vsubsd xmm0, xmm1, xmm2', 'c5f35cc2', (a) => a.varith_xxx(SseOp.sub, 1, xmm0, xmm1, xmm2)],
  ['vmulss xmm10, xmm11, xmm12', 'c4412259d4', (a) => a.varith_xxx(SseOp.mul, 0, xmm10, xmm11, xmm12)],
  ['ucomisd xmm0, xmm1', '660f2ec1', (a) => a.ucomis_xx(1, xmm0, xmm1)],
  ['roundss xmm1, xmm2, 9', '660f3a0aca09', (a) => a.round_xx(0, xmm1, xmm2, Round.floor)],
  ['cmpunordsd xmm2, xmm3', 'f20fc2d303', (a) => a.cmps_xx(1, xmm2, xmm3, 3)],
  ['xorps xmm8, xmm8', '450f57c0', (a) => a.xorp_xx(xmm8, xmm8)],
  ['pcmpeqd xmm15, xmm15', '66450f76ff', (a) => a.pcmpeqd_xx(xmm15, xmm15)],
  ['psllq xmm15, 0x3f', '66410f73f73f', (a) => a.psllq_i(xmm15, 63)],
  ['movmskpd eax, xmm9', '66410f50c1', (a) => a.movmsk(1, rax, xmm9)],
  ['cvtsi2sd xmm0, rax', 'f2480f2ac0', (a) => a.cvt_si2s(1, 1, xmm0, rax)],
  ['cvttss2si r8, xmm2', 'f34c0f2cc2', (a) => a.cvtt_s2si(0, 1, r8, xmm2)],
  ['cvtss2sd xmm1, xmm9', 'f3410f5ac9', (a) => a.cvt_ss2sd(xmm1, xmm9)],
  ['jmp r11', '41ffe3', (a) => a.jmp_r(r11)],
  ['jmp qword ptr [rax+rcx*8]', 'ff24c8', (a) => a.jmp_mx(rax, rcx, 3, 0)],
  ['call qword ptr [r11]', '41ff13', (a) => a.call_m(r11, 0)],
  ['ret', 'c3', (a) => a.ret()],
  ['ret 0x18', 'c21800', (a) => a.ret_n(24)],
  ['leave', 'c9', (a) => a.leave()],
  ['nop', '90', (a) => a.nop(1)],
  ['nop [rax+rax]', '660f1f840000000000', (a) => a.nop(9)],
  ['int3', 'cc', (a) => a.int3()],
  ['ud2', '0f0b', (a) => a.ud2()],
  ['endbr64', 'f30f1efa', (a) => a.endbr64()],
  ['pushfq', '9c', (a) => a.pushfq()],
  ['popfq', '9d', (a) => a.popfq()],
  ['cld', 'fc', (a) => a.cld()],
  ['std', 'fd', (a) => a.std()],
  ['rep movsb [rdi], [rsi]', 'f3a4', (a) => a.rep_movsb()],
  ['rep movsq [rdi], [rsi]', 'f348a5', (a) => a.rep_movsq()],
  ['rep stosb [rdi]', 'f3aa', (a) => a.rep_stosb()],
  ['rep stosq [rdi]', 'f348ab', (a) => a.rep_stosq()],
  ['lock or dword ptr [rbx], 2', 'f0830b02', (a) => a.lock_alu_mi(Alu.or, 0, rbx, 0, 2)],
  ['mov eax, cs', '8cc8', (a) => a.mov_rs(0, 1)],
  ['mov r9d, ss', '418cd1', (a) => a.mov_rs(9, 2)],
  ['iretq', '48cf', (a) => a.iretq()],
  ['syscall', '0f05', (a) => a.syscall()],
  ['mfence', '0faef0', (a) => a.mfence()],
  ['lfence', '0faee8', (a) => a.lfence()],
  ['pause', 'f390', (a) => a.pause()],
  ['cpuid', '0fa2', (a) => a.cpuid()],
  ['rdtsc', '0f31', (a) => a.rdtsc()],
  ['xgetbv', '0f01d0', (a) => a.xgetbv()],
];

const emitted = (emit: (a: Assembler) => void): Buffer => {
  const a = new Assembler(new Uint8Array(4096));
  emit(a);
  return Buffer.from(a.buffer.subarray(0, a.pos));
};

for (const [text, hex, emit] of rows) {
  test(`${text}: ${hex}`, async (t) => {
    const bytes = emitted(emit);
    t.is(bytes.toString('hex'), hex);
    const lines = (await loadDisassembler()).disassemble(bytes, 0);
    t.deepEqual(
      lines.map((line) => line.text),
      [text],
    );
  });
}

test('nop(n) has n bytes, one instruction per 9', async (t) => {
  const disassembler = await loadDisassembler();
  for (let n = 0; n <= 40; n++) {
    const bytes = emitted((a) => a.nop(n));
    t.is(bytes.length, n);
    const lines = disassembler.disassemble(bytes, 0);
    t.is(lines.length, Math.ceil(n / 9));
    t.true(lines.every((line) => line.text === 'nop' || line.text.startsWith('nop ') || line.text === 'xchg ax, ax'));
  }
});

test('align pads to the boundary', (t) => {
  const a = new Assembler(new Uint8Array(64), 5);
  a.align(16);
  t.is(a.pos, 16);
  a.align(16);
  t.is(a.pos, 16);
});

test('jumps are short exactly as far as a byte reaches', (t) => {
  const length = (pos: number, target: number): number => {
    const a = new Assembler(new Uint8Array(1024), pos);
    a.jmp(target);
    return a.pos - pos;
  };
  t.is(length(126, 0), 2);
  t.is(length(127, 0), 5);
  t.is(length(0, 129), 2);
  t.is(length(0, 130), 5);
});

test('forward jumps are bound to the place asked for', async (t) => {
  const disassembler = await loadDisassembler();
  const a = new Assembler(new Uint8Array(256));
  const jump = a.jmp_forward();
  const branch = a.jcc_forward(Cc.l);
  const call = a.call_forward();
  const address = a.lea_rip_forward(rcx);
  const short = a.jmp8_forward();
  const shortBranch = a.jcc8_forward(Cc.np);
  a.nop(9);
  a.bind(jump);
  a.bind_to(branch, 3);
  a.bind(call);
  a.bind_to(address, 0x60);
  a.bind8(short);
  a.bind8(shortBranch);
  const texts = disassembler.disassemble(a.buffer.subarray(0, a.pos), 0).map((line) => line.text);
  const end = `0x${a.pos.toString(16)}`;
  t.deepEqual(texts.slice(0, 6), [`jmp ${end}`, 'jl 3', `call ${end}`, 'lea rcx, [0x60]', `jmp ${end}`, `jnp ${end}`]);
});

test('a short jump that does not reach is an error', (t) => {
  const a = new Assembler(new Uint8Array(512));
  const field = a.jmp8_forward();
  a.nop(127);
  t.notThrows(() => a.bind8(field));
  a.nop(1);
  t.throws(() => a.bind8(field), { instanceOf: RangeError });
});

test('rsp as an index is an error', (t) => {
  t.throws(() => emitted((a) => a.lea_x(1, rax, rbx, rsp, 0, 0)), { instanceOf: RangeError });
});

test('alu_ri32 leaves a patchable immediate', (t) => {
  const bytes = emitted((a) => {
    const field = a.alu_ri32(Alu.sub, 1, rsp, 0);
    a.patch32(field, 0x1234);
  });
  t.is(bytes.toString('hex'), '4881ec34120000');
});

test('the disassembler names branch targets and rip-relative operands, and lists bytes', async (t) => {
  const disassembler = await loadDisassembler();
  const bytes = emitted((a) => {
    a.call_rip(0x100);
    a.jmp32(0x200);
    a.mov_ri(rax, 0x100);
  });
  const symbol = (address: number): string | undefined =>
    address === 0x1100 ? 'slot' : address === 0x1200 ? 'stub' : undefined;
  const lines = disassembler.disassemble(bytes, 0x1000, { symbol });
  t.deepEqual(
    lines.map((line) => line.text),
    ['call qword ptr [slot]', 'jmp stub', 'mov eax, 0x100'],
  );
  t.deepEqual(
    lines.map((line) => line.target),
    [0x1100, 0x1200, -1],
  );
  t.deepEqual(disassembler.disassemble(Uint8Array.of(0x06), 0)[0]?.text, '(bad)');
  t.is(disassembler.disassemble(bytes, 0, { limit: 1 }).length, 1);
});
