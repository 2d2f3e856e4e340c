;; Saturating conversions start from what the processor gives for a value that does not fit: 0x80000000.
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
  (func $i32x4.trunc_sat_f64x2_s_zero (param v128) (result v128) (i32x4.trunc_sat_f64x2_s_zero (local.get 0)))
  (func $i32x4.trunc_sat_f64x2_u_zero (param v128) (result v128) (i32x4.trunc_sat_f64x2_u_zero (local.get 0)))
  (func $f64x2.convert_low_i32x4_s (param v128) (result v128) (f64x2.convert_low_i32x4_s (local.get 0)))
  (func $f64x2.convert_low_i32x4_u (param v128) (result v128) (f64x2.convert_low_i32x4_u (local.get 0)))
  (func $f32x4.demote_f64x2_zero (param v128) (result v128) (f32x4.demote_f64x2_zero (local.get 0)))
  (func $f64x2.promote_low_f32x4 (param v128) (result v128) (f64x2.promote_low_f32x4 (local.get 0)))
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
                             vcmpeqps xmm15, xmm0, xmm0
                             vandps xmm15, xmm15, xmm0
                             movaps xmm1, [4 x 0x4f000000]
                             vcmpleps xmm1, xmm1, xmm0
                             vcvttps2dq xmm15, xmm15
                             vpxor xmm1, xmm1, xmm15
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
                             vmaxps xmm1, xmm0, xmm15
                             vsubps xmm2, xmm1, [4 x 0x4f000000]
                             movaps xmm15, [4 x 0x4f000000]
                             vcmpleps xmm15, xmm15, xmm2
                             vcvttps2dq xmm2, xmm2
                             vpxor xmm2, xmm2, xmm15
                             xorps xmm15, xmm15
                             vpmaxsd xmm2, xmm2, xmm15
                             vcvttps2dq xmm1, xmm1
                             vpaddd xmm1, xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.convert_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.convert_i32x4_s      vcvtdq2ps xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.convert_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.convert_i32x4_u      vpsrld xmm15, xmm0, 0x10
                             vpblendw xmm1, xmm0, [4 x 0x4b000000], 0xaa
                             vpblendw xmm15, xmm15, [4 x 0x53000000], 0xaa
                             vsubps xmm15, xmm15, [4 x 0x53000080]
                             vaddps xmm1, xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.trunc_sat_f64x2_s_zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.trunc_sat_f64x2_s_zero
                             vcmpeqpd xmm15, xmm0, xmm0
                             vandpd xmm15, xmm15, [2 x 0x41dfffffffc00000]
                             vminpd xmm1, xmm0, xmm15
                             vcvttpd2dq xmm1, xmm1
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.trunc_sat_f64x2_u_zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.trunc_sat_f64x2_u_zero
                             xorps xmm15, xmm15
                             vmaxpd xmm1, xmm0, xmm15
                             vminpd xmm1, xmm1, [2 x 0x41efffffffe00000]
                             vroundpd xmm1, xmm1, 0xb
                             vaddpd xmm1, xmm1, [2 x 0x4330000000000000]
                             vshufps xmm1, xmm1, xmm15, 0x88
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.convert_low_i32x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.convert_low_i32x4_s
                             vcvtdq2pd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.convert_low_i32x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.convert_low_i32x4_u
                             vpunpckldq xmm1, xmm0, [4 x 0x43300000]
                             vsubpd xmm1, xmm1, [2 x 0x4330000000000000]
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.demote_f64x2_zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.demote_f64x2_zero
                             vcvtpd2ps xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.promote_low_f32x4:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.promote_low_f32x4
                             vcvtps2pd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

signed:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32x4.splat                vshufps xmm1, xmm0, xmm0, 0
  i32x4.trunc_sat_f32x4_s
                             vcmpeqps xmm15, xmm1, xmm1
                             vandps xmm15, xmm15, xmm1
                             movaps xmm2, [4 x 0x4f000000]
                             vcmpleps xmm2, xmm2, xmm1
                             vcvttps2dq xmm15, xmm15
                             vpxor xmm2, xmm2, xmm15
  i32x4.extract_lane 3       pextrd eax, xmm2, 3
  end                        leave
                             ret

unsigned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64x2.splat                vmovddup xmm1, xmm0
  i32x4.trunc_sat_f64x2_u_zero
                             xorps xmm15, xmm15
                             vmaxpd xmm1, xmm1, xmm15
                             vminpd xmm1, xmm1, [2 x 0x41efffffffe00000]
                             vroundpd xmm1, xmm1, 0xb
                             vaddpd xmm1, xmm1, [2 x 0x4330000000000000]
                             vshufps xmm1, xmm1, xmm15, 0x88
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
                             vpshufd xmm0, xmm0, 0
  f32x4.convert_i32x4_u      vpsrld xmm15, xmm0, 0x10
                             vpblendw xmm0, xmm0, [4 x 0x4b000000], 0xaa
                             vpblendw xmm15, xmm15, [4 x 0x53000000], 0xaa
                             vsubps xmm15, xmm15, [4 x 0x53000080]
                             vaddps xmm0, xmm0, xmm15
  f32x4.extract_lane 2       vpshufd xmm0, xmm0, 2
  end                        leave
                             ret
;)
