;; run: i32_s(-1) = -1
;; run: i32_u(-1) = 4294967295
;; run: i64_s(-1n) = -1
;; run: i64_u(-1n) = 18446744073709552000
;; run: i64_u(0x20000000000001n) = 9007199254740992
;; run: i64_u32(-1n) = 18446744073709552000
;; run: i64_u32(0x8000004000000001n) = 9223372036854776000
;; run: i32_s32(16777217) = 16777216
(module
  (func (export "i32_s") (param i32) (result f64) (f64.convert_i32_s (local.get 0)))
  (func (export "i32_u") (param i32) (result f64) (f64.convert_i32_u (local.get 0)))
  (func (export "i64_s") (param i64) (result f64) (f64.convert_i64_s (local.get 0)))
  (func (export "i64_u") (param i64) (result f64) (f64.convert_i64_u (local.get 0)))
  (func (export "i64_u32") (param i64) (result f32) (f32.convert_i64_u (local.get 0)))
  (func (export "i32_s32") (param i32) (result f32) (f32.convert_i32_s (local.get 0))))

(; machine code

i32_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.convert_i32_s          xorps xmm0, xmm0
                             cvtsi2sd xmm0, eax
  end                        leave
                             ret

i32_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.convert_i32_u          xorps xmm0, xmm0
                             cvtsi2sd xmm0, rax
  end                        leave
                             ret

i64_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.convert_i64_s          xorps xmm0, xmm0
                             cvtsi2sd xmm0, rax
  end                        leave
                             ret

i64_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.convert_i64_u          mov rcx, rax
                             xorps xmm0, xmm0
                             test rcx, rcx
                             js L1
                             cvtsi2sd xmm0, rcx
                             jmp L2
                          L1:
                             mov r11, rcx
                             shr rcx, 1
                             and r11d, 1
                             or rcx, r11
                             cvtsi2sd xmm0, rcx
                             addsd xmm0, xmm0
  end                     L2:
                             leave
                             ret

i64_u32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.convert_i64_u          mov rcx, rax
                             xorps xmm0, xmm0
                             test rcx, rcx
                             js L1
                             cvtsi2ss xmm0, rcx
                             jmp L2
                          L1:
                             mov r11, rcx
                             shr rcx, 1
                             and r11d, 1
                             or rcx, r11
                             cvtsi2ss xmm0, rcx
                             addss xmm0, xmm0
  end                     L2:
                             leave
                             ret

i32_s32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f32.convert_i32_s          xorps xmm0, xmm0
                             cvtsi2ss xmm0, eax
  end                        leave
                             ret
;)
