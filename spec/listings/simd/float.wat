;; Without exceptions, as of scalars. Signs are changed by masks in memory.
;; run: hypot(3, 4) = 5
(module
  (func $f32x4.abs (param v128) (result v128) (f32x4.abs (local.get 0)))
  (func $f32x4.neg (param v128) (result v128) (f32x4.neg (local.get 0)))
  (func $f32x4.sqrt (param v128) (result v128) (f32x4.sqrt (local.get 0)))
  (func $f32x4.ceil (param v128) (result v128) (f32x4.ceil (local.get 0)))
  (func $f32x4.floor (param v128) (result v128) (f32x4.floor (local.get 0)))
  (func $f32x4.trunc (param v128) (result v128) (f32x4.trunc (local.get 0)))
  (func $f32x4.nearest (param v128) (result v128) (f32x4.nearest (local.get 0)))
  (func $f32x4.add (param v128 v128) (result v128) (f32x4.add (local.get 0) (local.get 1)))
  (func $f32x4.sub (param v128 v128) (result v128) (f32x4.sub (local.get 0) (local.get 1)))
  (func $f32x4.mul (param v128 v128) (result v128) (f32x4.mul (local.get 0) (local.get 1)))
  (func $f32x4.div (param v128 v128) (result v128) (f32x4.div (local.get 0) (local.get 1)))
  (func $f32x4.eq (param v128 v128) (result v128) (f32x4.eq (local.get 0) (local.get 1)))
  (func $f32x4.ne (param v128 v128) (result v128) (f32x4.ne (local.get 0) (local.get 1)))
  (func $f32x4.lt (param v128 v128) (result v128) (f32x4.lt (local.get 0) (local.get 1)))
  (func $f32x4.gt (param v128 v128) (result v128) (f32x4.gt (local.get 0) (local.get 1)))
  (func $f32x4.le (param v128 v128) (result v128) (f32x4.le (local.get 0) (local.get 1)))
  (func $f32x4.ge (param v128 v128) (result v128) (f32x4.ge (local.get 0) (local.get 1)))
  (func $f32x4.pmin (param v128 v128) (result v128) (f32x4.pmin (local.get 0) (local.get 1)))
  (func $f32x4.pmax (param v128 v128) (result v128) (f32x4.pmax (local.get 0) (local.get 1)))
  (func $f64x2.abs (param v128) (result v128) (f64x2.abs (local.get 0)))
  (func $f64x2.neg (param v128) (result v128) (f64x2.neg (local.get 0)))
  (func $f64x2.sqrt (param v128) (result v128) (f64x2.sqrt (local.get 0)))
  (func $f64x2.ceil (param v128) (result v128) (f64x2.ceil (local.get 0)))
  (func $f64x2.floor (param v128) (result v128) (f64x2.floor (local.get 0)))
  (func $f64x2.trunc (param v128) (result v128) (f64x2.trunc (local.get 0)))
  (func $f64x2.nearest (param v128) (result v128) (f64x2.nearest (local.get 0)))
  (func $f64x2.add (param v128 v128) (result v128) (f64x2.add (local.get 0) (local.get 1)))
  (func $f64x2.sub (param v128 v128) (result v128) (f64x2.sub (local.get 0) (local.get 1)))
  (func $f64x2.mul (param v128 v128) (result v128) (f64x2.mul (local.get 0) (local.get 1)))
  (func $f64x2.div (param v128 v128) (result v128) (f64x2.div (local.get 0) (local.get 1)))
  (func $f64x2.eq (param v128 v128) (result v128) (f64x2.eq (local.get 0) (local.get 1)))
  (func $f64x2.ne (param v128 v128) (result v128) (f64x2.ne (local.get 0) (local.get 1)))
  (func $f64x2.lt (param v128 v128) (result v128) (f64x2.lt (local.get 0) (local.get 1)))
  (func $f64x2.gt (param v128 v128) (result v128) (f64x2.gt (local.get 0) (local.get 1)))
  (func $f64x2.le (param v128 v128) (result v128) (f64x2.le (local.get 0) (local.get 1)))
  (func $f64x2.ge (param v128 v128) (result v128) (f64x2.ge (local.get 0) (local.get 1)))
  (func $f64x2.pmin (param v128 v128) (result v128) (f64x2.pmin (local.get 0) (local.get 1)))
  (func $f64x2.pmax (param v128 v128) (result v128) (f64x2.pmax (local.get 0) (local.get 1)))
  (func (export "hypot") (param f64 f64) (result f64)
    (local $v v128)
    (local.set $v (f64x2.replace_lane 1 (f64x2.splat (local.get 0)) (local.get 1)))
    (local.set $v (f64x2.mul (local.get $v) (local.get $v)))
    (f64.sqrt (f64.add (f64x2.extract_lane 0 (local.get $v)) (f64x2.extract_lane 1 (local.get $v))))))

