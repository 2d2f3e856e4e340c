/* A JSON scanner: recursive descent over a text, counts and sums what it finds. */
#include "kernel.h"

enum { SIZE = 32768 };
static u8 text[SIZE];
static const u8 *p;
static u32 sum;

static void put(u32 *at, const char *s) {
  while (*s) text[(*at)++] = (u8)*s++;
}

static void make(void) {
  u32 at = 0;
  random_state = 31;
  put(&at, "[");
  while (at < SIZE - 200) {
    put(&at, "{\"name\": \"item ");
    text[at++] = (u8)('a' + next_random() % 26);
    put(&at, "\\n\", \"value\": ");
    for (u32 digits = 1 + next_random() % 6; digits; digits--) text[at++] = (u8)('1' + next_random() % 9);
    put(&at, ", \"flags\": [true, false, null, -12.5], \"more\": {\"x\": 1}},\n  ");
  }
  put(&at, "0]");
  text[at] = 0;
}

static void space(void) {
  while (*p == ' ' || *p == '\n' || *p == '\t') p++;
}

static void string(void) {
  p++;
  while (*p != '"') {
    if (*p == '\\') p++;
    sum = sum * 33 + *p++;
  }
  p++;
}

static void value(void) {
  space();
  switch (*p) {
    case '{':
    case '[': {
      u8 close = *p == '{' ? '}' : ']';
      p++;
      for (space(); *p != close; space()) {
        if (close == '}') {
          string();
          space();
          p++; /* colon */
        }
        value();
        space();
        if (*p == ',') p++;
      }
      p++;
      sum += 3;
      break;
    }
    case '"': string(); break;
    case 't':
    case 'n': p += 4, sum++; break;
    case 'f': p += 5, sum += 2; break;
    default: {
      s32 number = 0, negative = *p == '-';
      if (negative) p++;
      while ((*p >= '0' && *p <= '9') || *p == '.') {
        if (*p != '.') number = number * 10 + (*p - '0');
        p++;
      }
      sum += (u32)(negative ? -number : number);
    }
  }
}

u32 run(u32 n) {
  make();
  sum = 0;
  for (u32 r = 0; r < n; r++) {
    p = text;
    value();
  }
  return sum;
}
