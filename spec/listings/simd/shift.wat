;; Counts are taken modulo the lanes' width. Bytes and the signed shift of 64-bit lanes need several instructions.
;; run: left(0x01020304, 9) = 33818120
;; run: right(-2n, 65) = -1n
;; run: bytes(0x80402010, 3) = -267910142
(module
  (func $i8x16.shl (param v128 i32) (result v128) (i8x16.shl (local.get 0) (local.get 1)))
  (func $i8x16.shr_s (param v128 i32) (result v128) (i8x16.shr_s (local.get 0) (local.get 1)))
  (func $i8x16.shr_u (param v128 i32) (result v128) (i8x16.shr_u (local.get 0) (local.get 1)))
  (func $i16x8.shl (param v128 i32) (result v128) (i16x8.shl (local.get 0) (local.get 1)))
  (func $i16x8.shr_s (param v128 i32) (result v128) (i16x8.shr_s (local.get 0) (local.get 1)))
  (func $i16x8.shr_u (param v128 i32) (result v128) (i16x8.shr_u (local.get 0) (local.get 1)))
  (func $i32x4.shl (param v128 i32) (result v128) (i32x4.shl (local.get 0) (local.get 1)))
  (func $i32x4.shr_s (param v128 i32) (result v128) (i32x4.shr_s (local.get 0) (local.get 1)))
  (func $i32x4.shr_u (param v128 i32) (result v128) (i32x4.shr_u (local.get 0) (local.get 1)))
  (func $i64x2.shl (param v128 i32) (result v128) (i64x2.shl (local.get 0) (local.get 1)))
  (func $i64x2.shr_s (param v128 i32) (result v128) (i64x2.shr_s (local.get 0) (local.get 1)))
  (func $i64x2.shr_u (param v128 i32) (result v128) (i64x2.shr_u (local.get 0) (local.get 1)))
  (func (export "left") (param i32 i32) (result i32) (i32x4.extract_lane 0 (i8x16.shl (i32x4.splat (local.get 0)) (local.get 1))))
  (func (export "right") (param i64 i32) (result i64) (i64x2.extract_lane 0 (i64x2.shr_s (i64x2.splat (local.get 0)) (local.get 1))))
  (func (export "bytes") (param i32 i32) (result i32) (i32x4.extract_lane 0 (i8x16.shr_s (i32x4.splat (local.get 0)) (local.get 1)))))

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
                             vpsllw xmm1, xmm0, xmm15
                             vpsllw xmm2, xmm2, xmm15
                             vpbroadcastb xmm2, xmm2
                             vpand xmm1, xmm1, xmm2
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
                             vpunpckhbw xmm2, xmm0, xmm0
                             vpunpcklbw xmm1, xmm0, xmm0
                             vpsraw xmm2, xmm2, xmm15
                             vpsraw xmm1, xmm1, xmm15
                             vpacksswb xmm1, xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.shr_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i8x16.shr_u                mov r11d, eax
                             and r11d, 7
                             movd xmm15, r11d
                             pcmpeqd xmm2, xmm2
                             vpsrlw xmm1, xmm0, xmm15
                             vpsrlw xmm2, xmm2, xmm15
                             vpsrlw xmm2, xmm2, 8
                             vpbroadcastb xmm2, xmm2
                             vpand xmm1, xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.shl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i16x8.shl                  mov r11d, eax
                             and r11d, 0xf
                             movd xmm15, r11d
                             vpsllw xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.shr_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i16x8.shr_s                mov r11d, eax
                             and r11d, 0xf
                             movd xmm15, r11d
                             vpsraw xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.shr_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i16x8.shr_u                mov r11d, eax
                             and r11d, 0xf
                             movd xmm15, r11d
                             vpsrlw xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.shl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i32x4.shl                  mov r11d, eax
                             and r11d, 0x1f
                             movd xmm15, r11d
                             vpslld xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.shr_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i32x4.shr_s                mov r11d, eax
                             and r11d, 0x1f
                             movd xmm15, r11d
                             vpsrad xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.shr_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i32x4.shr_u                mov r11d, eax
                             and r11d, 0x1f
                             movd xmm15, r11d
                             vpsrld xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.shl:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i64x2.shl                  mov r11d, eax
                             and r11d, 0x3f
                             movd xmm15, r11d
                             vpsllq xmm1, xmm0, xmm15
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
                             vpsrlq xmm1, xmm0, xmm15
                             vpsrlq xmm2, xmm2, xmm15
                             vpxor xmm1, xmm1, xmm2
                             vpsubq xmm1, xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.shr_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i64x2.shr_u                mov r11d, eax
                             and r11d, 0x3f
                             movd xmm15, r11d
                             vpsrlq xmm1, xmm0, xmm15
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
                             vpshufd xmm0, xmm0, 0
  local.get 1
  i8x16.shl                  mov r11d, edx
                             and r11d, 7
                             movd xmm15, r11d
                             pcmpeqd xmm1, xmm1
                             vpsllw xmm0, xmm0, xmm15
                             vpsllw xmm1, xmm1, xmm15
                             vpbroadcastb xmm1, xmm1
                             vpand xmm0, xmm0, xmm1
  i32x4.extract_lane 0       movd ecx, xmm0
  end                        mov eax, ecx
                             leave
                             ret

right:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i64x2.splat                movq xmm0, rax
                             vpunpcklqdq xmm0, xmm0, xmm0
  local.get 1
  i64x2.shr_s                mov r11d, edx
                             and r11d, 0x3f
                             movd xmm15, r11d
                             movaps xmm1, [2 x 0x8000000000000000]
                             vpsrlq xmm0, xmm0, xmm15
                             vpsrlq xmm1, xmm1, xmm15
                             vpxor xmm0, xmm0, xmm1
                             vpsubq xmm0, xmm0, xmm1
  i64x2.extract_lane 0       movq rcx, xmm0
  end                        mov rax, rcx
                             leave
                             ret

bytes:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  local.get 1
  i8x16.shr_s                mov r11d, edx
                             and r11d, 7
                             add r11d, 8
                             movd xmm15, r11d
                             vpunpckhbw xmm1, xmm0, xmm0
                             vpunpcklbw xmm0, xmm0, xmm0
                             vpsraw xmm1, xmm1, xmm15
                             vpsraw xmm0, xmm0, xmm15
                             vpacksswb xmm0, xmm0, xmm1
  i32x4.extract_lane 0       movd ecx, xmm0
  end                        mov eax, ecx
                             leave
                             ret
;)
