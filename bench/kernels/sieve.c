/* Sieve of Eratosthenes over 64 KB. */
#include "kernel.h"

enum { N = 65536 };
static u8 composite[N];

u32 run(u32 n) {
  u32 found = 0;
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < N; i++) composite[i] = 0;
    for (u32 i = 2; i < N; i++) {
      if (composite[i]) continue;
      found++;
      for (u32 j = 2 * i; j < N; j += i) composite[j] = 1;
    }
  }
  return found;
}
