;; Bytes and 16-bit lanes: mostly one instruction each. Population count looks up both nibbles of a byte in a table.
;; run: popcnt(0x12345678) = 33752068
;; run: q15(-32768, -32768) = 32767
;; run: q15(-32768, 32767) = -32767
(module
  (func $i8x16.add (param v128 v128) (result v128) (i8x16.add (local.get 0) (local.get 1)))
  (func $i8x16.add_sat_s (param v128 v128) (result v128) (i8x16.add_sat_s (local.get 0) (local.get 1)))
  (func $i8x16.add_sat_u (param v128 v128) (result v128) (i8x16.add_sat_u (local.get 0) (local.get 1)))
  (func $i8x16.sub (param v128 v128) (result v128) (i8x16.sub (local.get 0) (local.get 1)))
  (func $i8x16.sub_sat_s (param v128 v128) (result v128) (i8x16.sub_sat_s (local.get 0) (local.get 1)))
  (func $i8x16.sub_sat_u (param v128 v128) (result v128) (i8x16.sub_sat_u (local.get 0) (local.get 1)))
  (func $i8x16.min_s (param v128 v128) (result v128) (i8x16.min_s (local.get 0) (local.get 1)))
  (func $i8x16.min_u (param v128 v128) (result v128) (i8x16.min_u (local.get 0) (local.get 1)))
  (func $i8x16.max_s (param v128 v128) (result v128) (i8x16.max_s (local.get 0) (local.get 1)))
  (func $i8x16.max_u (param v128 v128) (result v128) (i8x16.max_u (local.get 0) (local.get 1)))
  (func $i8x16.avgr_u (param v128 v128) (result v128) (i8x16.avgr_u (local.get 0) (local.get 1)))
  (func $i8x16.abs (param v128) (result v128) (i8x16.abs (local.get 0)))
  (func $i8x16.neg (param v128) (result v128) (i8x16.neg (local.get 0)))
  (func $i8x16.popcnt (param v128) (result v128) (i8x16.popcnt (local.get 0)))
  (func $i16x8.add (param v128 v128) (result v128) (i16x8.add (local.get 0) (local.get 1)))
  (func $i16x8.add_sat_s (param v128 v128) (result v128) (i16x8.add_sat_s (local.get 0) (local.get 1)))
  (func $i16x8.add_sat_u (param v128 v128) (result v128) (i16x8.add_sat_u (local.get 0) (local.get 1)))
  (func $i16x8.sub (param v128 v128) (result v128) (i16x8.sub (local.get 0) (local.get 1)))
  (func $i16x8.sub_sat_s (param v128 v128) (result v128) (i16x8.sub_sat_s (local.get 0) (local.get 1)))
  (func $i16x8.sub_sat_u (param v128 v128) (result v128) (i16x8.sub_sat_u (local.get 0) (local.get 1)))
  (func $i16x8.mul (param v128 v128) (result v128) (i16x8.mul (local.get 0) (local.get 1)))
  (func $i16x8.min_s (param v128 v128) (result v128) (i16x8.min_s (local.get 0) (local.get 1)))
  (func $i16x8.min_u (param v128 v128) (result v128) (i16x8.min_u (local.get 0) (local.get 1)))
  (func $i16x8.max_s (param v128 v128) (result v128) (i16x8.max_s (local.get 0) (local.get 1)))
  (func $i16x8.max_u (param v128 v128) (result v128) (i16x8.max_u (local.get 0) (local.get 1)))
  (func $i16x8.avgr_u (param v128 v128) (result v128) (i16x8.avgr_u (local.get 0) (local.get 1)))
  (func $i16x8.q15mulr_sat_s (param v128 v128) (result v128) (i16x8.q15mulr_sat_s (local.get 0) (local.get 1)))
  (func $i16x8.abs (param v128) (result v128) (i16x8.abs (local.get 0)))
  (func $i16x8.neg (param v128) (result v128) (i16x8.neg (local.get 0)))
  (func (export "popcnt") (param i32) (result i32) (i32x4.extract_lane 1 (i8x16.popcnt (i32x4.splat (local.get 0)))))
  (func (export "q15") (param i32 i32) (result i32)
    (i16x8.extract_lane_s 0 (i16x8.q15mulr_sat_s (i16x8.splat (local.get 0)) (i16x8.splat (local.get 1))))))

