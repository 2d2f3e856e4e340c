;; Operands that are locals must survive: add becomes lea, the rest a move and an operation.
;; run: add(3, 4) = 7
;; run: sub(3, 4) = -1
;; run: mul(7, -6) = -42
;; run: xor(12, 10) = 6
;; run: twice(21) = 42
;; run: subSelf(9) = 0
(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "sub") (param i32 i32) (result i32)
    (i32.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param i32 i32) (result i32)
    (i32.mul (local.get 0) (local.get 1)))
  (func (export "xor") (param i32 i32) (result i32)
    (i32.xor (local.get 0) (local.get 1)))
  (func (export "twice") (param i32) (result i32)
    (i32.add (local.get 0) (local.get 0)))
  (func (export "subSelf") (param i32) (result i32)
    (i32.sub (local.get 0) (local.get 0))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.add                    lea ecx, [rax+rdx]
  end                        mov eax, ecx
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.sub                    mov ecx, eax
                             sub ecx, edx
  end                        mov eax, ecx
                             leave
                             ret

mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.mul                    mov ecx, eax
                             imul ecx, edx
  end                        mov eax, ecx
                             leave
                             ret

xor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.xor                    mov ecx, eax
                             xor ecx, edx
  end                        mov eax, ecx
                             leave
                             ret

twice:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.add                    lea ecx, [rax+rax]
  end                        mov eax, ecx
                             leave
                             ret

subSelf:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.sub                    mov ecx, eax
                             sub ecx, eax
  end                        mov eax, ecx
                             leave
                             ret
;)
