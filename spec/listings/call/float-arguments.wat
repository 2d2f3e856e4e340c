;; Nine floats: the last is on the stack.
;; functions: call
;; run: call(1) = 6.5
(module
  (func $nine (param f64 f64 f64 f64 f64 f64 f64 f64 f64) (result f64)
    (f64.sub (local.get 7) (local.get 8)))
  (func (export "call") (param f64) (result f64)
    (call $nine (local.get 0) (f64.const 2) (f64.const 3) (f64.const 4) (f64.const 5) (f64.const 6) (f64.const 7)
      (f64.const 8) (f64.add (local.get 0) (f64.const 0.5)))))

(; machine code

call:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.const 2
  f64.const 3
  f64.const 4
  f64.const 5
  f64.const 6
  f64.const 7
  f64.const 8
  local.get 0
  f64.const 0.5
  f64.add                    mov r11, 0x3fe0000000000000
                             movq xmm1, r11
                             vaddsd xmm1, xmm0, xmm1
  call $nine                 movsd [local 0], xmm0
                             sub rsp, 8
                             movsd [rsp], xmm1
                             mov r11, 0x4020000000000000
                             movq xmm7, r11
                             mov r11, 0x401c000000000000
                             movq xmm6, r11
                             mov r11, 0x4018000000000000
                             movq xmm5, r11
                             mov r11, 0x4014000000000000
                             movq xmm4, r11
                             mov r11, 0x4010000000000000
                             movq xmm3, r11
                             mov r11, 0x4008000000000000
                             movq xmm2, r11
                             mov r11, 0x4000000000000000
                             movq xmm1, r11
                             call qword ptr [nine]
  end                        leave
                             ret
;)
