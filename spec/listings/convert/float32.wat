;; Conversions from and to single precision that the other cases leave out.
;; run: i32_u(-1) = 4294967296
;; run: i64_s(-0x7fffffffffffffffn) = -9223372036854776000
;; run: sat32_s(1e30) = 2147483647
;; run: sat32_s(nan) = 0
;; run: sat32_u(-1) = 0
;; run: sat32_u(1e30) = -1
;; run: sat64_s(-1e30) = -9223372036854775808n
(module
  (func (export "i32_u") (param i32) (result f32) (f32.convert_i32_u (local.get 0)))
  (func (export "i64_s") (param i64) (result f32) (f32.convert_i64_s (local.get 0)))
  (func (export "sat32_s") (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0)))
  (func (export "sat32_u") (param f32) (result i32) (i32.trunc_sat_f32_u (local.get 0)))
  (func (export "sat64_s") (param f32) (result i64) (i64.trunc_sat_f32_s (local.get 0))))

(; machine code

i32_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.convert_i32_u          xorps xmm0, xmm0
                             cvtsi2ss xmm0, rax
  end                        leave
                             ret

i64_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.convert_i64_s          xorps xmm0, xmm0
                             cvtsi2ss xmm0, rax
  end                        leave
                             ret

sat32_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.trunc_sat_f32_s        cvttss2si eax, xmm0
                             cmp eax, 1
                             jno L2
                             ucomiss xmm0, xmm0
                             jnp L1
                             xor eax, eax
                             jmp L2
                          L1:
                             xorps xmm15, xmm15
                             ucomiss xmm15, xmm0
                             ja L2
                             mov eax, 0x7fffffff
  end                     L2:
                             leave
                             ret

sat32_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.trunc_sat_f32_u        cvttss2si rax, xmm0
                             mov r11, rax
                             shr r11, 0x20
                             je L1
                             xor eax, eax
                             xorps xmm15, xmm15
                             ucomiss xmm0, xmm15
                             jbe L1
                             mov eax, -1
  end                     L1:
                             leave
                             ret

sat64_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.trunc_sat_f32_s        cvttss2si rax, xmm0
                             cmp rax, 1
                             jno L2
                             ucomiss xmm0, xmm0
                             jnp L1
                             xor eax, eax
                             jmp L2
                          L1:
                             xorps xmm15, xmm15
                             ucomiss xmm15, xmm0
                             ja L2
                             mov rax, 0x7fffffffffffffff
  end                     L2:
                             leave
                             ret
;)
