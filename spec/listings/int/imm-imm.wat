;; Two constants: folded for i32 add, sub, and, or, xor.
;; run: add() = -2147483648
;; run: sub() = 2147483647
;; run: bits() = -12
;; run: mul() = 42
;; run: add64() = 3n
(module
  (func (export "add") (result i32)
    (i32.add (i32.const 0x7fffffff) (i32.const 1)))
  (func (export "sub") (result i32)
    (i32.sub (i32.const -0x80000000) (i32.const 1)))
  (func (export "bits") (result i32)
    (i32.xor (i32.or (i32.and (i32.const 12) (i32.const 10)) (i32.const 3)) (i32.const -1)))
  (func (export "mul") (result i32)
    (i32.mul (i32.const 6) (i32.const 7)))
  (func (export "add64") (result i64)
    (i64.add (i64.const 1) (i64.const 2))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 2147483647
  i32.const 1
  i32.add
  end                        mov eax, -0x80000000
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const -2147483648
  i32.const 1
  i32.sub
  end                        mov eax, 0x7fffffff
                             leave
                             ret

bits:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 12
  i32.const 10
  i32.and
  i32.const 3
  i32.or
  i32.const -1
  i32.xor
  end                        mov eax, -0xc
                             leave
                             ret

mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 6
  i32.const 7
  i32.mul                    mov eax, 6
                             imul eax, 7
  end                        leave
                             ret

add64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i64.const 1
  i64.const 2
  i64.add                    mov eax, 1
                             add rax, 2
  end                        leave
                             ret
;)
