;; The floating-point orders that the other cases leave out.
;; run: eq32(1, 2) = 0
;; run: eq32(nan, 1) = 0
;; run: ne32(1, 2) = 1
;; run: ne32(nan, 1) = 1
;; run: lt32(1, 2) = 1
;; run: lt32(nan, 1) = 0
;; run: gt32(1, 2) = 0
;; run: gt32(nan, 1) = 0
;; run: le32(1, 2) = 1
;; run: le32(nan, 1) = 0
;; run: gt64(2, 1) = 1
;; run: gt64(1, nan) = 0
;; run: ge64(2, 1) = 1
;; run: ge64(1, nan) = 0
(module
  (func (export "eq32") (param f32 f32) (result i32) (f32.eq (local.get 0) (local.get 1)))
  (func (export "ne32") (param f32 f32) (result i32) (f32.ne (local.get 0) (local.get 1)))
  (func (export "lt32") (param f32 f32) (result i32) (f32.lt (local.get 0) (local.get 1)))
  (func (export "gt32") (param f32 f32) (result i32) (f32.gt (local.get 0) (local.get 1)))
  (func (export "le32") (param f32 f32) (result i32) (f32.le (local.get 0) (local.get 1)))
  (func (export "gt64") (param f64 f64) (result i32) (f64.gt (local.get 0) (local.get 1)))
  (func (export "ge64") (param f64 f64) (result i32) (f64.ge (local.get 0) (local.get 1))))

(; machine code

eq32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.eq                     ucomiss xmm0, xmm1
  end                        setnp r11b
                             sete al
                             and eax, r11d
                             movzx eax, al
                             leave
                             ret

ne32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.ne                     ucomiss xmm0, xmm1
  end                        setp r11b
                             setne al
                             or eax, r11d
                             movzx eax, al
                             leave
                             ret

lt32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.lt                     ucomiss xmm1, xmm0
  end                        seta al
                             movzx eax, al
                             leave
                             ret

gt32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.gt                     ucomiss xmm0, xmm1
  end                        seta al
                             movzx eax, al
                             leave
                             ret

le32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f32.le                     ucomiss xmm1, xmm0
  end                        setae al
                             movzx eax, al
                             leave
                             ret

gt64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.gt                     ucomisd xmm0, xmm1
  end                        seta al
                             movzx eax, al
                             leave
                             ret

ge64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  f64.ge                     ucomisd xmm0, xmm1
  end                        setae al
                             movzx eax, al
                             leave
                             ret
;)
