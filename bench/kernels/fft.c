/* Fast Fourier transform, radix 2, 1,024 complex doubles, and its inverse. */
#include "kernel.h"

enum { N = 1024 };
static double re[N], im[N], cosines[N / 2], sines[N / 2];

static void transform(double direction) {
  for (u32 i = 1, j = 0; i < N; i++) {
    u32 bit = N >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      double t = re[i];
      re[i] = re[j], re[j] = t;
      t = im[i];
      im[i] = im[j], im[j] = t;
    }
  }
  for (u32 len = 2; len <= N; len <<= 1) {
    u32 half = len / 2, step = N / len;
    for (u32 i = 0; i < N; i += len)
      for (u32 k = 0; k < half; k++) {
        double c = cosines[k * step], s = direction * sines[k * step];
        u32 p = i + k, q = p + half;
        double tr = re[q] * c - im[q] * s, ti = re[q] * s + im[q] * c;
        re[q] = re[p] - tr, im[q] = im[p] - ti;
        re[p] += tr, im[p] += ti;
      }
  }
}

u32 run(u32 n) {
  /* cos and sin of 2 pi / N; the others by rotation. */
  double c1 = 0.99998117528260110909, s1 = 0.0061358846491544753, c = 1, s = 0;
  for (u32 k = 0; k < N / 2; k++) {
    cosines[k] = c, sines[k] = s;
    double t = c * c1 - s * s1;
    s = s * c1 + c * s1;
    c = t;
  }
  random_state = 3;
  for (u32 i = 0; i < N; i++) re[i] = next_random() & 1023, im[i] = 0;
  for (u32 r = 0; r < n; r++) {
    transform(-1);
    transform(1);
    for (u32 i = 0; i < N; i++) re[i] /= N, im[i] /= N;
  }
  double sum = 0;
  for (u32 i = 0; i < N; i++) sum += re[i] * (i % 7);
  return (u32)(s32)sum;
}
