;; An imported mutable global is behind a pointer, an immutable one is a copy.
;; run: counter() = 6
;; run: counter() = 7
;; run: wide(3n) = 15n
;; run: real() = 6.25
;; run: fixed() = 7
(module
  (import "host" "counter" (global $counter (mut i32)))
  (import "host" "wide" (global $wide (mut i64)))
  (import "host" "real" (global $real (mut f64)))
  (import "host" "fixed" (global $fixed i32))
  (func (export "counter") (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (global.get $counter))
  (func (export "wide") (param i64) (result i64)
    (global.set $wide (i64.mul (global.get $wide) (local.get 0))) (global.get $wide))
  (func (export "real") (result f64) (f64.mul (global.get $real) (global.get $real)))
  (func (export "fixed") (result i32) (global.get $fixed)))

(; machine code

counter:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  global.get 0               mov r11, [global 0]
                             mov eax, [r11]
  i32.const 1
  i32.add                    add eax, 1
  global.set 0               mov r11, [global 0]
                             mov [r11], eax
  global.get 0               mov r11, [global 0]
                             mov eax, [r11]
  end                        leave
                             ret

wide:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  global.get 1               mov r11, [global 1]
                             mov rcx, [r11]
  local.get 0
  i64.mul                    imul rcx, rax
  global.set 1               mov r11, [global 1]
                             mov [r11], rcx
  global.get 1               mov r11, [global 1]
                             mov rcx, [r11]
  end                        mov rax, rcx
                             leave
                             ret

real:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  global.get 2               mov r11, [global 2]
                             movsd xmm0, [r11]
  global.get 2               mov r11, [global 2]
                             movsd xmm1, [r11]
  f64.mul                    mulsd xmm0, xmm1
  end                        leave
                             ret

fixed:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  global.get 3               mov eax, [global 3]
  end                        leave
                             ret
;)
