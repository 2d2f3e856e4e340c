;; Constants are immediates; of a shared operand, lea.
;; run: add(3) = 8
;; run: sub(3) = -997
;; run: subMin(3) = -2147483645
;; run: and(-1) = 255
;; run: mul(7) = 70
;; run: mulPower(7) = 448
;; run: owned(7) = 23
(module
  (func (export "add") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 5)))
  (func (export "sub") (param i32) (result i32)
    (i32.sub (local.get 0) (i32.const 1000)))
  (func (export "subMin") (param i32) (result i32)
    (i32.sub (local.get 0) (i32.const 0x80000000)))
  (func (export "and") (param i32) (result i32)
    (i32.and (local.get 0) (i32.const 0xff)))
  (func (export "mul") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 10)))
  (func (export "mulPower") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 64)))
  (func (export "owned") (param i32) (result i32)
    (i32.or (i32.sub (i32.xor (i32.clz (local.get 0)) (i32.const 3)) (i32.const 7)) (i32.const 1))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 5
  i32.add                    lea ecx, [rax+5]
  end                        mov eax, ecx
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 1000
  i32.sub                    lea ecx, [rax-0x3e8]
  end                        mov eax, ecx
                             leave
                             ret

subMin:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const -2147483648
  i32.sub                    mov ecx, eax
                             sub ecx, -0x80000000
  end                        mov eax, ecx
                             leave
                             ret

and:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 255
  i32.and                    mov ecx, eax
                             and ecx, 0xff
  end                        mov eax, ecx
                             leave
                             ret

mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 10
  i32.mul                    imul ecx, eax, 0xa
  end                        mov eax, ecx
                             leave
                             ret

mulPower:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 64
  i32.mul                    mov ecx, eax
                             shl ecx, 6
  end                        mov eax, ecx
                             leave
                             ret

owned:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ecx, eax
  i32.const 3
  i32.xor                    xor ecx, 3
  i32.const 7
  i32.sub                    sub ecx, 7
  i32.const 1
  i32.or                     or ecx, 1
  end                        mov eax, ecx
                             leave
                             ret
;)
