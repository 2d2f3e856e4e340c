;; run: size() = 1
;; run: grow(1) = 1
;; run: size() = 2
;; run: grow(10) = -1
(module (memory 1 3)
  (func (export "size") (result i32) (memory.size))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))

(; machine code

size:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  memory.size                mov rax, [memory]
                             mov rax, [rax+8]
                             shr rax, 0x10
  end                        leave
                             ret

grow:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  memory.grow                mov [local 0], eax
                             xor edx, edx
                             call stub:memoryGrow
  end                        leave
                             ret
;)
