;; run: value(1, 2, 3) = 5
;; run: value(0, 2, 3) = 6
;; run: constants(1) = 10
;; run: constants(0) = 20
;; run: nested(1, 0) = 2
;; run: nested(0, 1) = 3
;; run: parameter(1, 8) = 4
;; run: parameter(0, 8) = 8
(module
  (func (export "value") (param i32 i32 i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (local.get 1) (local.get 2)))
      (else (i32.mul (local.get 1) (local.get 2)))))
  (func (export "constants") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (i32.const 10)) (else (i32.const 20))))
  (func (export "nested") (param i32 i32) (result i32)
    (if (result i32) (local.get 0)
      (then (if (result i32) (local.get 1) (then (i32.const 1)) (else (i32.const 2))))
      (else (if (result i32) (local.get 1) (then (i32.const 3)) (else (i32.const 4))))))
  (func (export "parameter") (param i32 i32) (result i32)
    (local.get 1)
    (if (param i32) (result i32) (local.get 0) (then (i32.shr_u (i32.const 1))))))

(; machine code

value:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  if (result i32)            test eax, eax
                             je L1
  local.get 1
  local.get 2
  i32.add                    lea ebx, [rdx+rcx]
  else                       jmp L2
  local.get 1
  local.get 2
  i32.mul                 L1:
                             mov ebx, edx
                             imul ebx, ecx
  end                     L2:
  end                        mov eax, ebx
                             leave
                             ret

constants:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  if (result i32)            test eax, eax
                             je L1
  i32.const 10
  else                       mov ecx, 0xa
                             jmp L2
  i32.const 20
  end                     L1:
                             mov ecx, 0x14
  end                     L2:
                             mov eax, ecx
                             leave
                             ret

nested:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  if (result i32)            test eax, eax
                             je L3
  local.get 1
  if (result i32)            test edx, edx
                             je L1
  i32.const 1
  else                       mov ecx, 1
                             jmp L2
  i32.const 2
  end                     L1:
                             mov ecx, 2
  else                    L2:
                             jmp L5
  local.get 1
  if (result i32)         L3:
                             test edx, edx
                             je L4
  i32.const 3
  else                       mov ecx, 3
                             jmp L5
  i32.const 4
  end                     L4:
                             mov ecx, 4
  end                     L5:
  end                        mov eax, ecx
                             leave
                             ret

parameter:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  if (type 1)                test eax, eax
                             mov ecx, edx
                             je L1
  i32.const 1
  i32.shr_u                  shr ecx, 1
  end                     L1:
  end                        mov eax, ecx
                             leave
                             ret
;)
