;; Numbers of 128 bits: carries stay in the flags, products are in rax and rdx.
;; assembler: binaryen
(module
  (func (export "add") (param i64 i64 i64 i64) (result i64 i64)
    (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "sub") (param i64 i64 i64 i64) (result i64 i64)
    (i64.sub128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "signed") (param i64 i64) (result i64 i64)
    (i64.mul_wide_s (local.get 0) (local.get 1)))
  (func (export "unsigned") (param i64 i64) (result i64 i64)
    (i64.mul_wide_u (local.get 0) (local.get 1))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  local.get 3
  i64.add128                 mov rsi, rdx
                             mov rdi, rax
                             add rdi, rcx
                             adc rsi, rbx
  end                        mov rdx, rsi
                             mov rax, rdi
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  local.get 3
  i64.sub128                 mov rsi, rdx
                             mov rdi, rax
                             sub rdi, rcx
                             sbb rsi, rbx
  end                        mov rdx, rsi
                             mov rax, rdi
                             leave
                             ret

signed:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.mul_wide_s             mov r11, rdx
                             mov rcx, rax
                             mov rbx, rdx
                             imul r11
  end                        leave
                             ret

unsigned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.mul_wide_u             mov r11, rdx
                             mov rcx, rax
                             mov rbx, rdx
                             mul r11
  end                        leave
                             ret
;)
