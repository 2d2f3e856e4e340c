/* xxHash64 over 64 KB. */
#include "kernel.h"

#define ROTL(x, k) ((x) << (k) | (x) >> (64 - (k)))
static const u64 P1 = 11400714785074694791u, P2 = 14029467366897019727u, P3 = 1609587929392839161u,
                 P4 = 9650029242287828579u, P5 = 2870177450012600261u;
enum { SIZE = 65536 / 8 };
static u64 data[SIZE];

static u64 mix(u64 acc, u64 in) {
  acc += in * P2;
  return ROTL(acc, 31) * P1;
}

static u64 hash(u64 seed) {
  u64 v1 = seed + P1 + P2, v2 = seed + P2, v3 = seed, v4 = seed - P1;
  for (u32 i = 0; i < SIZE; i += 4) {
    v1 = mix(v1, data[i]);
    v2 = mix(v2, data[i + 1]);
    v3 = mix(v3, data[i + 2]);
    v4 = mix(v4, data[i + 3]);
  }
  u64 h = ROTL(v1, 1) + ROTL(v2, 7) + ROTL(v3, 12) + ROTL(v4, 18);
  h = (h ^ mix(0, v1)) * P1 + P4;
  h = (h ^ mix(0, v2)) * P1 + P4;
  h = (h ^ mix(0, v3)) * P1 + P4;
  h = (h ^ mix(0, v4)) * P1 + P4;
  h += SIZE * 8 + P5;
  h ^= h >> 33, h *= P2, h ^= h >> 29, h *= P3;
  return h ^ h >> 32;
}

u32 run(u32 n) {
  random_state = 1;
  for (u32 i = 0; i < SIZE; i++) data[i] = (u64)next_random() << 32 | next_random();
  u64 h = 0;
  for (u32 i = 0; i < n; i++) h = hash(h);
  return (u32)(h ^ h >> 32);
}
