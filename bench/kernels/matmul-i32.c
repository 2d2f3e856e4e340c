/* Product of two matrices of u32, 64 x 64. */
#include "kernel.h"

enum { N = 64 };
static u32 a[N][N], b[N][N], c[N][N];

u32 run(u32 n) {
  random_state = 5;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) a[i][j] = (u32)(next_random() & 15), b[i][j] = (u32)(next_random() & 15);
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++) {
        u32 dot = 0;
        for (int k = 0; k < N; k++) dot += a[i][k] * b[k][j];
        c[i][j] = dot;
      }
    a[r % N][r / 3 % N] += 1;
    sum = sum * 3 + (u32)c[r % N][(r * 7) % N];
  }
  return sum;
}
