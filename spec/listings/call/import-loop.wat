;; In a loop a host function is called without a call: its thunk leaves wasm by a return, which the processor then predicts.
;; functions: count
;; run: count(1) = 2
;; run: count(40) = 41
;; run: count(0) = 1
(module
  (import "host" "inc" (func $inc (param i32) (result i32)))
  (func (export "count") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (call $inc (local.get $sum)))
      (br_if $again (i32.le_s (local.get $sum) (local.get $n))))
    (local.get $sum)))

(; machine code

count:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  loop                       xor ecx, ecx
                          L1:
  local.get 1
  call $inc                  mov [local 1], ecx
                             mov [local 0], eax
                             mov eax, ecx
                             mov [saved r15], r15
                             mov r11, [import 0 record]
                             mov r10, [import 0 slot]
                             cmp dword ptr [import 0 host id], 0
                             mov r15, [import 0 context]
                             mov r14, [memory base]
                             jl L2
                             lea r8, [L3]
                             push r8
                             jmp qword ptr [r10]
                          L2:
                             call qword ptr [r10]
                          L3:
                             mov r15, [saved r15]
                             mov r14, [memory base]
  local.set 1
  local.get 1
  local.get 0
  i32.le_s                   mov ecx, [local 0]
                             cmp eax, ecx
  br_if 0                    mov r11, rcx
                             mov rcx, rax
                             mov rax, r11
                             jle L1
  end
  local.get 1
  end                        mov eax, ecx
                             leave
                             ret
;)
