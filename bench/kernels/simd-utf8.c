/* UTF-8 validation by table look-up (Keiser and Lemire 2021), with a fast way for ASCII: swizzles, shifted vectors. */
#include "simd.h"

enum { SIZE = 16384 };
static u8 text[SIZE];

#define TOO_SHORT 1
#define TOO_LONG 2
#define OVERLONG_3 4
#define SURROGATE 16
#define OVERLONG_2 32
#define TWO_CONTS 128
#define TOO_LARGE 8
#define TOO_LARGE_1000 64
#define OVERLONG_4 64
#define CARRY (TOO_SHORT | TOO_LONG | TWO_CONTS)

static inline u8x16 check(u8x16 in, u8x16 before) {
  const u8x16 high1 = {TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_CONTS,
                       TWO_CONTS, TWO_CONTS, TWO_CONTS, TOO_SHORT | OVERLONG_2, TOO_SHORT,
                       TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4};
  const u8x16 low1 = {CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY,
                      CARRY | TOO_LARGE, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
                      CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE, CARRY | TOO_LARGE | TOO_LARGE_1000,
                      CARRY | TOO_LARGE | TOO_LARGE_1000};
  const u8x16 high2 = {TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
                       TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
                       TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE,
                       TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE,
                       TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT,
                       TOO_SHORT};
  u8x16 prev1 = SHUFFLE(before, in, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  u8x16 prev2 = SHUFFLE(before, in, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  u8x16 prev3 = SHUFFLE(before, in, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  u8x16 special = swizzle(high1, prev1 >> 4) & swizzle(low1, prev1 & 15) & swizzle(high2, in >> 4);
  u8x16 third = sub_saturate(prev2, splat_u8(0xe0 - 0x80)) | sub_saturate(prev3, splat_u8(0xf0 - 0x80));
  return (third & 0x80) ^ special;
}

static u32 is_valid(void) {
  u8x16 error = splat_u8(0), before = splat_u8(0);
  const u8x16 last = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0xef, 0xdf, 0xbf};
  u8x16 incomplete = splat_u8(0);
  for (int i = 0; i < SIZE; i += 16) {
    u8x16 in = LOAD(u8x16, text + i);
    if (bitmask(in) == 0) error |= incomplete;
    else error |= check(in, before);
    incomplete = sub_saturate(in, last);
    before = in;
  }
  return !any_true(error | incomplete);
}

static int put(int at, u32 c) {
  if (c < 0x80) text[at++] = (u8)c;
  else if (c < 0x800) text[at++] = (u8)(0xc0 | c >> 6), text[at++] = (u8)(0x80 | (c & 63));
  else if (c < 0x10000)
    text[at++] = (u8)(0xe0 | c >> 12), text[at++] = (u8)(0x80 | (c >> 6 & 63)), text[at++] = (u8)(0x80 | (c & 63));
  else
    text[at++] = (u8)(0xf0 | c >> 18), text[at++] = (u8)(0x80 | (c >> 12 & 63)),
    text[at++] = (u8)(0x80 | (c >> 6 & 63)), text[at++] = (u8)(0x80 | (c & 63));
  return at;
}

u32 run(u32 n) {
  random_state = 91;
  int at = 0;
  while (at < SIZE - 4) {
    u32 c = next_random(), kind = next_random() >> 24;
    /* Half of the text is in runs of ASCII. */
    if (at & 128 || kind < 64) c = 'a' + c % 26;
    else if (kind < 160) c = 0x80 + c % 0x780;
    else if (kind < 240) c = 0x800 + c % 0xc000;
    else c = 0x10000 + c % 0x100000;
    at = put(at, c);
  }
  while (at < SIZE) text[at++] = 'z';
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    u32 where = (r * 2654435761u) % SIZE;
    u8 old = text[where];
    if (r & 1) text[where] ^= 0x80;
    sum = sum * 3 + is_valid();
    text[where] = old;
  }
  return sum;
}
