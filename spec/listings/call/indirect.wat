;; One check: outside of the table is a null element, without a branch, and null has no type.
;; functions: call
;; run: call(0, 5) = 10
;; run: call(1, 5) = 25
;; run: call(2, 5) = trap: null function or function signature mismatch
;; run: call(3, 5) = trap: null function or function signature mismatch
;; run: call(9, 5) = trap: table index is out of bounds
;; run: nested(0, 1) = 196
(module
  (type $t (func (param i32) (result i32)))
  (table 4 funcref)
  (elem (i32.const 0) $double $square $other)
  (func $double (type $t) (i32.add (local.get 0) (local.get 0)))
  (func $square (type $t) (i32.mul (local.get 0) (local.get 0)))
  (func $other (result i32) (i32.const 1))
  (func (export "call") (param i32 i32) (result i32)
    (call_indirect (type $t) (local.get 1) (local.get 0)))
  (func (export "nested") (param i32 i32) (result i32)
    (call_indirect (type $t) (call_indirect (type $t) (i32.const 7) (local.get 0)) (local.get 1))))

(; machine code

call:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
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
                             mov [local 1], edx
                             mov [local 0], eax
                             mov eax, edx
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
