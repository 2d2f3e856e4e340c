/* SHA-256 of four messages side by side: long chains of shifts, choices and sums, a schedule of sixteen vectors. */
#include "simd.h"

static const u32 k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

#define ROTR(x, n) ((x) >> (n) | (x) << (32 - (n)))

static u32x4 state[8], w[64];

static void compress(void) {
  for (int i = 16; i < 64; i++) {
    u32x4 a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (ROTR(a, 7) ^ ROTR(a, 18) ^ a >> 3) + (ROTR(b, 17) ^ ROTR(b, 19) ^ b >> 10);
  }
  u32x4 a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    u32x4 t = h + (ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25)) + (g ^ (e & (f ^ g))) + k[i] + w[i];
    u32x4 s = (ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22)) + ((a & b) | (c & (a | b)));
    h = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + s;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

u32 run(u32 n) {
  random_state = 31;
  for (int i = 0; i < 8; i++) state[i] = (u32x4){k[i], k[i + 8], k[i + 16], k[i + 24]};
  for (u32 r = 0; r < n; r++) {
    for (int i = 0; i < 16; i++) w[i] = (u32x4){r, r * 3, r * 5, r * 7} + (u32)i * 0x9e3779b9u;
    compress();
  }
  u32 sum = 0;
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 4; j++) sum = sum * 31 + state[i][j];
  return sum;
}
