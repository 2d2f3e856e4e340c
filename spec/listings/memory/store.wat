;; run: store8(16, 0x1ff) = nothing
;; run: store16(18, -2) = nothing
;; run: store64(24, -3n) = nothing
;; run: constant(32) = nothing
;; run: constant64(40) = nothing
;; run: large(48) = nothing
;; run: load64(16) = 4294836479n
;; run: load64(24) = -3n
;; run: load64(32) = 42n
;; run: load64(40) = -42n
;; run: load64(48) = 81985529216486895n
;; run: store64(65529, 1n) = trap: memory access out of bounds
(module (memory 1)
  (func (export "load64") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "store8") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "store16") (param i32 i32) (i32.store16 (local.get 0) (local.get 1)))
  (func (export "store64") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "constant") (param i32) (i32.store (local.get 0) (i32.const 42)))
  (func (export "constant64") (param i32) (i64.store (local.get 0) (i64.const -42)))
  (func (export "large") (param i32) (i64.store (local.get 0) (i64.const 0x123456789abcdef))))

(; machine code

load64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load                   mov rcx, [r14+rax]
  end                        mov rax, rcx
                             leave
                             ret

store8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.store8                 mov [r14+rax], dl
  end                        leave
                             ret

store16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.store16                mov [r14+rax], dx
  end                        leave
                             ret

store64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.store                  mov [r14+rax], rdx
  end                        leave
                             ret

constant:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 42
  i32.store                  mov dword ptr [r14+rax], 0x2a
  end                        leave
                             ret

constant64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.const -42
  i64.store                  mov qword ptr [r14+rax], -0x2a
  end                        leave
                             ret

large:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.const 81985529216486895
  i64.store                  mov rcx, 0x123456789abcdef
                             mov [r14+rax], rcx
  end                        leave
                             ret
;)