(; machine code

f32x4.abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.abs                  vandps xmm1, xmm0, [4 x 0x7fffffff]
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.neg                  vxorps xmm1, xmm0, [4 x 0x80000000]
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.sqrt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.sqrt                 vsqrtps xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.ceil:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.ceil                 vroundps xmm1, xmm0, 0xa
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.floor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.floor                vroundps xmm1, xmm0, 9
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.trunc:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.trunc                vroundps xmm1, xmm0, 0xb
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.nearest:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f32x4.nearest              vroundps xmm1, xmm0, 8
  end                        movaps xmm0, xmm1
                             leave
                             ret

f32x4.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.add                  vaddps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.sub                  vsubps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.mul                  vmulps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.div:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.div                  vdivps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.eq                   vcmpeqps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.ne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.ne                   vcmpneqps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.lt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.lt                   vcmpltps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.gt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.gt                   vcmpltps xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.le:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.le                   vcmpleps xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.ge:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.ge                   vcmpleps xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.pmin:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.pmin                 vminps xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f32x4.pmax:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f32x4.pmax                 vmaxps xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.abs                  vandps xmm1, xmm0, [2 x 0x7fffffffffffffff]
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.neg                  vxorps xmm1, xmm0, [2 x 0x8000000000000000]
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.sqrt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.sqrt                 vsqrtpd xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.ceil:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.ceil                 vroundpd xmm1, xmm0, 0xa
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.floor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.floor                vroundpd xmm1, xmm0, 9
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.trunc:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.trunc                vroundpd xmm1, xmm0, 0xb
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.nearest:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  f64x2.nearest              vroundpd xmm1, xmm0, 8
  end                        movaps xmm0, xmm1
                             leave
                             ret

f64x2.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.add                  vaddpd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.sub                  vsubpd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.mul                  vmulpd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.div:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.div                  vdivpd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.eq:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.eq                   vcmpeqpd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.ne:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.ne                   vcmpneqpd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.lt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.lt                   vcmpltpd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.gt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.gt                   vcmpltpd xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.le:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.le                   vcmplepd xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.ge:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.ge                   vcmplepd xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.pmin:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.pmin                 vminpd xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

f64x2.pmax:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  f64x2.pmax                 vmaxpd xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

hypot:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
                             je trap:internal-error
  local.get 0
  f64x2.splat                vmovddup xmm2, xmm0
  local.get 1
  f64x2.replace_lane 1       vmovlhps xmm2, xmm2, xmm1
  local.set 2
  local.get 2
  local.get 2
  f64x2.mul                  vmulpd xmm3, xmm2, xmm2
  local.set 2
  local.get 2
  f64x2.extract_lane 0       movaps xmm2, xmm3
  local.get 2
  f64x2.extract_lane 1       vpshufd xmm4, xmm3, 0xee
  f64.add                    addsd xmm2, xmm4
  f64.sqrt                   sqrtsd xmm2, xmm2
  end                        movaps xmm0, xmm2
                             leave
                             ret
;)
