/* Conway's game of life on a torus of 128 x 128 bytes. */
#include "kernel.h"

enum { W = 128 };
static u8 a[W][W], b[W][W];

static void step(u8 (*from)[W], u8 (*to)[W]) {
  for (u32 y = 0; y < W; y++) {
    const u8 *up = from[(y + W - 1) % W], *row = from[y], *down = from[(y + 1) % W];
    for (u32 x = 0; x < W; x++) {
      u32 l = (x + W - 1) % W, r = (x + 1) % W;
      u32 around = up[l] + up[x] + up[r] + row[l] + row[r] + down[l] + down[x] + down[r];
      to[y][x] = around == 3 || (around == 2 && row[x]);
    }
  }
}

u32 run(u32 n) {
  random_state = 10;
  for (u32 y = 0; y < W; y++)
    for (u32 x = 0; x < W; x++) a[y][x] = (next_random() >> 9) & 1;
  for (u32 r = 0; r < n; r++) step(a, b), step(b, a);
  u32 alive = 0;
  for (u32 y = 0; y < W; y++)
    for (u32 x = 0; x < W; x++) alive += a[y][x] * (x + y);
  return alive;
}
