/** Programs of the folder `programs`, part of the tests: their packages are devDependencies. */
export const small: readonly string[] = [
  'quickjs',
  'sql',
  're2',
  'brotli',
  '7z',
  'resvg',
  'esbuild',
  // With SIMD, but for avif:
  'argon2',
  'box2d',
  'tfjs',
  'webp',
  'avif',
];
