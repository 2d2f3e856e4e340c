;; Greater of 64-bit lanes without pcmpgtq.
;; cpu: baseline
;; run: greater(1n, 4294967296n) = 0n
;; run: greater(4294967297n, 4294967296n) = -1n
;; run: greater(4294967296n, 4294967297n) = 0n
;; run: greater(-1n, 1n) = 0n
(module
  (func $i64x2.gt_s (param v128 v128) (result v128) (i64x2.gt_s (local.get 0) (local.get 1)))
  (func $i64x2.le_s (param v128 v128) (result v128) (i64x2.le_s (local.get 0) (local.get 1)))
  (func $i8x16.gt_u (param v128 v128) (result v128) (i8x16.gt_u (local.get 0) (local.get 1)))
  (func $i8x16.ge_s (param v128 v128) (result v128) (i8x16.ge_s (local.get 0) (local.get 1)))
  (func $f32x4.gt (param v128 v128) (result v128) (f32x4.gt (local.get 0) (local.get 1)))
  (func $f32x4.le (param v128 v128) (result v128) (f32x4.le (local.get 0) (local.get 1)))
  (func (export "greater") (param i64 i64) (result i64) (i64x2.extract_lane 0 (i64x2.gt_s (i64x2.splat (local.get 0)) (i64x2.splat (local.get 1))))))

(; machine code

i64x2.gt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.gt_s                 movaps xmm15, xmm1
                             psubq xmm15, xmm0
                             movaps xmm2, xmm0
                             pcmpeqd xmm2, xmm1
                             pand xmm2, xmm15
                             movaps xmm15, xmm0
                             pcmpgtd xmm15, xmm1
                             por xmm2, xmm15
                             pshufd xmm2, xmm2, 0xf5
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.le_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.le_s                 movaps xmm15, xmm1
                             psubq xmm15, xmm0
                             movaps xmm2, xmm0
                             pcmpeqd xmm2, xmm1
                             pand xmm2, xmm15
                             movaps xmm15, xmm0
                             pcmpgtd xmm15, xmm1
                             por xmm2, xmm15
                             pshufd xmm2, xmm2, 0xf5
                             pcmpeqd xmm15, xmm15
                             pxor xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.gt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.gt_u                 movaps xmm2, xmm1
                             pminub xmm2, xmm0
                             pcmpeqb xmm2, xmm0
                             pcmpeqd xmm15, xmm15
                             pxor xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.ge_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.ge_s                 movaps xmm2, xmm1
                             pmaxsb xmm2, xmm0
                             pcmpeqb xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.gt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.gt                   movaps xmm2, xmm1
                             cmpltps xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.le:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.le                   movaps xmm2, xmm0
                             cmpleps xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

greater:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i64x2.splat                movq xmm0, rax
                             punpcklqdq xmm0, xmm0
  local.get 1
  i64x2.splat                movq xmm1, rdx
                             punpcklqdq xmm1, xmm1
  i64x2.gt_s                 movaps xmm15, xmm1
                             psubq xmm15, xmm0
                             movaps xmm2, xmm0
                             pcmpeqd xmm2, xmm1
                             pand xmm2, xmm15
                             movaps xmm15, xmm0
                             pcmpgtd xmm15, xmm1
                             por xmm2, xmm15
                             pshufd xmm2, xmm2, 0xf5
  i64x2.extract_lane 0       movq rcx, xmm2
  end                        mov rax, rcx
                             leave
                             ret
;)
