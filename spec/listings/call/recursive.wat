;; run: gcd(1071, 462) = 21
;; run: even(10) = 1
;; run: forever() = RangeError: Maximum call stack size exceeded
(module
  (func $gcd (export "gcd") (param i32 i32) (result i32)
    (if (result i32) (i32.eqz (local.get 1))
      (then (local.get 0))
      (else (call $gcd (local.get 1) (i32.rem_u (local.get 0) (local.get 1))))))
  (func $even (export "even") (param i32) (result i32)
    (if (result i32) (local.get 0) (then (call $odd (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 1))))
  (func $odd (param i32) (result i32)
    (if (result i32) (local.get 0) (then (call $even (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))
  (func $forever (export "forever") (call $forever)))

(; machine code

gcd:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  i32.eqz                    test edx, edx
  if (result i32)            jne L1
  local.get 0
  else                       mov ecx, eax
                             jmp L2
  local.get 1
  local.get 0
  local.get 1
  i32.rem_u               L1:
                             mov r11d, edx
                             mov ecx, eax
                             mov ebx, edx
                             xor edx, edx
                             div r11d
  call $gcd                  mov [local 1], ebx
                             mov [local 0], ecx
                             mov eax, ebx
                             call qword ptr [gcd]
  end                        mov ecx, eax
                             mov edx, [local 1]
                             mov eax, [local 0]
  end                     L2:
                             mov eax, ecx
                             leave
                             ret

even:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  if (result i32)            test eax, eax
                             je L1
  local.get 0
  i32.const 1
  i32.sub                    lea ecx, [rax-1]
  call $odd                  mov [local 0], eax
                             mov eax, ecx
                             call qword ptr [odd]
  else                       jmp L2
  i32.const 1
  end                     L1:
                             mov [local 0], eax
                             mov eax, 1
  end                     L2:
                             leave
                             ret

odd:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  if (result i32)            test eax, eax
                             je L1
  local.get 0
  i32.const 1
  i32.sub                    lea ecx, [rax-1]
  call $even                 mov [local 0], eax
                             mov eax, ecx
                             call qword ptr [even]
  else                       jmp L2
  i32.const 0
  end                     L1:
                             mov [local 0], eax
                             xor eax, eax
  end                     L2:
                             leave
                             ret

forever:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  call $forever              call qword ptr [forever]
  end                        leave
                             ret
;)
