/* A hash table with open addressing: insertions, hits, misses, deletions by tombstones. */
#include "kernel.h"

enum { SLOTS = 16384, EMPTY = 0, TOMBSTONE = 1 };
static u32 keys[SLOTS], values[SLOTS];

static u32 slot(u32 key) {
  u32 h = key * 2654435761u >> 18;
  while (keys[h] != EMPTY && keys[h] != key) h = (h + 1) & (SLOTS - 1);
  return h;
}

u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < SLOTS; i++) keys[i] = EMPTY;
    random_state = r + 1;
    for (u32 i = 0; i < 6000; i++) {
      u32 key = next_random() | 2, s = slot(key);
      keys[s] = key, values[s] = i;
    }
    random_state = r + 1;
    for (u32 i = 0; i < 9000; i++) {
      u32 key = next_random() | 2, s = slot(key);
      if (keys[s] == key) {
        sum += values[s];
        if ((i & 7) == 0) keys[s] = TOMBSTONE;
      }
    }
  }
  return sum;
}
