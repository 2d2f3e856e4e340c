;; Targets that are loops: their canonical entries come behind the table; and one that is the function.
;; run: run(0) = 1
;; run: run(5) = 4
;; run: leave(0) = 78
;; run: leave(1) = 77
(module
  (func (export "run") (param i32) (result i32) (local i32)
    (block
      (loop
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (block
          (br_table 0 1 2
            (select (i32.const 2) (i32.and (local.get 1) (i32.const 1)) (i32.gt_u (local.get 1) (local.get 0)))))
        (br_if 0 (i32.lt_u (local.get 1) (i32.const 3)))))
    (local.get 1))
  (func (export "leave") (param i32) (result i32)
    (block (result i32)
      (br_table 0 1 (i32.const 77) (local.get 0)))
    (i32.add (i32.const 1))))

(; machine code

run:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block
  loop                       xor ecx, ecx
                          L1:
  local.get 1
  i32.const 1
  i32.add                    lea edx, [rcx+1]
  local.set 1
  block
  i32.const 2
  local.get 1
  i32.const 1
  i32.and                    mov ecx, edx
                             and ecx, 1
  local.get 1
  local.get 0
  i32.gt_u                   cmp edx, eax
  select                     mov ebx, 2
                             cmovbe ebx, ecx
  br_table 0 1 2             mov [local 1], edx
                             mov [local 0], eax
                             mov r11d, 2
                             cmp ebx, 2
                             cmovb r11d, ebx
                             lea r11, [r11+r11*4]
                             lea rax, [L2]
                             lea r11, [rax+r11]
                             jmp r11
                          L2:
                             jmp L4
                             jmp L3
                             jmp L5
                          L3:
                             mov eax, [local 0]
                             mov ecx, [local 1]
                             jmp L1
  end                     L4:
  local.get 1
  i32.const 3
  i32.lt_u                   mov eax, [local 1]
                             cmp eax, 3
  br_if 0                    mov ecx, eax
                             mov eax, [local 0]
                             jb L1
  end
  end                        jmp L6
                          L5:
                             mov eax, [local 0]
                             mov ecx, [local 1]
  local.get 1
  end                     L6:
                             mov eax, ecx
                             leave
                             ret

leave:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block (result i32)
  i32.const 77
  local.get 0
  br_table 0 1               mov [local 0], eax
                             mov dword ptr [slot 0], 0x4d
                             mov r11d, 1
                             cmp eax, 1
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
  end                     L2:
                             mov eax, [slot 0]
  i32.const 1
  i32.add                    add eax, 1
  end                        leave
                             ret
                          L3:
                             mov eax, [slot 0]
                             leave
                             ret
;)
