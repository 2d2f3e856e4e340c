/* Collatz sequences in 64 bits: short loops with unpredictable branches. */
#include "kernel.h"

u32 run(u32 n) {
  u32 longest = 0, best = 0;
  for (u32 start = 1; start < n; start++) {
    u64 x = start;
    u32 steps = 0;
    for (; x != 1; steps++) x = x & 1 ? 3 * x + 1 : x >> 1;
    if (steps > longest) longest = steps, best = start;
  }
  return best * 1000 + longest;
}
