;; run: value(0) = 20
;; run: value(1) = 10
;; run: early(5) = 25
;; run: early(50) = 0
;; run: keep(3) = 30
(module
  (func (export "value") (param i32) (result i32)
    (block (result i32)
      (br_if 0 (i32.const 10) (local.get 0))
      (drop)
      (i32.const 20)))
  (func (export "early") (param i32) (result i32)
    (block (result i32)
      (if (i32.gt_u (local.get 0) (i32.const 9)) (then (br 1 (i32.const 0))))
      (i32.mul (local.get 0) (local.get 0))))
  (func (export "keep") (param i32) (result i32)
    (i32.clz (local.get 0))
    (block (result i32) (i32.ctz (local.get 0)))
    (i32.add)))

(; machine code

value:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block (result i32)
  i32.const 10
  local.get 0
  br_if 0                    test eax, eax
                             mov ecx, 0xa
                             jne L1
  drop
  i32.const 20
  end                        mov ecx, 0x14
  end                     L1:
                             mov eax, ecx
                             leave
                             ret

early:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block (result i32)
  local.get 0
  i32.const 9
  i32.gt_u                   cmp eax, 9
  if                         jbe L1
  i32.const 0
  br 1                       xor ecx, ecx
                             jmp L2
  end                     L1:
  local.get 0
  local.get 0
  i32.mul                    mov ecx, eax
                             imul ecx, eax
  end                     L2:
  end                        mov eax, ecx
                             leave
                             ret

keep:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32.clz                    lzcnt ecx, eax
  block (result i32)         mov [slot 0], ecx
  local.get 0
  i32.ctz                    tzcnt ecx, eax
  end
  i32.add                    mov edx, [slot 0]
                             add edx, ecx
  end                        mov eax, edx
                             leave
                             ret
;)
