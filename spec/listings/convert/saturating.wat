;; run: i32_s(-3000000000) = -2147483648
;; run: i32_s(3000000000) = 2147483647
;; run: i32_s(nan) = 0
;; run: i32_u(-5) = 0
;; run: i32_u(1e10) = -1
;; run: i64_s(1e30) = 9223372036854775807n
;; run: i64_s(-1e30) = -9223372036854775808n
;; run: i64_u(1e30) = -1n
;; run: i64_u(-1) = 0n
;; run: i64_u32(nan) = 0n
(module
  (func (export "i32_s") (param f64) (result i32) (i32.trunc_sat_f64_s (local.get 0)))
  (func (export "i32_u") (param f64) (result i32) (i32.trunc_sat_f64_u (local.get 0)))
  (func (export "i64_s") (param f64) (result i64) (i64.trunc_sat_f64_s (local.get 0)))
  (func (export "i64_u") (param f64) (result i64) (i64.trunc_sat_f64_u (local.get 0)))
  (func (export "i64_u32") (param f32) (result i64) (i64.trunc_sat_f32_u (local.get 0))))

(; machine code

i32_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.trunc_sat_f64_s        cvttsd2si eax, xmm0
                             cmp eax, 1
                             jno L2
                             ucomisd xmm0, xmm0
                             jnp L1
                             xor eax, eax
                             jmp L2
                          L1:
                             xorps xmm15, xmm15
                             ucomisd xmm15, xmm0
                             ja L2
                             mov eax, 0x7fffffff
  end                     L2:
                             leave
                             ret

i32_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.trunc_sat_f64_u        cvttsd2si rax, xmm0
                             mov r11, rax
                             shr r11, 0x20
                             je L1
                             xor eax, eax
                             xorps xmm15, xmm15
                             ucomisd xmm0, xmm15
                             jbe L1
                             mov eax, -1
  end                     L1:
                             leave
                             ret

i64_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.trunc_sat_f64_s        cvttsd2si rax, xmm0
                             cmp rax, 1
                             jno L2
                             ucomisd xmm0, xmm0
                             jnp L1
                             xor eax, eax
                             jmp L2
                          L1:
                             xorps xmm15, xmm15
                             ucomisd xmm15, xmm0
                             ja L2
                             mov rax, 0x7fffffffffffffff
  end                     L2:
                             leave
                             ret

i64_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.trunc_sat_f64_u        mov r11, 0x43e0000000000000
                             movq xmm15, r11
                             ucomisd xmm0, xmm15
                             jae L1
                             cvttsd2si rax, xmm0
                             test rax, rax
                             jns L3
                             xor eax, eax
                             jmp L3
                          L1:
                             subsd xmm15, xmm0
                             cvttsd2si rax, xmm15
                             neg rax
                             jns L2
                             mov rax, -1
                             jmp L3
                          L2:
                             btc rax, 0x3f
  end                     L3:
                             leave
                             ret

i64_u32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.trunc_sat_f32_u        mov r11d, 0x5f000000
                             movd xmm15, r11d
                             ucomiss xmm0, xmm15
                             jae L1
                             cvttss2si rax, xmm0
                             test rax, rax
                             jns L3
                             xor eax, eax
                             jmp L3
                          L1:
                             subss xmm15, xmm0
                             cvttss2si rax, xmm15
                             neg rax
                             jns L2
                             mov rax, -1
                             jmp L3
                          L2:
                             btc rax, 0x3f
  end                     L3:
                             leave
                             ret
;)
