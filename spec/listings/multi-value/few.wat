;; Results in the registers of the parameters' sequence.
;; run: swap(1, 2n) = [2n, 1]
;; run: divmod(17, 5) = [3, 2]
;; run: use(17, 5) = 1
;; run: host(3, 4n) = [4n, 3]
(module
  (import "host" "swap" (func $host (param i32 i64) (result i64 i32)))
  (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func $divmod (export "divmod") (param i32 i32) (result i32 i32)
    (i32.div_u (local.get 0) (local.get 1))
    (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "use") (param i32 i32) (result i32)
    (call $divmod (local.get 0) (local.get 1))
    (i32.sub))
  (func (export "host") (param i32 i64) (result i64 i32)
    (call $host (local.get 0) (local.get 1))))

(; machine code

swap:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  end                        mov r11, rdx
                             mov rdx, rax
                             mov rax, r11
                             leave
                             ret

divmod:
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
  local.get 0
  local.get 1
  i32.rem_u                  mov rdx, rax
                             mov eax, ecx
                             mov rsi, rdx
                             xor edx, edx
                             div ebx
  end                        mov eax, esi
                             leave
                             ret

use:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  call $divmod               mov [local 1], edx
                             mov [local 0], eax
                             call qword ptr [divmod]
  i32.sub                    sub eax, edx
  end                        leave
                             ret

host:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  call $host                 mov [local 1], rdx
                             mov [local 0], eax
                             mov [saved r15], r15
                             mov r11, [import 0 record]
                             mov r10, [import 0 slot]
                             mov r15, [import 0 context]
                             mov r14, [memory base]
                             call qword ptr [r10]
                             mov r15, [saved r15]
                             mov r14, [memory base]
  end                        leave
                             ret
;)
