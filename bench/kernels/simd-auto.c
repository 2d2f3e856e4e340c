/* Plain loops that the compiler makes vectors of: differences of bytes, a gradient of floats, sums of 16-bit products. */
#include "kernel.h"

enum { N = 4096 };
static u8 a[N], b[N], c[N];
static float f[N], g[N];
static s16 p[N], q[N];

static u32 difference(void) {
  u32 sum = 0;
  for (int i = 0; i < N; i++) sum += a[i] > b[i] ? a[i] - b[i] : b[i] - a[i];
  return sum;
}

static void gradient(float k) {
  for (int i = 1; i < N - 1; i++) g[i] = f[i] * k + (f[i + 1] - f[i - 1]) * 0.5f;
}

static s32 correlate(void) {
  s32 sum = 0;
  for (int i = 0; i < N; i++) sum += p[i] * q[i];
  return sum;
}

static void blend(void) {
  for (int i = 0; i < N; i++) c[i] = (u8)((a[i] * 77 + b[i] * 179) >> 8);
}

u32 run(u32 n) {
  random_state = 3;
  for (int i = 0; i < N; i++) {
    a[i] = (u8)next_random(), b[i] = (u8)next_random(), f[i] = (float)(next_random() >> 16);
    p[i] = (s16)(next_random() >> 20), q[i] = (s16)(next_random() >> 20);
  }
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    blend();
    gradient(0.25f);
    sum = sum * 31 + difference() + (u32)correlate() + c[r % N] + (u32)(s32)g[r % N];
    a[r % N]++, p[r % N]--, f[r % N] += 1;
  }
  return sum;
}
