;; A comparison whose result is needed as a number.
;; run: eq(1, 1) = 1
;; run: lt_s(-1, 1) = 1
;; run: lt_u(-1, 1) = 0
;; run: ge64(1n, 1n) = 1
;; run: eqz64(0n) = 1
;; run: twice(5) = 1
(module
  (func (export "eq") (param i32 i32) (result i32) (i32.eq (local.get 0) (local.get 1)))
  (func (export "lt_s") (param i32 i32) (result i32) (i32.lt_s (local.get 0) (local.get 1)))
  (func (export "lt_u") (param i32 i32) (result i32) (i32.lt_u (local.get 0) (local.get 1)))
  (func (export "ge64") (param i64 i64) (result i32) (i64.ge_s (local.get 0) (local.get 1)))
  (func (export "eqz64") (param i64) (result i32) (i64.eqz (local.get 0)))
  (func (export "twice") (param i32) (result i32) (i32.eqz (i32.eqz (local.get 0)))))

(; machine code

eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.eq                     cmp eax, edx
  end                        sete cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

lt_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.lt_s                   cmp eax, edx
  end                        setl cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

lt_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.lt_u                   cmp eax, edx
  end                        setb cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

ge64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.ge_s                   cmp rax, rdx
  end                        setge cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

eqz64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.eqz                    test rax, rax
  end                        sete cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

twice:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.eqz                    test eax, eax
  i32.eqz
  end                        setne cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret
;)
