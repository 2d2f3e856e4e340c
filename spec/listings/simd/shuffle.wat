;; The best instruction for the pattern. What nothing else does, pshufb does with masks in memory.
;; run: mixed(1, 2) = 258
(module
  (func $identity (param v128 v128) (result v128) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 0) (local.get 1)))
  (func $second (param v128 v128) (result v128) (i8x16.shuffle 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 (local.get 0) (local.get 1)))
  (func $reverse32 (param v128 v128) (result v128) (i8x16.shuffle 12 13 14 15 8 9 10 11 4 5 6 7 0 1 2 3 (local.get 0) (local.get 1)))
  (func $low16 (param v128 v128) (result v128) (i8x16.shuffle 6 7 4 5 2 3 0 1 8 9 10 11 12 13 14 15 (local.get 0) (local.get 1)))
  (func $high16 (param v128 v128) (result v128) (i8x16.shuffle 0 1 2 3 4 5 6 7 14 15 12 13 10 11 8 9 (local.get 0) (local.get 1)))
  (func $rotate (param v128 v128) (result v128) (i8x16.shuffle 3 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 (local.get 0) (local.get 1)))
  (func $splat8 (param v128 v128) (result v128) (i8x16.shuffle 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 (local.get 0) (local.get 1)))
  (func $splat16 (param v128 v128) (result v128) (i8x16.shuffle 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 (local.get 0) (local.get 1)))
  (func $twice8 (param v128 v128) (result v128) (i8x16.shuffle 0 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7 (local.get 0) (local.get 1)))
  (func $reverse8 (param v128 v128) (result v128) (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0 (local.get 0) (local.get 1)))
  (func $interleave8 (param v128 v128) (result v128) (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get 0) (local.get 1)))
  (func $interleave16high (param v128 v128) (result v128) (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get 0) (local.get 1)))
  (func $interleave32swapped (param v128 v128) (result v128) (i8x16.shuffle 16 17 18 19 0 1 2 3 20 21 22 23 4 5 6 7 (local.get 0) (local.get 1)))
  (func $interleave64 (param v128 v128) (result v128) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get 0) (local.get 1)))
  (func $window (param v128 v128) (result v128) (i8x16.shuffle 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 (local.get 0) (local.get 1)))
  (func $windowSwapped (param v128 v128) (result v128) (i8x16.shuffle 21 22 23 24 25 26 27 28 29 30 31 0 1 2 3 4 (local.get 0) (local.get 1)))
  (func $even32 (param v128 v128) (result v128) (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27 (local.get 0) (local.get 1)))
  (func $blend16 (param v128 v128) (result v128) (i8x16.shuffle 0 1 18 19 4 5 22 23 8 9 10 11 28 29 30 31 (local.get 0) (local.get 1)))
  (func $mixed32 (param v128 v128) (result v128) (i8x16.shuffle 0 1 2 3 20 21 22 23 28 29 30 31 8 9 10 11 (local.get 0) (local.get 1)))
  (func $blend8 (param v128 v128) (result v128) (i8x16.shuffle 16 1 2 19 4 5 22 7 8 25 10 11 28 13 14 31 (local.get 0) (local.get 1)))
  (func $any (param v128 v128) (result v128) (i8x16.shuffle 0 17 3 30 5 5 9 31 16 2 8 20 21 22 1 0 (local.get 0) (local.get 1)))
  (func $withZero (param v128) (result v128)
    (i8x16.shuffle 0 16 16 16 1 16 16 16 2 16 16 16 3 16 16 16 (local.get 0) (v128.const i32x4 0 0 0 0)))
  (func (export "mixed") (param i32 i32) (result i32)
    (i32x4.extract_lane 0 (i8x16.shuffle 16 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 (i32x4.splat (local.get 0)) (i32x4.splat (local.get 1))))))

