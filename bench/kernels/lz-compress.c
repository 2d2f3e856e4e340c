/* A compressor of the LZ4 family: hash table of positions, matches of bytes, tokens. */
#include "kernel.h"

enum { SIZE = 32768 };
static u8 in[SIZE + 16], out[SIZE * 2];
static u32 table[4096];

static u32 word(const u8 *p) { return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24; }

static u32 compress(void) {
  u32 op = 0, anchor = 0, ip = 1;
  for (u32 i = 0; i < 4096; i++) table[i] = 0;
  while (ip < SIZE - 12) {
    u32 now = word(in + ip), h = (now * 2654435761u) >> 20, ref = table[h];
    table[h] = ip;
    if (word(in + ref) != now || ip - ref > 65535) {
      ip++;
      continue;
    }
    u32 length = 4;
    while (ip + length < SIZE - 5 && in[ref + length] == in[ip + length]) length++;
    u32 literals = ip - anchor;
    out[op++] = (u8)((literals < 15 ? literals : 15) << 4 | (length - 4 < 15 ? length - 4 : 15));
    if (literals >= 15) {
      u32 rest = literals - 15;
      for (; rest >= 255; rest -= 255) out[op++] = 255;
      out[op++] = (u8)rest;
    }
    for (u32 i = 0; i < literals; i++) out[op++] = in[anchor + i];
    out[op++] = (u8)(ip - ref), out[op++] = (u8)((ip - ref) >> 8);
    if (length - 4 >= 15) {
      u32 rest = length - 19;
      for (; rest >= 255; rest -= 255) out[op++] = 255;
      out[op++] = (u8)rest;
    }
    ip += length, anchor = ip;
  }
  return op;
}

u32 run(u32 n) {
  random_state = 12;
  for (u32 i = 0; i < SIZE; i++) {
    if (i > 300 && (next_random() & 15) == 0) {
      u32 back = 1 + next_random() % 299, length = 4 + next_random() % 40;
      for (u32 k = 0; k < length && i < SIZE; k++, i++) in[i] = in[i - back];
      i--;
    } else in[i] = (u8)(next_random() & 31);
  }
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    in[r % SIZE] ^= 1;
    sum = sum * 31 + compress();
  }
  return sum ^ out[100];
}
