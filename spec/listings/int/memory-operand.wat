;; An operand that a call has left in its slot is a memory operand.
;; run: right(5) = 24
;; run: left(5) = 29
;; run: compare(5) = 1
(module
  (func $f)
  (func (export "right") (param i32) (result i32)
    (i32.clz (local.get 0))
    (call $f)
    (local.get 0)
    (i32.sub))
  (func (export "left") (param i32) (result i32)
    (i32.clz (local.get 0))
    (i32.ctz (local.get 0))
    (call $f)
    (i32.sub))
  (func (export "compare") (param i32) (result i32)
    (i32.clz (local.get 0))
    (i32.ctz (local.get 0))
    (call $f)
    (i32.gt_u)))

(; machine code

f:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
  end                        leave
                             ret

right:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ecx, eax
  call $f                    mov [slot 0], ecx
                             mov [local 0], eax
                             call qword ptr [f]
  local.get 0
  i32.sub                    mov eax, [local 0]
                             mov ecx, [slot 0]
                             sub ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

left:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ecx, eax
  local.get 0
  i32.ctz                    tzcnt edx, eax
  call $f                    mov [slot 0], ecx
                             mov [slot 1], edx
                             mov [local 0], eax
                             call qword ptr [f]
  i32.sub                    mov eax, [slot 0]
                             sub eax, [slot 1]
  end                        leave
                             ret

compare:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ecx, eax
  local.get 0
  i32.ctz                    tzcnt edx, eax
  call $f                    mov [slot 0], ecx
                             mov [slot 1], edx
                             mov [local 0], eax
                             call qword ptr [f]
  i32.gt_u                   mov eax, [slot 0]
                             cmp eax, [slot 1]
  end                        seta al
                             movzx eax, al
                             leave
                             ret
;)
