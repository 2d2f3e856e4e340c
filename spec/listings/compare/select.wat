;; Integers by cmov, floats by a short jump.
;; run: min(3, 4) = 3
;; run: min(4, 3) = 3
;; run: wide(1n, 2n, 0) = 2n
;; run: real(1.5, 2.5, 1) = 1.5
;; run: real(1.5, 2.5, 0) = 2.5
;; run: constants(1) = 10
(module
  (func (export "min") (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1))))
  (func (export "wide") (param i64 i64 i32) (result i64)
    (select (local.get 0) (local.get 1) (local.get 2)))
  (func (export "real") (param f64 f64 i32) (result f64)
    (select (local.get 0) (local.get 1) (local.get 2)))
  (func (export "constants") (param i32) (result i32)
    (select (i32.const 10) (i32.const 20) (local.get 0))))

(; machine code

min:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 0
  local.get 1
  i32.lt_s                   cmp eax, edx
  select                     mov ecx, eax
                             cmovge ecx, edx
  end                        mov eax, ecx
                             leave
                             ret

wide:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  select                     test ecx, ecx
                             mov rbx, rax
                             cmove rbx, rdx
  end                        mov rax, rbx
                             leave
                             ret

real:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  select                     test eax, eax
                             movaps xmm2, xmm0
                             jne L1
                             movaps xmm2, xmm1
  end                     L1:
                             movaps xmm0, xmm2
                             leave
                             ret

constants:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const 10
  i32.const 20
  local.get 0
  select                     test eax, eax
                             mov ecx, 0x14
                             mov edx, 0xa
                             cmove edx, ecx
  end                        mov eax, edx
                             leave
                             ret
;)
