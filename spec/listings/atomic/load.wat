;; Loads are plain ones; an address must be a multiple of the size.
(module
  (memory (export "m") 1)
  (func (export "i32.atomic.load") (param i32) (result i32) (i32.atomic.load offset=4 (local.get 0)))
  (func (export "i32.atomic.load8_u") (param i32) (result i32) (i32.atomic.load8_u offset=4 (local.get 0)))
  (func (export "i32.atomic.load16_u") (param i32) (result i32) (i32.atomic.load16_u offset=4 (local.get 0)))
  (func (export "i64.atomic.load") (param i32) (result i64) (i64.atomic.load offset=4 (local.get 0)))
  (func (export "i64.atomic.load8_u") (param i32) (result i64) (i64.atomic.load8_u offset=4 (local.get 0)))
  (func (export "i64.atomic.load16_u") (param i32) (result i64) (i64.atomic.load16_u offset=4 (local.get 0)))
  (func (export "i64.atomic.load32_u") (param i32) (result i64) (i64.atomic.load32_u offset=4 (local.get 0))))

(; machine code

i32.atomic.load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.atomic.load offset=4
                             test al, 3
                             jne L1
                             mov ecx, [r14+rax+4]
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.load8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.atomic.load8_u offset=4
                             movzx ecx, byte ptr [r14+rax+4]
  end                        mov eax, ecx
                             leave
                             ret

i32.atomic.load16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.atomic.load16_u offset=4
                             test al, 1
                             jne L1
                             movzx ecx, word ptr [r14+rax+4]
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.atomic.load offset=4
                             lea r11d, [rax+4]
                             test r11b, 7
                             jne L1
                             mov rcx, [r14+rax+4]
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.load8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.atomic.load8_u offset=4
                             movzx ecx, byte ptr [r14+rax+4]
  end                        mov rax, rcx
                             leave
                             ret

i64.atomic.load16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.atomic.load16_u offset=4
                             test al, 1
                             jne L1
                             movzx ecx, word ptr [r14+rax+4]
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.load32_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.atomic.load32_u offset=4
                             test al, 3
                             jne L1
                             mov ecx, [r14+rax+4]
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access
;)
