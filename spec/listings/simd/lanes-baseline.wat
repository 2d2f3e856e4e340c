;; Without AVX2 bytes are broadcast by pshufb, 16-bit lanes in two steps.
;; cpu: baseline
;; run: splat(-2) = -65538
;; run: lane(-56) = -56
;; run: swizzle(0x03100100) = 1140859409
(module
  (func $i8x16.splat (param i32) (result v128) (i8x16.splat (local.get 0)))
  (func $i16x8.splat (param i32) (result v128) (i16x8.splat (local.get 0)))
  (func $f32x4.splat (param f32) (result v128) (f32x4.splat (local.get 0)))
  (func $i8x16.replace_lane_9 (param v128 i32) (result v128) (i8x16.replace_lane 9 (local.get 0) (local.get 1)))
  (func $f32x4.replace_lane_3 (param v128 f32) (result v128) (f32x4.replace_lane 3 (local.get 0) (local.get 1)))
  (func $i8x16.swizzle (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get 1)))
  (func (export "splat") (param i32) (result i32) (i32x4.extract_lane 3 (i16x8.splat (local.get 0))))
  (func (export "lane") (param i32) (result i32) (i8x16.extract_lane_s 4 (i8x16.replace_lane 4 (v128.const i64x2 0 0) (local.get 0))))
  (func (export "swizzle") (param i32) (result i32) (i32x4.extract_lane 1 (i8x16.swizzle (v128.const i32x4 0x44332211 0 0 0) (i32x4.splat (local.get 0))))))

(; machine code

i8x16.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  i8x16.splat                movd xmm0, eax
                             xorps xmm15, xmm15
                             pshufb xmm0, xmm15
  end                        leave
                             ret

i16x8.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  i16x8.splat                movd xmm0, eax
                             pshuflw xmm0, xmm0, 0
                             punpcklqdq xmm0, xmm0
  end                        leave
                             ret

f32x4.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  f32x4.splat                movaps xmm1, xmm0
                             shufps xmm1, xmm0, 0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.replace_lane_9:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i8x16.replace_lane 9       movaps xmm1, xmm0
                             pinsrb xmm1, eax, 9
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.replace_lane_3:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  f32x4.replace_lane 3       movaps xmm2, xmm0
                             insertps xmm2, xmm1, 0x30
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.swizzle:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.swizzle              movaps xmm15, [4 x 0x70707070]
                             paddusb xmm15, xmm1
                             movaps xmm2, xmm0
                             pshufb xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i16x8.splat                movd xmm0, eax
                             pshuflw xmm0, xmm0, 0
                             punpcklqdq xmm0, xmm0
  i32x4.extract_lane 3       pextrd ecx, xmm0, 3
  end                        mov eax, ecx
                             leave
                             ret

lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
  local.get 0
  i8x16.replace_lane 4       xorps xmm0, xmm0
                             pinsrb xmm0, eax, 4
  i8x16.extract_lane_s 4     pextrb ecx, xmm0, 4
                             movsx ecx, cl
  end                        mov eax, ecx
                             leave
                             ret

swizzle:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  v128.const i32x4 0x44332211 0x00000000 0x00000000 0x00000000
  local.get 0
  i32x4.splat                movd xmm0, eax
                             pshufd xmm0, xmm0, 0
  i8x16.swizzle              movaps xmm1, [0x44332211 0x00000000 0x00000000 0x00000000]
                             movaps xmm15, [4 x 0x70707070]
                             paddusb xmm15, xmm0
                             pshufb xmm1, xmm15
  i32x4.extract_lane 1       pextrd ecx, xmm1, 1
  end                        mov eax, ecx
                             leave
                             ret
;)
