/* memchr, strlen and a count of lines over a text: comparisons of bytes, bit masks, their first bit and their sum. */
#include "simd.h"

enum { SIZE = 8192 };
static u8 text[SIZE + 16];

static u32 find_byte(const u8 *p, u32 size, u8 c) {
  u8x16 wanted = splat_u8(c);
  for (u32 i = 0; i < size; i += 16) {
    u32 mask = bitmask((u8x16)(LOAD(u8x16, p + i) == wanted));
    if (mask) return i + (u32)__builtin_ctz(mask);
  }
  return size;
}

static u32 length(const u8 *p) {
  for (u32 i = 0;; i += 32) {
    u8x16 a = (u8x16)(LOAD(u8x16, p + i) == 0), b = (u8x16)(LOAD(u8x16, p + i + 16) == 0);
    if (!any_true(a | b)) continue;
    u32 mask = bitmask(a) | bitmask(b) << 16;
    return i + (u32)__builtin_ctz(mask);
  }
}

static u32 count_byte(const u8 *p, u32 size, u8 c) {
  u8x16 wanted = splat_u8(c);
  u32 count = 0;
  for (u32 i = 0; i < size; i += 16) {
    u32 mask = bitmask((u8x16)(LOAD(u8x16, p + i) == wanted));
    for (; mask; mask &= mask - 1) count++;
  }
  return count;
}

/* To upper case, in place: comparisons by saturation, and a choice. */
static void upper(u8 *p, u32 size, u8 first) {
  for (u32 i = 0; i < size; i += 16) {
    u8x16 v = LOAD(u8x16, p + i);
    u8x16 inside = (u8x16)(min_u8(max_u8(v, splat_u8(first)), splat_u8(first + 25)) == v);
    STORE(u8x16, p + i, v ^ (inside & 32));
  }
}

u32 run(u32 n) {
  random_state = 17;
  for (int i = 0; i < SIZE; i++) {
    u32 r = next_random() >> 24;
    text[i] = r < 5 ? '\n' : (u8)('a' + r % 26);
  }
  text[SIZE - 40] = 0;
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    for (u32 at = 0; at < SIZE; at++) {
      at += find_byte(text + at, SIZE - at, '\n');
      sum = sum * 5 + at;
    }
    sum += length(text + r % 64) + count_byte(text, SIZE, (u8)('a' + r % 26));
    upper(text, SIZE, r & 1 ? 'A' : 'a');
  }
  return sum;
}
