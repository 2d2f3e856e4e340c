;; Are all lanes something, and the lanes' sign bits.
;; run: all(0x01000001) = 2
;; run: all(0x01010101) = 1
;; run: mask(0x80008000) = 255
(module
  (func $i8x16.all_true (param v128) (result i32) (i8x16.all_true (local.get 0)))
  (func $i16x8.all_true (param v128) (result i32) (i16x8.all_true (local.get 0)))
  (func $i32x4.all_true (param v128) (result i32) (i32x4.all_true (local.get 0)))
  (func $i64x2.all_true (param v128) (result i32) (i64x2.all_true (local.get 0)))
  (func $i8x16.bitmask (param v128) (result i32) (i8x16.bitmask (local.get 0)))
  (func $i16x8.bitmask (param v128) (result i32) (i16x8.bitmask (local.get 0)))
  (func $i32x4.bitmask (param v128) (result i32) (i32x4.bitmask (local.get 0)))
  (func $i64x2.bitmask (param v128) (result i32) (i64x2.bitmask (local.get 0)))
  (func (export "all") (param i32) (result i32) (select (i32.const 1) (i32.const 2) (i8x16.all_true (i32x4.splat (local.get 0)))))
  (func (export "mask") (param i32) (result i32) (i16x8.bitmask (i32x4.splat (local.get 0)))))

(; machine code

i8x16.all_true:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.all_true             xorps xmm15, xmm15
                             vpcmpeqb xmm15, xmm15, xmm0
                             vptest xmm15, xmm15
  end                        sete al
                             movzx eax, al
                             leave
                             ret

i16x8.all_true:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.all_true             xorps xmm15, xmm15
                             vpcmpeqw xmm15, xmm15, xmm0
                             vptest xmm15, xmm15
  end                        sete al
                             movzx eax, al
                             leave
                             ret

i32x4.all_true:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.all_true             xorps xmm15, xmm15
                             vpcmpeqd xmm15, xmm15, xmm0
                             vptest xmm15, xmm15
  end                        sete al
                             movzx eax, al
                             leave
                             ret

i64x2.all_true:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.all_true             xorps xmm15, xmm15
                             vpcmpeqq xmm15, xmm15, xmm0
                             vptest xmm15, xmm15
  end                        sete al
                             movzx eax, al
                             leave
                             ret

i8x16.bitmask:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.bitmask              pmovmskb eax, xmm0
  end                        leave
                             ret

i16x8.bitmask:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.bitmask              vpacksswb xmm15, xmm0, xmm0
                             pmovmskb eax, xmm15
                             movzx eax, al
  end                        leave
                             ret

i32x4.bitmask:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i32x4.bitmask              movmskps eax, xmm0
  end                        leave
                             ret

i64x2.bitmask:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i64x2.bitmask              movmskpd eax, xmm0
  end                        leave
                             ret

all:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  i32.const 1
  i32.const 2
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  i8x16.all_true             xorps xmm15, xmm15
                             vpcmpeqb xmm15, xmm15, xmm0
                             vptest xmm15, xmm15
  select                     mov ecx, 2
                             mov edx, 1
                             cmovne edx, ecx
  end                        mov eax, edx
                             leave
                             ret

mask:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  i16x8.bitmask              vpacksswb xmm15, xmm0, xmm0
                             pmovmskb ecx, xmm15
                             movzx ecx, cl
  end                        mov eax, ecx
                             leave
                             ret
;)
