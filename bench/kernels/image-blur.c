/* A separable blur of a 96 x 96 picture with four 8-bit channels, fixed point. */
#include "kernel.h"

enum { W = 96 };
static u8 picture[W][W][4], half[W][W][4];

u32 run(u32 n) {
  random_state = 23;
  for (u32 y = 0; y < W; y++)
    for (u32 x = 0; x < W; x++)
      for (u32 c = 0; c < 4; c++) picture[y][x][c] = (u8)next_random();
  for (u32 r = 0; r < n; r++) {
    for (u32 y = 0; y < W; y++)
      for (u32 x = 1; x < W - 1; x++)
        for (u32 c = 0; c < 4; c++)
          half[y][x][c] = (u8)((picture[y][x - 1][c] * 60 + picture[y][x][c] * 136 + picture[y][x + 1][c] * 60) >> 8);
    for (u32 y = 1; y < W - 1; y++)
      for (u32 x = 0; x < W; x++)
        for (u32 c = 0; c < 4; c++)
          picture[y][x][c] = (u8)((half[y - 1][x][c] * 60 + half[y][x][c] * 136 + half[y + 1][x][c] * 60 + 100) >> 8);
  }
  u32 sum = 0;
  for (u32 y = 0; y < W; y++)
    for (u32 x = 0; x < W; x++) sum = sum * 3 + picture[y][x][x & 3];
  return sum;
}
