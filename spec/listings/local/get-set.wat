;; Reading a local is no instruction, nor is moving a fresh value into one.
;; run: set(3) = 16
;; run: tee(3) = 16
;; run: swap(1, 2) = 1
;; run: constant() = 14
(module
  (func (export "set") (param i32) (result i32) (local i32)
    (local.set 1 (i32.add (local.get 0) (i32.const 1)))
    (i32.mul (local.get 1) (local.get 1)))
  (func (export "tee") (param i32) (result i32) (local i32)
    (i32.mul (local.tee 1 (i32.add (local.get 0) (i32.const 1))) (local.get 1)))
  (func (export "swap") (param i32 i32) (result i32)
    (local.get 0) (local.get 1) (local.set 0) (local.set 1)
    (i32.sub (local.get 0) (local.get 1)))
  (func (export "constant") (result i32) (local i32)
    (local.set 0 (i32.const 7))
    (i32.add (local.get 0) (local.get 0))))

(; machine code

set:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.const 1
  i32.add                    lea ecx, [rax+1]
  local.set 1
  local.get 1
  local.get 1
  i32.mul                    mov edx, ecx
                             imul edx, ecx
  end                        mov eax, edx
                             leave
                             ret

tee:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.const 1
  i32.add                    lea ecx, [rax+1]
  local.tee 1
  local.get 1
  i32.mul                    mov edx, ecx
                             imul edx, ecx
  end                        mov eax, edx
                             leave
                             ret

swap:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  local.set 0                mov ecx, edx
  local.set 1
  local.get 0
  local.get 1
  i32.sub                    mov edx, ecx
                             sub edx, eax
  end                        mov eax, edx
                             leave
                             ret

constant:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const 7
  local.set 0                mov eax, 7
  local.get 0
  local.get 0
  i32.add                    lea ecx, [rax+rax]
  end                        mov eax, ecx
                             leave
                             ret
;)
