/*
 * Vectors of 16 bytes. Most is the vector extension of C that clang and gcc share; what it has no words for is named
 * here once, with wasm's instruction and SSE's. All of them give the same result on both.
 */
#include "kernel.h"

typedef u8 u8x16 __attribute__((vector_size(16)));
typedef s16 i16x8 __attribute__((vector_size(16)));
typedef u16 u16x8 __attribute__((vector_size(16)));
typedef u32 u32x4 __attribute__((vector_size(16)));
typedef s32 i32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef double f64x2 __attribute__((vector_size(16)));
typedef long long i64x2 __attribute__((vector_size(16)));

/* Memory at any alignment. */
#define UNALIGNED(type) type __attribute__((aligned(1), may_alias))
typedef UNALIGNED(u8x16) u8x16_any;
typedef UNALIGNED(i16x8) i16x8_any;
typedef UNALIGNED(u32x4) u32x4_any;
typedef UNALIGNED(f32x4) f32x4_any;
#define LOAD(type, p) (*(const type##_any *)(p))
#define STORE(type, p, v) (*(type##_any *)(p) = (v))

#ifdef __wasm__
#include <wasm_simd128.h>
typedef v128_t raw;
#define PICK(wasm, sse) wasm
#else
#include <smmintrin.h>
typedef __m128i raw;
#define PICK(wasm, sse) sse
#endif

/* Bytes of a chosen by the low four bits of each byte of i, which is below 16 or has bit 7 set (then 0). */
static inline u8x16 swizzle(u8x16 a, u8x16 i) {
  return (u8x16)PICK(wasm_i8x16_swizzle, _mm_shuffle_epi8)((raw)a, (raw)i);
}
/* Bit n is the highest bit of byte n. */
static inline u32 bitmask(u8x16 a) { return (u32)PICK(wasm_i8x16_bitmask, _mm_movemask_epi8)((raw)a); }
static inline int any_true(u8x16 a) {
#ifdef __wasm__
  return wasm_v128_any_true((raw)a);
#else
  return !_mm_testz_si128((raw)a, (raw)a);
#endif
}
static inline u8x16 sub_saturate(u8x16 a, u8x16 b) {
  return (u8x16)PICK(wasm_u8x16_sub_sat, _mm_subs_epu8)((raw)a, (raw)b);
}
/* (a + b + 1) / 2 */
static inline u8x16 average(u8x16 a, u8x16 b) { return (u8x16)PICK(wasm_u8x16_avgr, _mm_avg_epu8)((raw)a, (raw)b); }
static inline u8x16 max_u8(u8x16 a, u8x16 b) { return (u8x16)PICK(wasm_u8x16_max, _mm_max_epu8)((raw)a, (raw)b); }
static inline u8x16 min_u8(u8x16 a, u8x16 b) { return (u8x16)PICK(wasm_u8x16_min, _mm_min_epu8)((raw)a, (raw)b); }
/* Sums of neighbouring products. */
static inline i32x4 dot(i16x8 a, i16x8 b) {
  return (i32x4)PICK(wasm_i32x4_dot_i16x8, _mm_madd_epi16)((raw)a, (raw)b);
}
/* (a * b + 0x4000) >> 15 */
static inline i16x8 multiply_q15(i16x8 a, i16x8 b) {
  return (i16x8)PICK(wasm_i16x8_q15mulr_sat, _mm_mulhrs_epi16)((raw)a, (raw)b);
}
static inline i16x8 add_saturate(i16x8 a, i16x8 b) {
  return (i16x8)PICK(wasm_i16x8_add_sat, _mm_adds_epi16)((raw)a, (raw)b);
}
static inline i16x8 narrow_i32(i32x4 a, i32x4 b) {
  return (i16x8)PICK(wasm_i16x8_narrow_i32x4, _mm_packs_epi32)((raw)a, (raw)b);
}
static inline u8x16 narrow_i16(u16x8 a, u16x8 b) {
  return (u8x16)PICK(wasm_u8x16_narrow_i16x8, _mm_packus_epi16)((raw)a, (raw)b);
}
static inline u16x8 widen_low(u8x16 a) {
#ifdef __wasm__
  return (u16x8)wasm_u16x8_extend_low_u8x16((raw)a);
#else
  return (u16x8)_mm_unpacklo_epi8((raw)a, _mm_setzero_si128());
#endif
}
static inline u16x8 widen_high(u8x16 a) {
#ifdef __wasm__
  return (u16x8)wasm_u16x8_extend_high_u8x16((raw)a);
#else
  return (u16x8)_mm_unpackhi_epi8((raw)a, _mm_setzero_si128());
#endif
}
#define SHUFFLE __builtin_shufflevector
#define SPLAT4(x) {(x), (x), (x), (x)}
static inline u8x16 splat_u8(u8 x) { return (u8x16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
static inline i16x8 splat_i16(s16 x) { return (i16x8){x, x, x, x, x, x, x, x}; }
