/* Base64 there and back, by tables. */
#include "kernel.h"

enum { SIZE = 12288 };
static const u8 alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static u8 reverse[256], data[SIZE], text[SIZE / 3 * 4];

u32 run(u32 n) {
  for (u32 i = 0; i < 64; i++) reverse[alphabet[i]] = (u8)i;
  random_state = 8;
  for (u32 i = 0; i < SIZE; i++) data[i] = (u8)next_random();
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    data[r % SIZE]++;
    u8 *out = text;
    for (u32 i = 0; i < SIZE; i += 3, out += 4) {
      u32 x = (u32)data[i] << 16 | data[i + 1] << 8 | data[i + 2];
      out[0] = alphabet[x >> 18], out[1] = alphabet[x >> 12 & 63];
      out[2] = alphabet[x >> 6 & 63], out[3] = alphabet[x & 63];
    }
    u8 *back = data;
    for (u32 i = 0; i < SIZE / 3 * 4; i += 4, back += 3) {
      u32 x = (u32)reverse[text[i]] << 18 | reverse[text[i + 1]] << 12 | reverse[text[i + 2]] << 6 | reverse[text[i + 3]];
      back[0] = (u8)(x >> 16), back[1] = (u8)(x >> 8), back[2] = (u8)x;
    }
    sum = sum * 31 + data[r * 7 % SIZE];
  }
  return sum;
}
