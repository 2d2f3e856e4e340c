;; Arguments beyond the sixth are on the stack; the callee pops them.
;; functions: call eight
;; run: call(1, 2) = 18
;; run: nested(1) = 199
(module
  (func $eight (export "eight") (param i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (i32.add (i32.mul (local.get 6) (i32.const 10)) (i32.wrap_i64 (local.get 7))))
  (func (export "call") (param i32 i32) (result i32)
    (call $eight (local.get 1) (local.get 0) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
      (local.get 0) (i64.const 8)))
  (func (export "nested") (param i32) (result i32)
    (i32.add (local.get 0)
      (call $eight (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
        (call $eight (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
          (local.get 0) (i64.const 9))
        (i64.const 8)))))

(; machine code

eight:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
                             je trap:internal-error
  local.get 6
  i32.const 10
  i32.mul                    mov r8d, [local 6]
                             imul r9d, r8d, 0xa
  local.get 7
  i32.wrap_i64               mov r10, [local 7]
                             mov r12d, r10d
  i32.add                    add r9d, r12d
  end                        mov eax, r9d
                             leave
                             ret 0x10

call:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  i32.const 3
  i32.const 4
  i32.const 5
  i32.const 6
  local.get 0
  i64.const 8
  call $eight                mov [local 1], edx
                             mov [local 0], eax
                             sub rsp, 0x10
                             mov [rsp+8], eax
                             mov qword ptr [rsp], 8
                             mov r11, rdx
                             mov rdx, rax
                             mov rax, r11
                             mov edi, 6
                             mov esi, 5
                             mov ebx, 4
                             mov ecx, 3
                             call qword ptr [eight]
  end                        leave
                             ret
;)
