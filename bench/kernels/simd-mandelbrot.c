/* The Mandelbrot set, two points at a time in f64x2: comparisons, masks, a loop that ends when no lane is inside. */
#include "simd.h"

enum { W = 64 };

u32 run(u32 n) {
  u32 sum = 0;
  for (u32 r = 0; r < n; r++)
    for (int py = 0; py < W; py++)
      for (int px = 0; px < W; px += 2) {
        double step = 2.5 / W, x = px * step - 2, y = py * step - 1.25 + r * 1e-6;
        f64x2 cr = {x, x + step}, ci = {y, y}, zr = {0, 0}, zi = {0, 0}, four = {4, 4};
        i64x2 count = {0, 0};
        for (int i = 0; i < 50; i++) {
          f64x2 rr = zr * zr, ii = zi * zi;
          i64x2 inside = (i64x2)(rr + ii <= four);
          if (!any_true((u8x16)inside)) break;
          count -= inside;
          zi = (zr + zr) * zi + ci;
          zr = rr - ii + cr;
        }
        sum = sum * 3 + (u32)count[0] + (u32)count[1] * 2;
      }
  return sum;
}
