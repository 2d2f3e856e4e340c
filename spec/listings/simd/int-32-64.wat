;; The product of 64-bit lanes is put together from three of 32-bit lanes.
;; run: mul(-3n, 5000000000n) = -15000000000n
;; run: abs(-9223372036854775808n) = -9223372036854775808n
;; run: abs(-7n) = 7n
(module
  (func $i32x4.add (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1)))
  (func $i32x4.sub (param v128 v128) (result v128) (i32x4.sub (local.get 0) (local.get 1)))
  (func $i32x4.mul (param v128 v128) (result v128) (i32x4.mul (local.get 0) (local.get 1)))
  (func $i32x4.min_s (param v128 v128) (result v128) (i32x4.min_s (local.get 0) (local.get 1)))
  (func $i32x4.min_u (param v128 v128) (result v128) (i32x4.min_u (local.get 0) (local.get 1)))
  (func $i32x4.max_s (param v128 v128) (result v128) (i32x4.max_s (local.get 0) (local.get 1)))
  (func $i32x4.max_u (param v128 v128) (result v128) (i32x4.max_u (local.get 0) (local.get 1)))
  (func $i32x4.dot_i16x8_s (param v128 v128) (result v128) (i32x4.dot_i16x8_s (local.get 0) (local.get 1)))
  (func $i32x4.abs (param v128) (result v128) (i32x4.abs (local.get 0)))
  (func $i32x4.neg (param v128) (result v128) (i32x4.neg (local.get 0)))
  (func $i64x2.add (param v128 v128) (result v128) (i64x2.add (local.get 0) (local.get 1)))
  (func $i64x2.sub (param v128 v128) (result v128) (i64x2.sub (local.get 0) (local.get 1)))
  (func $i64x2.mul (param v128 v128) (result v128) (i64x2.mul (local.get 0) (local.get 1)))
  (func $i64x2.abs (param v128) (result v128) (i64x2.abs (local.get 0)))
  (func $i64x2.neg (param v128) (result v128) (i64x2.neg (local.get 0)))
  (func (export "mul") (param i64 i64) (result i64) (i64x2.extract_lane 1 (i64x2.mul (i64x2.splat (local.get 0)) (i64x2.splat (local.get 1)))))
  (func (export "abs") (param i64) (result i64) (i64x2.extract_lane 0 (i64x2.abs (i64x2.splat (local.get 0))))))

(; machine code

i32x4.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.add                  vpaddd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.sub                  vpsubd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.mul                  vpmulld xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.min_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.min_s                vpminsd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.min_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.min_u                vpminud xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.max_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.max_s                vpmaxsd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.max_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.max_u                vpmaxud xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.dot_i16x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.dot_i16x8_s          vpmaddwd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.abs                  vpabsd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.neg                  xorps xmm1, xmm1
                             vpsubd xmm1, xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.add                  vpaddq xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.sub                  vpsubq xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.mul                  vpsrlq xmm15, xmm0, 0x20
                             vpmuludq xmm15, xmm15, xmm1
                             vpsrlq xmm2, xmm1, 0x20
                             vpmuludq xmm2, xmm2, xmm0
                             vpaddq xmm15, xmm15, xmm2
                             vpsllq xmm15, xmm15, 0x20
                             vpmuludq xmm2, xmm0, xmm1
                             vpaddq xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.abs                  xorps xmm15, xmm15
                             vpsubq xmm15, xmm15, xmm0
                             vblendvpd xmm1, xmm0, xmm15, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.neg                  xorps xmm1, xmm1
                             vpsubq xmm1, xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

mul:
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
  i64x2.mul                  vpsrlq xmm15, xmm0, 0x20
                             vpmuludq xmm15, xmm15, xmm1
                             vpsrlq xmm2, xmm1, 0x20
                             vpmuludq xmm2, xmm2, xmm0
                             vpaddq xmm15, xmm15, xmm2
                             vpsllq xmm15, xmm15, 0x20
                             vpmuludq xmm2, xmm0, xmm1
                             vpaddq xmm2, xmm2, xmm15
  i64x2.extract_lane 1       pextrq rcx, xmm2, 1
  end                        mov rax, rcx
                             leave
                             ret

abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64x2.splat                movq xmm0, rax
                             vpunpcklqdq xmm0, xmm0, xmm0
  i64x2.abs                  xorps xmm15, xmm15
                             vpsubq xmm15, xmm15, xmm0
                             vblendvpd xmm0, xmm0, xmm15, xmm0
  i64x2.extract_lane 0       movq rcx, xmm0
  end                        mov rax, rcx
                             leave
                             ret
;)
