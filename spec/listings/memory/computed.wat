;; The address may become the result's register; a store needs neither of its operands any more.
;; run: chase(16) = 42
;; run: copy(16, 64) = nothing
;; run: next(64) = 33
(module (memory 1) (data (i32.const 16) "\20\00\00\00") (data (i32.const 32) "\2a\00\00\00")
  (func (export "chase") (param i32) (result i32) (i32.load (i32.load (local.get 0))))
  (func (export "copy") (param i32 i32) (i32.store (local.get 1) (i32.load (local.get 0))))
  (func (export "next") (param i32) (result i32)
    (i32.store offset=8 (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1)))
    (i32.load offset=8 (local.get 0))))

(; machine code

chase:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load                   mov ecx, [r14+rax]
  i32.load                   mov ecx, [r14+rcx]
  end                        mov eax, ecx
                             leave
                             ret

copy:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  i32.load                   mov ecx, [r14+rax]
  i32.store                  mov [r14+rdx], ecx
  end                        leave
                             ret

next:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.load                   mov ecx, [r14+rax]
  i32.const 1
  i32.add                    add ecx, 1
  i32.store offset=8         mov [r14+rax+8], ecx
  local.get 0
  i32.load offset=8          mov ecx, [r14+rax+8]
  end                        mov eax, ecx
                             leave
                             ret
;)
