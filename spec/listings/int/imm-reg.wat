;; A constant as the lower operand: commutative operations and comparisons exchange, others load it.
;; run: add(3) = 8
;; run: sub(3) = 2
;; run: less(3) = 0
;; run: less(5) = 0
;; run: less(6) = 1
(module
  (func (export "add") (param i32) (result i32)
    (i32.add (i32.const 5) (local.get 0)))
  (func (export "sub") (param i32) (result i32)
    (i32.sub (i32.const 5) (local.get 0)))
  (func (export "less") (param i32) (result i32)
    (i32.lt_s (i32.const 5) (local.get 0))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const 5
  local.get 0
  i32.add                    lea ecx, [rax+5]
  end                        mov eax, ecx
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const 5
  local.get 0
  i32.sub                    mov ecx, 5
                             sub ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

less:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const 5
  local.get 0
  i32.lt_s                   cmp eax, 5
  end                        setg cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret
;)
