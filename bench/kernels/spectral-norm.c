/* Spectral norm of an infinite matrix, cut off (Computer Language Benchmarks Game): integer to double, divisions. */
#include "kernel.h"

enum { N = 60 };
static double u[N], v[N], t[N];

static double entry(int i, int j) { return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(const double *in, double *out, int transposed) {
  for (int i = 0; i < N; i++) {
    double sum = 0;
    for (int j = 0; j < N; j++) sum += (transposed ? entry(j, i) : entry(i, j)) * in[j];
    out[i] = sum;
  }
}

u32 run(u32 n) {
  for (int i = 0; i < N; i++) u[i] = 1;
  for (u32 r = 0; r < n; r++) {
    times(u, t, 0), times(t, v, 1);
    times(v, t, 0), times(t, u, 1);
    for (int i = 0; i < N; i++) u[i] /= 1.5;
  }
  double uv = 0, vv = 0;
  for (int i = 0; i < N; i++) uv += u[i] * v[i], vv += v[i] * v[i];
  return (u32)(s32)(__builtin_sqrt(uv / vv) * 1e8);
}
