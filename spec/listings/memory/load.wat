;; One instruction per load: r14 is the base, the address the index, what is outside of the memory faults.
;; run: store(8, -2) = nothing
;; run: load(8) = -2
;; run: load8_s(8) = -2
;; run: load8_u(8) = 254
;; run: load16_s(8) = -2
;; run: load16_u(8) = 65534
;; run: load64(8) = 4294967294n
;; run: load32_s(8) = -2n
;; run: load32_u(8) = 4294967294n
;; run: load(65533) = trap: memory access out of bounds
;; run: load(-1) = trap: memory access out of bounds
(module (memory 1)
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "load8_s") (param i32) (result i32) (i32.load8_s (local.get 0)))
  (func (export "load8_u") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "load16_s") (param i32) (result i32) (i32.load16_s (local.get 0)))
  (func (export "load16_u") (param i32) (result i32) (i32.load16_u (local.get 0)))
  (func (export "load64") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "load32_s") (param i32) (result i64) (i64.load32_s (local.get 0)))
  (func (export "load32_u") (param i32) (result i64) (i64.load32_u (local.get 0))))

(; machine code

store:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.store                  mov [r14+rax], edx
  end                        leave
                             ret

load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load                   mov ecx, [r14+rax]
  end                        mov eax, ecx
                             leave
                             ret

load8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load8_s                movsx ecx, byte ptr [r14+rax]
  end                        mov eax, ecx
                             leave
                             ret

load8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load8_u                movzx ecx, byte ptr [r14+rax]
  end                        mov eax, ecx
                             leave
                             ret

load16_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load16_s               movsx ecx, word ptr [r14+rax]
  end                        mov eax, ecx
                             leave
                             ret

load16_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load16_u               movzx ecx, word ptr [r14+rax]
  end                        mov eax, ecx
                             leave
                             ret

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

load32_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load32_s               movsxd rcx, [r14+rax]
  end                        mov rax, rcx
                             leave
                             ret

load32_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load32_u               mov ecx, [r14+rax]
  end                        mov rax, rcx
                             leave
                             ret
;)
