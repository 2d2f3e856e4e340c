/* Walks and reversals of a linked list that is scattered in memory. */
#include "kernel.h"

enum { N = 4096 };
typedef struct node {
  struct node *next;
  u32 value;
} node;
static node nodes[N];
static u16 order[N];

u32 run(u32 n) {
  random_state = 2;
  for (u32 i = 0; i < N; i++) order[i] = (u16)i;
  for (u32 i = N - 1; i > 0; i--) {
    u32 j = next_random() % (i + 1);
    u16 t = order[i];
    order[i] = order[j], order[j] = t;
  }
  for (u32 i = 0; i < N; i++) {
    nodes[order[i]].next = i + 1 < N ? &nodes[order[i + 1]] : 0;
    nodes[order[i]].value = i;
  }
  node *head = &nodes[order[0]];
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    for (node *p = head; p; p = p->next) sum = sum * 3 + p->value;
    node *back = 0;
    while (head) {
      node *next = head->next;
      head->next = back;
      back = head, head = next;
    }
    head = back;
  }
  return sum;
}
