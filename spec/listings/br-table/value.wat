;; With values the cells are larger: the value moves to the label's slot.
;; run: case(0) = 106
;; run: case(1) = 6
;; run: case(9) = 6
(module
  (func (export "case") (param i32) (result i32)
    (block (result i32)
      (block (result i32)
        (br_table 0 1 1 (i32.const 5) (local.get 0)))
      (i32.add (i32.const 100)))
    (i32.add (i32.const 1))))

(; machine code

case:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block (result i32)
  block (result i32)
  i32.const 5
  local.get 0
  br_table 0 1 1             mov [local 0], eax
                             mov dword ptr [slot 0], 5
                             mov r11d, 2
                             cmp eax, 2
                             cmovb r11d, eax
                             lea r11, [r11+r11*4]
                             lea rax, [L1]
                             lea r11, [rax+r11*8]
                             jmp r11
                          L1:
                             jmp L2
                             nop [rax+rax]
                             nop [rax+rax]
                             nop [rax+rax]
                             nop [rax+rax]
                             jmp L3
                             nop [rax+rax]
                             nop [rax+rax]
                             nop [rax+rax]
                             nop [rax+rax]
                             jmp L3
                             nop [rax+rax]
                             nop [rax+rax]
                             nop [rax+rax]
                             nop [rax+rax]
  end                     L2:
                             mov eax, [slot 0]
  i32.const 100
  i32.add                    add eax, 0x64
  end                        jmp L4
                          L3:
                             mov eax, [slot 0]
  i32.const 1
  i32.add                 L4:
                             add eax, 1
  end                        leave
                             ret
;)
