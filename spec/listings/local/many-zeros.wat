;; Beyond the 32nd local the prologue clears the slots.
;; run: last() = 0
(module
  (func (export "last") (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local i32 i32 i32)
    (i32.add (local.get 33) (local.get 34))))

(; machine code

last:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x120
                             je trap:internal-error
                             xorps xmm15, xmm15
                             mov r11d, 0x20
                             lea r11, [rbp+r11-0x120]
                          L1:
                             movups [r11-0x10], xmm15
                             sub r11, 0x10
                             push rax
                             lea rax, [local 34]
                             cmp r11, rax
                             pop rax
                             jne L1
  local.get 33
  local.get 34
  i32.add                    mov eax, [local 34]
                             mov ecx, [local 33]
                             lea edx, [rcx+rax]
  end                        mov eax, edx
                             leave
                             ret
;)
