;; The first branch to a label decides what is where; the others move their values there.
;; run: both(1, 5) = 6
;; run: both(0, 5) = 25
;; run: one(1, 5) = 25
;; run: one(0, 5) = 5
;; run: cross(1, 2, 3) = 1
;; run: cross(0, 2, 3) = -1
(module
  (func (export "both") (param i32 i32) (result i32) (local i32)
    (if (local.get 0)
      (then (local.set 2 (i32.add (local.get 1) (i32.const 1))))
      (else (local.set 2 (i32.mul (local.get 1) (local.get 1)))))
    (local.get 2))
  (func (export "one") (param i32 i32) (result i32)
    (if (local.get 0) (then (local.set 1 (i32.mul (local.get 1) (local.get 1)))))
    (local.get 1))
  (func (export "cross") (param i32 i32 i32) (result i32) (local i32)
    (if (local.get 0)
      (then (local.set 3 (local.get 1)) (local.set 1 (local.get 2)) (local.set 2 (local.get 3))))
    (i32.sub (local.get 1) (local.get 2))))

(; machine code

both:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  if                         test eax, eax
                             mov qword ptr [local 2], 0
                             je L1
  local.get 1
  i32.const 1
  i32.add                    lea ecx, [rdx+1]
  local.set 2
  else                       jmp L2
  local.get 1
  local.get 1
  i32.mul                 L1:
                             mov ecx, edx
                             imul ecx, edx
  local.set 2
  end                     L2:
  local.get 2
  end                        mov eax, ecx
                             leave
                             ret

one:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  if                         test eax, eax
                             je L1
  local.get 1
  local.get 1
  i32.mul                    mov ecx, edx
                             imul ecx, edx
  local.set 1
  end                        mov edx, ecx
  local.get 1
  end                     L1:
                             mov eax, edx
                             leave
                             ret

cross:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 0
  if                         test eax, eax
                             mov qword ptr [local 3], 0
                             je L1
  local.get 1
  local.set 3                mov ebx, edx
  local.get 2
  local.set 1                mov edx, ecx
  local.get 3
  local.set 2                mov ecx, ebx
  end                        mov [local 3], ebx
  local.get 1
  local.get 2
  i32.sub                 L1:
                             mov ebx, edx
                             sub ebx, ecx
  end                        mov eax, ebx
                             leave
                             ret
;)
