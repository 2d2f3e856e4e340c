;; More values than registers: the oldest locals, then the deepest operands go to memory.
;; run: sum(1, 2) = -35
(module
  (func (export "sum") (param i32 i32) (result i32)
    (i32.mul (local.get 0) (i32.const 3))
    (i32.mul (local.get 0) (i32.const 5))
    (i32.mul (local.get 0) (i32.const 7))
    (i32.mul (local.get 0) (i32.const 9))
    (i32.mul (local.get 0) (i32.const 11))
    (i32.mul (local.get 0) (i32.const 13))
    (i32.mul (local.get 0) (i32.const 15))
    (i32.mul (local.get 0) (i32.const 17))
    (i32.mul (local.get 0) (i32.const 19))
    (i32.mul (local.get 1) (i32.const 21))
    (i32.mul (local.get 1) (i32.const 23))
    (i32.mul (local.get 1) (i32.const 25))
    (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub)))

(; machine code

sum:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 0
  i32.const 3
  i32.mul                    imul ecx, eax, 3
  local.get 0
  i32.const 5
  i32.mul                    imul ebx, eax, 5
  local.get 0
  i32.const 7
  i32.mul                    imul esi, eax, 7
  local.get 0
  i32.const 9
  i32.mul                    imul edi, eax, 9
  local.get 0
  i32.const 11
  i32.mul                    imul r8d, eax, 0xb
  local.get 0
  i32.const 13
  i32.mul                    imul r9d, eax, 0xd
  local.get 0
  i32.const 15
  i32.mul                    imul r10d, eax, 0xf
  local.get 0
  i32.const 17
  i32.mul                    imul r12d, eax, 0x11
  local.get 0
  i32.const 19
  i32.mul                    imul r13d, eax, 0x13
  local.get 1
  i32.const 21
  i32.mul                    mov [local 0], eax
                             imul eax, edx, 0x15
  local.get 1
  i32.const 23
  i32.mul                    mov [slot 0], ecx
                             imul ecx, edx, 0x17
  local.get 1
  i32.const 25
  i32.mul                    mov [slot 1], ebx
                             imul ebx, edx, 0x19
  i32.sub                    sub ecx, ebx
  i32.sub                    sub eax, ecx
  i32.sub                    sub r13d, eax
  i32.sub                    sub r12d, r13d
  i32.sub                    sub r10d, r12d
  i32.sub                    sub r9d, r10d
  i32.sub                    sub r8d, r9d
  i32.sub                    sub edi, r8d
  i32.sub                    sub esi, edi
  i32.sub                    mov eax, [slot 1]
                             sub eax, esi
  i32.sub                    mov ecx, [slot 0]
                             sub ecx, eax
  end                        mov eax, ecx
                             leave
                             ret
;)
