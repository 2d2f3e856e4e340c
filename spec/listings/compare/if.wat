;; run: max(3, 4) = 4
;; run: max(4, 3) = 4
;; run: abs(-5) = 5
;; run: abs(5) = 5
(module
  (func (export "max") (param i32 i32) (result i32)
    (if (result i32) (i32.gt_s (local.get 0) (local.get 1))
      (then (local.get 0))
      (else (local.get 1))))
  (func (export "abs") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 0))
      (then (local.set 0 (i32.sub (i32.const 0) (local.get 0)))))
    (local.get 0)))

(; machine code

max:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.gt_s                   cmp eax, edx
  if (result i32)            jle L1
  local.get 0
  else                       mov ecx, eax
                             jmp L2
  local.get 1
  end                     L1:
                             mov ecx, edx
  end                     L2:
                             mov eax, ecx
                             leave
                             ret

abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 0
  i32.lt_s                   test eax, eax
  if                         jge L1
  i32.const 0
  local.get 0
  i32.sub                    xor ecx, ecx
                             sub ecx, eax
  local.set 0
  end                        mov eax, ecx
  local.get 0
  end                     L1:
                             leave
                             ret
;)
