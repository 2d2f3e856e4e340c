/** Brotli (Rust, wasm-bindgen): compress and decompress; the result is checked by Node's own brotli too. */
import { brotliDecompressSync } from 'node:zlib';
import { digest, type Program, requirePackage, sampleText } from '../program.js';

interface Brotli {
  compress(bytes: Uint8Array, options?: { quality: number }): Uint8Array;
  decompress(bytes: Uint8Array): Uint8Array;
}

export const program: Program<Brotli> = {
  load: () => requirePackage('brotli-wasm', 'index.node.js'),
  work(brotli) {
    const text = Buffer.from(sampleText(20_000));
    const results = [1, 5, 9, 11].map((quality) => {
      const packed = brotli.compress(quality === 11 ? text.subarray(0, 30_000) : text, { quality });
      const unpacked = brotli.decompress(packed);
      if (Buffer.compare(unpacked, brotliDecompressSync(packed)) !== 0) throw new Error('it does not unpack');
      return `quality ${quality}: ${digest(packed)}, of ${unpacked.length}`;
    });
    try {
      brotli.decompress(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9]));
    } catch (error) {
      results.push(String(error));
    }
    return results.join('\n');
  },
};
