;; The conditions of the orders that the other cases leave out.
;; run: le_s32(-1, 1) = 1
;; run: le_s32(1, 1) = 1
;; run: le_u32(-1, 1) = 0
;; run: le_u32(1, 1) = 1
;; run: ge_s32(-1, 1) = 0
;; run: ge_s32(1, 1) = 1
;; run: ge_u32(-1, 1) = 1
;; run: ge_u32(1, 1) = 1
;; run: eq64(-1n, 1n) = 0
;; run: eq64(1n, 1n) = 1
;; run: lt_s64(-1n, 1n) = 1
;; run: lt_s64(1n, 1n) = 0
;; run: lt_u64(-1n, 1n) = 0
;; run: lt_u64(1n, 1n) = 0
;; run: gt_s64(-1n, 1n) = 0
;; run: gt_s64(1n, 1n) = 0
;; run: gt_u64(-1n, 1n) = 1
;; run: gt_u64(1n, 1n) = 0
;; run: le_s64(-1n, 1n) = 1
;; run: le_s64(1n, 1n) = 1
;; run: le_u64(-1n, 1n) = 0
;; run: le_u64(1n, 1n) = 1
;; run: ge_u64(-1n, 1n) = 1
;; run: ge_u64(1n, 1n) = 1
(module
  (func (export "le_s32") (param i32 i32) (result i32) (i32.le_s (local.get 0) (local.get 1)))
  (func (export "le_u32") (param i32 i32) (result i32) (i32.le_u (local.get 0) (local.get 1)))
  (func (export "ge_s32") (param i32 i32) (result i32) (i32.ge_s (local.get 0) (local.get 1)))
  (func (export "ge_u32") (param i32 i32) (result i32) (i32.ge_u (local.get 0) (local.get 1)))
  (func (export "eq64") (param i64 i64) (result i32) (i64.eq (local.get 0) (local.get 1)))
  (func (export "lt_s64") (param i64 i64) (result i32) (i64.lt_s (local.get 0) (local.get 1)))
  (func (export "lt_u64") (param i64 i64) (result i32) (i64.lt_u (local.get 0) (local.get 1)))
  (func (export "gt_s64") (param i64 i64) (result i32) (i64.gt_s (local.get 0) (local.get 1)))
  (func (export "gt_u64") (param i64 i64) (result i32) (i64.gt_u (local.get 0) (local.get 1)))
  (func (export "le_s64") (param i64 i64) (result i32) (i64.le_s (local.get 0) (local.get 1)))
  (func (export "le_u64") (param i64 i64) (result i32) (i64.le_u (local.get 0) (local.get 1)))
  (func (export "ge_u64") (param i64 i64) (result i32) (i64.ge_u (local.get 0) (local.get 1))))

(; machine code

le_s32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.le_s                   cmp eax, edx
  end                        setle cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

le_u32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.le_u                   cmp eax, edx
  end                        setbe cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

ge_s32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.ge_s                   cmp eax, edx
  end                        setge cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

ge_u32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.ge_u                   cmp eax, edx
  end                        setae cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

eq64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.eq                     cmp rax, rdx
  end                        sete cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

lt_s64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.lt_s                   cmp rax, rdx
  end                        setl cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

lt_u64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.lt_u                   cmp rax, rdx
  end                        setb cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

gt_s64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.gt_s                   cmp rax, rdx
  end                        setg cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

gt_u64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.gt_u                   cmp rax, rdx
  end                        seta cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

le_s64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.le_s                   cmp rax, rdx
  end                        setle cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

le_u64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.le_u                   cmp rax, rdx
  end                        setbe cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret

ge_u64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.ge_u                   cmp rax, rdx
  end                        setae cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret
;)
