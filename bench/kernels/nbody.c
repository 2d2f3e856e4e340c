/* The n-body simulation of the Computer Language Benchmarks Game: doubles in memory, square roots, divisions. */
#include "kernel.h"

enum { BODIES = 5 };
static double x[BODIES] = {0, 4.84, 8.34, 12.89, 15.37}, y[BODIES] = {0, -1.16, 4.12, -15.11, -25.9},
              z[BODIES] = {0, -0.10, -0.40, -0.22, 0.179}, vx[BODIES], vy[BODIES], vz[BODIES],
              mass[BODIES] = {39.47, 0.03769, 0.01128, 0.001723, 0.002033};

u32 run(u32 n) {
  for (int i = 0; i < BODIES; i++) x[i] = i * 4.1, y[i] = i * 1.3 - 3, z[i] = i * 0.2, vx[i] = i, vy[i] = 2 - i, vz[i] = 0.1;
  for (u32 step = 0; step < n; step++) {
    for (int i = 0; i < BODIES; i++)
      for (int j = i + 1; j < BODIES; j++) {
        double dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j];
        double d2 = dx * dx + dy * dy + dz * dz;
        double mag = 0.001 / (d2 * __builtin_sqrt(d2));
        vx[i] -= dx * mass[j] * mag, vy[i] -= dy * mass[j] * mag, vz[i] -= dz * mass[j] * mag;
        vx[j] += dx * mass[i] * mag, vy[j] += dy * mass[i] * mag, vz[j] += dz * mass[i] * mag;
      }
    for (int i = 0; i < BODIES; i++) x[i] += 0.001 * vx[i], y[i] += 0.001 * vy[i], z[i] += 0.001 * vz[i];
  }
  return (u32)(s32)((x[0] + y[1] + z[2]) * 1e6);
}
