;; As min-max, with moves.
;; cpu: baseline
;; run: min(0, -0) = -0
;; run: min(nan, 1) = nan
;; run: min(1, nan) = nan
;; run: max(-0, 0) = 0
;; run: max(1, nan) = nan
;; run: max(3, 2) = 3
(module
  (func $f32x4.min (param v128 v128) (result v128) (f32x4.min (local.get 0) (local.get 1)))
  (func $f32x4.max (param v128 v128) (result v128) (f32x4.max (local.get 0) (local.get 1)))
  (func (export "min") (param f64 f64) (result f64) (f64x2.extract_lane 1 (f64x2.min (f64x2.splat (local.get 0)) (f64x2.splat (local.get 1)))))
  (func (export "max") (param f64 f64) (result f64) (f64x2.extract_lane 1 (f64x2.max (f64x2.splat (local.get 0)) (f64x2.splat (local.get 1))))))

(; machine code

f32x4.min:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.min                  movaps xmm2, xmm1
                             minps xmm2, xmm0
                             movaps xmm15, xmm0
                             minps xmm15, xmm1
                             orps xmm2, xmm15
                             movaps xmm15, xmm0
                             cmpunordps xmm15, xmm1
                             orps xmm2, xmm15
                             psrld xmm15, 0xa
                             xorps xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.max                  movaps xmm2, xmm1
                             maxps xmm2, xmm0
                             movaps xmm15, xmm0
                             maxps xmm15, xmm1
                             andps xmm2, xmm15
                             movaps xmm15, xmm0
                             cmpunordps xmm15, xmm1
                             orps xmm2, xmm15
                             psrld xmm15, 0xa
                             xorps xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

min:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  f64x2.splat                movddup xmm2, xmm0
  local.get 1
  f64x2.splat                movddup xmm3, xmm1
  f64x2.min                  movaps xmm4, xmm3
                             minpd xmm4, xmm2
                             movaps xmm15, xmm2
                             minpd xmm15, xmm3
                             orps xmm4, xmm15
                             movaps xmm15, xmm2
                             cmpunordpd xmm15, xmm3
                             orps xmm4, xmm15
                             psrlq xmm15, 0xd
                             xorps xmm4, xmm15
  f64x2.extract_lane 1       pshufd xmm4, xmm4, 0xee
  end                        movaps xmm0, xmm4
                             leave
                             ret

max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  f64x2.splat                movddup xmm2, xmm0
  local.get 1
  f64x2.splat                movddup xmm3, xmm1
  f64x2.max                  movaps xmm4, xmm3
                             maxpd xmm4, xmm2
                             movaps xmm15, xmm2
                             maxpd xmm15, xmm3
                             andps xmm4, xmm15
                             movaps xmm15, xmm2
                             cmpunordpd xmm15, xmm3
                             orps xmm4, xmm15
                             psrlq xmm15, 0xd
                             xorps xmm4, xmm15
  f64x2.extract_lane 1       pshufd xmm4, xmm4, 0xee
  end                        movaps xmm0, xmm4
                             leave
                             ret
;)
