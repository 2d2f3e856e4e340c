;; A comparison and the branch that it decides are one compare and one jump.
;; run: less(1, 2) = 20
;; run: less(2, 1) = 10
;; run: zero(0) = 20
;; run: zero(1) = 10
;; run: notLess(1, 2) = 10
;; run: notLess(2, 1) = 20
;; run: value(3) = 20
;; run: value(0) = 10
(module
  (func (export "less") (param i32 i32) (result i32)
    (block (br_if 0 (i32.lt_s (local.get 0) (local.get 1))) (return (i32.const 10)))
    (i32.const 20))
  (func (export "zero") (param i32) (result i32)
    (block (br_if 0 (i32.eqz (local.get 0))) (return (i32.const 10)))
    (i32.const 20))
  (func (export "notLess") (param i32 i32) (result i32)
    (block (br_if 0 (i32.eqz (i32.lt_s (local.get 0) (local.get 1)))) (return (i32.const 10)))
    (i32.const 20))
  (func (export "value") (param i32) (result i32)
    (block (br_if 0 (local.get 0)) (return (i32.const 10)))
    (i32.const 20)))

(; machine code

less:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block
  local.get 0
  local.get 1
  i32.lt_s                   cmp eax, edx
  br_if 0                    jl L1
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L1:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret

zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block
  local.get 0
  i32.eqz                    test eax, eax
  br_if 0                    je L1
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L1:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret

notLess:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block
  local.get 0
  local.get 1
  i32.lt_s                   cmp eax, edx
  i32.eqz
  br_if 0                    jge L1
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L1:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret

value:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block
  local.get 0
  br_if 0                    test eax, eax
                             jne L1
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L1:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret
;)
