/* Matrix product, 64 x 64 floats, in blocks of 4 x 8: eight sums, splats of single elements. */
#include "simd.h"

enum { N = 64 };
static float a[N][N], b[N][N], c[N][N];

static void multiply(void) {
  for (int i = 0; i < N; i += 4)
    for (int j = 0; j < N; j += 8) {
      f32x4 s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0}, s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
      for (int k = 0; k < N; k++) {
        f32x4 b0 = LOAD(f32x4, &b[k][j]), b1 = LOAD(f32x4, &b[k][j + 4]);
        f32x4 a0 = SPLAT4(a[i][k]), a1 = SPLAT4(a[i + 1][k]), a2 = SPLAT4(a[i + 2][k]), a3 = SPLAT4(a[i + 3][k]);
        s00 += a0 * b0, s01 += a0 * b1, s10 += a1 * b0, s11 += a1 * b1;
        s20 += a2 * b0, s21 += a2 * b1, s30 += a3 * b0, s31 += a3 * b1;
      }
      STORE(f32x4, &c[i][j], s00), STORE(f32x4, &c[i][j + 4], s01);
      STORE(f32x4, &c[i + 1][j], s10), STORE(f32x4, &c[i + 1][j + 4], s11);
      STORE(f32x4, &c[i + 2][j], s20), STORE(f32x4, &c[i + 2][j + 4], s21);
      STORE(f32x4, &c[i + 3][j], s30), STORE(f32x4, &c[i + 3][j + 4], s31);
    }
}

u32 run(u32 n) {
  random_state = 78;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) a[i][j] = (float)(next_random() >> 28), b[i][j] = (float)(next_random() >> 28);
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    multiply();
    sum = sum * 7 + (u32)c[r % N][(r * 5) % N];
    a[r % N][r % N] += 1;
  }
  return sum;
}
