;; Splats, lanes from and to other registers. A float in lane 0 is there already. A splat of a constant is a constant.
;; run: splat(-2) = -65538
;; run: lane(-56) = -56
;; run: swizzle(0x03100100) = 1140859409
(module
  (func $i8x16.splat (param i32) (result v128) (i8x16.splat (local.get 0)))
  (func $i16x8.splat (param i32) (result v128) (i16x8.splat (local.get 0)))
  (func $i32x4.splat (param i32) (result v128) (i32x4.splat (local.get 0)))
  (func $i64x2.splat (param i64) (result v128) (i64x2.splat (local.get 0)))
  (func $f32x4.splat (param f32) (result v128) (f32x4.splat (local.get 0)))
  (func $f64x2.splat (param f64) (result v128) (f64x2.splat (local.get 0)))
  (func $i8x16.extract_lane_s_0 (param v128) (result i32) (i8x16.extract_lane_s 0 (local.get 0)))
  (func $i8x16.extract_lane_u_15 (param v128) (result i32) (i8x16.extract_lane_u 15 (local.get 0)))
  (func $i16x8.extract_lane_s_7 (param v128) (result i32) (i16x8.extract_lane_s 7 (local.get 0)))
  (func $i16x8.extract_lane_u_0 (param v128) (result i32) (i16x8.extract_lane_u 0 (local.get 0)))
  (func $i32x4.extract_lane_0 (param v128) (result i32) (i32x4.extract_lane 0 (local.get 0)))
  (func $i32x4.extract_lane_3 (param v128) (result i32) (i32x4.extract_lane 3 (local.get 0)))
  (func $i64x2.extract_lane_0 (param v128) (result i64) (i64x2.extract_lane 0 (local.get 0)))
  (func $i64x2.extract_lane_1 (param v128) (result i64) (i64x2.extract_lane 1 (local.get 0)))
  (func $f32x4.extract_lane_0 (param v128) (result f32) (f32x4.extract_lane 0 (local.get 0)))
  (func $f32x4.extract_lane_2 (param v128) (result f32) (f32x4.extract_lane 2 (local.get 0)))
  (func $f64x2.extract_lane_0 (param v128) (result f64) (f64x2.extract_lane 0 (local.get 0)))
  (func $f64x2.extract_lane_1 (param v128) (result f64) (f64x2.extract_lane 1 (local.get 0)))
  (func $i8x16.replace_lane_9 (param v128 i32) (result v128) (i8x16.replace_lane 9 (local.get 0) (local.get 1)))
  (func $i16x8.replace_lane_3 (param v128 i32) (result v128) (i16x8.replace_lane 3 (local.get 0) (local.get 1)))
  (func $i32x4.replace_lane_2 (param v128 i32) (result v128) (i32x4.replace_lane 2 (local.get 0) (local.get 1)))
  (func $i64x2.replace_lane_1 (param v128 i64) (result v128) (i64x2.replace_lane 1 (local.get 0) (local.get 1)))
  (func $f32x4.replace_lane_3 (param v128 f32) (result v128) (f32x4.replace_lane 3 (local.get 0) (local.get 1)))
  (func $f64x2.replace_lane_0 (param v128 f64) (result v128) (f64x2.replace_lane 0 (local.get 0) (local.get 1)))
  (func $f64x2.replace_lane_1 (param v128 f64) (result v128) (f64x2.replace_lane 1 (local.get 0) (local.get 1)))
  (func $i8x16.swizzle (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get 1)))
  (func $constant (result v128) (i16x8.splat (i32.const 258)))
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
                             vpbroadcastb xmm0, xmm0
  end                        leave
                             ret

i16x8.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  i16x8.splat                movd xmm0, eax
                             vpbroadcastw xmm0, xmm0
  end                        leave
                             ret

i32x4.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  end                        leave
                             ret

i64x2.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  i64x2.splat                movq xmm0, rax
                             vpunpcklqdq xmm0, xmm0, xmm0
  end                        leave
                             ret

f32x4.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  f32x4.splat                vshufps xmm1, xmm0, xmm0, 0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  f64x2.splat                vmovddup xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.extract_lane_s_0:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.extract_lane_s 0     pextrb eax, xmm0, 0
                             movsx eax, al
  end                        leave
                             ret

i8x16.extract_lane_u_15:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.extract_lane_u 15
                             pextrb eax, xmm0, 0xf
  end                        leave
                             ret

i16x8.extract_lane_s_7:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extract_lane_s 7     pextrw eax, xmm0, 7
                             movsx eax, ax
  end                        leave
                             ret

i16x8.extract_lane_u_0:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.extract_lane_u 0     pextrw eax, xmm0, 0
  end                        leave
                             ret

i32x4.extract_lane_0:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extract_lane 0       movd eax, xmm0
  end                        leave
                             ret

i32x4.extract_lane_3:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.extract_lane 3       pextrd eax, xmm0, 3
  end                        leave
                             ret

i64x2.extract_lane_0:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.extract_lane 0       movq rax, xmm0
  end                        leave
                             ret

i64x2.extract_lane_1:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.extract_lane 1       pextrq rax, xmm0, 1
  end                        leave
                             ret

f32x4.extract_lane_0:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.extract_lane 0       movaps xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.extract_lane_2:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.extract_lane 2       vpshufd xmm1, xmm0, 2
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.extract_lane_0:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.extract_lane 0       movaps xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.extract_lane_1:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.extract_lane 1       vpshufd xmm1, xmm0, 0xee
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.replace_lane_9:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i8x16.replace_lane 9       vpinsrb xmm1, xmm0, eax, 9
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.replace_lane_3:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i16x8.replace_lane 3       vpinsrw xmm1, xmm0, eax, 3
  end                        movaps xmm0, xmm1
                             leave
                             ret

i32x4.replace_lane_2:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i32x4.replace_lane 2       vpinsrd xmm1, xmm0, eax, 2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i64x2.replace_lane_1:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  i64x2.replace_lane 1       vpinsrq xmm1, xmm0, rax, 1
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.replace_lane_3:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  f32x4.replace_lane 3       vinsertps xmm2, xmm0, xmm1, 0x30
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.replace_lane_0:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  f64x2.replace_lane 0       vmovsd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.replace_lane_1:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  f64x2.replace_lane 1       vmovlhps xmm2, xmm0, xmm1
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
                             vpaddusb xmm15, xmm15, xmm1
                             vpshufb xmm2, xmm0, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

constant:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
  i32.const 258
  i16x8.splat
  end                        movaps xmm0, [4 x 0x01020102]
                             leave
                             ret

splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i16x8.splat                movd xmm0, eax
                             vpbroadcastw xmm0, xmm0
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
                             vpinsrb xmm0, xmm0, eax, 4
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
                             vpshufd xmm0, xmm0, 0
  i8x16.swizzle              movaps xmm1, [0x44332211 0x00000000 0x00000000 0x00000000]
                             movaps xmm15, [4 x 0x70707070]
                             vpaddusb xmm15, xmm15, xmm0
                             vpshufb xmm1, xmm1, xmm15
  i32x4.extract_lane 1       pextrd ecx, xmm1, 1
  end                        mov eax, ecx
                             leave
                             ret
;)
