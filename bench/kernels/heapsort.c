/* Heapsort of 4,096 doubles. */
#include "kernel.h"

enum { N = 4096 };
static double a[N];

static void sift(u32 root, u32 end) {
  double value = a[root];
  for (u32 child; (child = 2 * root + 1) < end; root = child) {
    if (child + 1 < end && a[child] < a[child + 1]) child++;
    if (value >= a[child]) break;
    a[root] = a[child];
  }
  a[root] = value;
}

u32 run(u32 n) {
  u32 sum = 0;
  random_state = 9;
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < N; i++) a[i] = next_random() >> 1;
    for (u32 i = N / 2; i-- > 0;) sift(i, N);
    for (u32 end = N - 1; end > 0; end--) {
      double t = a[0];
      a[0] = a[end], a[end] = t;
      sift(0, end);
    }
    sum += (u32)a[r % N];
  }
  return sum;
}
