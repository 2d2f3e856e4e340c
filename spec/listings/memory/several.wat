(module (memory 1) (memory 2) (memory 1)
  (func (export "f") (param i32) (result i32)
    (i32.store 1 offset=4 (local.get 0) (i32.const 5))
    (memory.copy 2 1 (i32.const 0) (local.get 0) (i32.const 8))
    (memory.fill 1 (i32.const 0) (i32.const 1) (i32.const 3))
    (i32.sub (i32.load 2 (i32.const 4)) (i32.add (memory.size 1) (memory.grow 2 (i32.const 1)))))
  (func (export "far") (param i32) (result i64)
    (i64.load 1 offset=4294967295 (local.get 0))))

(; machine code

f:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  i32.const 5
  i32.store 1 offset=4       mov r11, [memory 1 base]
                             mov dword ptr [r11+rax+4], 5
  i32.const 0
  local.get 0
  i32.const 8
  memory.copy 2 1            mov [local 0], eax
                             mov edx, eax
                             mov esi, 0x60
                             mov ebx, 0x80
                             mov ecx, 8
                             xor eax, eax
                             call stub:otherCopy
  i32.const 0
  i32.const 1
  i32.const 3
  memory.fill 1              mov ebx, 0x60
                             mov edx, 1
                             mov ecx, 3
                             xor eax, eax
                             call stub:otherFill
  i32.const 4
  i32.load 2                 mov r11, [memory 2 base]
                             mov eax, [r11+4]
  memory.size 1              mov rcx, [memory 1]
                             mov rcx, [rcx+8]
                             shr rcx, 0x10
  i32.const 1
  memory.grow 2              mov [slot 0], eax
                             mov [slot 1], ecx
                             mov edx, 2
                             mov eax, 1
                             call stub:memoryGrow
  i32.add                    mov ecx, [slot 1]
                             add ecx, eax
  i32.sub                    mov eax, [slot 0]
                             sub eax, ecx
  end                        leave
                             ret

far:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load 1 offset=4294967295
                             mov r11, 0x100000007
                             add r11, rax
                             cmp r11, [memory 1 length]
                             cmova r11, [out of bounds]
                             add r11, [memory 1 base]
                             mov rcx, [r11-8]
  end                        mov rax, rcx
                             leave
                             ret
;)
