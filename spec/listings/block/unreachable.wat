;; run: trap() = trap: unreachable
;; run: dead() = 6
(module
  (func (export "trap") (unreachable))
  (func (export "dead") (result i32)
    (block (result i32) (br 0 (i32.const 5)) (i32.add (i32.const 1)) (drop) (unreachable))
    (i32.const 1)
    (i32.add)))

(; machine code

trap:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  unreachable                call trap:unreachable
  end

dead:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  block (result i32)
  i32.const 5
  br 0                       mov eax, 5
                             jmp L1
  end                     L1:
  i32.const 1
  i32.add                    add eax, 1
  end                        leave
                             ret
;)
