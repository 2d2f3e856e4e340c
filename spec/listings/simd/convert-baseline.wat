;; As convert, with moves.
;; cpu: baseline
;; run: signed(nan) = 0
;; run: signed(3e9) = 2147483647
;; run: signed(-3e9) = -2147483648
;; run: unsigned(-1) = 0
;; run: unsigned(4294967295) = -1
;; run: unsigned(1e10) = -1
;; run: float(-1) = 4294967296
(module
  (func $i32x4.trunc_sat_f32x4_s (param v128) (result v128) (i32x4.trunc_sat_f32x4_s (local.get 0)))
  (func $i32x4.trunc_sat_f32x4_u (param v128) (result v128) (i32x4.trunc_sat_f32x4_u (local.get 0)))
  (func $f32x4.convert_i32x4_s (param v128) (result v128) (f32x4.convert_i32x4_s (local.get 0)))
  (func $f32x4.convert_i32x4_u (param v128) (result v128) (f32x4.convert_i32x4_u (local.get 0)))
  (func (export "signed") (param f32) (result i32) (i32x4.extract_lane 3 (i32x4.trunc_sat_f32x4_s (f32x4.splat (local.get 0)))))
  (func (export "unsigned") (param f64) (result i32) (i32x4.extract_lane 1 (i32x4.trunc_sat_f64x2_u_zero (f64x2.splat (local.get 0)))))
  (func (export "float") (param i32) (result f32) (f32x4.extract_lane 2 (f32x4.convert_i32x4_u (i32x4.splat (local.get 0))))))

(; machine code

i32x4.trunc_sat_f32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.trunc_sat_f32x4_s
                             movaps xmm15, xmm0
                             cmpeqps xmm15, xmm0
                             andps xmm15, xmm0
                             movaps xmm1, [4 x 0x4f000000]
                             cmpleps xmm1, xmm0
                             cvttps2dq xmm15, xmm15
                             pxor xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.trunc_sat_f32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.trunc_sat_f32x4_u
                             xorps xmm15, xmm15
                             movaps xmm1, xmm0
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
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.convert_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.convert_i32x4_s      cvtdq2ps xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.convert_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.convert_i32x4_u      movaps xmm15, xmm0
                             psrld xmm15, 0x10
                             movaps xmm1, xmm0
                             pblendw xmm1, [4 x 0x4b000000], 0xaa
                             pblendw xmm15, [4 x 0x53000000], 0xaa
                             subps xmm15, [4 x 0x53000080]
                             addps xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

signed:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32x4.splat                movaps xmm1, xmm0
                             shufps xmm1, xmm0, 0
  i32x4.trunc_sat_f32x4_s
                             movaps xmm15, xmm1
                             cmpeqps xmm15, xmm1
                             andps xmm15, xmm1
                             movaps xmm2, [4 x 0x4f000000]
                             cmpleps xmm2, xmm1
                             cvttps2dq xmm15, xmm15
                             pxor xmm2, xmm15
  i32x4.extract_lane 3       pextrd eax, xmm2, 3
  end                        leave
                             ret

unsigned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64x2.splat                movddup xmm1, xmm0
  i32x4.trunc_sat_f64x2_u_zero
                             xorps xmm15, xmm15
                             maxpd xmm1, xmm15
                             minpd xmm1, [2 x 0x41efffffffe00000]
                             roundpd xmm1, xmm1, 0xb
                             addpd xmm1, [2 x 0x4330000000000000]
                             shufps xmm1, xmm15, 0x88
  i32x4.extract_lane 1       pextrd eax, xmm1, 1
  end                        leave
                             ret

float:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             pshufd xmm0, xmm0, 0
  f32x4.convert_i32x4_u      movaps xmm15, xmm0
                             psrld xmm15, 0x10
                             pblendw xmm0, [4 x 0x4b000000], 0xaa
                             pblendw xmm15, [4 x 0x53000000], 0xaa
                             subps xmm15, [4 x 0x53000080]
                             addps xmm0, xmm15
  f32x4.extract_lane 2       pshufd xmm0, xmm0, 2
  end                        leave
                             ret
;)
