/* ChaCha20, four blocks side by side: sixteen live vectors, rotations by shuffles and by shifts. */
#include "simd.h"

#define ROTL(x, k) ((x) << (k) | (x) >> (32 - (k)))
#define ROTL16(x) (u32x4) SHUFFLE((u16x8)(x), (u16x8)(x), 1, 0, 3, 2, 5, 4, 7, 6)
#define ROTL8(x) (u32x4) SHUFFLE((u8x16)(x), (u8x16)(x), 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)
#define QUARTER(a, b, c, d)                                                                                       \
  a += b, d ^= a, d = ROTL16(d), c += d, b ^= c, b = ROTL(b, 12), a += b, d ^= a, d = ROTL8(d), c += d, b ^= c, \
      b = ROTL(b, 7)

static u32x4 out[16];

static void blocks(u32 counter) {
  u32x4 x0 = SPLAT4(0x61707865), x1 = SPLAT4(0x3320646e), x2 = SPLAT4(0x79622d32), x3 = SPLAT4(0x6b206574);
  u32x4 x4 = SPLAT4(1), x5 = SPLAT4(2), x6 = SPLAT4(3), x7 = SPLAT4(4), x8 = SPLAT4(5), x9 = SPLAT4(6);
  u32x4 x10 = SPLAT4(7), x11 = SPLAT4(8), x13 = SPLAT4(9), x14 = SPLAT4(10), x15 = SPLAT4(11);
  u32x4 first = {counter, counter + 1, counter + 2, counter + 3}, x12 = first;
  for (int i = 0; i < 10; i++) {
    QUARTER(x0, x4, x8, x12);
    QUARTER(x1, x5, x9, x13);
    QUARTER(x2, x6, x10, x14);
    QUARTER(x3, x7, x11, x15);
    QUARTER(x0, x5, x10, x15);
    QUARTER(x1, x6, x11, x12);
    QUARTER(x2, x7, x8, x13);
    QUARTER(x3, x4, x9, x14);
  }
  out[0] = x0 + 0x61707865, out[1] = x1 + 0x3320646e, out[2] = x2 + 0x79622d32, out[3] = x3 + 0x6b206574;
  out[4] = x4 + 1, out[5] = x5 + 2, out[6] = x6 + 3, out[7] = x7 + 4, out[8] = x8 + 5, out[9] = x9 + 6;
  out[10] = x10 + 7, out[11] = x11 + 8, out[12] = x12 + first, out[13] = x13 + 9, out[14] = x14 + 10;
  out[15] = x15 + 11;
}

u32 run(u32 n) {
  u32x4 sum = SPLAT4(0);
  for (u32 i = 0; i < n; i++) {
    blocks(4 * i);
    sum = sum * 31 + (out[0] ^ out[7] ^ out[15]);
  }
  return ((sum[0] * 31 + sum[1]) * 31 + sum[2]) * 31 + sum[3];
}
