;; Without BMI2 the count must be in cl: what is in rcx moves elsewhere.
;; cpu: baseline
;; run: shl(1, 33) = 2
;; run: shr_s(-8, 1) = -4
;; run: countInRcx(5, 1) = 11
;; run: valueInRcx(5, 6) = 6
;; run: both(3) = 24
;; run: shr64(-1n, 60n) = 15n
(module
  (func (export "shl") (param i32 i32) (result i32) (i32.shl (local.get 0) (local.get 1)))
  (func (export "shr_s") (param i32 i32) (result i32) (i32.shr_s (local.get 0) (local.get 1)))
  (func (export "countInRcx") (param i32 i32) (result i32)
    (i32.add (i32.shl (local.get 0) (local.get 1)) (local.get 1)))
  (func (export "valueInRcx") (param i32 i32) (result i32)
    (i32.add (i32.shr_u (local.get 1) (local.get 0)) (local.get 1)))
  (func (export "both") (param i32) (result i32)
    (i32.rotl (local.get 0) (local.get 0)))
  (func (export "shr64") (param i64 i64) (result i64) (i64.shr_u (local.get 0) (local.get 1))))

(; machine code

shl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.shl                    mov ecx, edx
                             mov ebx, eax
                             shl ebx, cl
  end                        mov eax, ebx
                             leave
                             ret

shr_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.shr_s                  mov ecx, edx
                             mov ebx, eax
                             sar ebx, cl
  end                        mov eax, ebx
                             leave
                             ret

countInRcx:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.shl                    mov ecx, edx
                             mov ebx, eax
                             shl ebx, cl
  local.get 1
  i32.add                    add ebx, edx
  end                        mov eax, ebx
                             leave
                             ret

valueInRcx:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  i32.shr_u                  mov ecx, eax
                             mov ebx, edx
                             shr ebx, cl
  local.get 1
  i32.add                    add ebx, edx
  end                        mov eax, ebx
                             leave
                             ret

both:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.rotl                   mov ecx, eax
                             mov edx, eax
                             rol edx, cl
  end                        mov eax, edx
                             leave
                             ret

shr64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.shr_u                  mov rcx, rdx
                             mov rbx, rax
                             shr rbx, cl
  end                        mov rax, rbx
                             leave
                             ret
;)
