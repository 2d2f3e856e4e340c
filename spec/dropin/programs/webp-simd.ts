/** @jsquash/webp (libwebp, Emscripten) with its SIMD encoder: encode, lossy and lossless, and decode again. */
import { readFileSync } from 'node:fs';
import { digest, importPackage, type Program, packageFile } from '../../real/program.js';
import { testImage } from './test-image.js';

interface Codec {
  encode(image: object, options?: object): Promise<ArrayBuffer>;
  decode(bytes: ArrayBuffer): Promise<{ data: Uint8ClampedArray; width: number; height: number }>;
}

export const program: Program<Codec> = {
  async load() {
    const { Module } = Reflect.get(globalThis, 'WebAssembly');
    const module = (path: string): object => new Module(readFileSync(packageFile('@jsquash/webp', path)));
    const encoder = await importPackage('@jsquash/webp', 'encode.js');
    const decoder = await importPackage('@jsquash/webp', 'decode.js');
    await encoder.init(module('codec/enc/webp_enc_simd.wasm'));
    await decoder.init(module('codec/dec/webp_dec.wasm'));
    return { encode: encoder.default, decode: decoder.default };
  },
  async work({ encode, decode }) {
    const image = testImage(160, 120);
    const lines: string[] = [];
    for (const options of [{ quality: 75 }, { quality: 20, method: 6 }, { lossless: 1 }]) {
      const packed = await encode(image, options);
      const { data, width, height } = await decode(packed);
      lines.push(
        `${JSON.stringify(options)}: ${digest(new Uint8Array(packed))}; ${width}x${height} ${digest(new Uint8Array(data))}`,
      );
    }
    return lines.join('\n');
  },
};
