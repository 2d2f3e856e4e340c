;; run: i32_s(-1.5) = -1
;; run: i32_s(2147483648) = trap: float unrepresentable in integer range
;; run: i32_u(4294967040) = -256
;; run: i32_u(-1) = trap: float unrepresentable in integer range
;; run: i64_s(-9223372036854775808) = -9223372036854775808n
;; run: i64_u(18446742974197923840) = -1099511627776n
;; run: i64_u(nan) = trap: float unrepresentable in integer range
(module
  (func (export "i32_s") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
  (func (export "i32_u") (param f32) (result i32) (i32.trunc_f32_u (local.get 0)))
  (func (export "i64_s") (param f32) (result i64) (i64.trunc_f32_s (local.get 0)))
  (func (export "i64_u") (param f32) (result i64) (i64.trunc_f32_u (local.get 0))))

(; machine code

i32_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.trunc_f32_s            cvttss2si eax, xmm0
                             cmp eax, 1
                             jno L3
                             ucomiss xmm0, xmm0
                             jnp L1
                             call trap:invalid-conversion
                          L1:
                             mov r11d, -0x31000000
                             movd xmm15, r11d
                             ucomiss xmm0, xmm15
                             jae L2
                             call trap:integer-overflow
                          L2:
                             xorps xmm15, xmm15
                             ucomiss xmm15, xmm0
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
  i32.trunc_f32_u            cvttss2si rax, xmm0
                             mov r11, rax
                             shr r11, 0x20
                             je L2
                             ucomiss xmm0, xmm0
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
  i64.trunc_f32_s            cvttss2si rax, xmm0
                             cmp rax, 1
                             jno L3
                             ucomiss xmm0, xmm0
                             jnp L1
                             call trap:invalid-conversion
                          L1:
                             mov r11d, -0x21000000
                             movd xmm15, r11d
                             ucomiss xmm0, xmm15
                             jae L2
                             call trap:integer-overflow
                          L2:
                             xorps xmm15, xmm15
                             ucomiss xmm15, xmm0
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
  i64.trunc_f32_u            mov r11d, 0x5f000000
                             movd xmm15, r11d
                             ucomiss xmm0, xmm15
                             jae L2
                             cvttss2si rax, xmm0
                             test rax, rax
                             jns L4
                             ucomiss xmm0, xmm0
                             jnp L1
                             call trap:invalid-conversion
                          L1:
                             call trap:integer-overflow
                          L2:
                             subss xmm15, xmm0
                             cvttss2si rax, xmm15
                             neg rax
                             jns L3
                             call trap:integer-overflow
                          L3:
                             btc rax, 0x3f
  end                     L4:
                             leave
                             ret
;)
