;; cmpxchg: rax has what is expected, and what was there.
(module
  (memory (export "m") 1)
  (func (export "i32.atomic.rmw.cmpxchg") (param i32 i32 i32) (result i32)
    (i32.atomic.rmw.cmpxchg (local.get 0) (local.get 1) (local.get 2)))
  (func (export "i64.atomic.rmw.cmpxchg") (param i32 i64 i64) (result i64)
    (i64.atomic.rmw.cmpxchg (local.get 0) (local.get 1) (local.get 2)))
  (func (export "i32.atomic.rmw8.cmpxchg_u") (param i32 i32 i32) (result i32)
    (i32.atomic.rmw8.cmpxchg_u (local.get 0) (local.get 1) (local.get 2)))
  (func (export "i32.atomic.rmw16.cmpxchg_u") (param i32 i32 i32) (result i32)
    (i32.atomic.rmw16.cmpxchg_u (local.get 0) (local.get 1) (local.get 2)))
  (func (export "i64.atomic.rmw8.cmpxchg_u") (param i32 i64 i64) (result i64)
    (i64.atomic.rmw8.cmpxchg_u (local.get 0) (local.get 1) (local.get 2)))
  (func (export "i64.atomic.rmw16.cmpxchg_u") (param i32 i64 i64) (result i64)
    (i64.atomic.rmw16.cmpxchg_u (local.get 0) (local.get 1) (local.get 2)))
  (func (export "i64.atomic.rmw32.cmpxchg_u") (param i32 i64 i64) (result i64)
    (i64.atomic.rmw32.cmpxchg_u (local.get 0) (local.get 1) (local.get 2))))

(; machine code

i32.atomic.rmw.cmpxchg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  i32.atomic.rmw.cmpxchg     mov ebx, eax
                             mov eax, edx
                             test bl, 3
                             jne L1
                             lock cmpxchg [r14+rbx], ecx
                             mov eax, eax
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw.cmpxchg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  i64.atomic.rmw.cmpxchg     mov ebx, eax
                             mov rax, rdx
                             test bl, 7
                             jne L1
                             lock cmpxchg [r14+rbx], rcx
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.rmw8.cmpxchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  i32.atomic.rmw8.cmpxchg_u
                             mov ebx, eax
                             mov eax, edx
                             lock cmpxchg [r14+rbx], cl
                             movzx eax, al
  end                        leave
                             ret

i32.atomic.rmw16.cmpxchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  i32.atomic.rmw16.cmpxchg_u
                             mov ebx, eax
                             mov eax, edx
                             test bl, 1
                             jne L1
                             lock cmpxchg [r14+rbx], cx
                             movzx eax, ax
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw8.cmpxchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  i64.atomic.rmw8.cmpxchg_u
                             mov ebx, eax
                             mov rax, rdx
                             lock cmpxchg [r14+rbx], cl
                             movzx eax, al
  end                        leave
                             ret

i64.atomic.rmw16.cmpxchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  i64.atomic.rmw16.cmpxchg_u
                             mov ebx, eax
                             mov rax, rdx
                             test bl, 1
                             jne L1
                             lock cmpxchg [r14+rbx], cx
                             movzx eax, ax
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw32.cmpxchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  i64.atomic.rmw32.cmpxchg_u
                             mov ebx, eax
                             mov rax, rdx
                             test bl, 3
                             jne L1
                             lock cmpxchg [r14+rbx], ecx
                             mov eax, eax
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access
;)
