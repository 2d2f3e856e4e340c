;; try_table: the clauses stand behind the block, each is a branch through memory.
;; assembler: binaryen
;; functions: table again
(module
  (tag $a (param i32))
  (func $throws (param i32)
    (throw $a (local.get 0)))
  (func $table (export "table") (param i32) (result i32)
    (block $all
      (return
        (block $one (result i32)
          (try_table (result i32) (catch $a $one) (catch_all $all)
            (call $throws (local.get 0))
            (i32.const 1)))))
    (i32.const 2))
  (func $again (export "again") (param i32)
    (throw_ref
      (block $any (result exnref)
        (try_table (catch_all_ref $any)
          (call $throws (local.get 0)))
        (unreachable)))))

(; machine code

table:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block
  block (result i32)
  try_table (result i32) (catch 0 0) (catch_all 1)
                             mov [saved r15], r15
  local.get 0
  call 0                     mov [local 0], eax
                             call qword ptr [function 0]
  i32.const 1
  end                        mov eax, 1
                             jmp L2
                             cmp edx, [tag 0]
                             jne L1
                             mov ecx, [rsp]
                             lea rsp, [slot 0]
                             mov [slot 0], ecx
                             jmp L3
                          L1:
                             lea rsp, [slot 0]
                             jmp L5
  end                     L2:
                             jmp L4
                          L3:
                             mov eax, [slot 0]
  return                  L4:
                             leave
                             ret
  end                     L5:
  i32.const 2
  end                        mov eax, 2
                             leave
                             ret

again:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  block (result exnref)
  try_table (catch_all_ref 0)
                             mov [saved r15], r15
  local.get 0
  call 0                     mov [local 0], eax
                             call qword ptr [function 0]
  end                        jmp L1
                             lea rsp, [slot 0]
                             mov [slot 0], rax
                             jmp L2
  unreachable             L1:
                             call trap:unreachable
  end                     L2:
                             mov rax, [slot 0]
  throw_ref                  test rax, rax
                             je L3
                             call stub:throwRef
                             ud2
  end                     L3:
                             call trap:null-reference
;)
