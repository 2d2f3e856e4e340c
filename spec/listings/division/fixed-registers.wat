;; rax and rdx are the processor's choice: what is there moves, also if it is the divisor.
;; run: divisorInRdx(100, 1, 7) = 21
;; run: divisorInRax(7, 100) = 9
;; run: self(5) = 1
;; run: busy(100, 7, 3) = 98
(module
  (func (export "divisorInRdx") (param i32 i32 i32) (result i32)
    (i32.add (i32.div_u (local.get 0) (local.get 2)) (local.get 2)))
  (func (export "divisorInRax") (param i32 i32) (result i32)
    (i32.add (i32.rem_u (local.get 1) (local.get 0)) (local.get 0)))
  (func (export "self") (param i32) (result i32)
    (i32.div_s (local.get 0) (local.get 0)))
  (func (export "busy") (param i32 i32 i32) (result i32)
    (i32.clz (local.get 0))
    (i32.clz (local.get 1))
    (i32.clz (local.get 2))
    (i32.div_u (local.get 0) (local.get 1))
    (i32.add) (i32.add) (i32.add)))

(; machine code

divisorInRdx:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 2
  i32.div_u                  mov ebx, eax
                             mov esi, edx
                             xor edx, edx
                             div ecx
  local.get 2
  i32.add                    add eax, ecx
  end                        leave
                             ret

divisorInRax:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 1
  local.get 0
  i32.rem_u                  mov r11d, eax
                             mov ecx, eax
                             mov eax, edx
                             mov ebx, edx
                             xor edx, edx
                             div r11d
  local.get 0
  i32.add                    add edx, ecx
  end                        mov eax, edx
                             leave
                             ret

self:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  i32.div_s                  mov r11d, eax
                             mov ecx, eax
                             cdq
                             idiv r11d
  end                        leave
                             ret

busy:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ebx, eax
  local.get 1
  i32.clz                    lzcnt esi, edx
  local.get 2
  i32.clz                    lzcnt edi, ecx
  local.get 0
  local.get 1
  i32.div_u                  mov r11d, edx
                             mov r8d, eax
                             mov r9d, edx
                             xor edx, edx
                             div r11d
  i32.add                    add edi, eax
  i32.add                    add esi, edi
  i32.add                    add ebx, esi
  end                        mov eax, ebx
                             leave
                             ret
;)
