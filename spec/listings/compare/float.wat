;; Comparisons with NaN are false: "less" is "greater" with exchanged operands, equality looks at the parity flag, too.
;; run: lt(1, 2) = 1
;; run: lt(nan, 2) = 0
;; run: le(2, 2) = 1
;; run: eq(1, 1) = 1
;; run: eq(nan, nan) = 0
;; run: ne(nan, nan) = 1
;; run: branch(1, 1) = 20
;; run: branch(nan, 1) = 10
;; run: branchNot(1, 1) = 10
;; run: branchNot(nan, 1) = 20
;; run: ge32(2, 1) = 1
(module
  (func (export "lt") (param f64 f64) (result i32) (f64.lt (local.get 0) (local.get 1)))
  (func (export "le") (param f64 f64) (result i32) (f64.le (local.get 0) (local.get 1)))
  (func (export "eq") (param f64 f64) (result i32) (f64.eq (local.get 0) (local.get 1)))
  (func (export "ne") (param f64 f64) (result i32) (f64.ne (local.get 0) (local.get 1)))
  (func (export "branch") (param f64 f64) (result i32)
    (block (br_if 0 (f64.eq (local.get 0) (local.get 1))) (return (i32.const 10)))
    (i32.const 20))
  (func (export "branchNot") (param f64 f64) (result i32)
    (block (br_if 0 (f64.ne (local.get 0) (local.get 1))) (return (i32.const 10)))
    (i32.const 20))
  (func (export "ge32") (param f32 f32) (result i32) (f32.ge (local.get 0) (local.get 1))))

(; machine code

lt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.lt                     ucomisd xmm1, xmm0
  end                        seta al
                             movzx eax, al
                             leave
                             ret

le:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.le                     ucomisd xmm1, xmm0
  end                        setae al
                             movzx eax, al
                             leave
                             ret

eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.eq                     ucomisd xmm0, xmm1
  end                        setnp r11b
                             sete al
                             and eax, r11d
                             movzx eax, al
                             leave
                             ret

ne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.ne                     ucomisd xmm0, xmm1
  end                        setp r11b
                             setne al
                             or eax, r11d
                             movzx eax, al
                             leave
                             ret

branch:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block
  local.get 0
  local.get 1
  f64.eq                     ucomisd xmm0, xmm1
  br_if 0                    jp L1
                             je L2
  i32.const 10
  return                  L1:
                             mov eax, 0xa
                             leave
                             ret
  end                     L2:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret

branchNot:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block
  local.get 0
  local.get 1
  f64.ne                     ucomisd xmm0, xmm1
  br_if 0                    jp L1
                             jne L1
  i32.const 10
  return                     mov eax, 0xa
                             leave
                             ret
  end                     L1:
  i32.const 20
  end                        mov eax, 0x14
                             leave
                             ret

ge32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.ge                     ucomiss xmm0, xmm1
  end                        setae al
                             movzx eax, al
                             leave
                             ret
;)
