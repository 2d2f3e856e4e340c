;; run: isNull(0) = 0
;; run: isNull(1) = 1
;; run: isNull(9) = trap: table index is out of bounds
;; run: clear(0) = nothing
;; run: isNull(0) = 1
;; run: put(1) = nothing
;; run: call(1) = 42
;; run: put(4) = trap: table index is out of bounds
(module
  (type $t (func (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $f)
  (func $f (result i32) (i32.const 42))
  (func (export "isNull") (param i32) (result i32) (ref.is_null (table.get 0 (local.get 0))))
  (func (export "clear") (param i32) (table.set 0 (local.get 0) (ref.null func)))
  (func (export "put") (param i32) (table.set 0 (local.get 0) (ref.func $f)))
  (func (export "call") (param i32) (result i32) (call_indirect (type $t) (local.get 0))))

(; machine code

f:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 42
  end                        mov eax, 0x2a
                             leave
                             ret

isNull:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  table.get 0                mov ecx, eax
                             cmp rcx, [table 0 length]
                             jae L1
                             sbb r11, r11
                             and rcx, r11
                             shl rcx, 5
                             add rcx, [table 0]
                             mov rcx, [rcx+0x18]
  ref.is_null                test rcx, rcx
  end                        sete cl
                             movzx ecx, cl
                             mov eax, ecx
                             leave
                             ret
                          L1:
                             call trap:table-out-of-bounds

clear:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  ref.null func
  table.set 0                xor ecx, ecx
                             mov edx, eax
                             cmp rdx, [table 0 length]
                             jae L2
                             sbb r11, r11
                             and rdx, r11
                             shl rdx, 5
                             add rdx, [table 0]
                             xorps xmm15, xmm15
                             xor r11d, r11d
                             test rcx, rcx
                             je L1
                             movups xmm15, [rcx]
                             mov r11, [rcx+0x10]
                          L1:
                             mov dword ptr [rdx+0x10], 0
                             movups [rdx], xmm15
                             mov [rdx+0x18], rcx
                             mov [rdx+0x10], r11
                             xor edx, edx
  end                        leave
                             ret
                          L2:
                             call trap:table-out-of-bounds

put:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  ref.func $f                lea rcx, [record 4]
  table.set 0                mov edx, eax
                             cmp rdx, [table 0 length]
                             jae L2
                             sbb r11, r11
                             and rdx, r11
                             shl rdx, 5
                             add rdx, [table 0]
                             xorps xmm15, xmm15
                             xor r11d, r11d
                             test rcx, rcx
                             je L1
                             movups xmm15, [rcx]
                             mov r11, [rcx+0x10]
                          L1:
                             mov dword ptr [rdx+0x10], 0
                             movups [rdx], xmm15
                             mov [rdx+0x18], rcx
                             mov [rdx+0x10], r11
                             xor edx, edx
  end                        leave
                             ret
                          L2:
                             call trap:table-out-of-bounds

call:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  call_indirect (type 0)     mov r10d, eax
                             mov r11d, r10d
                             shl r10, 5
                             add r10, [table 0]
                             cmp r11, [table 0 length]
                             cmovae r10, [null element]
                             mov r11d, [type id 0]
                             cmp r11d, [r10+0x10]
                             jne L1
                             mov [local 0], eax
                             mov [saved r15], r15
                             mov r11, [r10+0x18]
                             mov r15, [r10+8]
                             mov r10, [r10]
                             mov r14, [memory base]
                             call qword ptr [r10]
                             mov r15, [saved r15]
                             mov r14, [memory base]
  end                        leave
                             ret
                          L1:
                             cmp r10, [null element]
                             jne L2
                             call trap:undefined-element
                          L2:
                             call trap:signature-mismatch
;)
