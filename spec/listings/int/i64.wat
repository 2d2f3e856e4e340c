;; 64-bit operations; constants that are not sign-extended 32-bit numbers are loaded.
;; run: add(1n, -2n) = -1n
;; run: small(1n) = -4n
;; run: large(1n) = 20015998343869n
;; run: owned(9n) = 2147483708n
;; run: mul(3n, -5n) = -15n
(module
  (func (export "add") (param i64 i64) (result i64)
    (i64.add (local.get 0) (local.get 1)))
  (func (export "small") (param i64) (result i64)
    (i64.add (local.get 0) (i64.const -5)))
  (func (export "large") (param i64) (result i64)
    (i64.add (local.get 0) (i64.const 0x123456789abc)))
  (func (export "owned") (param i64) (result i64)
    (i64.xor (i64.clz (local.get 0)) (i64.const 0x80000000)))
  (func (export "mul") (param i64 i64) (result i64)
    (i64.mul (local.get 0) (local.get 1))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.add                    lea rcx, [rax+rdx]
  end                        mov rax, rcx
                             leave
                             ret

small:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.const -5
  i64.add                    lea rcx, [rax-5]
  end                        mov rax, rcx
                             leave
                             ret

large:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.const 20015998343868
  i64.add                    mov rcx, 0x123456789abc
                             add rcx, rax
  end                        mov rax, rcx
                             leave
                             ret

owned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.clz                    lzcnt rcx, rax
  i64.const 2147483648
  i64.xor                    mov edx, -0x80000000
                             xor rcx, rdx
  end                        mov rax, rcx
                             leave
                             ret

mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.mul                    mov rcx, rax
                             imul rcx, rdx
  end                        mov rax, rcx
                             leave
                             ret
;)
