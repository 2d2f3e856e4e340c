/* Validation of UTF-8 (RFC 3629), byte by byte. */
#include "kernel.h"

enum { SIZE = 32768 };
static u8 text[SIZE + 8];

static u32 validate(const u8 *p, const u8 *end) {
  u32 count = 0;
  while (p < end) {
    u8 c = *p++;
    if (c < 0x80) {
      count++;
      continue;
    }
    u32 more;
    u8 low = 0x80, high = 0xbf;
    if (c >= 0xc2 && c <= 0xdf) more = 1;
    else if (c >= 0xe0 && c <= 0xef) {
      more = 2;
      if (c == 0xe0) low = 0xa0;
      if (c == 0xed) high = 0x9f;
    } else if (c >= 0xf0 && c <= 0xf4) {
      more = 3;
      if (c == 0xf0) low = 0x90;
      if (c == 0xf4) high = 0x8f;
    } else return 0;
    if ((u32)(end - p) < more || *p < low || *p > high) return 0;
    for (u32 i = 1; i < more; i++)
      if ((p[i] & 0xc0) != 0x80) return 0;
    p += more;
    count++;
  }
  return count;
}

u32 run(u32 n) {
  u32 at = 1, sum = 0;
  random_state = 6;
  while (at < SIZE - 4) {
    u32 kind = next_random() & 7;
    if (kind < 5) text[at++] = (u8)('a' + kind);
    else if (kind == 5) text[at++] = 0xc3, text[at++] = 0xa4;
    else if (kind == 6) text[at++] = 0xe2, text[at++] = 0x82, text[at++] = 0xac;
    else text[at++] = 0xf0, text[at++] = 0x9f, text[at++] = 0x98, text[at++] = 0x80;
  }
  for (u32 r = 0; r < n; r++) {
    text[0] = (u8)('a' + r % 26);
    sum = sum * 31 + validate(text, text + at);
  }
  return sum;
}
