;; What the processor has an instruction for: xadd and xchg.
(module
  (memory (export "m") 1)
  (func (export "i32.atomic.rmw.add") (param i32 i32) (result i32) (i32.atomic.rmw.add (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw.add") (param i32 i64) (result i64) (i64.atomic.rmw.add (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw8.add_u") (param i32 i32) (result i32) (i32.atomic.rmw8.add_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw16.add_u") (param i32 i32) (result i32) (i32.atomic.rmw16.add_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw8.add_u") (param i32 i64) (result i64) (i64.atomic.rmw8.add_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw16.add_u") (param i32 i64) (result i64) (i64.atomic.rmw16.add_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw32.add_u") (param i32 i64) (result i64) (i64.atomic.rmw32.add_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw.sub") (param i32 i32) (result i32) (i32.atomic.rmw.sub (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw.sub") (param i32 i64) (result i64) (i64.atomic.rmw.sub (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw8.sub_u") (param i32 i32) (result i32) (i32.atomic.rmw8.sub_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw16.sub_u") (param i32 i32) (result i32) (i32.atomic.rmw16.sub_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw8.sub_u") (param i32 i64) (result i64) (i64.atomic.rmw8.sub_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw16.sub_u") (param i32 i64) (result i64) (i64.atomic.rmw16.sub_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw32.sub_u") (param i32 i64) (result i64) (i64.atomic.rmw32.sub_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw.xchg") (param i32 i32) (result i32) (i32.atomic.rmw.xchg (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw.xchg") (param i32 i64) (result i64) (i64.atomic.rmw.xchg (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw8.xchg_u") (param i32 i32) (result i32) (i32.atomic.rmw8.xchg_u (local.get 0) (local.get 1)))
  (func (export "i32.atomic.rmw16.xchg_u") (param i32 i32) (result i32) (i32.atomic.rmw16.xchg_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw8.xchg_u") (param i32 i64) (result i64) (i64.atomic.rmw8.xchg_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw16.xchg_u") (param i32 i64) (result i64) (i64.atomic.rmw16.xchg_u (local.get 0) (local.get 1)))
  (func (export "i64.atomic.rmw32.xchg_u") (param i32 i64) (result i64) (i64.atomic.rmw32.xchg_u (local.get 0) (local.get 1))))

(; machine code

i32.atomic.rmw.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw.add         mov ecx, edx
                             test al, 3
                             jne L1
                             lock xadd [r14+rax], ecx
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw.add         mov rcx, rdx
                             test al, 7
                             jne L1
                             lock xadd [r14+rax], rcx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.rmw8.add_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw8.add_u      mov ecx, edx
                             lock xadd [r14+rax], cl
                             movzx ecx, cl
  end                        mov eax, ecx
                             leave
                             ret

i32.atomic.rmw16.add_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw16.add_u     mov ecx, edx
                             test al, 1
                             jne L1
                             lock xadd [r14+rax], cx
                             movzx ecx, cx
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw8.add_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw8.add_u      mov rcx, rdx
                             lock xadd [r14+rax], cl
                             movzx ecx, cl
  end                        mov rax, rcx
                             leave
                             ret

i64.atomic.rmw16.add_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw16.add_u     mov rcx, rdx
                             test al, 1
                             jne L1
                             lock xadd [r14+rax], cx
                             movzx ecx, cx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw32.add_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw32.add_u     mov rcx, rdx
                             test al, 3
                             jne L1
                             lock xadd [r14+rax], ecx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.rmw.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw.sub         mov ecx, edx
                             test al, 3
                             jne L1
                             neg ecx
                             lock xadd [r14+rax], ecx
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw.sub         mov rcx, rdx
                             test al, 7
                             jne L1
                             neg rcx
                             lock xadd [r14+rax], rcx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.rmw8.sub_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw8.sub_u      mov ecx, edx
                             neg ecx
                             lock xadd [r14+rax], cl
                             movzx ecx, cl
  end                        mov eax, ecx
                             leave
                             ret

i32.atomic.rmw16.sub_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw16.sub_u     mov ecx, edx
                             test al, 1
                             jne L1
                             neg ecx
                             lock xadd [r14+rax], cx
                             movzx ecx, cx
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw8.sub_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw8.sub_u      mov rcx, rdx
                             neg ecx
                             lock xadd [r14+rax], cl
                             movzx ecx, cl
  end                        mov rax, rcx
                             leave
                             ret

i64.atomic.rmw16.sub_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw16.sub_u     mov rcx, rdx
                             test al, 1
                             jne L1
                             neg ecx
                             lock xadd [r14+rax], cx
                             movzx ecx, cx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw32.sub_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw32.sub_u     mov rcx, rdx
                             test al, 3
                             jne L1
                             neg ecx
                             lock xadd [r14+rax], ecx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.rmw.xchg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw.xchg        mov ecx, edx
                             test al, 3
                             jne L1
                             xchg [r14+rax], ecx
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw.xchg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw.xchg        mov rcx, rdx
                             test al, 7
                             jne L1
                             xchg [r14+rax], rcx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.rmw8.xchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw8.xchg_u     mov ecx, edx
                             xchg [r14+rax], cl
                             movzx ecx, cl
  end                        mov eax, ecx
                             leave
                             ret

i32.atomic.rmw16.xchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.rmw16.xchg_u
                             mov ecx, edx
                             test al, 1
                             jne L1
                             xchg [r14+rax], cx
                             movzx ecx, cx
  end                        mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw8.xchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw8.xchg_u     mov rcx, rdx
                             xchg [r14+rax], cl
                             movzx ecx, cl
  end                        mov rax, rcx
                             leave
                             ret

i64.atomic.rmw16.xchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw16.xchg_u
                             mov rcx, rdx
                             test al, 1
                             jne L1
                             xchg [r14+rax], cx
                             movzx ecx, cx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.rmw32.xchg_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.rmw32.xchg_u
                             mov rcx, rdx
                             test al, 3
                             jne L1
                             xchg [r14+rax], ecx
  end                        mov rax, rcx
                             leave
                             ret
                          L1:
                             call trap:unaligned-access
;)
