;; Zero and overflow are the processor's fault; only rem_s by -1, which is legal, is tested.
;; run: div(7, -2) = -3
;; run: div(7, 0) = trap: divide by zero
;; run: div(-0x80000000, -1) = trap: divide result unrepresentable
;; run: rem(7, -2) = 1
;; run: rem(-7, 2) = -1
;; run: rem(7, 0) = trap: remainder by zero
;; run: rem(-0x80000000, -1) = 0
;; run: div64(-9n, 2n) = -4n
;; run: div64(1n, 0n) = trap: divide by zero
;; run: rem64(-0x8000000000000000n, -1n) = 0n
(module
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "rem") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
  (func (export "div64") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
  (func (export "rem64") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1))))

(; machine code

div:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.div_s                  mov r11d, edx
                             mov ecx, eax
                             mov ebx, edx
                             cdq
                             idiv r11d
  end                        leave
                             ret

rem:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.rem_s                  mov r11d, edx
                             mov ecx, eax
                             mov ebx, edx
                             cmp r11d, -1
                             jne L1
                             xor edx, edx
                             jmp L2
                          L1:
                             cdq
                             idiv r11d
  end                     L2:
                             mov eax, edx
                             leave
                             ret

div64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.div_s                  mov r11, rdx
                             mov rcx, rax
                             mov rbx, rdx
                             cqo
                             idiv r11
  end                        leave
                             ret

rem64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.rem_s                  mov r11, rdx
                             mov rcx, rax
                             mov rbx, rdx
                             cmp r11, -1
                             jne L1
                             xor edx, edx
                             jmp L2
                          L1:
                             cqo
                             idiv r11
  end                     L2:
                             mov rax, rdx
                             leave
                             ret
;)
