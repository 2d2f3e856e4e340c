;; An import is called through its record, which says what r15 and r14 have to be.
;; functions: call constants
;; run: call(5) = 11
;; run: mixed(1, 2n, 3, 4) = 10
;; run: constants() = 7
(module
  (import "host" "inc" (func $inc (param i32) (result i32)))
  (import "host" "mix" (func $mix (param i32 i64 f32 f64) (result f64)))
  (func (export "call") (param i32) (result i32)
    (i32.add (local.get 0) (call $inc (local.get 0))))
  (func (export "mixed") (param i32 i64 f32 f64) (result f64)
    (call $mix (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "constants") (result i32)
    (call $inc (call $inc (i32.const 5)))))

(; machine code

call:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  local.get 0
  call $inc                  mov [local 0], eax
                             mov [saved r15], r15
                             mov r11, [import 0 record]
                             mov r10, [import 0 slot]
                             mov r15, [import 0 context]
                             mov r14, [memory base]
                             call qword ptr [r10]
                             mov r15, [saved r15]
                             mov r14, [memory base]
  i32.add                    mov ecx, [local 0]
                             add eax, ecx
  end                        leave
                             ret

constants:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
                             je trap:internal-error
  i32.const 5
  call $inc                  mov eax, 5
                             mov [saved r15], r15
                             mov r11, [import 0 record]
                             mov r10, [import 0 slot]
                             mov r15, [import 0 context]
                             mov r14, [memory base]
                             call qword ptr [r10]
                             mov r15, [saved r15]
                             mov r14, [memory base]
  call $inc                  mov [saved r15], r15
                             mov r11, [import 0 record]
                             mov r10, [import 0 slot]
                             mov r15, [import 0 context]
                             mov r14, [memory base]
                             call qword ptr [r10]
                             mov r15, [saved r15]
                             mov r14, [memory base]
  end                        leave
                             ret
;)
