;; Lightbeam's example: fib(n) = n < 2 ? 1 : fib(n-1) + fib(n-2) as rustc compiles it, one of the two recursive calls a loop.
;; The locals stay in registers across the back edge, as far as the call lets them.
;; run: fib(0) = 1
;; run: fib(1) = 1
;; run: fib(2) = 2
;; run: fib(20) = 10946
(module
  (func $fib (export "fib") (param i32) (result i32)
    (local i32)
    i32.const 1
    local.set 1
    block
      local.get 0
      i32.const 2
      i32.lt_u
      br_if 0
      i32.const 0
      local.set 1
      loop
        local.get 0
        i32.const -1
        i32.add
        call $fib
        local.get 1
        i32.add
        local.set 1
        local.get 0
        i32.const -2
        i32.add
        local.tee 0
        i32.const 1
        i32.gt_u
        br_if 0
      end
      local.get 1
      i32.const 1
      i32.add
      local.set 1
    end
    local.get 1))

(; machine code

fib:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  i32.const 1
  local.set 1                mov ecx, 1
  block
  local.get 0
  i32.const 2
  i32.lt_u                   cmp eax, 2
  br_if 0                    jb L2
  i32.const 0
  local.set 1                xor ecx, ecx
  loop                    L1:
  local.get 0
  i32.const -1
  i32.add                    lea edx, [rax-1]
  call $fib                  mov [local 1], ecx
                             mov [local 0], eax
                             mov eax, edx
                             call qword ptr [fib]
  local.get 1
  i32.add                    mov ecx, [local 1]
                             add eax, ecx
  local.set 1
  local.get 0
  i32.const -2
  i32.add                    mov ecx, [local 0]
                             lea edx, [rcx-2]
  local.tee 0
  i32.const 1
  i32.gt_u                   cmp edx, 1
  br_if 0                    mov ecx, eax
                             mov eax, edx
                             ja L1
  end
  local.get 1
  i32.const 1
  i32.add                    lea edx, [rcx+1]
  local.set 1
  end                        mov ecx, edx
  local.get 1
  end                     L2:
                             mov eax, ecx
                             leave
                             ret
;)
