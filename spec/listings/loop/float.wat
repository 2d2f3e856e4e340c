;; run: horner(2, 10) = 1023
(module
  (func (export "horner") (param f64 i32) (result f64) (local f64)
    (loop
      (local.set 2 (f64.add (f64.mul (local.get 2) (local.get 0)) (f64.const 1)))
      (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
    (local.get 2)))

(; machine code

horner:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  loop                       xorps xmm1, xmm1
                          L1:
  local.get 2
  local.get 0
  f64.mul                    vmulsd xmm2, xmm1, xmm0
  f64.const 1
  f64.add                    mov r11, 0x3ff0000000000000
                             movq xmm3, r11
                             addsd xmm2, xmm3
  local.set 2
  local.get 1
  i32.const 1
  i32.sub                    lea ecx, [rax-1]
  local.tee 1
  br_if 0                    test ecx, ecx
                             movaps xmm1, xmm2
                             mov eax, ecx
                             jne L1
  end
  local.get 2
  end                        movaps xmm0, xmm1
                             leave
                             ret
;)
