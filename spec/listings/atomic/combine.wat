;; and, or, xor: loops around cmpxchg.
(module
  (memory (export "m") 1)
  (func (export "i32.atomic.rmw.and") (param i32 i32) (result i32) (i32.atomic.rmw.and (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw.and") (param i32 i64) (result i64) (i64.atomic.rmw.and (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw8.and_u") (param i32 i32) (result i32) (i32.atomic.rmw8.and_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw16.and_u") (param i32 i32) (result i32) (i32.atomic.rmw16.and_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw8.and_u") (param i32 i64) (result i64) (i64.atomic.rmw8.and_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw16.and_u") (param i32 i64) (result i64) (i64.atomic.rmw16.and_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw32.and_u") (param i32 i64) (result i64) (i64.atomic.rmw32.and_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw.or") (param i32 i32) (result i32) (i32.atomic.rmw.or (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw.or") (param i32 i64) (result i64) (i64.atomic.rmw.or (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw8.or_u") (param i32 i32) (result i32) (i32.atomic.rmw8.or_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw16.or_u") (param i32 i32) (result i32) (i32.atomic.rmw16.or_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw8.or_u") (param i32 i64) (result i64) (i64.atomic.rmw8.or_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw16.or_u") (param i32 i64) (result i64) (i64.atomic.rmw16.or_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw32.or_u") (param i32 i64) (result i64) (i64.atomic.rmw32.or_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw.xor") (param i32 i32) (result i32) (i32.atomic.rmw.xor (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw.xor") (param i32 i64) (result i64) (i64.atomic.rmw.xor (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw8.xor_u") (param i32 i32) (result i32) (i32.atomic.rmw8.xor_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw16.xor_u") (param i32 i32) (result i32) (i32.atomic.rmw16.xor_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw8.xor_u") (param i32 i64) (result i64) (i64.atomic.rmw8.xor_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw16.xor_u") (param i32 i64) (result i64) (i64.atomic.rmw16.xor_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw32.xor_u") (param i32 i64) (result i64) (i64.atomic.rmw32.xor_u (local.get 0) (local.get 1))))

(; machine code

i32.atomic.rmw.and:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw.and         mov ecx, eax
                             test cl, 3
                             jne L2
                             mov eax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             and rbx, rdx
                             lock cmpxchg [r14+rcx], ebx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw.and:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw.and         mov ecx, eax
                             test cl, 7
                             jne L2
                             mov rax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             and rbx, rdx
                             lock cmpxchg [r14+rcx], rbx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i32.atomic.rmw8.and_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw8.and_u      mov ecx, eax
                             movzx eax, byte ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             and rbx, rdx
                             lock cmpxchg [r14+rcx], bl
                             jne L1
  end                        leave
                             ret

i32.atomic.rmw16.and_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw16.and_u     mov ecx, eax
                             test cl, 1
                             jne L2
                             movzx eax, word ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             and rbx, rdx
                             lock cmpxchg [r14+rcx], bx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw8.and_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw8.and_u      mov ecx, eax
                             movzx eax, byte ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             and rbx, rdx
                             lock cmpxchg [r14+rcx], bl
                             jne L1
  end                        leave
                             ret

i64.atomic.rmw16.and_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw16.and_u     mov ecx, eax
                             test cl, 1
                             jne L2
                             movzx eax, word ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             and rbx, rdx
                             lock cmpxchg [r14+rcx], bx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw32.and_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw32.and_u     mov ecx, eax
                             test cl, 3
                             jne L2
                             mov eax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             and rbx, rdx
                             lock cmpxchg [r14+rcx], ebx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i32.atomic.rmw.or:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw.or          mov ecx, eax
                             test cl, 3
                             jne L2
                             mov eax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             or rbx, rdx
                             lock cmpxchg [r14+rcx], ebx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw.or:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw.or          mov ecx, eax
                             test cl, 7
                             jne L2
                             mov rax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             or rbx, rdx
                             lock cmpxchg [r14+rcx], rbx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i32.atomic.rmw8.or_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw8.or_u       mov ecx, eax
                             movzx eax, byte ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             or rbx, rdx
                             lock cmpxchg [r14+rcx], bl
                             jne L1
  end                        leave
                             ret

i32.atomic.rmw16.or_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw16.or_u      mov ecx, eax
                             test cl, 1
                             jne L2
                             movzx eax, word ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             or rbx, rdx
                             lock cmpxchg [r14+rcx], bx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw8.or_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw8.or_u       mov ecx, eax
                             movzx eax, byte ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             or rbx, rdx
                             lock cmpxchg [r14+rcx], bl
                             jne L1
  end                        leave
                             ret

i64.atomic.rmw16.or_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw16.or_u      mov ecx, eax
                             test cl, 1
                             jne L2
                             movzx eax, word ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             or rbx, rdx
                             lock cmpxchg [r14+rcx], bx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw32.or_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw32.or_u      mov ecx, eax
                             test cl, 3
                             jne L2
                             mov eax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             or rbx, rdx
                             lock cmpxchg [r14+rcx], ebx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i32.atomic.rmw.xor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw.xor         mov ecx, eax
                             test cl, 3
                             jne L2
                             mov eax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             xor rbx, rdx
                             lock cmpxchg [r14+rcx], ebx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw.xor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw.xor         mov ecx, eax
                             test cl, 7
                             jne L2
                             mov rax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             xor rbx, rdx
                             lock cmpxchg [r14+rcx], rbx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i32.atomic.rmw8.xor_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw8.xor_u      mov ecx, eax
                             movzx eax, byte ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             xor rbx, rdx
                             lock cmpxchg [r14+rcx], bl
                             jne L1
  end                        leave
                             ret

i32.atomic.rmw16.xor_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw16.xor_u     mov ecx, eax
                             test cl, 1
                             jne L2
                             movzx eax, word ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             xor rbx, rdx
                             lock cmpxchg [r14+rcx], bx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw8.xor_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw8.xor_u      mov ecx, eax
                             movzx eax, byte ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             xor rbx, rdx
                             lock cmpxchg [r14+rcx], bl
                             jne L1
  end                        leave
                             ret

i64.atomic.rmw16.xor_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw16.xor_u     mov ecx, eax
                             test cl, 1
                             jne L2
                             movzx eax, word ptr [r14+rcx]
                          L1:
                             mov rbx, rax
                             xor rbx, rdx
                             lock cmpxchg [r14+rcx], bx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access

i64.atomic.rmw32.xor_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw32.xor_u     mov ecx, eax
                             test cl, 3
                             jne L2
                             mov eax, [r14+rcx]
                          L1:
                             mov rbx, rax
                             xor rbx, rdx
                             lock cmpxchg [r14+rcx], ebx
                             jne L1
  end                        leave
                             ret
                          L2:
                             call trap:unaligned-access
;)
