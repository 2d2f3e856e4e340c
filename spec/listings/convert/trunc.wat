;; The processor's own "indefinite" result leads to the exact test.
;; run: i32_s(-1.9) = -1
;; run: i32_s(-2147483648.9) = -2147483648
;; run: i32_s(2147483648) = trap: float unrepresentable in integer range
;; run: i32_s(nan) = trap: float unrepresentable in integer range
;; run: i32_u(4294967295.9) = -1
;; run: i32_u(-0.9) = 0
;; run: i32_u(-1) = trap: float unrepresentable in integer range
;; run: i64_s(-9223372036854775808) = -9223372036854775808n
;; run: i64_s(9223372036854775808) = trap: float unrepresentable in integer range
;; run: i64_u(18446744073709549568) = -2048n
;; run: i64_u(18446744073709551616) = trap: float unrepresentable in integer range
;; run: i64_u(nan) = trap: float unrepresentable in integer range
(module
  (func (export "i32_s") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "i32_u") (param f64) (result i32) (i32.trunc_f64_u (local.get 0)))
  (func (export "i64_s") (param f64) (result i64) (i64.trunc_f64_s (local.get 0)))
  (func (export "i64_u") (param f64) (result i64) (i64.trunc_f64_u (local.get 0))))

(; machine code

i32_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.trunc_f64_s            cvttsd2si eax, xmm0
                             cmp eax, 1
                             jno L3
                             ucomisd xmm0, xmm0
                             jnp L1
                             call trap:invalid-conversion
                          L1:
                             mov r11, -0x3e1fffffffe00000
                             movq xmm15, r11
                             ucomisd xmm0, xmm15
                             ja L2
                             call trap:integer-overflow
                          L2:
                             xorps xmm15, xmm15
                             ucomisd xmm15, xmm0
                             ja L3
                             call trap:integer-overflow
  end                     L3:
                             leave
                             ret

i32_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.trunc_f64_u            cvttsd2si rax, xmm0
                             mov r11, rax
                             shr r11, 0x20
                             je L2
                             ucomisd xmm0, xmm0
                             jnp L1
                             call trap:invalid-conversion
                          L1:
                             call trap:integer-overflow
  end                     L2:
                             leave
                             ret

i64_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.trunc_f64_s            cvttsd2si rax, xmm0
                             cmp rax, 1
                             jno L3
                             ucomisd xmm0, xmm0
                             jnp L1
                             call trap:invalid-conversion
                          L1:
                             mov r11, -0x3c20000000000000
                             movq xmm15, r11
                             ucomisd xmm0, xmm15
                             jae L2
                             call trap:integer-overflow
                          L2:
                             xorps xmm15, xmm15
                             ucomisd xmm15, xmm0
                             ja L3
                             call trap:integer-overflow
  end                     L3:
                             leave
                             ret

i64_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.trunc_f64_u            mov r11, 0x43e0000000000000
                             movq xmm15, r11
                             ucomisd xmm0, xmm15
                             jae L2
                             cvttsd2si rax, xmm0
                             test rax, rax
                             jns L4
                             ucomisd xmm0, xmm0
                             jnp L1
                             call trap:invalid-conversion
                          L1:
                             call trap:integer-overflow
                          L2:
                             subsd xmm15, xmm0
                             cvttsd2si rax, xmm15
                             neg rax
                             jns L3
                             call trap:integer-overflow
                          L3:
                             btc rax, 0x3f
  end                     L4:
                             leave
                             ret
;)
