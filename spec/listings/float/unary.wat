;; run: abs(-1.5) = 1.5
;; run: neg(0) = -0
;; run: ceil(-0.5) = -0
;; run: floor(-0.5) = -1
;; run: trunc(-1.5) = -1
;; run: nearest(2.5) = 2
;; run: sqrt(2) = 1.4142135623730951
;; run: neg32(nan) = nan
;; run: nearest32(-0.5) = -0
(module
  (func (export "abs") (param f64) (result f64) (f64.abs (local.get 0)))
  (func (export "neg") (param f64) (result f64) (f64.neg (local.get 0)))
  (func (export "ceil") (param f64) (result f64) (f64.ceil (local.get 0)))
  (func (export "floor") (param f64) (result f64) (f64.floor (local.get 0)))
  (func (export "trunc") (param f64) (result f64) (f64.trunc (local.get 0)))
  (func (export "nearest") (param f64) (result f64) (f64.nearest (local.get 0)))
  (func (export "sqrt") (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func (export "neg32") (param f32) (result f32) (f32.neg (local.get 0)))
  (func (export "nearest32") (param f32) (result f32) (f32.nearest (local.get 0))))

(; machine code

abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.abs                    movaps xmm1, xmm0
                             pcmpeqd xmm15, xmm15
                             psrlq xmm15, 1
                             andps xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.neg                    movaps xmm1, xmm0
                             pcmpeqd xmm15, xmm15
                             psllq xmm15, 0x3f
                             xorps xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

ceil:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.ceil                   roundsd xmm1, xmm0, 0xa
  end                        movaps xmm0, xmm1
                             leave
                             ret

floor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.floor                  roundsd xmm1, xmm0, 9
  end                        movaps xmm0, xmm1
                             leave
                             ret

trunc:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.trunc                  roundsd xmm1, xmm0, 0xb
  end                        movaps xmm0, xmm1
                             leave
                             ret

nearest:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.nearest                roundsd xmm1, xmm0, 8
  end                        movaps xmm0, xmm1
                             leave
                             ret

sqrt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.sqrt                   sqrtsd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

neg32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.neg                    movaps xmm1, xmm0
                             pcmpeqd xmm15, xmm15
                             pslld xmm15, 0x1f
                             xorps xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

nearest32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.nearest                roundss xmm1, xmm0, 8
  end                        movaps xmm0, xmm1
                             leave
                             ret
;)
