;; Each access is one instruction that reads or writes the bytes it should, no more.
;; run: set(0, 0x89abcdef) = nothing
;; run: splat(2) = -1414812757
;; run: extend(0) = 65417
;; run: lane(3) = 3
;; run: load(65520) = 0
;; run: load(65521) = trap: memory access out of bounds
;; run: set(65533, 1) = trap: memory access out of bounds
;; run: splat(65535) = 0
;; run: splat(65536) = trap: memory access out of bounds
(module
  (memory (export "memory") 1)
  (func $v128.load (param i32) (result v128) (v128.load offset=16 (local.get 0)))
  (func $v128.load8x8_s (param i32) (result v128) (v128.load8x8_s offset=16 (local.get 0)))
  (func $v128.load8x8_u (param i32) (result v128) (v128.load8x8_u offset=16 (local.get 0)))
  (func $v128.load16x4_s (param i32) (result v128) (v128.load16x4_s offset=16 (local.get 0)))
  (func $v128.load16x4_u (param i32) (result v128) (v128.load16x4_u offset=16 (local.get 0)))
  (func $v128.load32x2_s (param i32) (result v128) (v128.load32x2_s offset=16 (local.get 0)))
  (func $v128.load32x2_u (param i32) (result v128) (v128.load32x2_u offset=16 (local.get 0)))
  (func $v128.load8_splat (param i32) (result v128) (v128.load8_splat offset=16 (local.get 0)))
  (func $v128.load16_splat (param i32) (result v128) (v128.load16_splat offset=16 (local.get 0)))
  (func $v128.load32_splat (param i32) (result v128) (v128.load32_splat offset=16 (local.get 0)))
  (func $v128.load64_splat (param i32) (result v128) (v128.load64_splat offset=16 (local.get 0)))
  (func $v128.load32_zero (param i32) (result v128) (v128.load32_zero offset=16 (local.get 0)))
  (func $v128.load64_zero (param i32) (result v128) (v128.load64_zero offset=16 (local.get 0)))
  (func $v128.load8_lane (param i32 v128) (result v128) (v128.load8_lane offset=16 9 (local.get 0) (local.get 1)))
  (func $v128.load16_lane (param i32 v128) (result v128) (v128.load16_lane offset=16 3 (local.get 0) (local.get 1)))
  (func $v128.load32_lane (param i32 v128) (result v128) (v128.load32_lane offset=16 2 (local.get 0) (local.get 1)))
  (func $v128.load64_lane (param i32 v128) (result v128) (v128.load64_lane offset=16 1 (local.get 0) (local.get 1)))
  (func $v128.store (param i32 v128) (v128.store offset=16 (local.get 0) (local.get 1)))
  (func $v128.store8_lane (param i32 v128) (v128.store8_lane offset=16 9 (local.get 0) (local.get 1)))
  (func $v128.store16_lane (param i32 v128) (v128.store16_lane offset=16 3 (local.get 0) (local.get 1)))
  (func $v128.store32_lane (param i32 v128) (v128.store32_lane offset=16 2 (local.get 0) (local.get 1)))
  (func $v128.store64_lane (param i32 v128) (v128.store64_lane offset=16 0 (local.get 0) (local.get 1)))
  (func $large (param i32) (result v128) (v128.load offset=4294967280 (local.get 0)))
  (func (export "set") (param i32 i32) (i32.store offset=0 (local.get 0) (local.get 1)))
  (func (export "splat") (param i32) (result i32) (i32x4.extract_lane 3 (v128.load8_splat (local.get 0))))
  (func (export "extend") (param i32) (result i32) (i16x8.extract_lane_u 3 (v128.load8x8_s (local.get 0))))
  (func (export "lane") (param i32) (result i32)
    (v128.store8_lane 5 (local.get 0) (i32x4.splat (i32.const 0x01020304)))
    (i32.load8_u (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32x4.extract_lane 0 (v128.load (local.get 0)))))

(; machine code

v128.load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load offset=16        movups xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load8x8_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load8x8_s offset=16
                             pmovsxbw xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load8x8_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load8x8_u offset=16
                             pmovzxbw xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load16x4_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load16x4_s offset=16
                             pmovsxwd xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load16x4_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load16x4_u offset=16
                             pmovzxwd xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load32x2_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load32x2_s offset=16
                             pmovsxdq xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load32x2_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load32x2_u offset=16
                             pmovzxdq xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load8_splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load8_splat offset=16
                             vpbroadcastb xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load16_splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load16_splat offset=16
                             vpbroadcastw xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load32_splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load32_splat offset=16
                             vbroadcastss xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load64_splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load64_splat offset=16
                             movddup xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load32_zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load32_zero offset=16
                             movss xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load64_zero:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load64_zero offset=16
                             movsd xmm0, [r14+rax+0x10]
  end                        leave
                             ret

v128.load8_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.load8_lane offset=16 9
                             vpinsrb xmm1, xmm0, [r14+rax+0x10], 9
  end                        movaps xmm0, xmm1
                             leave
                             ret

v128.load16_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.load16_lane offset=16 3
                             vpinsrw xmm1, xmm0, [r14+rax+0x10], 3
  end                        movaps xmm0, xmm1
                             leave
                             ret

v128.load32_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.load32_lane offset=16 2
                             vpinsrd xmm1, xmm0, [r14+rax+0x10], 2
  end                        movaps xmm0, xmm1
                             leave
                             ret

v128.load64_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.load64_lane offset=16 1
                             vmovhps xmm1, xmm0, [r14+rax+0x10]
  end                        movaps xmm0, xmm1
                             leave
                             ret

v128.store:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.store offset=16       movups [r14+rax+0x10], xmm0
  end                        leave
                             ret

v128.store8_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.store8_lane offset=16 9
                             pextrb [r14+rax+0x10], xmm0, 9
  end                        leave
                             ret

v128.store16_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.store16_lane offset=16 3
                             pextrw [r14+rax+0x10], xmm0, 3
  end                        leave
                             ret

v128.store32_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.store32_lane offset=16 2
                             pextrd [r14+rax+0x10], xmm0, 2
  end                        leave
                             ret

v128.store64_lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x20
  local.get 0
  local.get 1
  v128.store64_lane offset=16 0
                             movlps [r14+rax+0x10], xmm0
  end                        leave
                             ret

large:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
  local.get 0
  v128.load offset=4294967280
                             mov r11, 0x100000000
                             add r11, rax
                             cmp r11, [memory length]
                             cmova r11, [out of bounds]
                             movups xmm0, [r14+r11-0x10]
  end                        leave
                             ret

set:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  local.get 1
  i32.store                  mov [r14+rax], edx
  end                        leave
                             ret

splat:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  v128.load8_splat           vpbroadcastb xmm0, [r14+rax]
  i32x4.extract_lane 3       pextrd ecx, xmm0, 3
  end                        mov eax, ecx
                             leave
                             ret

extend:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  v128.load8x8_s             pmovsxbw xmm0, [r14+rax]
  i16x8.extract_lane_u 3     pextrw ecx, xmm0, 3
  end                        mov eax, ecx
                             leave
                             ret

lane:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32.const 16909060
  i32x4.splat
  v128.store8_lane 5         movaps xmm0, [4 x 0x01020304]
                             pextrb [r14+rax], xmm0, 5
  local.get 0
  i32.load8_u                movzx ecx, byte ptr [r14+rax]
  end                        mov eax, ecx
                             leave
                             ret

load:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  v128.load                  movups xmm0, [r14+rax]
  i32x4.extract_lane 0       movd ecx, xmm0
  end                        mov eax, ecx
                             leave
                             ret
;)
