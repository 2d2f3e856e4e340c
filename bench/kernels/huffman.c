/* Huffman decoding, bit by bit through a tree in arrays. */
#include "kernel.h"

enum { SYMBOLS = 64, SIZE = 16384 };
static u32 weight[2 * SYMBOLS];
static s32 left[2 * SYMBOLS], right[2 * SYMBOLS], used[2 * SYMBOLS];
static u8 bits[SIZE];

static s32 build(void) {
  s32 nodes = SYMBOLS;
  for (s32 i = 0; i < 2 * SYMBOLS; i++) used[i] = 0, left[i] = right[i] = -1;
  for (u32 i = 0; i < SYMBOLS; i++) weight[i] = 1 + next_random() % (1 + i * i);
  for (; nodes < 2 * SYMBOLS - 1; nodes++) {
    s32 a = -1, b = -1;
    for (s32 i = 0; i < nodes; i++) {
      if (used[i]) continue;
      if (a < 0 || weight[i] < weight[a]) b = a, a = i;
      else if (b < 0 || weight[i] < weight[b]) b = i;
    }
    used[a] = used[b] = 1;
    left[nodes] = a, right[nodes] = b, weight[nodes] = weight[a] + weight[b];
  }
  return nodes - 1;
}

u32 run(u32 n) {
  random_state = 4;
  s32 root = build(), node = root;
  for (u32 i = 0; i < SIZE; i++) bits[i] = (u8)next_random();
  u32 sum = 0;
  for (u32 r = 0; r < n; r++)
    for (u32 i = 0; i < SIZE; i++) {
      u32 byte = bits[i];
      for (int k = 0; k < 8; k++, byte >>= 1) {
        node = byte & 1 ? right[node] : left[node];
        if (node < SYMBOLS) sum = sum * 5 + (u32)node, node = root;
      }
    }
  return sum;
}
