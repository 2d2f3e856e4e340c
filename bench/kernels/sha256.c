/* SHA-256 compression function (FIPS 180-4). The constants are computed: fractional parts of cube roots of primes. */
#include "kernel.h"

#define ROTR(x, k) ((x) >> (k) | (x) << (32 - (k)))

static u32 k[64];
static u32 w[64];
static u32 h[8];

static void constants(void) {
  u32 found = 0;
  for (u32 p = 2; found < 64; p++) {
    u32 prime = 1;
    for (u32 d = 2; d * d <= p; d++)
      if (p % d == 0) prime = 0;
    if (!prime) continue;
    double root = p; /* Newton's method */
    for (int i = 0; i < 60; i++) root -= (root * root * root - p) / (3 * root * root);
    k[found++] = (u32)(s64)((root - (double)(s32)root) * 4294967296.0);
  }
}

static void compress(void) {
  for (int i = 16; i < 64; i++) {
    u32 s0 = ROTR(w[i - 15], 7) ^ ROTR(w[i - 15], 18) ^ w[i - 15] >> 3;
    u32 s1 = ROTR(w[i - 2], 17) ^ ROTR(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  u32 a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], x = h[7];
  for (int i = 0; i < 64; i++) {
    u32 t1 = x + (ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    u32 t2 = (ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    x = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += x;
}

u32 run(u32 n) {
  constants();
  for (int i = 0; i < 8; i++) h[i] = 0x6a09e667u * (i + 1);
  for (u32 i = 0; i < n; i++) {
    for (u32 j = 0; j < 16; j++) w[j] = i * 16 + j;
    compress();
  }
  return h[0] ^ h[3] ^ h[7];
}
