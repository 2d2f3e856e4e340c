;; Both orders of the operands, combined, give the right zero; a lane with a NaN becomes the canonical one.
;; run: min(0, -0) = -0
;; run: min(nan, 1) = nan
;; run: min(1, nan) = nan
;; run: max(-0, 0) = 0
;; run: max(1, nan) = nan
;; run: max(3, 2) = 3
(module
  (func $f32x4.min (param v128 v128) (result v128) (f32x4.min (local.get 0) (local.get 1)))
  (func $f32x4.max (param v128 v128) (result v128) (f32x4.max (local.get 0) (local.get 1)))
  (func $f64x2.min (param v128 v128) (result v128) (f64x2.min (local.get 0) (local.get 1)))
  (func $f64x2.max (param v128 v128) (result v128) (f64x2.max (local.get 0) (local.get 1)))
  (func (export "min") (param f64 f64) (result f64) (f64x2.extract_lane 1 (f64x2.min (f64x2.splat (local.get 0)) (f64x2.splat (local.get 1)))))
  (func (export "max") (param f64 f64) (result f64) (f64x2.extract_lane 1 (f64x2.max (f64x2.splat (local.get 0)) (f64x2.splat (local.get 1))))))

(; machine code

f32x4.min:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.min                  vminps xmm2, xmm1, xmm0
                             vminps xmm15, xmm0, xmm1
                             vorps xmm2, xmm2, xmm15
                             vcmpunordps xmm15, xmm0, xmm1
                             vorps xmm2, xmm2, xmm15
                             vpsrld xmm15, xmm15, 0xa
                             vxorps xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.max                  vmaxps xmm2, xmm1, xmm0
                             vmaxps xmm15, xmm0, xmm1
                             vandps xmm2, xmm2, xmm15
                             vcmpunordps xmm15, xmm0, xmm1
                             vorps xmm2, xmm2, xmm15
                             vpsrld xmm15, xmm15, 0xa
                             vxorps xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.min:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.min                  vminpd xmm2, xmm1, xmm0
                             vminpd xmm15, xmm0, xmm1
                             vorps xmm2, xmm2, xmm15
                             vcmpunordpd xmm15, xmm0, xmm1
                             vorps xmm2, xmm2, xmm15
                             vpsrlq xmm15, xmm15, 0xd
                             vxorps xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.max                  vmaxpd xmm2, xmm1, xmm0
                             vmaxpd xmm15, xmm0, xmm1
                             vandps xmm2, xmm2, xmm15
                             vcmpunordpd xmm15, xmm0, xmm1
                             vorps xmm2, xmm2, xmm15
                             vpsrlq xmm15, xmm15, 0xd
                             vxorps xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

min:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  f64x2.splat                vmovddup xmm2, xmm0
  local.get 1
  f64x2.splat                vmovddup xmm3, xmm1
  f64x2.min                  vminpd xmm4, xmm3, xmm2
                             vminpd xmm15, xmm2, xmm3
                             vorps xmm4, xmm4, xmm15
                             vcmpunordpd xmm15, xmm2, xmm3
                             vorps xmm4, xmm4, xmm15
                             vpsrlq xmm15, xmm15, 0xd
                             vxorps xmm4, xmm4, xmm15
  f64x2.extract_lane 1       vpshufd xmm4, xmm4, 0xee
  end                        movaps xmm0, xmm4
                             leave
                             ret

max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  f64x2.splat                vmovddup xmm2, xmm0
  local.get 1
  f64x2.splat                vmovddup xmm3, xmm1
  f64x2.max                  vmaxpd xmm4, xmm3, xmm2
                             vmaxpd xmm15, xmm2, xmm3
                             vandps xmm4, xmm4, xmm15
                             vcmpunordpd xmm15, xmm2, xmm3
                             vorps xmm4, xmm4, xmm15
                             vpsrlq xmm15, xmm15, 0xd
                             vxorps xmm4, xmm4, xmm15
  f64x2.extract_lane 1       vpshufd xmm4, xmm4, 0xee
  end                        movaps xmm0, xmm4
                             leave
                             ret
;)