(; machine code

i8x16.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.add                  vpaddb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.add_sat_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.add_sat_s            vpaddsb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.add_sat_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.add_sat_u            vpaddusb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.sub                  vpsubb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.sub_sat_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.sub_sat_s            vpsubsb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.sub_sat_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.sub_sat_u            vpsubusb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.min_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.min_s                vpminsb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.min_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.min_u                vpminub xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.max_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.max_s                vpmaxsb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.max_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.max_u                vpmaxub xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.avgr_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i8x16.avgr_u               vpavgb xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i8x16.abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.abs                  vpabsb xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.neg                  xorps xmm1, xmm1
                             vpsubb xmm1, xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i8x16.popcnt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i8x16.popcnt               movaps xmm1, xmm0
                             vpsrlw xmm15, xmm1, 4
                             vpand xmm15, xmm15, [4 x 0x0f0f0f0f]
                             vpand xmm1, xmm1, [4 x 0x0f0f0f0f]
                             movaps xmm2, [0x02010100 0x03020201 0x03020201 0x04030302]
                             vpshufb xmm1, xmm2, xmm1
                             vpshufb xmm15, xmm2, xmm15
                             vpaddb xmm1, xmm1, xmm15
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.add:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.add                  vpaddw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.add_sat_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.add_sat_s            vpaddsw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.add_sat_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.add_sat_u            vpaddusw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.sub:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.sub                  vpsubw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.sub_sat_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.sub_sat_s            vpsubsw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.sub_sat_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.sub_sat_u            vpsubusw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.mul:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.mul                  vpmullw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.min_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.min_s                vpminsw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.min_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.min_u                vpminuw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.max_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.max_s                vpmaxsw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.max_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.max_u                vpmaxuw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.avgr_u:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.avgr_u               vpavgw xmm2, xmm0, xmm1
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.q15mulr_sat_s:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x28
  local.get 0
  local.get 1
  i16x8.q15mulr_sat_s        vpmulhrsw xmm2, xmm0, xmm1
                             vpcmpeqw xmm15, xmm2, [4 x 0x80008000]
                             vpxor xmm2, xmm2, xmm15
  end                        movaps xmm0, xmm2
                             leave
                             ret

i16x8.abs:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.abs                  vpabsw xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

i16x8.neg:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
  local.get 0
  i16x8.neg                  xorps xmm1, xmm1
                             vpsubw xmm1, xmm1, xmm0
  end                        movaps xmm0, xmm1
                             leave
                             ret

popcnt:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x10
                             je trap:internal-error
  local.get 0
  i32x4.splat                movd xmm0, eax
                             vpshufd xmm0, xmm0, 0
  i8x16.popcnt               vpsrlw xmm15, xmm0, 4
                             vpand xmm15, xmm15, [4 x 0x0f0f0f0f]
                             vpand xmm0, xmm0, [4 x 0x0f0f0f0f]
                             movaps xmm1, [0x02010100 0x03020201 0x03020201 0x04030302]
                             vpshufb xmm0, xmm1, xmm0
                             vpshufb xmm15, xmm1, xmm15
                             vpaddb xmm0, xmm0, xmm15
  i32x4.extract_lane 1       pextrd ecx, xmm0, 1
  end                        mov eax, ecx
                             leave
                             ret

q15:
                             push rbp
                             mov rbp, rsp
                             sub rsp, 0x18
                             je trap:internal-error
  local.get 0
  i16x8.splat                movd xmm0, eax
                             vpbroadcastw xmm0, xmm0
  local.get 1
  i16x8.splat                movd xmm1, edx
                             vpbroadcastw xmm1, xmm1
  i16x8.q15mulr_sat_s        vpmulhrsw xmm0, xmm0, xmm1
                             vpcmpeqw xmm15, xmm0, [4 x 0x80008000]
                             vpxor xmm0, xmm0, xmm15
  i16x8.extract_lane_s 0     pextrw ecx, xmm0, 0
                             movsx ecx, cx
  end                        mov eax, ecx
                             leave
                             ret
;)
