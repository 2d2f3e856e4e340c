;; Single precision: the same instructions with another prefix.
;; run: abs(-2.5) = 2.5
;; run: ceil(-2.5) = -2
;; run: floor(-2.5) = -3
;; run: trunc(-2.5) = -2
;; run: sqrt(-2.5) = nan
;; run: sub(1.5, -0.1) = 1.600000023841858
;; run: mul(1.5, -0.1) = -0.15000000596046448
;; run: div(1.5, -0.1) = -15
;; run: max(1.5, -0.1) = 1.5
;; run: copysign(1.5, -0.1) = -1.5
(module
  (func (export "abs") (param f32) (result f32) (f32.abs (local.get 0)))
  (func (export "ceil") (param f32) (result f32) (f32.ceil (local.get 0)))
  (func (export "floor") (param f32) (result f32) (f32.floor (local.get 0)))
  (func (export "trunc") (param f32) (result f32) (f32.trunc (local.get 0)))
  (func (export "sqrt") (param f32) (result f32) (f32.sqrt (local.get 0)))
  (func (export "sub") (param f32 f32) (result f32) (f32.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param f32 f32) (result f32) (f32.mul (local.get 0) (local.get 1)))
  (func (export "div") (param f32 f32) (result f32) (f32.div (local.get 0) (local.get 1)))
  (func (export "max") (param f32 f32) (result f32) (f32.max (local.get 0) (local.get 1)))
  (func (export "copysign") (param f32 f32) (result f32) (f32.copysign (local.get 0) (local.get 1))))

(; machine code

abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.abs                    movaps xmm1, xmm0
                             pcmpeqd xmm15, xmm15
                             psrld xmm15, 1
                             andps xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

ceil:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.ceil                   roundss xmm1, xmm0, 0xa
  end                        movaps xmm0, xmm1
                             leave
                             ret

floor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.floor                  roundss xmm1, xmm0, 9
  end                        movaps xmm0, xmm1
                             leave
                             ret

trunc:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.trunc                  roundss xmm1, xmm0, 0xb
  end                        movaps xmm0, xmm1
                             leave
                             ret

sqrt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.sqrt                   sqrtss xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.sub                    vsubss xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.mul                    vmulss xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

div:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.div                    vdivss xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.max                    movaps xmm2, xmm0
                             ucomiss xmm2, xmm1
                             jne L2
                             jp L1
                             andps xmm2, xmm1
                             jmp L3
                          L1:
                             addss xmm2, xmm1
                             jmp L3
                          L2:
                             maxss xmm2, xmm1
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
  f32.copysign               movaps xmm2, xmm1
                             pcmpeqd xmm15, xmm15
                             pslld xmm15, 0x1f
                             andps xmm2, xmm15
                             andnps xmm15, xmm0
                             orps xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret
;)
