/* A backtracking matcher for . * ? [] and literals, after Kernighan and Pike: recursion over pattern and text. */
#include "kernel.h"

enum { SIZE = 8192 };
static char text[SIZE + 1];
static const char *const patterns[] = {"ab*c?d", "a.*dd", "[abc][bcd]*da", "d?c?b?a?aab", ".[ad]*[bc]cc"};

static int match_here(const char *p, const char *t);

/* Length of the pattern's first item. */
static u32 item_length(const char *p) {
  if (*p != '[') return 1;
  u32 i = 1;
  while (p[i] != ']') i++;
  return i + 1;
}

static int match_one(const char *p, char c) {
  if (c == 0 || c == '\n') return 0;
  if (*p == '.') return 1;
  if (*p != '[') return *p == c;
  for (p++; *p != ']'; p++)
    if (*p == c) return 1;
  return 0;
}

static int match_star(const char *item, const char *rest, const char *t) {
  do {
    if (match_here(rest, t)) return 1;
  } while (match_one(item, *t++));
  return 0;
}

static int match_here(const char *p, const char *t) {
  if (!*p) return 1;
  u32 length = item_length(p);
  if (p[length] == '*') return match_star(p, p + length + 1, t);
  if (p[length] == '?') return match_here(p + length + 1, t) || (match_one(p, *t) && match_here(p + length + 1, t + 1));
  return match_one(p, *t) && match_here(p + length, t + 1);
}

u32 run(u32 n) {
  random_state = 18;
  for (u32 i = 0; i < SIZE; i++) text[i] = (char)(i % 61 == 60 ? '\n' : 'a' + (next_random() & 3));
  u32 sum = 0;
  for (u32 r = 0; r < n; r++)
    for (u32 i = 0; i < SIZE; i++) sum += (u32)match_here(patterns[r % 5], text + i) * (i & 255);
  return sum;
}
