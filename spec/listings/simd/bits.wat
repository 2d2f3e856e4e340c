;; The result of v128.any_true stays in the flags, as other conditions do.
;; run: any(0) = 20
;; run: any(5) = 10
;; run: select(0x0f0f, 0x00ff, 0x3333) = 975
(module
  (func $v128.const (result v128) (v128.const i32x4 1 2 3 4))
  (func $zero (result v128) (v128.const i32x4 0 0 0 0))
  (func $ones (result v128) (v128.const i32x4 -1 -1 -1 -1))
  (func $v128.not (param v128) (result v128) (v128.not (local.get 0)))
  (func $v128.and (param v128 v128) (result v128) (v128.and (local.get 0) (local.get 1)))
  (func $v128.andnot (param v128 v128) (result v128) (v128.andnot (local.get 0) (local.get 1)))
  (func $v128.or (param v128 v128) (result v128) (v128.or (local.get 0) (local.get 1)))
  (func $v128.xor (param v128 v128) (result v128) (v128.xor (local.get 0) (local.get 1)))
  (func $v128.bitselect (param v128 v128 v128) (result v128) (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
  (func $v128.any_true (param v128) (result i32) (v128.any_true (local.get 0)))
  (func (export "any") (param i32) (result i32)
    (if (result i32) (v128.any_true (i32x4.splat (local.get 0))) (then (i32.const 10)) (else (i32.const 20))))
  (func (export "select") (param i32 i32 i32) (result i32)
    (i32x4.extract_lane 2 (v128.bitselect (i32x4.splat (local.get 0)) (i32x4.splat (local.get 1)) (i32x4.splat (local.get 2))))))

(; machine code

v128.const:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
  v128.const i32x4 0x00000001 0x00000002 0x00000003 0x00000004
  end                        movaps xmm0, [0x00000001 0x00000002 0x00000003 0x00000004]
                             leave
                             ret

zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
  v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
  end                        xorps xmm0, xmm0
                             leave
                             ret

ones:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 8
  v128.const i32x4 0xffffffff 0xffffffff 0xffffffff 0xffffffff
  end                        pcmpeqd xmm0, xmm0
                             leave
                             ret

v128.not:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  v128.not                   pcmpeqd xmm15, xmm15
                             vpxor xmm1, xmm0, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

v128.and:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  v128.and                   vpand xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

v128.andnot:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  v128.andnot                vpandn xmm2, xmm1, xmm0
  end                        movaps xmm0, xmm2
                             leave
                             ret

v128.or:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  v128.or                    vpor xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

v128.xor:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  v128.xor                   vpxor xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

v128.bitselect:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x38
  local.get 0
  local.get 1
  local.get 2
  v128.bitselect             vpand xmm15, xmm0, xmm2
                             vpandn xmm3, xmm2, xmm1
                             vpor xmm3, xmm3, xmm15
  end                        movaps xmm0, xmm3
                             leave
                             ret

v128.any_true:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  v128.any_true              vptest xmm0, xmm0
  end                        setne al
                             movzx eax, al
                             leave
                             ret

any:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  v128.any_true              vptest xmm0, xmm0
  if (result i32)            je L1
  i32.const 10
  else                       mov ecx, 0xa
                             jmp L2
  i32.const 20
  end                     L1:
                             mov ecx, 0x14
  end                     L2:
                             mov eax, ecx
                             leave
                             ret

select:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  local.get 1
  i32x4.splat                movd xmm1, edx
                             vpshufd xmm1, xmm1, 0
  local.get 2
  i32x4.splat                movd xmm2, ecx
                             vpshufd xmm2, xmm2, 0
  v128.bitselect             vpand xmm15, xmm0, xmm2
                             vpandn xmm2, xmm2, xmm1
                             vpor xmm2, xmm2, xmm15
  i32x4.extract_lane 2       pextrd ebx, xmm2, 2
  end                        mov eax, ebx
                             leave
                             ret
;)
