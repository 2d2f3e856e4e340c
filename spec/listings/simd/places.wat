;; Vectors as parameters, locals, and across a call: slots of 16 bytes.
;; run: sum(10) = 190
(module
  (func $add (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1)))
  (func (export "sum") (param i32) (result i32)
    (local $sum v128) (local $step v128)
    (local.set $step (i32x4.splat (i32.const 1)))
    (loop $again
      (local.set $sum (call $add (local.get $sum) (local.get $step)))
      (local.set $step (i32x4.add (local.get $step) (v128.const i32x4 1 2 3 4)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32x4.extract_lane 3 (local.get $sum)))
  (func (export "loop") (param i32) (result i32)
    (local $sum v128) (local $step v128)
    (loop $again
      (local.set $sum (i32x4.add (local.get $sum) (local.get $step)))
      (local.set $step (i32x4.add (local.get $step) (v128.const i32x4 1 2 3 4)))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32x4.extract_lane 3 (local.get $sum))))

(; machine code

add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.add                  vpaddd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

sum:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x30
                             je trap:internal-error
  i32.const 1
  i32x4.splat
  local.set 2                movaps xmm0, [4 x 0x00000001]
  loop                       xorps xmm1, xmm1
                          L1:
  local.get 1
  local.get 2
  call $add                  movups [local 1], xmm1
                             movups [local 2], xmm0
                             mov [local 0], eax
                             movaps xmm15, xmm1
                             movaps xmm1, xmm0
                             movaps xmm0, xmm15
                             call qword ptr [add]
  local.set 1
  local.get 2
  v128.const i32x4 0x00000001 0x00000002 0x00000003 0x00000004
  i32x4.add                  movups xmm1, [local 2]
                             vpaddd xmm2, xmm1, [0x00000001 0x00000002 0x00000003 0x00000004]
  local.set 2
  local.get 0
  i32.const 1
  i32.sub                    mov eax, [local 0]
                             lea ecx, [rax-1]
  local.tee 0
  br_if 0                    test ecx, ecx
                             movaps xmm1, xmm0
                             movaps xmm0, xmm2
                             mov eax, ecx
                             jne L1
  end
  local.get 1
  i32x4.extract_lane 3       pextrd ecx, xmm1, 3
  end                        mov eax, ecx
                             leave
                             ret

loop:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x30
                             je trap:internal-error
  loop                       xorps xmm0, xmm0
                             xorps xmm1, xmm1
                          L1:
  local.get 1
  local.get 2
  i32x4.add                  vpaddd xmm2, xmm0, xmm1
  local.set 1
  local.get 2
  v128.const i32x4 0x00000001 0x00000002 0x00000003 0x00000004
  i32x4.add                  vpaddd xmm0, xmm1, [0x00000001 0x00000002 0x00000003 0x00000004]
  local.set 2
  local.get 0
  i32.const 1
  i32.sub                    lea ecx, [rax-1]
  local.tee 0
  br_if 0                    test ecx, ecx
                             movaps xmm1, xmm0
                             movaps xmm0, xmm2
                             mov eax, ecx
                             jne L1
  end
  local.get 1
  i32x4.extract_lane 3       pextrd ecx, xmm0, 3
  end                        mov eax, ecx
                             leave
                             ret
;)
