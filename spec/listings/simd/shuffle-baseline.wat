;; As shuffle, without AVX.
;; cpu: baseline
(module
  (func $rotate (param v128 v128) (result v128) (i8x16.shuffle 3 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 (local.get 0) (local.get 1)))
  (func $splat8 (param v128 v128) (result v128) (i8x16.shuffle 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 (local.get 0) (local.get 1)))
  (func $interleave8 (param v128 v128) (result v128) (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get 0) (local.get 1)))
  (func $mixed32 (param v128 v128) (result v128) (i8x16.shuffle 0 1 2 3 20 21 22 23 28 29 30 31 8 9 10 11 (local.get 0) (local.get 1)))
  (func $blend8 (param v128 v128) (result v128) (i8x16.shuffle 16 1 2 19 4 5 22 7 8 25 10 11 28 13 14 31 (local.get 0) (local.get 1)))
  (func $any (param v128 v128) (result v128) (i8x16.shuffle 0 17 3 30 5 5 9 31 16 2 8 20 21 22 1 0 (local.get 0) (local.get 1))))

(; machine code

rotate:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.shuffle 3 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2
                             movaps xmm2, xmm0
                             palignr xmm2, xmm0, 3
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
                             movaps xmm2, xmm0
                             pshufb xmm2, [4 x 0x00000000]
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
                             movaps xmm2, xmm0
                             punpcklbw xmm2, xmm1
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
                             pshufd xmm15, xmm1, 0xb4
                             pshufd xmm2, xmm0, 0xb4
                             pblendw xmm2, xmm15, 0x3c
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
                             movaps xmm15, xmm1
                             pshufb xmm15, [0x03929100 0x97069594 0x9b9a0998 0x0f9e9d0c]
                             movaps xmm2, xmm0
                             pshufb xmm2, [0x93020190 0x07960504 0x0b0a9908 0x9f0e0d9c]
                             por xmm2, xmm15
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
                             movaps xmm15, xmm1
                             pshufb xmm15, [0x0e930190 0x0f999595 0x04989200 0x90910605]
                             movaps xmm2, xmm0
                             pshufb xmm2, [0x9e039100 0x9f090505 0x94080290 0x00019695]
                             por xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret
;)
