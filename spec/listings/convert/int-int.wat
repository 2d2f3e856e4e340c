;; i64.extend_i32_u of a value that nobody else needs costs nothing.
;; run: wrap(0x1ffffffffn) = -1
;; run: extendSigned(-1) = -1n
;; run: extendUnsigned(-1) = 4294967295n
;; run: free(5) = 29n
(module
  (func (export "wrap") (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
  (func (export "extendSigned") (param i32) (result i64) (i64.extend_i32_s (local.get 0)))
  (func (export "extendUnsigned") (param i32) (result i64) (i64.extend_i32_u (local.get 0)))
  (func (export "free") (param i32) (result i64) (i64.extend_i32_u (i32.clz (local.get 0)))))

(; machine code

wrap:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.wrap_i64               mov ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

extendSigned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.extend_i32_s           movsxd rcx, eax
  end                        mov rax, rcx
                             leave
                             ret

extendUnsigned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.extend_i32_u           mov ecx, eax
  end                        mov rax, rcx
                             leave
                             ret

free:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ecx, eax
  i64.extend_i32_u
  end                        mov rax, rcx
                             leave
                             ret
;)
