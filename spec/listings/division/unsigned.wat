;; run: div(-1, 3) = 1431655765
;; run: div(7, 0) = trap: divide by zero
;; run: rem(-1, 10) = 5
;; run: rem(7, 0) = trap: remainder by zero
;; run: div64(-1n, 3n) = 6148914691236517205n
;; run: rem64(-1n, 10n) = 5n
(module
  (func (export "div") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func (export "rem") (param i32 i32) (result i32) (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "div64") (param i64 i64) (result i64) (i64.div_u (local.get 0) (local.get 1)))
  (func (export "rem64") (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1))))

(; machine code

div:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.div_u                  mov r11d, edx
                             mov ecx, eax
                             mov ebx, edx
                             xor edx, edx
                             div r11d
  end                        leave
                             ret

rem:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.rem_u                  mov r11d, edx
                             mov ecx, eax
                             mov ebx, edx
                             xor edx, edx
                             div r11d
  end                        mov eax, edx
                             leave
                             ret

div64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.div_u                  mov r11, rdx
                             mov rcx, rax
                             mov rbx, rdx
                             xor edx, edx
                             div r11
  end                        leave
                             ret

rem64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.rem_u                  mov r11, rdx
                             mov rcx, rax
                             mov rbx, rdx
                             xor edx, edx
                             div r11
  end                        mov rax, rdx
                             leave
                             ret
;)
