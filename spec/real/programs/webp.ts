/** libwebp (C++, Emscripten), the encoder with SIMD: by its methods, with and without loss; each result is decoded. */
import { codecProgram } from '../jsquash.js';

export const program = codecProgram(
  { package: '@jsquash/webp', encoder: 'enc/webp_enc_simd.wasm', decoder: 'dec/webp_dec.wasm' },
  [
    { quality: 75 },
    { quality: 30, method: 0 },
    { quality: 90, method: 6, use_sharp_yuv: 1, alpha_quality: 50 },
    { lossless: 1 },
    { lossless: 1, exact: 1, near_lossless: 40 },
  ],
);
