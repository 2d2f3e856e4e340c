;; Without AVX instructions have two operands: a value that is needed later is moved first. An operand in its slot is loaded,
;; because such instructions want aligned memory.
;; cpu: baseline
;; run: mul(-3n, 5000000000n) = -15000000000n
;; run: abs(-9223372036854775808n) = -9223372036854775808n
;; run: abs(-7n) = 7n
;; run: slot(1, 2) = 6
(module
  (func $i64x2.mul (param v128 v128) (result v128) (i64x2.mul (local.get 0) (local.get 1)))
  (func $i64x2.abs (param v128) (result v128) (i64x2.abs (local.get 0)))
  (func $i8x16.popcnt (param v128) (result v128) (i8x16.popcnt (local.get 0)))
  (func $i16x8.q15mulr_sat_s (param v128 v128) (result v128) (i16x8.q15mulr_sat_s (local.get 0) (local.get 1)))
  (func $i32x4.sub (param v128 v128) (result v128) (i32x4.sub (local.get 0) (local.get 1)))
  (func $i32x4.add (param v128 v128) (result v128) (i32x4.add (local.get 0) (local.get 1)))
  (func $i32x4.neg (param v128) (result v128) (i32x4.neg (local.get 0)))
  (func $v128.andnot (param v128 v128) (result v128) (v128.andnot (local.get 0) (local.get 1)))
  (func $v128.not (param v128) (result v128) (v128.not (local.get 0)))
  (func $v128.bitselect (param v128 v128 v128) (result v128) (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
  (func $nothing)
  (func (export "slot") (param i32 i32) (result i32)
    i32.const 5
    i32x4.splat
    (i32x4.splat (i32.sub (local.get 0) (local.get 1)))
    call $nothing
    i32x4.sub
    i32x4.extract_lane 3)
  (func (export "mul") (param i64 i64) (result i64) (i64x2.extract_lane 1 (i64x2.mul (i64x2.splat (local.get 0)) (i64x2.splat (local.get 1)))))
  (func (export "abs") (param i64) (result i64) (i64x2.extract_lane 0 (i64x2.abs (i64x2.splat (local.get 0))))))

(; machine code

i64x2.mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i64x2.mul                  movaps xmm15, xmm0
                             psrlq xmm15, 0x20
                             pmuludq xmm15, xmm1
                             movaps xmm2, xmm1
                             psrlq xmm2, 0x20
                             pmuludq xmm2, xmm0
                             paddq xmm15, xmm2
                             psllq xmm15, 0x20
                             movaps xmm2, xmm0
                             pmuludq xmm2, xmm1
                             paddq xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i64x2.abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.abs                  pshufd xmm15, xmm0, 0xf5
                             psrad xmm15, 0x1f
                             movaps xmm1, xmm0
                             pxor xmm1, xmm15
                             psubq xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.popcnt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.popcnt               movaps xmm1, xmm0
                             movaps xmm15, xmm1
                             psrlw xmm15, 4
                             pand xmm15, [4 x 0x0f0f0f0f]
                             pand xmm1, [4 x 0x0f0f0f0f]
                             movaps xmm2, [0x02010100 0x03020201 0x03020201 0x04030302]
                             pshufb xmm2, xmm1
                             movaps xmm1, [0x02010100 0x03020201 0x03020201 0x04030302]
                             pshufb xmm1, xmm15
                             paddb xmm1, xmm2
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.q15mulr_sat_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.q15mulr_sat_s        movaps xmm2, xmm0
                             pmulhrsw xmm2, xmm1
                             movaps xmm15, [4 x 0x80008000]
                             pcmpeqw xmm15, xmm2
                             pxor xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.sub                  movaps xmm2, xmm0
                             psubd xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i32x4.add                  movaps xmm2, xmm0
                             paddd xmm2, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i32x4.neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.neg                  xorps xmm1, xmm1
                             psubd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

v128.andnot:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  v128.andnot                movaps xmm2, xmm1
                             pandn xmm2, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

v128.not:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  v128.not                   pcmpeqd xmm15, xmm15
                             movaps xmm1, xmm0
                             pxor xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

v128.bitselect:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
  local.get 0
  local.get 1
  local.get 2
  v128.bitselect             movaps xmm15, xmm0
                             pand xmm15, xmm2
                             movaps xmm3, xmm2
                             pandn xmm3, xmm1
                             por xmm3, xmm15
  end                        movaps xmm0, xmm3
                             leave
                             ret

nothing:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
  end                        leave
                             ret

slot:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
                             je trap:internal-error
  i32.const 5
  i32x4.splat
  local.get 0
  local.get 1
  i32.sub                    mov ecx, eax
                             sub ecx, edx
  i32x4.splat                movd xmm0, ecx
                             pshufd xmm0, xmm0, 0
  call $nothing              movups [slot 3], xmm0
                             mov [local 1], edx
                             mov [local 0], eax
                             call qword ptr [nothing]
  i32x4.sub                  movaps xmm0, [4 x 0x00000005]
                             movups xmm15, [slot 3]
                             psubd xmm0, xmm15
  i32x4.extract_lane 3       pextrd eax, xmm0, 3
  end                        leave
                             ret

mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i64x2.splat                movq xmm0, rax
                             punpcklqdq xmm0, xmm0
  local.get 1
  i64x2.splat                movq xmm1, rdx
                             punpcklqdq xmm1, xmm1
  i64x2.mul                  movaps xmm15, xmm0
                             psrlq xmm15, 0x20
                             pmuludq xmm15, xmm1
                             movaps xmm2, xmm1
                             psrlq xmm2, 0x20
                             pmuludq xmm2, xmm0
                             paddq xmm15, xmm2
                             psllq xmm15, 0x20
                             movaps xmm2, xmm0
                             pmuludq xmm2, xmm1
                             paddq xmm2, xmm15
  i64x2.extract_lane 1       pextrq rcx, xmm2, 1
  end                        mov rax, rcx
                             leave
                             ret

abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i64x2.splat                movq xmm0, rax
                             punpcklqdq xmm0, xmm0
  i64x2.abs                  pshufd xmm15, xmm0, 0xf5
                             psrad xmm15, 0x1f
                             pxor xmm0, xmm15
                             psubq xmm0, xmm15
  i64x2.extract_lane 0       movq rcx, xmm0
  end                        mov rax, rcx
                             leave
                             ret
;)
