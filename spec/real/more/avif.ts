/** libaom (C++, Emscripten): encode a picture with and without loss, decode both. */
import { readFileSync } from 'node:fs';
import { digest, importPackage, type Program, packageFile } from '../program.js';
import { type Picture, picture } from './images.js';

interface Codec {
  encode(image: Picture, options: object): Promise<ArrayBuffer>;
  decode(bytes: ArrayBuffer): Promise<Picture>;
}

const name = '@jsquash/avif';

async function load(kind: 'encode' | 'decode', wasm: string): Promise<(...args: never[]) => never> {
  const codec = await importPackage(name, `${kind}.js`);
  const { WebAssembly: engine } = globalThis as unknown as {
    WebAssembly: { compile(bytes: Uint8Array): Promise<object> };
  };
  await codec.init(await engine.compile(readFileSync(packageFile(name, `codec/${wasm}`))));
  return codec.default;
}

export const program: Program<Codec> = {
  async load() {
    // The codecs make image data by the browser's class.
    Object.assign(globalThis, {
      ImageData: class {
        constructor(
          readonly data: Uint8ClampedArray,
          readonly width: number,
          readonly height: number,
        ) {}
      },
    });
    return { encode: await load('encode', 'enc/avif_enc.wasm'), decode: await load('decode', 'dec/avif_dec.wasm') };
  },
  async work({ encode, decode }) {
    const results: string[] = [];
    for (const options of [{ quality: 60 }, { lossless: true }]) {
      const bytes = await encode(picture(160, 120), options);
      const { width, height, data } = await decode(bytes);
      results.push(digest(new Uint8Array(bytes)), `${width}x${height} ${digest(new Uint8Array(data.buffer))}`);
    }
    return results.join('\n');
  },
};
