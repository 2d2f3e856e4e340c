;; xchg: a store that later loads do not pass.
(module
  (memory (export "m") 1)
  (func (export "i32.atomic.store") (param i32 i32) (i32.atomic.store (local.get 0) (local.get 1)))
  (func (export "i32.atomic.store8") (param i32 i32) (i32.atomic.store8 (local.get 0) (local.get 1)))
  (func (export "i32.atomic.store16") (param i32 i32) (i32.atomic.store16 (local.get 0) (local.get 1)))
  (func (export "i64.atomic.store") (param i32 i64) (i64.atomic.store (local.get 0) (local.get 1)))
  (func (export "i64.atomic.store8") (param i32 i64) (i64.atomic.store8 (local.get 0) (local.get 1)))
  (func (export "i64.atomic.store16") (param i32 i64) (i64.atomic.store16 (local.get 0) (local.get 1)))
  (func (export "i64.atomic.store32") (param i32 i64) (i64.atomic.store32 (local.get 0) (local.get 1)))
  (func (export "fence") (atomic.fence)))

(; machine code

i32.atomic.store:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.store           mov ecx, edx
                             test al, 3
                             jne L1
                             xchg [r14+rax], ecx
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i32.atomic.store8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.store8          mov ecx, edx
                             xchg [r14+rax], cl
  end                        leave
                             ret

i32.atomic.store16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.atomic.store16         mov ecx, edx
                             test al, 1
                             jne L1
                             xchg [r14+rax], cx
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.store:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.store           mov rcx, rdx
                             test al, 7
                             jne L1
                             xchg [r14+rax], rcx
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.store8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.store8          mov rcx, rdx
                             xchg [r14+rax], cl
  end                        leave
                             ret

i64.atomic.store16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.store16         mov rcx, rdx
                             test al, 1
                             jne L1
                             xchg [r14+rax], cx
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

i64.atomic.store32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.atomic.store32         mov rcx, rdx
                             test al, 3
                             jne L1
                             xchg [r14+rax], ecx
  end                        leave
                             ret
                          L1:
                             call trap:unaligned-access

fence:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  atomic.fence               lock or dword ptr [rsp], 0
  end                        leave
                             ret
;)
