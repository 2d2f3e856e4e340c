/* Binary trees from an arena: recursion, pointers (Computer Language Benchmarks Game). */
#include "kernel.h"

typedef struct tree {
  struct tree *left, *right;
} tree;
static tree arena[1 << 14];
static u32 used;

static tree *make(u32 depth) {
  tree *t = &arena[used++];
  if (depth == 0) t->left = t->right = 0;
  else t->left = make(depth - 1), t->right = make(depth - 1);
  return t;
}

static u32 check(const tree *t) { return t->left ? 1 + check(t->left) + check(t->right) : 1; }

u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) {
    used = 0;
    sum += check(make(12));
  }
  return sum;
}
