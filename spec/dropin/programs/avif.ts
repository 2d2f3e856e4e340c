/** @jsquash/avif (libavif with libaom and dav1d, Emscripten, SIMD): a small picture encoded and decoded again. */
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
    const module = (path: string): object => new Module(readFileSync(packageFile('@jsquash/avif', path)));
    const encoder = await importPackage('@jsquash/avif', 'encode.js');
    const decoder = await importPackage('@jsquash/avif', 'decode.js');
    await encoder.init(module('codec/enc/avif_enc.wasm'));
    await decoder.init(module('codec/dec/avif_dec.wasm'));
    return { encode: encoder.default, decode: decoder.default };
  },
  async work({ encode, decode }) {
    const packed = await encode(testImage(48, 40), { speed: 9 });
    const { data, width, height } = await decode(packed);
    return `${digest(new Uint8Array(packed))}; ${width}x${height} ${digest(new Uint8Array(data))}`;
  },
};
