;; Values of a local that were read before it changes keep the register; the local moves.
;; run: post(5) = 65
;; run: twice(5) = 110
;; run: teeOver(5) = 5
;; run: same(5) = 5
(module
  (func (export "post") (param i32) (result i32)
    (local.get 0)
    (local.set 0 (i32.add (local.get 0) (i32.const 1)))
    (i32.mul (local.get 0) (i32.const 10))
    (i32.add))
  (func (export "twice") (param i32) (result i32)
    (local.get 0)
    (local.get 0)
    (local.set 0 (i32.const 100))
    (i32.add)
    (i32.add (local.get 0)))
  (func (export "teeOver") (param i32) (result i32)
    (local.get 0)
    (local.tee 0 (i32.shl (local.get 0) (i32.const 1)))
    (i32.sub)
    (i32.add (local.get 0)))
  (func (export "same") (param i32) (result i32)
    (local.set 0 (local.get 0))
    (local.get 0)))

(; machine code

post:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.const 1
  i32.add                    lea ecx, [rax+1]
  local.set 0
  local.get 0
  i32.const 10
  i32.mul                    imul edx, ecx, 0xa
  i32.add                    add eax, edx
  end                        leave
                             ret

twice:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.const 100
  local.set 0                mov ecx, 0x64
  i32.add                    add eax, eax
  local.get 0
  i32.add                    add eax, ecx
  end                        leave
                             ret

teeOver:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.const 1
  i32.shl                    mov ecx, eax
                             shl ecx, 1
  local.tee 0
  i32.sub                    sub eax, ecx
  local.get 0
  i32.add                    add eax, ecx
  end                        leave
                             ret

same:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.set 0
  local.get 0
  end                        leave
                             ret
;)
