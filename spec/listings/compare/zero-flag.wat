;; The flags of the instruction before already tell whether the value is zero.
;; run: and(3) = 20
;; run: and(4) = 10
;; run: sub(5) = 10
;; run: sub(1) = 20
(module
  (func (export "and") (param i32) (result i32)
    (block (br_if 0 (i32.and (local.get 0) (i32.const 1))) (return (i32.const 10)))
    (i32.const 20))
  (func (export "sub") (param i32) (result i32)
    (block
      (br_if 0 (i32.eqz (i32.sub (i32.extend8_s (local.get 0)) (i32.const 1))))
      (return (i32.const 10)))
    (i32.const 20)))

(; machine code

and:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block
  local.get 0
  i32.const 1
  i32.and                    mov ecx, eax
                             and ecx, 1
  br_if 0                    jne L1
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L1:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block
  local.get 0
  i32.extend8_s              movsx ecx, al
  i32.const 1
  i32.sub                    sub ecx, 1
  i32.eqz
  br_if 0                    je L1
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L1:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret
;)
