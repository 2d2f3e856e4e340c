;; run: zero() = 0
;; run: negativeZero() = -0
;; run: pi() = 3.14159
;; run: pi32() = 3.141590118408203
;; run: add(1) = 2
(module
  (func (export "zero") (result f64) (f64.const 0))
  (func (export "negativeZero") (result f64) (f64.const -0))
  (func (export "pi") (result f64) (f64.const 3.14159))
  (func (export "pi32") (result f32) (f32.const 3.14159))
  (func (export "add") (param f64) (result f64) (f64.add (local.get 0) (f64.const 1))))

(; machine code

zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  f64.const 0
  end                        xorps xmm0, xmm0
                             leave
                             ret

negativeZero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  f64.const -0
  end                        mov r11, -0x8000000000000000
                             movq xmm0, r11
                             leave
                             ret

pi:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  f64.const 3.14159
  end                        mov r11, 0x400921f9f01b866e
                             movq xmm0, r11
                             leave
                             ret

pi32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  f32.const 3.141590118408203
  end                        mov r11d, 0x40490fd0
                             movd xmm0, r11d
                             leave
                             ret

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.const 1
  f64.add                    mov r11, 0x3ff0000000000000
                             movq xmm1, r11
                             vaddsd xmm1, xmm0, xmm1
  end                        movaps xmm0, xmm1
                             leave
                             ret
;)
