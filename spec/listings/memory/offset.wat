;; The offset is the displacement; a constant address is added to it.
;; run: constant() = 67305985
;; run: folded() = 134678021
;; run: offset(4) = 134678021
;; run: far(0) = trap: memory access out of bounds
;; run: beyond() = trap: memory access out of bounds
(module (memory 1) (data (i32.const 16) "\01\02\03\04\05\06\07\08")
  (func (export "constant") (result i32) (i32.load (i32.const 16)))
  (func (export "folded") (result i32) (i32.load offset=4 (i32.const 16)))
  (func (export "offset") (param i32) (result i32) (i32.load offset=16 (local.get 0)))
  (func (export "far") (param i32) (result i32) (i32.load offset=0x7fffffff (local.get 0)))
  (func (export "beyond") (result i32) (i32.load offset=4 (i32.const -4))))

(; machine code

constant:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 16
  i32.load                   mov eax, [r14+0x10]
  end                        leave
                             ret

folded:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 16
  i32.load offset=4          mov eax, [r14+0x14]
  end                        leave
                             ret

offset:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load offset=16         mov ecx, [r14+rax+0x10]
  end                        mov eax, ecx
                             leave
                             ret

far:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.load offset=2147483647
                             mov ecx, [r14+rax+0x7fffffff]
  end                        mov eax, ecx
                             leave
                             ret

beyond:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const -4
  i32.load offset=4          mov eax, -4
                             mov eax, [r14+rax+4]
  end                        leave
                             ret
;)
