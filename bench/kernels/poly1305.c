/* Poly1305 (RFC 8439) with five limbs of 26 bits: 25 products of 64 bits per block. */
#include "kernel.h"

static u32 message[4];

u32 run(u32 n) {
  const u64 mask = 0x3ffffff;
  u64 r0 = 0x3ffff03 & 0x1234567, r1 = 0x2345678, r2 = 0x0456789, r3 = 0x156789a, r4 = 0x06789ab;
  u64 s1 = r1 * 5, s2 = r2 * 5, s3 = r3 * 5, s4 = r4 * 5;
  u64 h0 = 0, h1 = 0, h2 = 0, h3 = 0, h4 = 0;
  for (u32 i = 0; i < n; i++) {
    message[0] = i, message[1] = i * 7, message[2] = ~i, message[3] = i ^ 0x5555;
    u64 low = message[0] | (u64)message[1] << 32, high = message[2] | (u64)message[3] << 32;
    h0 += low & mask;
    h1 += low >> 26 & mask;
    h2 += (low >> 52 | high << 12) & mask;
    h3 += high >> 14 & mask;
    h4 += high >> 40 | 1 << 24;
    u64 d0 = h0 * r0 + h1 * s4 + h2 * s3 + h3 * s2 + h4 * s1;
    u64 d1 = h0 * r1 + h1 * r0 + h2 * s4 + h3 * s3 + h4 * s2;
    u64 d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s4 + h4 * s3;
    u64 d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s4;
    u64 d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0;
    d1 += d0 >> 26, h0 = d0 & mask;
    d2 += d1 >> 26, h1 = d1 & mask;
    d3 += d2 >> 26, h2 = d2 & mask;
    d4 += d3 >> 26, h3 = d3 & mask;
    h0 += (d4 >> 26) * 5, h4 = d4 & mask;
    h1 += h0 >> 26, h0 &= mask;
  }
  return (u32)(h0 ^ h1 << 3 ^ h2 << 6 ^ h3 << 2 ^ h4);
}
