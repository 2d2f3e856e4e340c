/* A library with state: no _start, but _initialize, which runs the constructor. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int calls;

__attribute__((constructor)) static void begin(void) { calls = 100; }

__attribute__((export_name("call"))) int call(void) { return ++calls; }

/* Characters in a file, or -1. */
__attribute__((export_name("measure"))) int measure(int digit) {
  char path[] = "/data/0.txt";
  path[6] = '0' + digit;
  FILE *file = fopen(path, "r");
  if (!file) return -1;
  fseek(file, 0, SEEK_END);
  int size = ftell(file);
  fclose(file);
  printf("%s has %d bytes\n", path, size);
  fflush(stdout);
  return size;
}
