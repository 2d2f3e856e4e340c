;; run: size() = 4
;; run: grow(2) = 4
;; run: size() = 6
;; run: fill(2, 2) = nothing
;; run: call(3) = 42
;; run: init(0, 0, 2) = nothing
;; run: call(1) = 43
;; run: copy(4, 1, 1) = nothing
;; run: call(4) = 43
;; run: drop() = nothing
;; run: init(0, 0, 0) = nothing
;; run: fill(5, 5) = trap: table index is out of bounds
;; run: grow(100) = -1
(module
  (type $t (func (result i32)))
  (table 4 10 funcref)
  (elem $e func $f $g)
  (func $f (result i32) (i32.const 42))
  (func $g (result i32) (i32.const 43))
  (func (export "size") (result i32) (table.size 0))
  (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.null func) (local.get 0)))
  (func (export "fill") (param i32 i32) (table.fill 0 (local.get 0) (ref.func $f) (local.get 1)))
  (func (export "init") (param i32 i32 i32) (table.init $e (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (table.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (elem.drop $e))
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

g:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 43
  end                        mov eax, 0x2b
                             leave
                             ret

size:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  table.size 0               mov eax, [table 0 length]
  end                        leave
                             ret

grow:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  ref.null func
  local.get 0
  table.grow 0               mov [local 0], eax
                             mov edx, eax
                             mov ecx, 0x60
                             xor eax, eax
                             call stub:tableGrow
  end                        leave
                             ret

fill:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  ref.func $f                lea rcx, [record 7]
  local.get 1
  table.fill 0               mov [local 1], edx
                             mov [local 0], eax
                             mov r11, rdx
                             mov rdx, rcx
                             mov rcx, r11
                             mov ebx, 0x60
                             call stub:functionsFill
  end                        leave
                             ret

init:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  table.init 0               mov [local 1], edx
                             mov [local 2], ecx
                             mov [local 0], eax
                             mov esi, 0x1b0
                             mov ebx, 0x60
                             call stub:functionsInit
  end                        leave
                             ret

copy:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  table.copy 0 0             mov [local 1], edx
                             mov [local 2], ecx
                             mov [local 0], eax
                             mov esi, 0x60
                             mov ebx, 0x60
                             call stub:functionsCopy
  end                        leave
                             ret

drop:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  elem.drop 0                mov qword ptr [elem 0 length], 0
  end                        leave
                             ret

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
