;; Twice as wide: extension, products, sums of neighbours. And half as wide.
;; run: pairs(0xffff8000) = 98303
;; run: product(0xfffe, 3) = -6
(module
  (func $i16x8.extend_low_i8x16_s (param v128) (result v128) (i16x8.extend_low_i8x16_s (local.get 0)))
  (func $i16x8.extend_high_i8x16_s (param v128) (result v128) (i16x8.extend_high_i8x16_s (local.get 0)))
  (func $i16x8.extend_low_i8x16_u (param v128) (result v128) (i16x8.extend_low_i8x16_u (local.get 0)))
  (func $i16x8.extend_high_i8x16_u (param v128) (result v128) (i16x8.extend_high_i8x16_u (local.get 0)))
  (func $i32x4.extend_low_i16x8_s (param v128) (result v128) (i32x4.extend_low_i16x8_s (local.get 0)))
  (func $i32x4.extend_high_i16x8_s (param v128) (result v128) (i32x4.extend_high_i16x8_s (local.get 0)))
  (func $i32x4.extend_low_i16x8_u (param v128) (result v128) (i32x4.extend_low_i16x8_u (local.get 0)))
  (func $i32x4.extend_high_i16x8_u (param v128) (result v128) (i32x4.extend_high_i16x8_u (local.get 0)))
  (func $i64x2.extend_low_i32x4_s (param v128) (result v128) (i64x2.extend_low_i32x4_s (local.get 0)))
  (func $i64x2.extend_high_i32x4_s (param v128) (result v128) (i64x2.extend_high_i32x4_s (local.get 0)))
  (func $i64x2.extend_low_i32x4_u (param v128) (result v128) (i64x2.extend_low_i32x4_u (local.get 0)))
  (func $i64x2.extend_high_i32x4_u (param v128) (result v128) (i64x2.extend_high_i32x4_u (local.get 0)))
  (func $i16x8.extmul_low_i8x16_s (param v128 v128) (result v128) (i16x8.extmul_low_i8x16_s (local.get 0) (local.get 1)))
  (func $i16x8.extmul_high_i8x16_s (param v128 v128) (result v128) (i16x8.extmul_high_i8x16_s (local.get 0) (local.get 1)))
  (func $i16x8.extmul_low_i8x16_u (param v128 v128) (result v128) (i16x8.extmul_low_i8x16_u (local.get 0) (local.get 1)))
  (func $i16x8.extmul_high_i8x16_u (param v128 v128) (result v128) (i16x8.extmul_high_i8x16_u (local.get 0) (local.get 1)))
  (func $i32x4.extmul_low_i16x8_s (param v128 v128) (result v128) (i32x4.extmul_low_i16x8_s (local.get 0) (local.get 1)))
  (func $i32x4.extmul_high_i16x8_s (param v128 v128) (result v128) (i32x4.extmul_high_i16x8_s (local.get 0) (local.get 1)))
  (func $i32x4.extmul_low_i16x8_u (param v128 v128) (result v128) (i32x4.extmul_low_i16x8_u (local.get 0) (local.get 1)))
  (func $i32x4.extmul_high_i16x8_u (param v128 v128) (result v128) (i32x4.extmul_high_i16x8_u (local.get 0) (local.get 1)))
  (func $i64x2.extmul_low_i32x4_s (param v128 v128) (result v128) (i64x2.extmul_low_i32x4_s (local.get 0) (local.get 1)))
  (func $i64x2.extmul_high_i32x4_s (param v128 v128) (result v128) (i64x2.extmul_high_i32x4_s (local.get 0) (local.get 1)))
  (func $i64x2.extmul_low_i32x4_u (param v128 v128) (result v128) (i64x2.extmul_low_i32x4_u (local.get 0) (local.get 1)))
  (func $i64x2.extmul_high_i32x4_u (param v128 v128) (result v128) (i64x2.extmul_high_i32x4_u (local.get 0) (local.get 1)))
  (func $i16x8.extadd_pairwise_i8x16_s (param v128) (result v128) (i16x8.extadd_pairwise_i8x16_s (local.get 0)))
  (func $i16x8.extadd_pairwise_i8x16_u (param v128) (result v128) (i16x8.extadd_pairwise_i8x16_u (local.get 0)))
  (func $i32x4.extadd_pairwise_i16x8_s (param v128) (result v128) (i32x4.extadd_pairwise_i16x8_s (local.get 0)))
  (func $i32x4.extadd_pairwise_i16x8_u (param v128) (result v128) (i32x4.extadd_pairwise_i16x8_u (local.get 0)))
  (func $i8x16.narrow_i16x8_s (param v128 v128) (result v128) (i8x16.narrow_i16x8_s (local.get 0) (local.get 1)))
  (func $i8x16.narrow_i16x8_u (param v128 v128) (result v128) (i8x16.narrow_i16x8_u (local.get 0) (local.get 1)))
  (func $i16x8.narrow_i32x4_s (param v128 v128) (result v128) (i16x8.narrow_i32x4_s (local.get 0) (local.get 1)))
  (func $i16x8.narrow_i32x4_u (param v128 v128) (result v128) (i16x8.narrow_i32x4_u (local.get 0) (local.get 1)))
  (func (export "pairs") (param i32) (result i32) (i32x4.extract_lane 0 (i32x4.extadd_pairwise_i16x8_u (i32x4.splat (local.get 0)))))
  (func (export "product") (param i32 i32) (result i32)
    (i32x4.extract_lane 3 (i32x4.extmul_high_i16x8_s (i16x8.splat (local.get 0)) (i16x8.splat (local.get 1))))))

