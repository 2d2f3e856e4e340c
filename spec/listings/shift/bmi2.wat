;; With BMI2 the count can be in any register, and the result goes where it is wanted.
;; run: shl(1, 33) = 2
;; run: shr_s(-8, 1) = -4
;; run: shr_u(-8, 1) = 2147483644
;; run: rotl(0x80000001, 4) = 24
;; run: rotr(0x80000001, 4) = 402653184
;; run: shl64(1n, 63n) = -9223372036854775808n
;; run: rotr64(1n, 1n) = -9223372036854775808n
(module
  (func (export "shl") (param i32 i32) (result i32) (i32.shl (local.get 0) (local.get 1)))
  (func (export "shr_s") (param i32 i32) (result i32) (i32.shr_s (local.get 0) (local.get 1)))
  (func (export "shr_u") (param i32 i32) (result i32) (i32.shr_u (local.get 0) (local.get 1)))
  (func (export "rotl") (param i32 i32) (result i32) (i32.rotl (local.get 0) (local.get 1)))
  (func (export "rotr") (param i32 i32) (result i32) (i32.rotr (local.get 0) (local.get 1)))
  (func (export "shl64") (param i64 i64) (result i64) (i64.shl (local.get 0) (local.get 1)))
  (func (export "rotr64") (param i64 i64) (result i64) (i64.rotr (local.get 0) (local.get 1))))

(; machine code

shl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.shl                    shlx ecx, eax, edx
  end                        mov eax, ecx
                             leave
                             ret

shr_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.shr_s                  sarx ecx, eax, edx
  end                        mov eax, ecx
                             leave
                             ret

shr_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.shr_u                  shrx ecx, eax, edx
  end                        mov eax, ecx
                             leave
                             ret

rotl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.rotl                   mov ecx, edx
                             mov ebx, eax
                             rol ebx, cl
  end                        mov eax, ebx
                             leave
                             ret

rotr:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.rotr                   mov ecx, edx
                             mov ebx, eax
                             ror ebx, cl
  end                        mov eax, ebx
                             leave
                             ret

shl64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.shl                    shlx rcx, rax, rdx
  end                        mov rax, rcx
                             leave
                             ret

rotr64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i64.rotr                   mov rcx, rdx
                             mov rbx, rax
                             ror rbx, cl
  end                        mov rax, rbx
                             leave
                             ret
;)
