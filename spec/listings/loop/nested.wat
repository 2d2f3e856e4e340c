;; run: product(6, 7) = 42
(module
  (func (export "product") (param i32 i32) (result i32) (local i32 i32)
    (loop $outer
      (local.set 3 (local.get 1))
      (loop $inner
        (local.set 2 (i32.add (local.get 2) (i32.const 1)))
        (br_if $inner (local.tee 3 (i32.sub (local.get 3) (i32.const 1)))))
      (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 2)))

(; machine code

product:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  loop                       xor ecx, ecx
                             xor ebx, ebx
                          L1:
  local.get 1
  local.set 3                mov ebx, edx
  loop                    L2:
  local.get 2
  i32.const 1
  i32.add                    lea esi, [rcx+1]
  local.set 2
  local.get 3
  i32.const 1
  i32.sub                    lea ecx, [rbx-1]
  local.tee 3
  br_if 0                    test ecx, ecx
                             mov ebx, ecx
                             mov ecx, esi
                             jne L2
  end
  local.get 0
  i32.const 1
  i32.sub                    lea esi, [rax-1]
  local.tee 0
  br_if 0                    test esi, esi
                             mov eax, esi
                             jne L1
  end
  local.get 2
  end                        mov eax, ecx
                             leave
                             ret
;)
