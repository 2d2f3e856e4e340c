/* Mandelbrot set: doubles in locals, a loop with two exits. */
#include "kernel.h"

u32 run(u32 n) {
  u32 inside = 0;
  for (u32 py = 0; py < n; py++)
    for (u32 px = 0; px < n; px++) {
      double cr = 3.0 * px / n - 2, ci = 2.0 * py / n - 1, zr = 0, zi = 0;
      u32 i = 0;
      for (; i < 50; i++) {
        double r2 = zr * zr, i2 = zi * zi;
        if (r2 + i2 > 4) break;
        zi = 2 * zr * zi + ci;
        zr = r2 - i2 + cr;
      }
      inside += i;
    }
  return inside;
}
