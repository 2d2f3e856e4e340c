;; Waiting and the length of a shared memory are matters of JS.
(module
  (memory (export "m") 1 2 shared)
  (func (export "notify") (param i32 i32) (result i32)
    (memory.atomic.notify offset=8 (local.get 0) (local.get 1)))
  (func (export "wait32") (param i32 i32 i64) (result i32)
    (memory.atomic.wait32 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "wait64") (param i32 i64 i64) (result i32)
    (memory.atomic.wait64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "size") (result i32) (memory.size)))

(; machine code

notify:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  memory.atomic.notify offset=8
                             mov [local 1], edx
                             mov [local 0], eax
                             xor ebx, ebx
                             mov ecx, 8
                             call stub:atomicNotify
  end                        leave
                             ret

wait32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  memory.atomic.wait32       mov [local 1], edx
                             mov [local 2], rcx
                             mov [local 0], eax
                             xor esi, esi
                             xor ebx, ebx
                             call stub:atomicWait32
  end                        leave
                             ret

wait64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  memory.atomic.wait64       mov [local 1], rdx
                             mov [local 2], rcx
                             mov [local 0], eax
                             xor esi, esi
                             xor ebx, ebx
                             call stub:atomicWait64
  end                        leave
                             ret

size:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  memory.size                xor eax, eax
                             call stub:memorySize
  end                        leave
                             ret
;)