(; machine code

i16x8.extend_low_i8x16_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extend_low_i8x16_s
                             vpmovsxbw xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.extend_high_i8x16_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extend_high_i8x16_s
                             vpshufd xmm1, xmm0, 0xee
                             vpmovsxbw xmm1, xmm1
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.extend_low_i8x16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extend_low_i8x16_u
                             vpmovzxbw xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.extend_high_i8x16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extend_high_i8x16_u
                             xorps xmm15, xmm15
                             vpunpckhbw xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.extend_low_i16x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extend_low_i16x8_s
                             vpmovsxwd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.extend_high_i16x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extend_high_i16x8_s
                             vpshufd xmm1, xmm0, 0xee
                             vpmovsxwd xmm1, xmm1
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.extend_low_i16x8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extend_low_i16x8_u
                             vpmovzxwd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.extend_high_i16x8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extend_high_i16x8_u
                             xorps xmm15, xmm15
                             vpunpckhwd xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.extend_low_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.extend_low_i32x4_s
                             vpmovsxdq xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.extend_high_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.extend_high_i32x4_s
                             vpshufd xmm1, xmm0, 0xee
                             vpmovsxdq xmm1, xmm1
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.extend_low_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.extend_low_i32x4_u
                             vpmovzxdq xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.extend_high_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.extend_high_i32x4_u
                             xorps xmm15, xmm15
                             vpunpckhdq xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.extmul_low_i8x16_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.extmul_low_i8x16_s
                             vpmovsxbw xmm15, xmm1
                             vpmovsxbw xmm2, xmm0
                             vpmullw xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.extmul_high_i8x16_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.extmul_high_i8x16_s
                             vpshufd xmm15, xmm1, 0xee
                             vpmovsxbw xmm15, xmm15
                             vpshufd xmm2, xmm0, 0xee
                             vpmovsxbw xmm2, xmm2
                             vpmullw xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.extmul_low_i8x16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.extmul_low_i8x16_u
                             vpmovzxbw xmm15, xmm1
                             vpmovzxbw xmm2, xmm0
                             vpmullw xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.extmul_high_i8x16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.extmul_high_i8x16_u
                             vpshufd xmm15, xmm1, 0xee
                             vpmovzxbw xmm15, xmm15
                             vpshufd xmm2, xmm0, 0xee
                             vpmovzxbw xmm2, xmm2
                             vpmullw xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.extmul_low_i16x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.extmul_low_i16x8_s
                             vpmulhw xmm15, xmm0, xmm1
                             vpmullw xmm2, xmm0, xmm1
                             vpunpcklwd xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.extmul_high_i16x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.extmul_high_i16x8_s
                             vpmulhw xmm15, xmm0, xmm1
                             vpmullw xmm2, xmm0, xmm1
                             vpunpckhwd xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.extmul_low_i16x8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.extmul_low_i16x8_u
                             vpmulhuw xmm15, xmm0, xmm1
                             vpmullw xmm2, xmm0, xmm1
                             vpunpcklwd xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.extmul_high_i16x8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.extmul_high_i16x8_u
                             vpmulhuw xmm15, xmm0, xmm1
                             vpmullw xmm2, xmm0, xmm1
                             vpunpckhwd xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.extmul_low_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.extmul_low_i32x4_s
                             vpshufd xmm15, xmm1, 0x50
                             vpshufd xmm2, xmm0, 0x50
                             vpmuldq xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.extmul_high_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.extmul_high_i32x4_s
                             vpshufd xmm15, xmm1, 0xfa
                             vpshufd xmm2, xmm0, 0xfa
                             vpmuldq xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.extmul_low_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.extmul_low_i32x4_u
                             vpshufd xmm15, xmm1, 0x50
                             vpshufd xmm2, xmm0, 0x50
                             vpmuludq xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.extmul_high_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.extmul_high_i32x4_u
                             vpshufd xmm15, xmm1, 0xfa
                             vpshufd xmm2, xmm0, 0xfa
                             vpmuludq xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.extadd_pairwise_i8x16_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extadd_pairwise_i8x16_s
                             movaps xmm1, [4 x 0x01010101]
                             vpmaddubsw xmm1, xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.extadd_pairwise_i8x16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extadd_pairwise_i8x16_u
                             vpmaddubsw xmm1, xmm0, [4 x 0x01010101]
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.extadd_pairwise_i16x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extadd_pairwise_i16x8_s
                             vpmaddwd xmm1, xmm0, [4 x 0x00010001]
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.extadd_pairwise_i16x8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extadd_pairwise_i16x8_u
                             vpxor xmm1, xmm0, [4 x 0x80008000]
                             vpmaddwd xmm1, xmm1, [4 x 0x00010001]
                             vpaddd xmm1, xmm1, [4 x 0x00010000]
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.narrow_i16x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.narrow_i16x8_s       vpacksswb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.narrow_i16x8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.narrow_i16x8_u       vpackuswb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.narrow_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.narrow_i32x4_s       vpackssdw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.narrow_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.narrow_i32x4_u       vpackusdw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

pairs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  i32x4.extadd_pairwise_i16x8_u
                             vpxor xmm0, xmm0, [4 x 0x80008000]
                             vpmaddwd xmm0, xmm0, [4 x 0x00010001]
                             vpaddd xmm0, xmm0, [4 x 0x00010000]
  i32x4.extract_lane 0       movd ecx, xmm0
  end                        mov eax, ecx
                             leave
                             ret

product:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i16x8.splat                movd xmm0, eax
                             vpbroadcastw xmm0, xmm0
  local.get 1
  i16x8.splat                movd xmm1, edx
                             vpbroadcastw xmm1, xmm1
  i32x4.extmul_high_i16x8_s
                             vpmulhw xmm15, xmm0, xmm1
                             vpmullw xmm0, xmm0, xmm1
                             vpunpckhwd xmm0, xmm0, xmm15
  i32x4.extract_lane 3       pextrd ecx, xmm0, 3
  end                        mov eax, ecx
                             leave
                             ret
;)
