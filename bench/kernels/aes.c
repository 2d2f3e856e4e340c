/* AES-128 encryption by tables of words (FIPS 197). */
#include "kernel.h"

static u8 sbox[256];
static u32 t0[256], t1[256], t2[256], t3[256];
static u32 key[44];

static u8 twice(u8 x) { return (u8)(x << 1 ^ (x & 128 ? 0x1b : 0)); }

static void tables(void) {
  u8 p = 1, q = 1;
  do {
    p = (u8)(p ^ twice(p));
    q ^= q << 1, q ^= q << 2, q ^= q << 4;
    if (q & 128) q ^= 9;
    u8 x = (u8)(q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4));
    sbox[p] = x ^ 0x63;
  } while (p != 1);
  sbox[0] = 0x63;
  for (int i = 0; i < 256; i++) {
    u32 s = sbox[i], s2 = twice((u8)s);
    t0[i] = s2 << 24 | s << 16 | s << 8 | (s2 ^ s);
    t1[i] = t0[i] >> 8 | t0[i] << 24;
    t2[i] = t0[i] >> 16 | t0[i] << 16;
    t3[i] = t0[i] >> 24 | t0[i] << 8;
  }
}

static void expand(void) {
  u8 round = 1;
  for (u32 i = 0; i < 4; i++) key[i] = 0x01234567u * (i + 3);
  for (int i = 4; i < 44; i++) {
    u32 t = key[i - 1];
    if (i % 4 == 0) {
      t = t << 8 | t >> 24;
      t = (u32)sbox[t >> 24] << 24 | sbox[t >> 16 & 255] << 16 | sbox[t >> 8 & 255] << 8 | sbox[t & 255];
      t ^= (u32)round << 24;
      round = twice(round);
    }
    key[i] = key[i - 4] ^ t;
  }
}

#define COLUMN(a, b, c, d, r) t0[a >> 24] ^ t1[b >> 16 & 255] ^ t2[c >> 8 & 255] ^ t3[d & 255] ^ (r)
#define LAST(a, b, c, d, r) \
  ((u32)sbox[a >> 24] << 24 | sbox[b >> 16 & 255] << 16 | sbox[c >> 8 & 255] << 8 | sbox[d & 255]) ^ (r)

u32 run(u32 n) {
  tables();
  expand();
  u32 a = 1, b = 2, c = 3, d = 4;
  for (u32 i = 0; i < n; i++) {
    a ^= key[0], b ^= key[1], c ^= key[2], d ^= key[3];
    for (int r = 4; r < 40; r += 4) {
      u32 e = COLUMN(a, b, c, d, key[r]);
      u32 f = COLUMN(b, c, d, a, key[r + 1]);
      u32 g = COLUMN(c, d, a, b, key[r + 2]);
      u32 h = COLUMN(d, a, b, c, key[r + 3]);
      a = e, b = f, c = g, d = h;
    }
    u32 e = LAST(a, b, c, d, key[40]);
    u32 f = LAST(b, c, d, a, key[41]);
    u32 g = LAST(c, d, a, b, key[42]);
    u32 h = LAST(d, a, b, c, key[43]);
    a = e, b = f, c = g, d = h;
  }
  return a ^ b ^ c ^ d;
}
