;; fill, copy and init call the stubs; a dropped segment has length 0.
;; run: fill(0, 7, 16) = nothing
;; run: copy(32, 0, 8) = nothing
;; run: init(48, 0, 4) = nothing
;; run: load(32) = 506381209866536711n
;; run: load(48) = 1684234849n
;; run: drop() = nothing
;; run: init(48, 0, 4) = trap: memory access out of bounds
;; run: init(48, 0, 0) = nothing
;; run: fill(65535, 1, 2) = trap: memory access out of bounds
(module (memory 1) (data "abcd")
  (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init 0 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop 0)))

(; machine code

load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64.load                   mov rcx, [r14+rax]
  end                        mov rax, rcx
                             leave
                             ret

fill:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  memory.fill                mov [local 1], edx
                             mov [local 2], ecx
                             mov [local 0], eax
                             call stub:memoryFill
  end                        leave
                             ret

copy:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  memory.copy                mov [local 1], edx
                             mov [local 2], ecx
                             mov [local 0], eax
                             call stub:memoryCopy
  end                        leave
                             ret

init:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  local.get 1
  local.get 2
  memory.init 0              mov [local 1], edx
                             mov [local 2], ecx
                             mov [local 0], eax
                             mov ebx, 0x110
                             call stub:memoryInit
  end                        leave
                             ret

drop:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  data.drop 0                mov qword ptr [data 0 length], 0
  end                        leave
                             ret
;)
