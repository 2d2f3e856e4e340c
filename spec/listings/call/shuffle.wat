;; Arguments that are already in registers, in another order: a parallel move, cycles through r11 and xmm15.
;; run: rotate(1, 2, 3) = 231
;; run: swapReals(1, 2) = 1
(module
  (func $three (param i32 i32 i32) (result i32)
    (i32.add (i32.mul (local.get 0) (i32.const 100)) (i32.add (i32.mul (local.get 1) (i32.const 10)) (local.get 2))))
  (func $sub (param f64 f64) (result f64) (f64.sub (local.get 0) (local.get 1)))
  (func (export "rotate") (param i32 i32 i32) (result i32)
    (call $three (local.get 1) (local.get 2) (local.get 0)))
  (func (export "swapReals") (param f64 f64) (result f64)
    (call $sub (local.get 1) (local.get 0))))

(; machine code

three:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  i32.const 100
  i32.mul                    imul ebx, eax, 0x64
  local.get 1
  i32.const 10
  i32.mul                    imul esi, edx, 0xa
  local.get 2
  i32.add                    add esi, ecx
  i32.add                    add ebx, esi
  end                        mov eax, ebx
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  local.get 1
  f64.sub                    vsubsd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

rotate:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 1
  local.get 2
  local.get 0
  call $three                mov [local 1], edx
                             mov [local 2], ecx
                             mov [local 0], eax
                             mov r11, rdx
                             mov rdx, rcx
                             mov rcx, rax
                             mov rax, r11
                             call qword ptr [three]
  end                        leave
                             ret

swapReals:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  call $sub                  movsd [local 1], xmm1
                             movsd [local 0], xmm0
                             movaps xmm15, xmm1
                             movaps xmm1, xmm0
                             movaps xmm0, xmm15
                             call qword ptr [sub]
  end                        leave
                             ret
;)
