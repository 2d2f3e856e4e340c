/** The codecs of @jsquash (C++, Emscripten): encode a picture by some options, decode the results. */
import { readFileSync } from 'node:fs';
import { type Picture, picture } from './images.js';
import { digest, importPackage, type Program, packageFile } from './program.js';

export interface Codec {
  encode(image: Picture, options: object): Promise<ArrayBuffer>;
  decode(bytes: ArrayBuffer): Promise<Picture>;
}

export interface CodecFiles {
  readonly package: string;
  /** Modules, in the package's folder `codec`. */
  readonly encoder: string;
  readonly decoder: string;
}

async function load(name: string, kind: 'encode' | 'decode', wasm: string): Promise<(...args: never[]) => never> {
  const codec = await importPackage(name, `${kind}.js`);
  const { WebAssembly: engine } = globalThis as unknown as {
    WebAssembly: { compile(bytes: Uint8Array): Promise<object> };
  };
  await codec.init(await engine.compile(readFileSync(packageFile(name, `codec/${wasm}`))));
  return codec.default;
}

/** A program that encodes a picture of 160 by 120 once by each of `options`, and decodes what came out. */
export function codecProgram(files: CodecFiles, options: readonly object[]): Program<Codec> {
  return {
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
      return {
        encode: await load(files.package, 'encode', files.encoder),
        decode: await load(files.package, 'decode', files.decoder),
      };
    },
    async work({ encode, decode }) {
      const results: string[] = [];
      for (const option of options) {
        const bytes = await encode(picture(160, 120), option);
        const { width, height, data } = await decode(bytes);
        results.push(digest(new Uint8Array(bytes)), `${width}x${height} ${digest(new Uint8Array(data.buffer))}`);
      }
      return results.join('\n');
    },
  };
}
