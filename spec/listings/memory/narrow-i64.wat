;; Narrow accesses of 64-bit values.
;; run: store32(8, -2n) = nothing
;; run: load8_s(8) = -2n
;; run: load8_u(8) = 254n
;; run: load16_s(8) = -2n
;; run: load16_u(8) = 65534n
;; run: store8(8, 0x180n) = nothing
;; run: store16(10, 0x18000n) = nothing
;; run: load16_u(8) = 65408n
;; run: load16_s(10) = -32768n
;; run: store16(65535, 0n) = trap: memory access out of bounds
(module (memory 1)
  (func (export "load8_s") (param i32) (result i64) (i64.load8_s (local.get 0)))
  (func (export "load8_u") (param i32) (result i64) (i64.load8_u (local.get 0)))
  (func (export "load16_s") (param i32) (result i64) (i64.load16_s (local.get 0)))
  (func (export "load16_u") (param i32) (result i64) (i64.load16_u (local.get 0)))
  (func (export "store8") (param i32 i64) (i64.store8 (local.get 0) (local.get 1)))
  (func (export "store16") (param i32 i64) (i64.store16 (local.get 0) (local.get 1)))
  (func (export "store32") (param i32 i64) (i64.store32 (local.get 0) (local.get 1))))

(; machine code

load8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load8_s                movsx rcx, byte ptr [r14+rax]
  end                        mov rax, rcx
                             leave
                             ret

load8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load8_u                movzx ecx, byte ptr [r14+rax]
  end                        mov rax, rcx
                             leave
                             ret

load16_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load16_s               movsx rcx, word ptr [r14+rax]
  end                        mov rax, rcx
                             leave
                             ret

load16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load16_u               movzx ecx, word ptr [r14+rax]
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
  i64.store8                 mov [r14+rax], dl
  end                        leave
                             ret

store16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.store16                mov [r14+rax], dx
  end                        leave
                             ret

store32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.store32                mov [r14+rax], edx
  end                        leave
                             ret
;)
