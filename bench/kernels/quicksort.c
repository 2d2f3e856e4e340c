/* Recursive quicksort of 4,096 integers. */
#include "kernel.h"

enum { N = 4096 };
static s32 a[N];

static void sort(s32 lo, s32 hi) {
  while (lo < hi) {
    s32 pivot = a[(lo + hi) >> 1], i = lo, j = hi;
    while (i <= j) {
      while (a[i] < pivot) i++;
      while (a[j] > pivot) j--;
      if (i <= j) {
        s32 t = a[i];
        a[i++] = a[j], a[j--] = t;
      }
    }
    sort(lo, j);
    lo = i;
  }
}

u32 run(u32 n) {
  u32 sum = 0;
  random_state = 9;
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < N; i++) a[i] = (s32)next_random();
    sort(0, N - 1);
    sum += (u32)a[r % N];
  }
  return sum;
}
