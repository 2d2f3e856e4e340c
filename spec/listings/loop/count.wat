;; The locals of a loop stay in registers across the back edge.
;; run: sum(100) = 5050
;; run: sum64(100) = 5050n
(module
  (func (export "sum") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func (export "sum64") (param i32) (result i64) (local i64)
    (block
      (loop
        (br_if 1 (i32.eqz (local.get 0)))
        (local.set 1 (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br 0)))
    (local.get 1)))

(; machine code

sum:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  loop                       xor ecx, ecx
                          L1:
  local.get 1
  local.get 0
  i32.add                    lea edx, [rcx+rax]
  local.set 1
  local.get 0
  i32.const 1
  i32.sub                    lea ecx, [rax-1]
  local.tee 0
  br_if 0                    test ecx, ecx
                             mov eax, ecx
                             mov ecx, edx
                             jne L1
  end
  local.get 1
  end                        mov eax, ecx
                             leave
                             ret

sum64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block
  loop                       xor ecx, ecx
                          L1:
  local.get 0
  i32.eqz                    test eax, eax
  br_if 1                    je L2
  local.get 1
  local.get 0
  i64.extend_i32_u           mov edx, eax
  i64.add                    add rdx, rcx
  local.set 1
  local.get 0
  i32.const 1
  i32.sub                    lea ecx, [rax-1]
  local.set 0
  br 0                       mov eax, ecx
                             mov rcx, rdx
                             jmp L1
  end                     L2:
  end
  local.get 1
  end                        mov rax, rcx
                             leave
                             ret
;)
