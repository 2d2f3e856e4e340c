;; Unsigned division by a power of two is a shift or a mask.
;; run: power(-1) = 268435455
;; run: remPower(-1) = 15
;; run: one(9) = 9
;; run: remOne(9) = 0
;; run: ten(99) = 9
;; run: signed(-9) = -2
;; run: zero(1) = trap: divide by zero
;; run: remPower64(-1n) = 1073741823n
(module
  (func (export "power") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 16)))
  (func (export "remPower") (param i32) (result i32) (i32.rem_u (local.get 0) (i32.const 16)))
  (func (export "one") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 1)))
  (func (export "remOne") (param i32) (result i32) (i32.rem_u (local.get 0) (i32.const 1)))
  (func (export "ten") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 10)))
  (func (export "signed") (param i32) (result i32) (i32.div_s (local.get 0) (i32.const 4)))
  (func (export "zero") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 0)))
  (func (export "remPower64") (param i64) (result i64) (i64.rem_u (local.get 0) (i64.const 0x40000000))))

(; machine code

power:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 16
  i32.div_u                  mov ecx, eax
                             shr ecx, 4
  end                        mov eax, ecx
                             leave
                             ret

remPower:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 16
  i32.rem_u                  mov ecx, eax
                             and ecx, 0xf
  end                        mov eax, ecx
                             leave
                             ret

one:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 1
  i32.div_u                  mov ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

remOne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 1
  i32.rem_u                  mov ecx, eax
                             and ecx, 0
  end                        mov eax, ecx
                             leave
                             ret

ten:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 10
  i32.div_u                  mov r11d, 0xa
                             mov ecx, eax
                             xor edx, edx
                             div r11d
  end                        leave
                             ret

signed:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 4
  i32.div_s                  mov r11d, 4
                             mov ecx, eax
                             cdq
                             idiv r11d
  end                        leave
                             ret

zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 0
  i32.div_u                  xor r11d, r11d
                             mov ecx, eax
                             xor edx, edx
                             div r11d
  end                        leave
                             ret

remPower64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.const 1073741824
  i64.rem_u                  mov rcx, rax
                             and rcx, 0x3fffffff
  end                        mov rax, rcx
                             leave
                             ret
;)
