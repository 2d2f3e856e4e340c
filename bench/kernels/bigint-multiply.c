/* Schoolbook multiplication of numbers of 64 words: 32 x 32 -> 64 bits, carries. */
#include "kernel.h"

enum { WORDS = 64 };
static u32 a[WORDS], b[WORDS], product[2 * WORDS];

static void multiply(void) {
  for (u32 i = 0; i < 2 * WORDS; i++) product[i] = 0;
  for (u32 i = 0; i < WORDS; i++) {
    u64 carry = 0;
    for (u32 j = 0; j < WORDS; j++) {
      u64 t = (u64)a[i] * b[j] + product[i + j] + carry;
      product[i + j] = (u32)t;
      carry = t >> 32;
    }
    product[i + WORDS] = (u32)carry;
  }
}

u32 run(u32 n) {
  random_state = 14;
  for (u32 i = 0; i < WORDS; i++) a[i] = next_random(), b[i] = next_random();
  for (u32 r = 0; r < n; r++) {
    multiply();
    for (u32 i = 0; i < WORDS; i++) a[i] = product[i + WORDS / 2] ^ r;
  }
  return product[5] ^ product[100];
}
