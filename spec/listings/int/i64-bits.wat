;; The rest of the 64-bit operations; nop is nothing.
;; run: and(12n, 10n) = 8n
;; run: or(12n, 10n) = 14n
;; run: shr_s(-8n, 65n) = -4n
;; run: rotl(-0x7fffffffffffffffn, 4n) = 24n
;; run: nop(5) = 5
(module
  (func (export "and") (param i64 i64) (result i64) (i64.and (local.get 0) (local.get 1)))
  (func (export "or") (param i64 i64) (result i64) (i64.or (local.get 0) (local.get 1)))
  (func (export "shr_s") (param i64 i64) (result i64) (i64.shr_s (local.get 0) (local.get 1)))
  (func (export "rotl") (param i64 i64) (result i64) (i64.rotl (local.get 0) (local.get 1)))
  (func (export "nop") (param i32) (result i32) (nop) (local.get 0) (nop)))

(; machine code

and:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.and                    mov rcx, rax
                             and rcx, rdx
  end                        mov rax, rcx
                             leave
                             ret

or:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.or                     mov rcx, rax
                             or rcx, rdx
  end                        mov rax, rcx
                             leave
                             ret

shr_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.shr_s                  sarx rcx, rax, rdx
  end                        mov rax, rcx
                             leave
                             ret

rotl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.rotl                   mov rcx, rdx
                             mov rbx, rax
                             rol rbx, cl
  end                        mov rax, rbx
                             leave
                             ret

nop:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  nop
  local.get 0
  nop
  end                        leave
                             ret
;)
