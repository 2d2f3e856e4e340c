;; More than four results travel through slots and the type's marshalling code.
;; functions: five use
;; run: five(1) = [1, 2, 3, 4, 5]
;; run: use(1) = 3
;; run: mixed(1) = [1, 1.5, 2n, 3.5, 4, 5n, 6.5, 7, 8, 9, 10]
(module
  (func $five (export "five") (param i32) (result i32 i32 i32 i32 i32)
    (local.get 0) (i32.const 2) (i32.const 3) (i32.const 4) (i32.add (local.get 0) (i32.const 4)))
  (func (export "use") (param i32) (result i32)
    (call $five (local.get 0))
    (i32.sub) (i32.sub) (i32.sub) (i32.sub))
  (func (export "mixed") (param i32) (result i32 f64 i64 f32 i32 i64 f64 i32 i32 i32 i32)
    (local.get 0) (f64.const 1.5) (i64.const 2) (f32.const 3.5) (i32.const 4) (i64.const 5) (f64.const 6.5)
    (i32.const 7) (i32.const 8) (i32.const 9) (i32.const 10)))

(; machine code

five:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
                             je trap:internal-error
  local.get 0
  i32.const 2
  i32.const 3
  i32.const 4
  local.get 0
  i32.const 4
  i32.add                    lea ecx, [rax+4]
  end                        mov [slot 0], eax
                             mov dword ptr [slot 1], 2
                             mov dword ptr [slot 2], 3
                             mov dword ptr [slot 3], 4
                             mov [slot 4], ecx
                             lea r11, [local 0]
                             jmp marshal

use:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
                             je trap:internal-error
  local.get 0
  call $five                 mov [local 0], eax
                             call qword ptr [five]
                             jmp L2
                          L1:
                             mov [r11-8], eax
                             mov [r11-0x10], edx
                             mov [r11-0x18], ecx
                             mov [r11-0x20], ebx
                             mov [r11-0x28], esi
                             ret
                          L2:
                             lea r11, [local 0]
                             call L1
  i32.sub                    mov eax, [slot 3]
                             sub eax, [slot 4]
  i32.sub                    mov ecx, [slot 2]
                             sub ecx, eax
  i32.sub                    mov eax, [slot 1]
                             sub eax, ecx
  i32.sub                    mov ecx, [slot 0]
                             sub ecx, eax
  end                        mov eax, ecx
                             leave
                             ret
;)
