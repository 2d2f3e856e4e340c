/* A separable blur of a 96 x 96 picture with four 8-bit channels: bytes are widened, weighted, narrowed. */
#include "simd.h"

enum { W = 96, ROW = 4 * W };
static u8 picture[W * ROW], half[W * ROW];

static inline u8x16 weighted(u8x16 a, u8x16 b, u8x16 c) {
  u16x8 low = (widen_low(a) + widen_low(c)) * 60 + widen_low(b) * 136;
  u16x8 high = (widen_high(a) + widen_high(c)) * 60 + widen_high(b) * 136;
  return narrow_i16(low >> 8, high >> 8);
}

u32 run(u32 n) {
  random_state = 23;
  for (int i = 0; i < W * ROW; i++) picture[i] = (u8)next_random();
  for (u32 r = 0; r < n; r++) {
    for (int i = 16; i < W * ROW - 16; i += 16)
      STORE(u8x16, half + i,
            weighted(LOAD(u8x16, picture + i - 4), LOAD(u8x16, picture + i), LOAD(u8x16, picture + i + 4)));
    for (int i = ROW; i < W * ROW - ROW; i += 16)
      STORE(u8x16, picture + i,
            average(LOAD(u8x16, picture + i),
                    weighted(LOAD(u8x16, half + i - ROW), LOAD(u8x16, half + i), LOAD(u8x16, half + i + ROW))));
  }
  u32 sum = 0;
  for (int i = 0; i < W * ROW; i++) sum = sum * 3 + picture[i];
  return sum;
}
