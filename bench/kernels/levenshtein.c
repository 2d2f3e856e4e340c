/* Edit distance of two strings of 400 bytes, one row in memory. */
#include "kernel.h"

enum { N = 400 };
static u8 a[N], b[N];
static u32 row[N + 1];

static u32 distance(void) {
  for (u32 j = 0; j <= N; j++) row[j] = j;
  for (u32 i = 1; i <= N; i++) {
    u32 diagonal = row[0];
    row[0] = i;
    for (u32 j = 1; j <= N; j++) {
      u32 change = diagonal + (a[i - 1] != b[j - 1]), up = row[j] + 1, left = row[j - 1] + 1;
      diagonal = row[j];
      u32 best = change < up ? change : up;
      row[j] = best < left ? best : left;
    }
  }
  return row[N];
}

u32 run(u32 n) {
  random_state = 16;
  for (u32 i = 0; i < N; i++) a[i] = (u8)(next_random() & 7), b[i] = (u8)(next_random() & 7);
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    a[r % N] ^= 1;
    sum = sum * 31 + distance();
  }
  return sum;
}
