/* Dot product and a * x + y over 4096 floats: loads, and four chains of multiply and add. */
#include "simd.h"

enum { N = 4096 };
static float x[N], y[N];

static float dot_product(void) {
  f32x4 s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  for (int i = 0; i < N; i += 16) {
    s0 += LOAD(f32x4, x + i) * LOAD(f32x4, y + i);
    s1 += LOAD(f32x4, x + i + 4) * LOAD(f32x4, y + i + 4);
    s2 += LOAD(f32x4, x + i + 8) * LOAD(f32x4, y + i + 8);
    s3 += LOAD(f32x4, x + i + 12) * LOAD(f32x4, y + i + 12);
  }
  f32x4 s = (s0 + s1) + (s2 + s3);
  return (s[0] + s[1]) + (s[2] + s[3]);
}

static void scale_add(float a) {
  f32x4 factor = SPLAT4(a);
  for (int i = 0; i < N; i += 4) STORE(f32x4, y + i, LOAD(f32x4, y + i) + factor * LOAD(f32x4, x + i));
}

u32 run(u32 n) {
  random_state = 77;
  for (int i = 0; i < N; i++) {
    x[i] = (float)(next_random() >> 20) / 4096;
    y[i] = (float)(next_random() >> 20) / 4096;
  }
  float sum = 0;
  for (u32 r = 0; r < n; r++) {
    sum = sum * 0.5f + dot_product();
    scale_add(r & 1 ? 0.25f : -0.25f);
  }
  union {
    float f;
    u32 bits;
  } result = {sum};
  return result.bits;
}
