;; A comparison that is not consumed at once leaves the flags: what comes next may change them.
;; run: kept(1, 2) = 4
;; run: local(1, 2) = 2
(module
  (func (export "kept") (param i32 i32) (result i32)
    (i32.lt_u (local.get 0) (local.get 1))
    (i32.add (local.get 0) (local.get 1))
    (i32.add))
  (func (export "local") (param i32 i32) (result i32) (local i32)
    (local.set 2 (i32.ne (local.get 0) (local.get 1)))
    (i32.add (local.get 2) (local.get 2))))

(; machine code

kept:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.lt_u                   cmp eax, edx
  local.get 0                setb cl
                             movzx ecx, cl
  local.get 1
  i32.add                    lea ebx, [rax+rdx]
  i32.add                    add ecx, ebx
  end                        mov eax, ecx
                             leave
                             ret

local:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.ne                     cmp eax, edx
  local.set 2                setne cl
                             movzx ecx, cl
  local.get 2
  local.get 2
  i32.add                    lea ebx, [rcx+rcx]
  end                        mov eax, ebx
                             leave
                             ret
;)
