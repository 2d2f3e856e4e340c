/* SipHash-2-4 of short messages. */
#include "kernel.h"

#define ROTL(x, k) ((x) << (k) | (x) >> (64 - (k)))
#define ROUND                                                                                           \
  (v0 += v1, v1 = ROTL(v1, 13), v1 ^= v0, v0 = ROTL(v0, 32), v2 += v3, v3 = ROTL(v3, 16), v3 ^= v2, \
   v0 += v3, v3 = ROTL(v3, 21), v3 ^= v0, v2 += v1, v1 = ROTL(v1, 17), v1 ^= v2, v2 = ROTL(v2, 32))

static u64 message[8];

static u64 hash(u64 k0, u64 k1, u32 words) {
  u64 v0 = k0 ^ 0x736f6d6570736575u, v1 = k1 ^ 0x646f72616e646f6du, v2 = k0 ^ 0x6c7967656e657261u,
      v3 = k1 ^ 0x7465646279746573u;
  for (u32 i = 0; i < words; i++) {
    u64 m = message[i];
    v3 ^= m;
    ROUND, ROUND;
    v0 ^= m;
  }
  v2 ^= 255;
  ROUND, ROUND, ROUND, ROUND;
  return v0 ^ v1 ^ v2 ^ v3;
}

u32 run(u32 n) {
  u64 h = 0;
  for (u32 i = 0; i < 8; i++) message[i] = 0x0706050403020100u * (i + 1);
  for (u32 i = 0; i < n; i++) {
    message[i & 7] ^= h;
    h = hash(h, i, 4 + (i & 3));
  }
  return (u32)(h ^ h >> 32);
}
