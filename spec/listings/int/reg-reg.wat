;; Two values that nobody needs afterwards: the operation overwrites the lower one.
;; run: add(3, 4) = 0
;; run: sub(3, 4) = 1
;; run: mul(7, -6) = 0
;; run: and(12, 10) = 2
;; run: or(12, 10) = 14
;; run: xor(12, 10) = 6
(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (i32.eqz (local.get 0)) (i32.eqz (local.get 1))))
  (func (export "sub") (param i32 i32) (result i32)
    (i32.sub (i32.clz (local.get 0)) (i32.clz (local.get 1))))
  (func (export "mul") (param i32 i32) (result i32)
    (i32.mul (i32.ctz (local.get 0)) (i32.ctz (local.get 1))))
  (func (export "and") (param i32 i32) (result i32)
    (i32.and (i32.popcnt (local.get 0)) (i32.popcnt (local.get 1))))
  (func (export "or") (param i32 i32) (result i32)
    (i32.or (i32.extend8_s (local.get 0)) (i32.extend16_s (local.get 1))))
  (func (export "xor") (param i32 i32) (result i32)
    (i32.xor (i32.extend8_s (local.get 0)) (i32.extend8_s (local.get 1)))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.eqz                    test eax, eax
  local.get 1                sete cl
                             movzx ecx, cl
  i32.eqz                    test edx, edx
  i32.add                    sete bl
                             movzx ebx, bl
                             add ecx, ebx
  end                        mov eax, ecx
                             leave
                             ret

sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ecx, eax
  local.get 1
  i32.clz                    lzcnt ebx, edx
  i32.sub                    sub ecx, ebx
  end                        mov eax, ecx
                             leave
                             ret

mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.ctz                    tzcnt ecx, eax
  local.get 1
  i32.ctz                    tzcnt ebx, edx
  i32.mul                    imul ecx, ebx
  end                        mov eax, ecx
                             leave
                             ret

and:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.popcnt                 popcnt ecx, eax
  local.get 1
  i32.popcnt                 popcnt ebx, edx
  i32.and                    and ecx, ebx
  end                        mov eax, ecx
                             leave
                             ret

or:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.extend8_s              movsx ecx, al
  local.get 1
  i32.extend16_s             movsx ebx, dx
  i32.or                     or ecx, ebx
  end                        mov eax, ecx
                             leave
                             ret

xor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.extend8_s              movsx ecx, al
  local.get 1
  i32.extend8_s              movsx ebx, dl
  i32.xor                    xor ecx, ebx
  end                        mov eax, ecx
                             leave
                             ret
;)
