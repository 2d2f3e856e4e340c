;; The legacy encoding. The block begins with one store; each call in it has the block's handler in the code map.
;; functions: first nested all delegated
;; run: first(5) = 13
;; run: nested(5) = 5
;; run: all(5) = 5
;; run: delegated(5) = 5
(module
  (tag $a (param i32))
  (tag $b (param i32 f64))
  (func $throws (param i32)
    (throw $a (local.get 0)))
  (func (export "first") (param i32) (result i32)
    (local $x i32)
    (i32.add
      (local.get 0)
      (try (result i32)
        (do
          (local.set $x (i32.const 3))
          (call $throws (local.get 0))
          (i32.const 1))
        (catch $a
          (i32.add (local.get $x))))))
  (func (export "nested") (param i32) (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do
            (call $throws (local.get 0))
            (i32.const 1))
          (catch $b
            (drop))))
      (catch $a)))
  (func (export "all") (param i32) (result i32)
    (try (result i32)
      (do
        (try (result i32)
          (do
            (call $throws (local.get 0))
            (i32.const 1))
          (catch_all
            (rethrow 0))))
      (catch $a)))
  (func (export "delegated") (param i32) (result i32)
    (try $outer (result i32)
      (do
        (try (result i32)
          (do
            (call $throws (local.get 0))
            (i32.const 1))
          (delegate $outer)))
      (catch $a))))

(; machine code

first:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 0
  try (result i32)           mov [slot 0], eax
                             mov qword ptr [local 1], 0
                             mov [saved r15], r15
  i32.const 3
  local.set 1                mov ecx, 3
  local.get 0
  call $throws               mov [local 1], ecx
                             mov [local 0], eax
                             call qword ptr [throws]
  i32.const 1
  catch 0                    mov eax, 1
                             jmp L2
                             cmp edx, [tag 0]
                             jne L1
                             mov [slot 1], rax
                             mov ecx, [rsp]
                             lea rsp, [slot 1]
  local.get 1
  i32.add                    mov eax, [local 1]
                             add ecx, eax
  end                        mov eax, ecx
                             jmp L2
                          L1:
                             lea rsp, [slot 1]
                             call stub:throwRef
                             ud2
  i32.add                 L2:
                             mov ecx, [slot 0]
                             add ecx, eax
  end                        mov eax, ecx
                             leave
                             ret

nested:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  try (result i32)           mov [saved r15], r15
  try (result i32)
  local.get 0
  call $throws               mov [local 0], eax
                             call qword ptr [throws]
  i32.const 1
  catch 1                    mov eax, 1
                             jmp L2
                             cmp edx, [tag 1]
                             jne L1
                             mov [slot 0], rax
                             mov ecx, [rsp+8]
                             movsd xmm0, [rsp]
                             lea rsp, [slot 0]
  drop
  end                        mov eax, ecx
                             jmp L2
                          L1:
                             lea rsp, [slot 0]
                             call stub:throwRef
                             ud2
  catch 0                 L2:
                             jmp L4
                             cmp edx, [tag 0]
                             jne L3
                             mov [slot 0], rax
                             mov ecx, [rsp]
                             lea rsp, [slot 0]
  end                        mov eax, ecx
                             jmp L4
                          L3:
                             lea rsp, [slot 0]
                             call stub:throwRef
                             ud2
  end                     L4:
                             leave
                             ret

all:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  try (result i32)           mov [saved r15], r15
  try (result i32)
  local.get 0
  call $throws               mov [local 0], eax
                             call qword ptr [throws]
  i32.const 1
  catch_all                  mov eax, 1
                             jmp L1
                             mov [slot 0], rax
                             lea rsp, [slot 0]
  rethrow 0                  mov rax, [slot 0]
                             call stub:throwRef
                             ud2
  end                     L1:
  catch 0                    jmp L3
                             cmp edx, [tag 0]
                             jne L2
                             mov [slot 0], rax
                             mov ecx, [rsp]
                             lea rsp, [slot 0]
  end                        mov eax, ecx
                             jmp L3
                          L2:
                             lea rsp, [slot 0]
                             call stub:throwRef
                             ud2
  end                     L3:
                             leave
                             ret

delegated:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  try (result i32)           mov [saved r15], r15
  try (result i32)
  local.get 0
  call $throws               mov [local 0], eax
                             call qword ptr [throws]
  i32.const 1
  delegate 0                 mov eax, 1
                             jmp L1
  catch 0                 L1:
                             jmp L3
                             cmp edx, [tag 0]
                             jne L2
                             mov [slot 0], rax
                             mov ecx, [rsp]
                             lea rsp, [slot 0]
  end                        mov eax, ecx
                             jmp L3
                          L2:
                             lea rsp, [slot 0]
                             call stub:throwRef
                             ud2
  end                     L3:
                             leave
                             ret
;)
