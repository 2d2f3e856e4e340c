/* Boyer-Moore-Horspool search. */
#include "kernel.h"

enum { SIZE = 65536, NEEDLE = 8 };
static u8 text[SIZE], needle[NEEDLE];
static u32 skip[256];

static u32 search(void) {
  u32 found = 0;
  for (u32 i = 0; i < 256; i++) skip[i] = NEEDLE;
  for (u32 i = 0; i < NEEDLE - 1; i++) skip[needle[i]] = NEEDLE - 1 - i;
  for (u32 at = 0; at <= SIZE - NEEDLE; at += skip[text[at + NEEDLE - 1]]) {
    s32 k = NEEDLE - 1;
    while (k >= 0 && text[at + (u32)k] == needle[k]) k--;
    if (k < 0) found += at;
  }
  return found;
}

u32 run(u32 n) {
  random_state = 15;
  for (u32 i = 0; i < SIZE; i++) text[i] = (u8)('a' + (next_random() & 3));
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    u32 at = next_random() % (SIZE - NEEDLE);
    for (u32 i = 0; i < NEEDLE; i++) needle[i] = text[at + i];
    sum = sum * 3 + search();
  }
  return sum;
}
