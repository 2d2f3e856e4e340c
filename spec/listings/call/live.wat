;; What lives across a call goes to its slot, a changed local to its own; nothing is saved by the callee.
;; run: live(3, 4) = 44
(module
  (func $f (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func (export "live") (param i32 i32) (result i32)
    (local.set 1 (i32.add (local.get 1) (i32.const 1)))
    (i32.mul (local.get 0) (local.get 1))
    (call $f (local.get 0))
    (call $f (local.get 1))
    (i32.add)
    (i32.add)
    (i32.sub (local.get 1))))

(; machine code

f:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  local.get 0
  i32.mul                    mov ecx, eax
                             imul ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

live:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 1
  i32.const 1
  i32.add                    lea ecx, [rdx+1]
  local.set 1
  local.get 0
  local.get 1
  i32.mul                    mov edx, eax
                             imul edx, ecx
  local.get 0
  call $f                    mov [slot 0], edx
                             mov [local 1], ecx
                             mov [local 0], eax
                             call qword ptr [f]
  local.get 1
  call $f                    mov [slot 1], eax
                             mov eax, [local 1]
                             call qword ptr [f]
  i32.add                    mov ecx, [slot 1]
                             add ecx, eax
  i32.add                    mov eax, [slot 0]
                             add eax, ecx
  local.get 1
  i32.sub                    mov ecx, [local 1]
                             sub eax, ecx
  end                        leave
                             ret
;)
