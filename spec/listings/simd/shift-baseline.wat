;; Without AVX2 the mask's byte is broadcast by pshufb.
;; cpu: baseline
;; run: left(0x01020304, 9) = 33818120
(module
  (func $i8x16.shl (param v128 i32) (result v128) (i8x16.shl (local.get 0) (local.get 1)))
  (func $i8x16.shr_s (param v128 i32) (result v128) (i8x16.shr_s (local.get 0) (local.get 1)))
  (func $i64x2.shr_s (param v128 i32) (result v128) (i64x2.shr_s (local.get 0) (local.get 1)))
  (func (export "left") (param i32 i32) (result i32) (i32x4.extract_lane 0 (i8x16.shl (i32x4.splat (local.get 0)) (local.get 1)))))

(; machine code

i8x16.shl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i8x16.shl                  mov r11d, eax
                             and r11d, 7
                             movd xmm15, r11d
                             pcmpeqd xmm2, xmm2
                             movaps xmm1, xmm0
                             psllw xmm1, xmm15
                             psllw xmm2, xmm15
                             xorps xmm15, xmm15
                             pshufb xmm2, xmm15
                             pand xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.shr_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i8x16.shr_s                mov r11d, eax
                             and r11d, 7
                             add r11d, 8
                             movd xmm15, r11d
                             movaps xmm2, xmm0
                             punpckhbw xmm2, xmm0
                             movaps xmm1, xmm0
                             punpcklbw xmm1, xmm0
                             psraw xmm2, xmm15
                             psraw xmm1, xmm15
                             packsswb xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.shr_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i64x2.shr_s                mov r11d, eax
                             and r11d, 0x3f
                             movd xmm15, r11d
                             movaps xmm2, [2 x 0x8000000000000000]
                             movaps xmm1, xmm0
                             psrlq xmm1, xmm15
                             psrlq xmm2, xmm15
                             pxor xmm1, xmm2
                             psubq xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

left:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             pshufd xmm0, xmm0, 0
  local.get 1
  i8x16.shl                  mov r11d, edx
                             and r11d, 7
                             movd xmm15, r11d
                             pcmpeqd xmm1, xmm1
                             psllw xmm0, xmm15
                             psllw xmm1, xmm15
                             xorps xmm15, xmm15
                             pshufb xmm1, xmm15
                             pand xmm0, xmm1
  i32x4.extract_lane 0       movd ecx, xmm0
  end                        mov eax, ecx
                             leave
                             ret
;)
