;; Own globals are in the instance context.
;; run: get() = 3
;; run: add(5) = nothing
;; run: get() = 8
;; run: wide(7n) = -3n
;; run: real(1.5) = 6.5
(module
  (global $a (mut i32) (i32.const 3))
  (global $b (mut i64) (i64.const 4))
  (global $c (mut f64) (f64.const 5))
  (func (export "get") (result i32) (global.get $a))
  (func (export "add") (param i32) (global.set $a (i32.add (global.get $a) (local.get 0))))
  (func (export "wide") (param i64) (result i64)
    (global.get $b) (global.set $b (local.get 0)) (i64.sub (global.get $b)))
  (func (export "real") (param f64) (result f64)
    (global.set $c (f64.add (global.get $c) (local.get 0))) (global.get $c)))

(; machine code

get:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  global.get 0               mov eax, [global 0]
  end                        leave
                             ret

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  global.get 0               mov ecx, [global 0]
  local.get 0
  i32.add                    add ecx, eax
  global.set 0               mov [global 0], ecx
  end                        leave
                             ret

wide:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  global.get 1               mov rcx, [global 1]
  local.get 0
  global.set 1               mov [global 1], rax
  global.get 1               mov rdx, [global 1]
  i64.sub                    sub rcx, rdx
  end                        mov rax, rcx
                             leave
                             ret

real:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  global.get 2               movsd xmm1, [global 2]
  local.get 0
  f64.add                    addsd xmm1, xmm0
  global.set 2               movsd [global 2], xmm1
  global.get 2               movsd xmm1, [global 2]
  end                        movaps xmm0, xmm1
                             leave
                             ret
;)
