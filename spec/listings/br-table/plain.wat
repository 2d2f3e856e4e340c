;; An indirect jump into cells of five bytes, one per target; the labels are entered with everything in memory.
;; run: case(0) = 10
;; run: case(1) = 20
;; run: case(2) = 30
;; run: case(-1) = 30
(module
  (func (export "case") (param i32) (result i32)
    (block (block (block
      (br_table 0 1 2 (local.get 0)))
      (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30)))

(; machine code

case:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block
  block
  block
  local.get 0
  br_table 0 1 2             mov [local 0], eax
                             mov r11d, 2
                             cmp eax, 2
                             cmovb r11d, eax
                             lea r11, [r11+r11*4]
                             lea rax, [L1]
                             lea r11, [rax+r11]
                             jmp r11
                          L1:
                             jmp L2
                             jmp L3
                             jmp L4
  end                     L2:
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L3:
  i32.const 20
  return                     mov eax, 0x14
                             leave
                             ret
  end                     L4:
  i32.const 30
  end                        mov eax, 0x1e
                             leave
                             ret
;)
