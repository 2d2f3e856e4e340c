;; Up to four results of a block are in registers, more in slots.
;; run: two(3) = 4
;; run: five(0) = 48
;; run: five(1) = 3
(module
  (func (export "two") (param i32) (result i32)
    (block (result i32 f64)
      (br_if 0 (local.get 0) (f64.const 1.5) (local.get 0))
      (drop) (drop)
      (i32.const 7) (f64.const 2.5))
    (i32.trunc_f64_s)
    (i32.add))
  (func (export "five") (param i32) (result i32)
    (block (result i32 i32 i32 i32 i32)
      (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
      (br_if 0 (local.get 0))
      (drop)
      (i32.const 50))
    (i32.sub) (i32.sub) (i32.sub) (i32.sub)))

(; machine code

two:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  block (type 1)
  local.get 0
  f64.const 1.5
  local.get 0
  br_if 0                    test eax, eax
                             mov ecx, eax
                             mov r11, 0x3ff8000000000000
                             movq xmm0, r11
                             jne L1
  drop
  drop
  i32.const 7
  f64.const 2.5
  end                        mov r11, 0x4004000000000000
                             movq xmm0, r11
                             mov ecx, 7
  i32.trunc_f64_s         L1:
                             cvttsd2si edx, xmm0
                             cmp edx, 1
                             jno L4
                             ucomisd xmm0, xmm0
                             jnp L2
                             call trap:invalid-conversion
                          L2:
                             mov r11, -0x3e1fffffffe00000
                             movq xmm15, r11
                             ucomisd xmm0, xmm15
                             ja L3
                             call trap:integer-overflow
                          L3:
                             xorps xmm15, xmm15
                             ucomisd xmm15, xmm0
                             ja L4
                             call trap:integer-overflow
  i32.add                 L4:
                             add ecx, edx
  end                        mov eax, ecx
                             leave
                             ret

five:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
                             je trap:internal-error
  block (type 2)
  i32.const 1
  i32.const 2
  i32.const 3
  i32.const 4
  i32.const 5
  local.get 0
  br_if 0                    test eax, eax
                             mov dword ptr [slot 0], 1
                             mov dword ptr [slot 1], 2
                             mov dword ptr [slot 2], 3
                             mov dword ptr [slot 3], 4
                             mov dword ptr [slot 4], 5
                             jne L1
  drop
  i32.const 50
  end                        mov dword ptr [slot 4], 0x32
  i32.sub                 L1:
                             mov ecx, [slot 3]
                             sub ecx, [slot 4]
  i32.sub                    mov edx, [slot 2]
                             sub edx, ecx
  i32.sub                    mov ecx, [slot 1]
                             sub ecx, edx
  i32.sub                    mov edx, [slot 0]
                             sub edx, ecx
  end                        mov eax, edx
                             leave
                             ret
;)
