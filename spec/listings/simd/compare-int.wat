;; Only equal and greater (signed) are there. The others: exchanged operands, or the minimum or maximum equals one of them.
;; run: less(1, -1) = -1
;; run: less(-1, 1) = 0
;; run: greater(1n, 4294967296n) = 0n
(module
  (func $i8x16.eq (param v128 v128) (result v128) (i8x16.eq (local.get 0) (local.get 1)))
  (func $i8x16.ne (param v128 v128) (result v128) (i8x16.ne (local.get 0) (local.get 1)))
  (func $i8x16.lt_s (param v128 v128) (result v128) (i8x16.lt_s (local.get 0) (local.get 1)))
  (func $i8x16.lt_u (param v128 v128) (result v128) (i8x16.lt_u (local.get 0) (local.get 1)))
  (func $i8x16.gt_s (param v128 v128) (result v128) (i8x16.gt_s (local.get 0) (local.get 1)))
  (func $i8x16.gt_u (param v128 v128) (result v128) (i8x16.gt_u (local.get 0) (local.get 1)))
  (func $i8x16.le_s (param v128 v128) (result v128) (i8x16.le_s (local.get 0) (local.get 1)))
  (func $i8x16.le_u (param v128 v128) (result v128) (i8x16.le_u (local.get 0) (local.get 1)))
  (func $i8x16.ge_s (param v128 v128) (result v128) (i8x16.ge_s (local.get 0) (local.get 1)))
  (func $i8x16.ge_u (param v128 v128) (result v128) (i8x16.ge_u (local.get 0) (local.get 1)))
  (func $i16x8.eq (param v128 v128) (result v128) (i16x8.eq (local.get 0) (local.get 1)))
  (func $i16x8.ne (param v128 v128) (result v128) (i16x8.ne (local.get 0) (local.get 1)))
  (func $i16x8.lt_s (param v128 v128) (result v128) (i16x8.lt_s (local.get 0) (local.get 1)))
  (func $i16x8.lt_u (param v128 v128) (result v128) (i16x8.lt_u (local.get 0) (local.get 1)))
  (func $i16x8.gt_s (param v128 v128) (result v128) (i16x8.gt_s (local.get 0) (local.get 1)))
  (func $i16x8.gt_u (param v128 v128) (result v128) (i16x8.gt_u (local.get 0) (local.get 1)))
  (func $i16x8.le_s (param v128 v128) (result v128) (i16x8.le_s (local.get 0) (local.get 1)))
  (func $i16x8.le_u (param v128 v128) (result v128) (i16x8.le_u (local.get 0) (local.get 1)))
  (func $i16x8.ge_s (param v128 v128) (result v128) (i16x8.ge_s (local.get 0) (local.get 1)))
  (func $i16x8.ge_u (param v128 v128) (result v128) (i16x8.ge_u (local.get 0) (local.get 1)))
  (func $i32x4.eq (param v128 v128) (result v128) (i32x4.eq (local.get 0) (local.get 1)))
  (func $i32x4.ne (param v128 v128) (result v128) (i32x4.ne (local.get 0) (local.get 1)))
  (func $i32x4.lt_s (param v128 v128) (result v128) (i32x4.lt_s (local.get 0) (local.get 1)))
  (func $i32x4.lt_u (param v128 v128) (result v128) (i32x4.lt_u (local.get 0) (local.get 1)))
  (func $i32x4.gt_s (param v128 v128) (result v128) (i32x4.gt_s (local.get 0) (local.get 1)))
  (func $i32x4.gt_u (param v128 v128) (result v128) (i32x4.gt_u (local.get 0) (local.get 1)))
  (func $i32x4.le_s (param v128 v128) (result v128) (i32x4.le_s (local.get 0) (local.get 1)))
  (func $i32x4.le_u (param v128 v128) (result v128) (i32x4.le_u (local.get 0) (local.get 1)))
  (func $i32x4.ge_s (param v128 v128) (result v128) (i32x4.ge_s (local.get 0) (local.get 1)))
  (func $i32x4.ge_u (param v128 v128) (result v128) (i32x4.ge_u (local.get 0) (local.get 1)))
  (func $i64x2.eq (param v128 v128) (result v128) (i64x2.eq (local.get 0) (local.get 1)))
  (func $i64x2.ne (param v128 v128) (result v128) (i64x2.ne (local.get 0) (local.get 1)))
  (func $i64x2.lt_s (param v128 v128) (result v128) (i64x2.lt_s (local.get 0) (local.get 1)))
  (func $i64x2.gt_s (param v128 v128) (result v128) (i64x2.gt_s (local.get 0) (local.get 1)))
  (func $i64x2.le_s (param v128 v128) (result v128) (i64x2.le_s (local.get 0) (local.get 1)))
  (func $i64x2.ge_s (param v128 v128) (result v128) (i64x2.ge_s (local.get 0) (local.get 1)))
  (func (export "less") (param i32 i32) (result i32) (i32x4.extract_lane 0 (i32x4.lt_u (i32x4.splat (local.get 0)) (i32x4.splat (local.get 1)))))
  (func (export "greater") (param i64 i64) (result i64) (i64x2.extract_lane 0 (i64x2.gt_s (i64x2.splat (local.get 0)) (i64x2.splat (local.get 1))))))

