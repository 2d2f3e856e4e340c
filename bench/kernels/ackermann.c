/* Ackermann's function: deep recursion. */
#include "kernel.h"

__attribute__((noinline)) static u32 ackermann(u32 m, u32 n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) sum = sum * 3 + ackermann(2, 200 + (r & 7));
  return sum;
}
