;; A local that is set to another one's value: a move, for each has its register.
;; run: copy(5) = 4
;; run: fork(5) = 50
(module
  (func (export "copy") (param i32) (result i32) (local i32)
    (local.set 1 (local.get 0))
    (local.set 0 (i32.const 1))
    (i32.sub (local.get 1) (local.get 0)))
  (func (export "fork") (param i32) (result i32) (local i32 i32)
    (local.set 2 (local.tee 1 (i32.mul (local.get 0) (local.get 0))))
    (i32.add (local.get 1) (local.get 2))))

(; machine code

copy:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.set 1                mov ecx, eax
  i32.const 1
  local.set 0                mov eax, 1
  local.get 1
  local.get 0
  i32.sub                    mov edx, ecx
                             sub edx, eax
  end                        mov eax, edx
                             leave
                             ret

fork:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.mul                    mov ecx, eax
                             imul ecx, eax
  local.tee 1
  local.set 2                mov edx, ecx
  local.get 1
  local.get 2
  i32.add                    lea ebx, [rcx+rdx]
  end                        mov eax, ebx
                             leave
                             ret
;)
