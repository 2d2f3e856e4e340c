;; A conditional branch with moves: they come before the jump and change no flags.
;; run: find(3) = 2
;; run: find(30) = 6
(module
  (func (export "find") (param i32) (result i32) (local i32)
    (block (result i32)
      (loop
        (br_if 1 (local.get 1) (i32.gt_u (i32.mul (local.get 1) (local.get 1)) (local.get 0)))
        (drop)
        (local.set 1 (i32.add (local.get 1) (i32.const 1)))
        (br 0))
      (unreachable))))

(; machine code

find:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block (result i32)
  loop                       xor ecx, ecx
                          L1:
  local.get 1
  local.get 1
  local.get 1
  i32.mul                    mov edx, ecx
                             imul edx, ecx
  local.get 0
  i32.gt_u                   cmp edx, eax
  br_if 1                    mov edx, ecx
                             ja L2
  drop
  local.get 1
  i32.const 1
  i32.add                    lea edx, [rcx+1]
  local.set 1
  br 0                       mov ecx, edx
                             jmp L1
  end                     L2:
  end
  end                        mov eax, edx
                             leave
                             ret
;)
