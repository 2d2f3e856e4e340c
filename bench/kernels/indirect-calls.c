/* Calls through a table of functions. */
#include "kernel.h"

static u32 add(u32 a, u32 b) { return a + b; }
static u32 sub(u32 a, u32 b) { return a - b; }
static u32 mul(u32 a, u32 b) { return a * (b | 1); }
static u32 xor(u32 a, u32 b) { return a ^ b; }
static u32 rot(u32 a, u32 b) { return a << 7 | a >> 25 ^ b; }
static u32 or(u32 a, u32 b) { return (a | b) * 5; }

static u32 (*const volatile table[8])(u32, u32) = {add, sub, mul, xor, rot, or, add, mul};
static u8 ops[1024];

u32 run(u32 n) {
  random_state = 20;
  for (u32 i = 0; i < sizeof ops; i++) ops[i] = (u8)(next_random() & 7);
  u32 x = 1;
  for (u32 r = 0; r < n; r++)
    for (u32 i = 0; i < sizeof ops; i++) x = table[ops[i]](x, i);
  return x;
}
