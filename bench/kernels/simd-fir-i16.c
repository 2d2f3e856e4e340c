/* A filter with 32 taps over 16-bit samples, and a gain: products of pairs, horizontal sums, saturation. */
#include "simd.h"

enum { N = 1024, TAPS = 32 };
static s16 in[N + TAPS], out[N], taps[TAPS];

static void filter(void) {
  i16x8 t0 = LOAD(i16x8, taps), t1 = LOAD(i16x8, taps + 8), t2 = LOAD(i16x8, taps + 16), t3 = LOAD(i16x8, taps + 24);
  for (int i = 0; i < N; i += 8) {
    i32x4 sums[8];
    for (int j = 0; j < 8; j++) {
      const s16 *p = in + i + j;
      sums[j] = dot(LOAD(i16x8, p), t0) + dot(LOAD(i16x8, p + 8), t1) + dot(LOAD(i16x8, p + 16), t2) +
                dot(LOAD(i16x8, p + 24), t3);
    }
    i32x4 quads[2];
    for (int j = 0; j < 2; j++) {
      i32x4 a = sums[4 * j], b = sums[4 * j + 1], c = sums[4 * j + 2], d = sums[4 * j + 3];
      i32x4 ab = SHUFFLE(a, b, 0, 4, 1, 5) + SHUFFLE(a, b, 2, 6, 3, 7);
      i32x4 cd = SHUFFLE(c, d, 0, 4, 1, 5) + SHUFFLE(c, d, 2, 6, 3, 7);
      quads[j] = (SHUFFLE(ab, cd, 0, 1, 4, 5) + SHUFFLE(ab, cd, 2, 3, 6, 7)) >> 15;
    }
    STORE(i16x8, out + i, narrow_i32(quads[0], quads[1]));
  }
}

static void gain(s16 factor) {
  i16x8 f = splat_i16(factor);
  for (int i = 0; i < N; i += 8)
    STORE(i16x8, in + i, add_saturate(multiply_q15(LOAD(i16x8, out + i), f), LOAD(i16x8, in + i)));
}

u32 run(u32 n) {
  random_state = 5;
  for (int i = 0; i < N + TAPS; i++) in[i] = (s16)next_random();
  for (int i = 0; i < TAPS; i++) taps[i] = (s16)(next_random() >> 4);
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    filter();
    gain((s16)(r * 77));
    sum = sum * 31 + (u32)out[r % N];
  }
  return sum;
}
