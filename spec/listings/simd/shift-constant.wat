;; A constant count is an immediate; of 0 nothing is left.
;; run: right(-4611686018427387904n) = -2n
(module
  (func $i8x16.shl_19 (param v128) (result v128) (i8x16.shl (local.get 0) (i32.const 19)))
  (func $i8x16.shr_s_19 (param v128) (result v128) (i8x16.shr_s (local.get 0) (i32.const 19)))
  (func $i8x16.shr_u_19 (param v128) (result v128) (i8x16.shr_u (local.get 0) (i32.const 19)))
  (func $i16x8.shl_19 (param v128) (result v128) (i16x8.shl (local.get 0) (i32.const 19)))
  (func $i16x8.shr_s_19 (param v128) (result v128) (i16x8.shr_s (local.get 0) (i32.const 19)))
  (func $i16x8.shr_u_19 (param v128) (result v128) (i16x8.shr_u (local.get 0) (i32.const 19)))
  (func $i32x4.shl_19 (param v128) (result v128) (i32x4.shl (local.get 0) (i32.const 19)))
  (func $i32x4.shr_s_19 (param v128) (result v128) (i32x4.shr_s (local.get 0) (i32.const 19)))
  (func $i32x4.shr_u_19 (param v128) (result v128) (i32x4.shr_u (local.get 0) (i32.const 19)))
  (func $i64x2.shl_19 (param v128) (result v128) (i64x2.shl (local.get 0) (i32.const 19)))
  (func $i64x2.shr_s_19 (param v128) (result v128) (i64x2.shr_s (local.get 0) (i32.const 19)))
  (func $i64x2.shr_u_19 (param v128) (result v128) (i64x2.shr_u (local.get 0) (i32.const 19)))
  (func $i32x4.shl_32 (param v128) (result v128) (i32x4.shl (local.get 0) (i32.const 32)))
  (func (export "right") (param i64) (result i64) (i64x2.extract_lane 1 (i64x2.shr_s (i64x2.splat (local.get 0)) (i32.const 61)))))

(; machine code

i8x16.shl_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i8x16.shl                  vpsllw xmm1, xmm0, 3
                             vpand xmm1, xmm1, [4 x 0xf8f8f8f8]
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.shr_s_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i8x16.shr_s                vpunpckhbw xmm2, xmm0, xmm0
                             vpunpcklbw xmm1, xmm0, xmm0
                             vpsraw xmm2, xmm2, 0xb
                             vpsraw xmm1, xmm1, 0xb
                             vpacksswb xmm1, xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.shr_u_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i8x16.shr_u                vpsrlw xmm1, xmm0, 3
                             vpand xmm1, xmm1, [4 x 0x1f1f1f1f]
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.shl_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i16x8.shl                  vpsllw xmm1, xmm0, 3
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.shr_s_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i16x8.shr_s                vpsraw xmm1, xmm0, 3
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.shr_u_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i16x8.shr_u                vpsrlw xmm1, xmm0, 3
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.shl_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i32x4.shl                  vpslld xmm1, xmm0, 0x13
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.shr_s_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i32x4.shr_s                vpsrad xmm1, xmm0, 0x13
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.shr_u_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i32x4.shr_u                vpsrld xmm1, xmm0, 0x13
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.shl_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i64x2.shl                  vpsllq xmm1, xmm0, 0x13
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.shr_s_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i64x2.shr_s                vpsrlq xmm1, xmm0, 0x13
                             vpxor xmm1, xmm1, [2 x 0x0000100000000000]
                             vpsubq xmm1, xmm1, [2 x 0x0000100000000000]
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.shr_u_19:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 19
  i64x2.shr_u                vpsrlq xmm1, xmm0, 0x13
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.shl_32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32.const 32
  i32x4.shl
  end                        leave
                             ret

right:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64x2.splat                movq xmm0, rax
                             vpunpcklqdq xmm0, xmm0, xmm0
  i32.const 61
  i64x2.shr_s                vpsrlq xmm0, xmm0, 0x3d
                             vpxor xmm0, xmm0, [2 x 0x0000000000000004]
                             vpsubq xmm0, xmm0, [2 x 0x0000000000000004]
  i64x2.extract_lane 1       pextrq rcx, xmm0, 1
  end                        mov rax, rcx
                             leave
                             ret
;)