(; machine code

i8x16.eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.eq                   vpcmpeqb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.ne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.ne                   vpcmpeqb xmm2, xmm0, xmm1
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.lt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.lt_s                 vpcmpgtb xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.lt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.lt_u                 vpmaxub xmm2, xmm1, xmm0
                             vpcmpeqb xmm2, xmm2, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.gt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.gt_s                 vpcmpgtb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.gt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.gt_u                 vpminub xmm2, xmm1, xmm0
                             vpcmpeqb xmm2, xmm2, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.le_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.le_s                 vpminsb xmm2, xmm1, xmm0
                             vpcmpeqb xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.le_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.le_u                 vpminub xmm2, xmm1, xmm0
                             vpcmpeqb xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.ge_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.ge_s                 vpmaxsb xmm2, xmm1, xmm0
                             vpcmpeqb xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.ge_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.ge_u                 vpmaxub xmm2, xmm1, xmm0
                             vpcmpeqb xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.eq                   vpcmpeqw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.ne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.ne                   vpcmpeqw xmm2, xmm0, xmm1
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.lt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.lt_s                 vpcmpgtw xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.lt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.lt_u                 vpmaxuw xmm2, xmm1, xmm0
                             vpcmpeqw xmm2, xmm2, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.gt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.gt_s                 vpcmpgtw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.gt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.gt_u                 vpminuw xmm2, xmm1, xmm0
                             vpcmpeqw xmm2, xmm2, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.le_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.le_s                 vpminsw xmm2, xmm1, xmm0
                             vpcmpeqw xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.le_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.le_u                 vpminuw xmm2, xmm1, xmm0
                             vpcmpeqw xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.ge_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.ge_s                 vpmaxsw xmm2, xmm1, xmm0
                             vpcmpeqw xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.ge_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.ge_u                 vpmaxuw xmm2, xmm1, xmm0
                             vpcmpeqw xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.eq                   vpcmpeqd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.ne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.ne                   vpcmpeqd xmm2, xmm0, xmm1
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.lt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.lt_s                 vpcmpgtd xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.lt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.lt_u                 vpmaxud xmm2, xmm1, xmm0
                             vpcmpeqd xmm2, xmm2, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.gt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.gt_s                 vpcmpgtd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.gt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.gt_u                 vpminud xmm2, xmm1, xmm0
                             vpcmpeqd xmm2, xmm2, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.le_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.le_s                 vpminsd xmm2, xmm1, xmm0
                             vpcmpeqd xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.le_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.le_u                 vpminud xmm2, xmm1, xmm0
                             vpcmpeqd xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.ge_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.ge_s                 vpmaxsd xmm2, xmm1, xmm0
                             vpcmpeqd xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.ge_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.ge_u                 vpmaxud xmm2, xmm1, xmm0
                             vpcmpeqd xmm2, xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.eq                   vpcmpeqq xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.ne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.ne                   vpcmpeqq xmm2, xmm0, xmm1
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.lt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.lt_s                 vpcmpgtq xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.gt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.gt_s                 vpcmpgtq xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.le_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.le_s                 vpcmpgtq xmm2, xmm0, xmm1
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.ge_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.ge_s                 vpcmpgtq xmm2, xmm1, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

less:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  local.get 1
  i32x4.splat                movd xmm1, edx
                             vpshufd xmm1, xmm1, 0
  i32x4.lt_u                 vpmaxud xmm1, xmm1, xmm0
                             vpcmpeqd xmm1, xmm1, xmm0
                             pcmpeqd xmm15, xmm15
                             vpxor xmm1, xmm1, xmm15
  i32x4.extract_lane 0       movd ecx, xmm1
  end                        mov eax, ecx
                             leave
                             ret

greater:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i64x2.splat                movq xmm0, rax
                             vpunpcklqdq xmm0, xmm0, xmm0
  local.get 1
  i64x2.splat                movq xmm1, rdx
                             vpunpcklqdq xmm1, xmm1, xmm1
  i64x2.gt_s                 vpcmpgtq xmm0, xmm0, xmm1
  i64x2.extract_lane 0       movq rcx, xmm0
  end                        mov rax, rcx
                             leave
                             ret
;)
