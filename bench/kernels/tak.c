/* Takeuchi's function: calls with three arguments. */
#include "kernel.h"

__attribute__((noinline)) static s32 tak(s32 x, s32 y, s32 z) {
  if (y >= x) return z;
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) sum = sum * 3 + (u32)tak(14 + (s32)(r & 1), 9, 4);
  return sum;
}
