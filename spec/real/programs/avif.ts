/** libaom (C++, Emscripten): encode a picture with and without loss, decode both. */
import { codecProgram } from '../jsquash.js';

export const program = codecProgram(
  { package: '@jsquash/avif', encoder: 'enc/avif_enc.wasm', decoder: 'dec/avif_dec.wasm' },
  [{ quality: 60 }, { lossless: true }],
);
