/* MD5 compression function (RFC 1321), rounds in loops; the constants are seeded, not the standard's sines. */
#include "kernel.h"

static u32 k[64];
static const u8 shifts[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
static u32 m[16];

u32 run(u32 n) {
  random_state = 77;
  for (int i = 0; i < 64; i++) k[i] = next_random();
  u32 a0 = 0x67452301, b0 = 0xefcdab89, c0 = 0x98badcfe, d0 = 0x10325476;
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < 16; i++) m[i] = r + i;
    u32 a = a0, b = b0, c = c0, d = d0;
    for (u32 i = 0; i < 64; i++) {
      u32 f, g;
      if (i < 16) f = (b & c) | (~b & d), g = i;
      else if (i < 32) f = (d & b) | (~d & c), g = (5 * i + 1) & 15;
      else if (i < 48) f = b ^ c ^ d, g = (3 * i + 5) & 15;
      else f = c ^ (b | ~d), g = 7 * i & 15;
      u32 s = shifts[(i >> 4) * 4 + (i & 3)];
      f += a + k[i] + m[g];
      a = d, d = c, c = b;
      b += f << s | f >> (32 - s);
    }
    a0 += a, b0 += b, c0 += c, d0 += d;
  }
  return a0 ^ b0 ^ c0 ^ d0;
}
