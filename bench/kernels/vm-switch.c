/* An interpreter for a stack machine: a dense switch, operand stack in memory. The program counts primes. */
#include "kernel.h"

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, MOD, LESS, EQUAL, JUMP, JUMP_IF_ZERO, HALT };

/* Each number after an opcode is its operand; jumps name an index of this array. */
static const s32 program[] = {
    PUSH, 0, STORE, 3,                                          /* 0: count=0 */
    PUSH, 2, STORE, 0,                                          /* 4: i=2 */
    LOAD, 0, LOAD, 4, LESS, JUMP_IF_ZERO, 71,                   /* 8: while i < limit */
    PUSH, 1, STORE, 2,                                          /* 15: p=1 */
    PUSH, 2, STORE, 1,                                          /* 19: d=2 */
    LOAD, 0, LOAD, 1, LOAD, 1, MUL, LESS, JUMP_IF_ZERO, 35,     /* 23: if d * d <= i */
    JUMP, 55,                                                   /* 33: else p stays */
    LOAD, 0, LOAD, 1, MOD, JUMP_IF_ZERO, 51,                    /* 35: if i % d == 0 goto composite */
    LOAD, 1, PUSH, 1, ADD, STORE, 1, JUMP, 23,                  /* 42: d++ */
    PUSH, 0, STORE, 2,                                          /* 51: p = 0 */
    LOAD, 3, LOAD, 2, ADD, STORE, 3,                            /* 55: count += p */
    LOAD, 0, PUSH, 1, ADD, STORE, 0, JUMP, 8,                   /* 62: i++ */
    HALT,                                                       /* 71: return count */
};

static s32 variables[8], stack[16];

static s32 interpret(s32 limit) {
  s32 sp = 0;
  const s32 *pc = program;
  variables[4] = limit;
  for (;;) {
    switch (*pc++) {
      case PUSH: stack[sp++] = *pc++; break;
      case LOAD: stack[sp++] = variables[*pc++]; break;
      case STORE: variables[*pc++] = stack[--sp]; break;
      case ADD: sp--, stack[sp - 1] += stack[sp]; break;
      case SUB: sp--, stack[sp - 1] -= stack[sp]; break;
      case MUL: sp--, stack[sp - 1] *= stack[sp]; break;
      case MOD: sp--, stack[sp - 1] %= stack[sp]; break;
      case LESS: sp--, stack[sp - 1] = stack[sp - 1] < stack[sp]; break;
      case EQUAL: sp--, stack[sp - 1] = stack[sp - 1] == stack[sp]; break;
      case JUMP: pc = program + *pc; break;
      case JUMP_IF_ZERO: {
        s32 target = *pc++;
        if (!stack[--sp]) pc = program + target;
        break;
      }
      case HALT: return variables[3];
    }
  }
}

u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++) sum += (u32)interpret((s32)(1000 + r));
  return sum;
}
