;; Without AVX there are only two-operand instructions.
;; cpu: baseline
;; run: add(1.5, 2.25) = 3.75
;; run: sub(1.5, 2.25) = -0.75
;; run: chain(2, 3) = 3.5
;; run: sqrt(2) = 1.4142135623730951
;; run: copysign(1, -2) = -1
(module
  (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "sub") (param f64 f64) (result f64) (f64.sub (local.get 0) (local.get 1)))
  (func (export "chain") (param f64 f64) (result f64)
    (f64.sub (f64.mul (local.get 0) (local.get 1)) (f64.add (local.get 0) (f64.const 0.5))))
  (func (export "sqrt") (param f64) (result f64) (f64.sqrt (local.get 0)))
  (func (export "copysign") (param f64 f64) (result f64) (f64.copysign (local.get 0) (local.get 1))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.add                    movaps xmm2, xmm0
                             addsd xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.sub                    movaps xmm2, xmm0
                             subsd xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

chain:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.mul                    movaps xmm2, xmm0
                             mulsd xmm2, xmm1
  local.get 0
  f64.const 0.5
  f64.add                    mov r11, 0x3fe0000000000000
                             movq xmm3, r11
                             addsd xmm3, xmm0
  f64.sub                    subsd xmm2, xmm3
  end                        movaps xmm0, xmm2
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
;)
