/* ChaCha20 block function (RFC 8439): 16 live words through ten double rounds. */
#include "kernel.h"

#define ROTL(x, k) ((x) << (k) | (x) >> (32 - (k)))
#define QUARTER(a, b, c, d)                                                                                          \
  a += b, d ^= a, d = ROTL(d, 16), c += d, b ^= c, b = ROTL(b, 12), a += b, d ^= a, d = ROTL(d, 8), c += d, b ^= c, \
      b = ROTL(b, 7)

static u32 state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 10, 11};
static u32 out[16];

static void block(void) {
  u32 x0 = state[0], x1 = state[1], x2 = state[2], x3 = state[3], x4 = state[4], x5 = state[5], x6 = state[6],
      x7 = state[7], x8 = state[8], x9 = state[9], x10 = state[10], x11 = state[11], x12 = state[12], x13 = state[13],
      x14 = state[14], x15 = state[15];
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
  out[0] = x0 + state[0], out[1] = x1 + state[1], out[2] = x2 + state[2], out[3] = x3 + state[3];
  out[4] = x4 + state[4], out[5] = x5 + state[5], out[6] = x6 + state[6], out[7] = x7 + state[7];
  out[8] = x8 + state[8], out[9] = x9 + state[9], out[10] = x10 + state[10], out[11] = x11 + state[11];
  out[12] = x12 + state[12], out[13] = x13 + state[13], out[14] = x14 + state[14], out[15] = x15 + state[15];
  state[12]++;
}

u32 run(u32 n) {
  u32 sum = 0;
  state[12] = 0;
  for (u32 i = 0; i < n; i++) {
    block();
    sum = sum * 31 + (out[0] ^ out[7] ^ out[15]);
  }
  return sum;
}
