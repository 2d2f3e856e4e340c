;; Relaxed SIMD: what V8's code gives on the same processor. (V8 of Node 20 has it behind a flag: no runs.)
;; functions: madd select dot one two
(module
  (func $madd (param v128 v128 v128) (result v128)
    (f32x4.relaxed_nmadd (f64x2.relaxed_madd (local.get 0) (local.get 1) (local.get 2)) (local.get 1) (local.get 2))
    (local.set 0)
    (f64x2.relaxed_nmadd (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)) (local.get 1) (local.get 2)))
  (func $select (param v128 v128 v128) (result v128)
    (i32x4.relaxed_laneselect (local.get 0) (i8x16.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)) (local.get 2))
    (local.set 0)
    (i64x2.relaxed_laneselect (local.get 0) (i16x8.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)) (local.get 2)))
  (func $dot (param v128 v128 v128) (result v128)
    (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 2))))
  (func $one (param v128) (result v128)
    (i32x4.relaxed_trunc_f32x4_s (i32x4.relaxed_trunc_f32x4_u (i32x4.relaxed_trunc_f64x2_s_zero
      (i32x4.relaxed_trunc_f64x2_u_zero (local.get 0))))))
  (func $two (param v128 v128) (result v128)
    (f32x4.relaxed_min (f32x4.relaxed_max (local.get 0) (local.get 1)) (local.get 1))
    (local.set 0)
    (f64x2.relaxed_min (f64x2.relaxed_max (local.get 0) (local.get 1)) (local.get 1))
    (local.set 0)
    (i8x16.relaxed_swizzle (i16x8.relaxed_q15mulr_s (local.get 0) (local.get 1)) (local.get 1))))

(; machine code

madd:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
  local.get 0
  local.get 1
  local.get 2
  f64x2.relaxed_madd         movaps xmm3, xmm2
                             vfmadd231pd xmm3, xmm0, xmm1
  local.get 1
  local.get 2
  f32x4.relaxed_nmadd        movaps xmm4, xmm2
                             vfnmadd231ps xmm4, xmm3, xmm1
  local.set 0
  local.get 0
  local.get 1
  local.get 2
  f32x4.relaxed_madd         movaps xmm0, xmm2
                             vfmadd231ps xmm0, xmm4, xmm1
  local.get 1
  local.get 2
  f64x2.relaxed_nmadd        movaps xmm3, xmm2
                             vfnmadd231pd xmm3, xmm0, xmm1
  end                        movaps xmm0, xmm3
                             leave
                             ret

select:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
  local.get 0
  local.get 0
  local.get 1
  local.get 2
  i8x16.relaxed_laneselect
                             vpblendvb xmm3, xmm1, xmm0, xmm2
  local.get 2
  i32x4.relaxed_laneselect
                             vblendvps xmm4, xmm3, xmm0, xmm2
  local.set 0
  local.get 0
  local.get 0
  local.get 1
  local.get 2
  i16x8.relaxed_laneselect
                             vpblendvb xmm0, xmm1, xmm4, xmm2
  local.get 2
  i64x2.relaxed_laneselect
                             vblendvpd xmm3, xmm0, xmm4, xmm2
  end                        movaps xmm0, xmm3
                             leave
                             ret

dot:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
  local.get 0
  local.get 1
  local.get 0
  local.get 2
  i16x8.relaxed_dot_i8x16_i7x16_s
                             vpmaddubsw xmm3, xmm2, xmm0
  i32x4.relaxed_dot_i8x16_i7x16_add_s
                             vpmaddubsw xmm15, xmm1, xmm0
                             vpmaddwd xmm15, xmm15, [4 x 0x00010001]
                             vpaddd xmm3, xmm3, xmm15
  end                        movaps xmm0, xmm3
                             leave
                             ret

one:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.relaxed_trunc_f64x2_u_zero
                             xorps xmm15, xmm15
                             vmaxpd xmm1, xmm0, xmm15
                             vminpd xmm1, xmm1, [2 x 0x41efffffffe00000]
                             vroundpd xmm1, xmm1, 0xb
                             vaddpd xmm1, xmm1, [2 x 0x4330000000000000]
                             vshufps xmm1, xmm1, xmm15, 0x88
  i32x4.relaxed_trunc_f64x2_s_zero
                             vcvttpd2dq xmm1, xmm1
  i32x4.relaxed_trunc_f32x4_u
                             xorps xmm15, xmm15
                             vmaxps xmm1, xmm1, xmm15
                             vsubps xmm2, xmm1, [4 x 0x4f000000]
                             movaps xmm15, [4 x 0x4f000000]
                             vcmpleps xmm15, xmm15, xmm2
                             vcvttps2dq xmm2, xmm2
                             vpxor xmm2, xmm2, xmm15
                             xorps xmm15, xmm15
                             vpmaxsd xmm2, xmm2, xmm15
                             vcvttps2dq xmm1, xmm1
                             vpaddd xmm1, xmm1, xmm2
  i32x4.relaxed_trunc_f32x4_s
                             vcvttps2dq xmm1, xmm1
  end                        movaps xmm0, xmm1
                             leave
                             ret

two:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.relaxed_max          vmaxps xmm2, xmm0, xmm1
  local.get 1
  f32x4.relaxed_min          vminps xmm2, xmm2, xmm1
  local.set 0
  local.get 0
  local.get 1
  f64x2.relaxed_max          vmaxpd xmm0, xmm2, xmm1
  local.get 1
  f64x2.relaxed_min          vminpd xmm0, xmm0, xmm1
  local.set 0
  local.get 0
  local.get 1
  i16x8.relaxed_q15mulr_s
                             vpmulhrsw xmm2, xmm0, xmm1
  local.get 1
  i8x16.relaxed_swizzle      vpshufb xmm2, xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret
;)
