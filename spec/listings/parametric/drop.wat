;; A dropped value leaves no trace but the work that made it.
;; run: value(5) = 5
;; run: trap(0) = trap: divide by zero
(module
  (func (export "value") (param i32) (result i32)
    (drop (i32.mul (local.get 0) (local.get 0)))
    (drop (local.get 0))
    (drop (i32.lt_u (local.get 0) (i32.const 3)))
    (local.get 0))
  (func (export "trap") (param i32)
    (drop (i32.div_u (i32.const 1) (local.get 0)))))

(; machine code

value:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.mul                    mov ecx, eax
                             imul ecx, eax
  drop
  local.get 0
  drop
  local.get 0
  i32.const 3
  i32.lt_u                   cmp eax, 3
  drop
  local.get 0
  end                        leave
                             ret

trap:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const 1
  local.get 0
  i32.div_u                  mov r11d, eax
                             mov ecx, 1
                             mov edx, eax
                             mov eax, ecx
                             mov ebx, edx
                             xor edx, edx
                             div r11d
  drop
  end                        leave
                             ret
;)
