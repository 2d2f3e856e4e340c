;; minsd and maxsd know neither NaN nor signed zeros as WebAssembly wants them.
;; run: min(1, 2) = 1
;; run: min(0, -0) = -0
;; run: min(nan, 1) = nan
;; run: min(1, nan) = nan
;; run: max(1, 2) = 2
;; run: max(-0, 0) = 0
;; run: max(1, nan) = nan
;; run: copysign(1, -2) = -1
;; run: copysign(-1, 2) = 1
;; run: min32(-0, 0) = -0
(module
  (func (export "min") (param f64 f64) (result f64) (f64.min (local.get 0) (local.get 1)))
  (func (export "max") (param f64 f64) (result f64) (f64.max (local.get 0) (local.get 1)))
  (func (export "copysign") (param f64 f64) (result f64) (f64.copysign (local.get 0) (local.get 1)))
  (func (export "min32") (param f32 f32) (result f32) (f32.min (local.get 0) (local.get 1))))

(; machine code

min:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.min                    movaps xmm2, xmm0
                             ucomisd xmm2, xmm1
                             jne L2
                             jp L1
                             orps xmm2, xmm1
                             jmp L3
                          L1:
                             addsd xmm2, xmm1
                             jmp L3
                          L2:
                             minsd xmm2, xmm1
  end                     L3:
                             movaps xmm0, xmm2
                             leave
                             ret

max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.max                    movaps xmm2, xmm0
                             ucomisd xmm2, xmm1
                             jne L2
                             jp L1
                             andps xmm2, xmm1
                             jmp L3
                          L1:
                             addsd xmm2, xmm1
                             jmp L3
                          L2:
                             maxsd xmm2, xmm1
  end                     L3:
                             movaps xmm0, xmm2
                             leave
                             ret

copysign:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.copysign               movaps xmm2, xmm1
                             pcmpeqd xmm15, xmm15
                             psllq xmm15, 0x3f
                             andps xmm2, xmm15
                             andnps xmm15, xmm0
                             orps xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

min32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.min                    movaps xmm2, xmm0
                             ucomiss xmm2, xmm1
                             jne L2
                             jp L1
                             orps xmm2, xmm1
                             jmp L3
                          L1:
                             addss xmm2, xmm1
                             jmp L3
                          L2:
                             minss xmm2, xmm1
  end                     L3:
                             movaps xmm0, xmm2
                             leave
                             ret
;)