(; machine code

identity:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
                             movaps xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

second:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
                             movaps xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

reverse32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 12 13 14 15 8 9 10 11 4 5 6 7 0 1 2 3
                             vpshufd xmm2, xmm0, 0x1b
  end                        movaps xmm0, xmm2
                             leave
                             ret

low16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 6 7 4 5 2 3 0 1 8 9 10 11 12 13 14 15
                             vpshuflw xmm2, xmm0, 0x1b
  end                        movaps xmm0, xmm2
                             leave
                             ret

high16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 1 2 3 4 5 6 7 14 15 12 13 10 11 8 9
                             vpshufhw xmm2, xmm0, 0x1b
  end                        movaps xmm0, xmm2
                             leave
                             ret

rotate:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 3 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2
                             vpalignr xmm2, xmm0, xmm0, 3
  end                        movaps xmm0, xmm2
                             leave
                             ret

splat8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                             vpbroadcastb xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

splat16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1
                             vpbroadcastw xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

twice8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7
                             vpunpcklbw xmm2, xmm0, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

reverse8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0
                             vpshufb xmm2, xmm0, [0x0c0d0e0f 0x08090a0b 0x04050607 0x00010203]
  end                        movaps xmm0, xmm2
                             leave
                             ret

interleave8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
                             vpunpcklbw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

interleave16high:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31
                             vpunpckhwd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

interleave32swapped:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 16 17 18 19 0 1 2 3 20 21 22 23 4 5 6 7
                             vpunpckldq xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

interleave64:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
                             vpunpcklqdq xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

window:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
                             vpalignr xmm2, xmm1, xmm0, 5
  end                        movaps xmm0, xmm2
                             leave
                             ret

windowSwapped:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 21 22 23 24 25 26 27 28 29 30 31 0 1 2 3 4
                             vpalignr xmm2, xmm0, xmm1, 5
  end                        movaps xmm0, xmm2
                             leave
                             ret

even32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
                             vshufps xmm2, xmm0, xmm1, 0x88
  end                        movaps xmm0, xmm2
                             leave
                             ret

blend16:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 1 18 19 4 5 22 23 8 9 10 11 28 29 30 31
                             vpblendw xmm2, xmm0, xmm1, 0xca
  end                        movaps xmm0, xmm2
                             leave
                             ret

mixed32:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 1 2 3 20 21 22 23 28 29 30 31 8 9 10 11
                             vpshufd xmm15, xmm1, 0xb4
                             vpshufd xmm2, xmm0, 0xb4
                             vpblendw xmm2, xmm2, xmm15, 0x3c
  end                        movaps xmm0, xmm2
                             leave
                             ret

blend8:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 16 1 2 19 4 5 22 7 8 25 10 11 28 13 14 31
                             movaps xmm15, [0x98100880 0x38b02820 0x5850c840 0xf87068e0]
                             vpblendvb xmm2, xmm0, xmm1, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

any:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 0 17 3 30 5 5 9 31 16 2 8 20 21 22 1 0
                             vpshufb xmm15, xmm1, [0x0e930190 0x0f999595 0x04989200 0x90910605]
                             vpshufb xmm2, xmm0, [0x9e039100 0x9f090505 0x94080290 0x00019695]
                             vpor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

withZero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
  i8x16.shuffle 0 16 16 16 1 16 16 16 2 16 16 16 3 16 16 16
                             vpshufb xmm1, xmm0, [0x80808000 0x80808001 0x80808002 0x80808003]
  end                        movaps xmm0, xmm1
                             leave
                             ret

mixed:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  local.get 1
  i32x4.splat                movd xmm1, edx
                             vpshufd xmm1, xmm1, 0
  i8x16.shuffle 16 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0
                             vpshufb xmm15, xmm1, [0x91019000 0x90909090 0x90909090 0x90909090]
                             vpshufb xmm0, xmm0, [0x01910090 0x00000000 0x00000000 0x00000000]
                             vpor xmm0, xmm0, xmm15
  i32x4.extract_lane 0       movd ecx, xmm0
  end                        mov eax, ecx
                             leave
                             ret
;)
