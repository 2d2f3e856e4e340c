;; Tail calls: a function of the module, the same with arguments on the stack, through a table.
;; functions: gcd sum indirect
;; run: gcd(1071, 462) = 21
;; run: sum(5, 1, 2, 3, 4, 5, 6) = 450
;; run: indirect(12, 18) = 6
(module
  (type $t (func (param i32 i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $gcd)
  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (if (i32.eqz (local.get $b)) (then (return (local.get $a))))
    (return_call $gcd (local.get $b) (i32.rem_u (local.get $a) (local.get $b))))
  (func $sum (export "sum") (param $n i32) (param i32 i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (local.get 6))))
    (return_call $more (i32.sub (local.get $n) (i32.const 1))
      (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (i32.add (local.get 6) (local.get $n)) (local.get 3)))
  (func $more (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (return_call $sum (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5)
      (i32.mul (local.get 6) (i32.const 2))))
  (func (export "indirect") (param i32 i32) (result i32)
    (return_call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0))))

(; machine code

gcd:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  i32.eqz                    test edx, edx
  if                         jne L1
  local.get 0
  return                     leave
                             ret
  end                     L1:
  local.get 1
  local.get 0
  local.get 1
  i32.rem_u                  mov r11d, edx
                             mov ecx, eax
                             mov ebx, edx
                             xor edx, edx
                             div r11d
  return_call $gcd           mov eax, ebx
                             leave
                             jmp qword ptr [gcd]
  end

sum:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
                             je trap:internal-error
  local.get 0
  i32.eqz                    test eax, eax
  if                         jne L1
  local.get 6
  return                     mov eax, [local 6]
                             leave
                             ret 8
  end                     L1:
  local.get 0
  i32.const 1
  i32.sub                    lea r8d, [rax-1]
  local.get 1
  local.get 2
  local.get 3
  local.get 4
  local.get 5
  local.get 6
  local.get 0
  i32.add                    mov r9d, [local 6]
                             lea r10d, [r9+rax]
  local.get 3
  return_call $more          sub rsp, 0x10
                             mov [rsp+8], r10d
                             mov [rsp], ebx
                             mov eax, r8d
                             mov r9, [rbp+8]
                             lea r12, [rbp]
                             mov rbp, [rbp]
                             movsd xmm15, [rsp+8]
                             movsd [r12+0x10], xmm15
                             movsd xmm15, [rsp]
                             movsd [r12+8], xmm15
                             mov [r12], r9
                             mov rsp, r12
                             jmp qword ptr [more]
  end

indirect:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.const 0
  return_call_indirect (type 0)
                             xor ecx, ecx
                             mov r10d, ecx
                             mov r11d, r10d
                             shl r10, 5
                             add r10, [table 0]
                             cmp r11, [table 0 length]
                             cmovae r10, [null element]
                             mov r11d, [type id 0]
                             cmp r11d, [r10+0x10]
                             jne L2
                             sub rsp, 0x20
                             mov r11, [r10+0x18]
                             mov r13, [r10+8]
                             mov r10, [r10]
                             cmp r13, r15
                             je L1
                             mov r8d, 0
                             mov r9d, 0
                             mov r12d, 0
                             jmp stub:tailCall
                          L1:
                             leave
                             jmp qword ptr [r10]
  end                     L2:
                             cmp r10, [null element]
                             jne L3
                             call trap:undefined-element
                          L3:
                             call trap:signature-mismatch
;)
