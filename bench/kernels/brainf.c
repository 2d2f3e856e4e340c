/* An interpreter of the eight-command language: switch in a loop, jumps precomputed. */
#include "kernel.h"

static const char program[] =
    "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++."
    ">>++++++++++[<++++++++++>-]<[>+>+<<-]>>[<<+>>-]<[->+<]";
static u32 jumps[sizeof program];
static u8 cells[256], stack_top;
static u32 stack[64];

u32 run(u32 n) {
  u32 sum = 0;
  for (u32 i = 0; i < sizeof program - 1; i++) {
    if (program[i] == '[') stack[stack_top++] = i;
    if (program[i] == ']') {
      u32 open = stack[--stack_top];
      jumps[open] = i, jumps[i] = open;
    }
  }
  for (u32 r = 0; r < n; r++) {
    for (u32 i = 0; i < 256; i++) cells[i] = 0;
    u8 at = 128;
    for (u32 pc = 0; program[pc]; pc++) {
      switch (program[pc]) {
        case '>': at++; break;
        case '<': at--; break;
        case '+': cells[at]++; break;
        case '-': cells[at]--; break;
        case '.': sum = sum * 31 + cells[at]; break;
        case '[':
          if (!cells[at]) pc = jumps[pc];
          break;
        case ']':
          if (cells[at]) pc = jumps[pc];
          break;
      }
    }
  }
  return sum;
}
