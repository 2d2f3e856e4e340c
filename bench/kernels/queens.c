/* Solutions of the n queens problem by bit masks: recursion with four values. */
#include "kernel.h"

static u32 solve(u32 all, u32 columns, u32 left, u32 right) {
  if (columns == all) return 1;
  u32 count = 0;
  for (u32 free = all & ~(columns | left | right); free;) {
    u32 bit = free & -free;
    free ^= bit;
    count += solve(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

u32 run(u32 n) { return solve((1u << n) - 1, 0, 0, 0); }
