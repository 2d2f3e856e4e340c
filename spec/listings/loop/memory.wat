;; A typical inner loop: copying words, summing them.
;; run: copy(1024, 0, 4) = nothing
;; run: sum(1024, 4) = 10
(module (memory 1) (data (i32.const 0) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00")
  (func (export "copy") (param i32 i32 i32)
    (loop
      (i32.store (local.get 0) (i32.load (local.get 1)))
      (local.set 0 (i32.add (local.get 0) (i32.const 4)))
      (local.set 1 (i32.add (local.get 1) (i32.const 4)))
      (br_if 0 (local.tee 2 (i32.sub (local.get 2) (i32.const 1))))))
  (func (export "sum") (param i32 i32) (result i32) (local i32)
    (loop
      (local.set 2 (i32.add (local.get 2) (i32.load (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 4)))
      (br_if 0 (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
    (local.get 2)))

(; machine code

copy:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  loop                    L1:
  local.get 0
  local.get 1
  i32.load                   mov ebx, [r14+rdx]
  i32.store                  mov [r14+rax], ebx
  local.get 0
  i32.const 4
  i32.add                    lea ebx, [rax+4]
  local.set 0
  local.get 1
  i32.const 4
  i32.add                    lea eax, [rdx+4]
  local.set 1
  local.get 2
  i32.const 1
  i32.sub                    lea edx, [rcx-1]
  local.tee 2
  br_if 0                    test edx, edx
                             mov ecx, edx
                             mov edx, eax
                             mov eax, ebx
                             jne L1
  end
  end                        leave
                             ret

sum:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  loop                       xor ecx, ecx
                          L1:
  local.get 2
  local.get 0
  i32.load                   mov ebx, [r14+rax]
  i32.add                    add ebx, ecx
  local.set 2
  local.get 0
  i32.const 4
  i32.add                    lea ecx, [rax+4]
  local.set 0
  local.get 1
  i32.const 1
  i32.sub                    lea eax, [rdx-1]
  local.tee 1
  br_if 0                    test eax, eax
                             mov edx, eax
                             mov eax, ecx
                             mov ecx, ebx
                             jne L1
  end
  local.get 2
  end                        mov eax, ecx
                             leave
                             ret
;)
