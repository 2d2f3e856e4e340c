;; A call in a loop: what lives goes to memory, and is loaded where it is used.
;; run: count(10) = 165
(module
  (func $f (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
  (func (export "count") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (call $f (local.get 0))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))

(; machine code

f:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  i32.const 3
  i32.mul                    imul ecx, eax, 3
  end                        mov eax, ecx
                             leave
                             ret

count:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  loop                       xor ecx, ecx
                          L1:
  local.get 1
  local.get 0
  call $f                    mov [local 1], ecx
                             mov [local 0], eax
                             call qword ptr [f]
  i32.add                    mov ecx, [local 1]
                             add eax, ecx
  local.set 1
  local.get 0
  i32.const 1
  i32.sub                    mov ecx, [local 0]
                             lea edx, [rcx-1]
  local.tee 0
  br_if 0                    test edx, edx
                             mov ecx, eax
                             mov eax, edx
                             jne L1
  end
  local.get 1
  end                        mov eax, ecx
                             leave
                             ret
;)
