/*
 * A native peer: reads an argument per line, answers "result milliseconds", in processor time of the thread.
 * Linked with a kernel, which defines run.
 */
#include <stdio.h>
#include <time.h>

unsigned run(unsigned n);

static double milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(void) {
  unsigned n;
  while (scanf("%u", &n) == 1) {
    double start = milliseconds();
    unsigned result = run(n);
    printf("%u %.6f\n", result, milliseconds() - start);
    fflush(stdout);
  }
}
