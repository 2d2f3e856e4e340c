;; A branch that leaves: the other one goes on with its registers.
;; run: early(0) = -1
;; run: early(5) = 6
;; run: deep(1) = 3
;; run: deep(0) = trap: unreachable
(module
  (func (export "early") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const -1))))
    (i32.add (local.get 0) (i32.const 1)))
  (func (export "deep") (param i32) (result i32)
    (block $out
      (if (local.get 0) (then (br $out)) (else (unreachable)))
    )
    (i32.const 3)))

(; machine code

early:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.eqz                    test eax, eax
  if                         jne L1
  i32.const -1
  return                     mov eax, -1
                             leave
                             ret
  end                     L1:
  local.get 0
  i32.const 1
  i32.add                    lea ecx, [rax+1]
  end                        mov eax, ecx
                             leave
                             ret

deep:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block
  local.get 0
  if                         test eax, eax
                             je L1
  br 1                       jmp L2
  else                    L1:
  unreachable                call trap:unreachable
  end                     L2:
  end
  i32.const 3
  end                        mov eax, 3
                             leave
                             ret
;)
