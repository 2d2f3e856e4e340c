/** libjxl (C++, Emscripten): encode a picture with and without loss, decode both. */
import { codecProgram } from '../jsquash.js';

export const program = codecProgram(
  { package: '@jsquash/jxl', encoder: 'enc/jxl_enc.wasm', decoder: 'dec/jxl_dec.wasm' },
  [{ quality: 60 }, { lossless: true }],
);
