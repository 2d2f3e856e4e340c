;; Values that a loop takes travel in registers; more than four in slots.
;; run: factorial(10n) = 3628800n
;; run: five(3) = 78
(module
  (func (export "factorial") (param i64) (result i64)
    (i64.const 1)
    (loop (param i64) (result i64)
      (i64.mul (local.get 0))
      (local.set 0 (i64.sub (local.get 0) (i64.const 1)))
      (br_if 0 (i64.ne (local.get 0) (i64.const 0)))))
  (func (export "five") (param i32) (result i32) (local i32)
    (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
    (loop (param i32 i32 i32 i32 i32) (result i32 i32 i32 i32 i32)
      (local.set 1 (i32.add))
      (local.get 1) (local.get 1)
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.add) (i32.add) (i32.add) (i32.add)))

(; machine code

factorial:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i64.const 1
  loop (type 0)              mov ecx, 1
                          L1:
  local.get 0
  i64.mul                    imul rcx, rax
  local.get 0
  i64.const 1
  i64.sub                    lea rdx, [rax-1]
  local.set 0
  local.get 0
  i64.const 0
  i64.ne                     test rdx, rdx
  br_if 0                    je L2
                             mov rax, rdx
                             jmp L1
  end                     L2:
  end                        mov rax, rcx
                             leave
                             ret

five:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x40
                             je trap:internal-error
  i32.const 1
  i32.const 2
  i32.const 3
  i32.const 4
  i32.const 5
  loop (type 2)              xor ecx, ecx
                             mov dword ptr [slot 0], 1
                             mov dword ptr [slot 1], 2
                             mov dword ptr [slot 2], 3
                             mov dword ptr [slot 3], 4
                             mov dword ptr [slot 4], 5
                          L1:
  i32.add                    mov edx, [slot 3]
                             add edx, [slot 4]
  local.set 1
  local.get 1
  local.get 1
  local.get 0
  i32.const 1
  i32.sub                    lea ecx, [rax-1]
  local.tee 0
  br_if 0                    test ecx, ecx
                             mov [slot 3], edx
                             mov [slot 4], edx
                             je L2
                             mov eax, ecx
                             mov ecx, edx
                             jmp L1
  end                     L2:
  i32.add                    mov eax, [slot 3]
                             add eax, [slot 4]
  i32.add                    mov ebx, [slot 2]
                             add ebx, eax
  i32.add                    mov eax, [slot 1]
                             add eax, ebx
  i32.add                    mov ebx, [slot 0]
                             add ebx, eax
  end                        mov eax, ebx
                             leave
                             ret
;)
