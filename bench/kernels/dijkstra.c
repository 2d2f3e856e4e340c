/* Shortest paths on a grid of 48 x 48 with a binary heap. */
#include "kernel.h"

enum { W = 48, N = W * W };
static u32 cost[N], distance[N], heap[4 * N];
static u32 heap_size;

/* Heap entries: distance << 12 | cell. */
static void push(u32 entry) {
  u32 at = heap_size++;
  for (; at > 0 && heap[(at - 1) >> 1] > entry; at = (at - 1) >> 1) heap[at] = heap[(at - 1) >> 1];
  heap[at] = entry;
}

static u32 pop(void) {
  u32 top = heap[0], last = heap[--heap_size], at = 0;
  for (u32 child; (child = 2 * at + 1) < heap_size; at = child) {
    if (child + 1 < heap_size && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= last) break;
    heap[at] = heap[child];
  }
  heap[at] = last;
  return top;
}

static void relax(u32 cell, u32 reached) {
  u32 d = reached + cost[cell];
  if (d >= distance[cell]) return;
  distance[cell] = d;
  push(d << 12 | cell);
}

u32 run(u32 n) {
  u32 sum = 0;
  random_state = 7;
  for (u32 i = 0; i < N; i++) cost[i] = 1 + (next_random() & 15);
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < N; i++) distance[i] = ~0u;
    heap_size = 0;
    distance[r % N] = 0;
    push(r % N);
    while (heap_size) {
      u32 entry = pop(), cell = entry & 4095, d = entry >> 12;
      if (d != distance[cell]) continue;
      u32 x = cell % W, y = cell / W;
      if (x > 0) relax(cell - 1, d);
      if (x < W - 1) relax(cell + 1, d);
      if (y > 0) relax(cell - W, d);
      if (y < W - 1) relax(cell + W, d);
    }
    sum = sum * 31 + distance[N - 1];
  }
  return sum;
}
