;; run: add(1.5, 2.25) = 3.75
;; run: sub(1.5, 2.25) = -0.75
;; run: mul(1.5, 2.25) = 3.375
;; run: div(1, 3) = 0.3333333333333333
;; run: chain(2, 3) = 3.5
;; run: add32(1.5, 0.1) = 1.600000023841858
(module
  (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "sub") (param f64 f64) (result f64) (f64.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param f64 f64) (result f64) (f64.mul (local.get 0) (local.get 1)))
  (func (export "div") (param f64 f64) (result f64) (f64.div (local.get 0) (local.get 1)))
  (func (export "chain") (param f64 f64) (result f64)
    (f64.sub (f64.mul (local.get 0) (local.get 1)) (f64.add (local.get 0) (f64.const 0.5))))
  (func (export "add32") (param f32 f32) (result f32) (f32.add (local.get 0) (local.get 1))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.add                    vaddsd xmm2, xmm0, xmm1
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
  f64.sub                    vsubsd xmm2, xmm0, xmm1
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
  f64.mul                    vmulsd xmm2, xmm0, xmm1
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
  f64.div                    vdivsd xmm2, xmm0, xmm1
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
  f64.mul                    vmulsd xmm2, xmm0, xmm1
  local.get 0
  f64.const 0.5
  f64.add                    mov r11, 0x3fe0000000000000
                             movq xmm3, r11
                             vaddsd xmm3, xmm0, xmm3
  f64.sub                    subsd xmm2, xmm3
  end                        movaps xmm0, xmm2
                             leave
                             ret

add32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.add                    vaddss xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret
;)
