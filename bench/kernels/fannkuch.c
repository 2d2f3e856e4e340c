/* Fannkuch-redux (Computer Language Benchmarks Game): permutations, reversals of small arrays. */
#include "kernel.h"

static s32 perm[16], perm1[16], count[16];

u32 run(u32 n) {
  s32 checksum = 0, most = 0, r = (s32)n, number = 0;
  for (u32 i = 0; i < n; i++) perm1[i] = (s32)i;
  for (;;) {
    for (; r != 1; r--) count[r - 1] = r;
    for (u32 i = 0; i < n; i++) perm[i] = perm1[i];
    s32 flips = 0, first;
    while ((first = perm[0]) != 0) {
      for (s32 lo = 0, hi = first; lo < hi; lo++, hi--) {
        s32 t = perm[lo];
        perm[lo] = perm[hi], perm[hi] = t;
      }
      flips++;
    }
    if (flips > most) most = flips;
    checksum += number++ % 2 == 0 ? flips : -flips;
    for (;; r++) {
      if (r == (s32)n) return (u32)(checksum * 1000 + most);
      s32 p0 = perm1[0];
      for (s32 i = 0; i < r; i++) perm1[i] = perm1[i + 1];
      perm1[r] = p0;
      if (--count[r] > 0) break;
    }
  }
}
