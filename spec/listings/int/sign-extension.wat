;; run: extend8(0x80) = -128
;; run: extend16(0x18000) = -32768
;; run: extend8l(0x1ffn) = -1n
;; run: extend16l(0x8000n) = -32768n
;; run: extend32l(0x180000000n) = -2147483648n
(module
  (func (export "extend8") (param i32) (result i32) (i32.extend8_s (local.get 0)))
  (func (export "extend16") (param i32) (result i32) (i32.extend16_s (local.get 0)))
  (func (export "extend8l") (param i64) (result i64) (i64.extend8_s (local.get 0)))
  (func (export "extend16l") (param i64) (result i64) (i64.extend16_s (local.get 0)))
  (func (export "extend32l") (param i64) (result i64) (i64.extend32_s (local.get 0))))

(; machine code

extend8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.extend8_s              movsx ecx, al
  end                        mov eax, ecx
                             leave
                             ret

extend16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.extend16_s             movsx ecx, ax
  end                        mov eax, ecx
                             leave
                             ret

extend8l:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.extend8_s              movsx rcx, al
  end                        mov rax, rcx
                             leave
                             ret

extend16l:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.extend16_s             movsx rcx, ax
  end                        mov rax, rcx
                             leave
                             ret

extend32l:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.extend32_s             movsxd rcx, eax
  end                        mov rax, rcx
                             leave
                             ret
;)
