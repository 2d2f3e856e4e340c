/* Decompression of an LZ4-like format: byte copies of short runs and matches. */
#include "kernel.h"

enum { SIZE = 32768 };
static u8 packed[SIZE], out[SIZE * 2];
static u32 packed_size;

/* Random tokens: literals, a match, as a compressor would emit them. */
static void make(void) {
  u32 op = 0, produced = 0;
  random_state = 21;
  while (produced < SIZE - 400 && op < SIZE - 64) {
    u32 literals = next_random() & 7, length = next_random() & 63;
    if (produced == 0) literals = 7;
    packed[op++] = (u8)(literals << 4 | (length < 15 ? length : 15));
    for (u32 i = 0; i < literals; i++) packed[op++] = (u8)next_random();
    produced += literals;
    u32 distance = 1 + next_random() % (produced < 4000 ? produced : 4000);
    packed[op++] = (u8)distance, packed[op++] = (u8)(distance >> 8);
    if (length >= 15) packed[op++] = (u8)(length - 15);
    produced += length + 4;
  }
  packed_size = op;
}

static u32 decompress(void) {
  u32 ip = 0, op = 0;
  while (ip < packed_size) {
    u32 token = packed[ip++], literals = token >> 4, length = (token & 15) + 4;
    for (u32 i = 0; i < literals; i++) out[op++] = packed[ip++];
    u32 distance = packed[ip] | (u32)packed[ip + 1] << 8;
    ip += 2;
    if (length == 19) length += packed[ip++];
    for (u32 i = 0; i < length; i++, op++) out[op] = out[op - distance];
  }
  return op;
}

u32 run(u32 n) {
  u32 sum = 0;
  make();
  for (u32 r = 0; r < n; r++) sum = sum * 31 + decompress() + out[r & 16383];
  return sum;
}
