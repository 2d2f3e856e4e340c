;; Integers in rax, rdx, rcx, rbx, rsi, rdi, floats in xmm0 to xmm7.
;; run: call(5, 7) = 2
;; run: constants() = 42
;; run: mixed(2) = 13.75
(module
  (func $sub (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func $mix (param i32 f64 i64 f32) (result f64)
    (f64.add (f64.add (f64.convert_i32_s (local.get 0)) (local.get 1))
      (f64.add (f64.convert_i64_s (local.get 2)) (f64.promote_f32 (local.get 3)))))
  (func (export "call") (param i32 i32) (result i32)
    (call $sub (local.get 1) (local.get 0)))
  (func (export "constants") (result i32)
    (call $sub (i32.const 50) (i32.const 8)))
  (func (export "mixed") (param i32) (result f64)
    (call $mix (local.get 0) (f64.const 1.5) (i64.const 10) (f32.const 0.25))))

(; machine code

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  local.get 1
  i32.sub                    mov ecx, eax
                             sub ecx, edx
  end                        mov eax, ecx
                             leave
                             ret

mix:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  f64.convert_i32_s          xorps xmm2, xmm2
                             cvtsi2sd xmm2, eax
  local.get 1
  f64.add                    addsd xmm2, xmm0
  local.get 2
  f64.convert_i64_s          xorps xmm3, xmm3
                             cvtsi2sd xmm3, rdx
  local.get 3
  f64.promote_f32            cvtss2sd xmm4, xmm1
  f64.add                    addsd xmm3, xmm4
  f64.add                    addsd xmm2, xmm3
  end                        movaps xmm0, xmm2
                             leave
                             ret

call:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  call $sub                  mov [local 1], edx
                             mov [local 0], eax
                             mov r11, rdx
                             mov rdx, rax
                             mov rax, r11
                             call qword ptr [sub]
  end                        leave
                             ret

constants:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 50
  i32.const 8
  call $sub                  mov edx, 8
                             mov eax, 0x32
                             call qword ptr [sub]
  end                        leave
                             ret

mixed:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  f64.const 1.5
  i64.const 10
  f32.const 0.25
  call $mix                  mov [local 0], eax
                             mov r11d, 0x3e800000
                             movd xmm1, r11d
                             mov r11, 0x3ff8000000000000
                             movq xmm0, r11
                             mov edx, 0xa
                             call qword ptr [mix]
  end                        leave
                             ret
;)
