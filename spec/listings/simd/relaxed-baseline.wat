;; Relaxed SIMD: what V8's code gives on the same processor. (V8 of Node 20 has it behind a flag: no runs.)
;; cpu: baseline
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
  f64x2.relaxed_madd         movaps xmm15, xmm0
                             mulpd xmm15, xmm1
                             movaps xmm3, xmm2
                             addpd xmm3, xmm15
  local.get 1
  local.get 2
  f32x4.relaxed_nmadd        movaps xmm15, xmm3
                             mulps xmm15, xmm1
                             movaps xmm4, xmm2
                             subps xmm4, xmm15
  local.set 0
  local.get 0
  local.get 1
  local.get 2
  f32x4.relaxed_madd         movaps xmm15, xmm4
                             mulps xmm15, xmm1
                             movaps xmm0, xmm2
                             addps xmm0, xmm15
  local.get 1
  local.get 2
  f64x2.relaxed_nmadd        movaps xmm15, xmm0
                             mulpd xmm15, xmm1
                             movaps xmm3, xmm2
                             subpd xmm3, xmm15
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
                             xorps xmm3, xmm3
                             pcmpgtb xmm3, xmm2
                             movaps xmm15, xmm0
                             pand xmm15, xmm3
                             pandn xmm3, xmm1
                             por xmm3, xmm15
  local.get 2
  i32x4.relaxed_laneselect
                             movaps xmm4, xmm2
                             psrad xmm4, 0x1f
                             movaps xmm15, xmm0
                             pand xmm15, xmm4
                             pandn xmm4, xmm3
                             por xmm4, xmm15
  local.set 0
  local.get 0
  local.get 0
  local.get 1
  local.get 2
  i16x8.relaxed_laneselect
                             xorps xmm0, xmm0
                             pcmpgtb xmm0, xmm2
                             movaps xmm15, xmm4
                             pand xmm15, xmm0
                             pandn xmm0, xmm1
                             por xmm0, xmm15
  local.get 2
  i64x2.relaxed_laneselect
                             movaps xmm3, xmm2
                             psrad xmm3, 0x1f
                             pshufd xmm3, xmm3, 0xf5
                             movaps xmm15, xmm4
                             pand xmm15, xmm3
                             pandn xmm3, xmm0
                             por xmm3, xmm15
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
                             movaps xmm3, xmm2
                             pmaddubsw xmm3, xmm0
  i32x4.relaxed_dot_i8x16_i7x16_add_s
                             movaps xmm15, xmm1
                             pmaddubsw xmm15, xmm0
                             pmaddwd xmm15, [4 x 0x00010001]
                             paddd xmm3, xmm15
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
                             movaps xmm1, xmm0
                             maxpd xmm1, xmm15
                             minpd xmm1, [2 x 0x41efffffffe00000]
                             roundpd xmm1, xmm1, 0xb
                             addpd xmm1, [2 x 0x4330000000000000]
                             shufps xmm1, xmm15, 0x88
  i32x4.relaxed_trunc_f64x2_s_zero
                             cvttpd2dq xmm1, xmm1
  i32x4.relaxed_trunc_f32x4_u
                             xorps xmm15, xmm15
                             maxps xmm1, xmm15
                             movaps xmm2, xmm1
                             subps xmm2, [4 x 0x4f000000]
                             movaps xmm15, [4 x 0x4f000000]
                             cmpleps xmm15, xmm2
                             cvttps2dq xmm2, xmm2
                             pxor xmm2, xmm15
                             xorps xmm15, xmm15
                             pmaxsd xmm2, xmm15
                             cvttps2dq xmm1, xmm1
                             paddd xmm1, xmm2
  i32x4.relaxed_trunc_f32x4_s
                             cvttps2dq xmm1, xmm1
  end                        movaps xmm0, xmm1
                             leave
                             ret

two:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.relaxed_max          movaps xmm2, xmm0
                             maxps xmm2, xmm1
  local.get 1
  f32x4.relaxed_min          minps xmm2, xmm1
  local.set 0
  local.get 0
  local.get 1
  f64x2.relaxed_max          movaps xmm0, xmm2
                             maxpd xmm0, xmm1
  local.get 1
  f64x2.relaxed_min          minpd xmm0, xmm1
  local.set 0
  local.get 0
  local.get 1
  i16x8.relaxed_q15mulr_s
                             movaps xmm2, xmm0
                             pmulhrsw xmm2, xmm1
  local.get 1
  i8x16.relaxed_swizzle      pshufb xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret
;)
