/* The same form as fib.wat; built with -fno-inline, so that the call stays a call. */
unsigned run(unsigned n) {
  unsigned acc = 1;
  if (n >= 2) {
    acc = 0;
    do {
      acc = run(n - 1) + acc;
      n -= 2;
    } while (n > 1);
    acc += 1;
  }
  return acc;
}
