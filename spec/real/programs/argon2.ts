/** argon2-browser (C, Emscripten), its module with SIMD: the test vectors of RFC 9106, and password hashes. */
import { readFileSync } from 'node:fs';
import { type Program, packageFile, requirePackage } from '../program.js';

interface Parameters {
  pass: string | Uint8Array;
  salt: string | Uint8Array;
  time?: number;
  mem?: number;
  hashLen?: number;
  parallelism?: number;
  type: number;
  secret?: Uint8Array;
  ad?: Uint8Array;
}

interface Argon2 {
  hash(parameters: Parameters): Promise<{ hashHex: string; encoded: string }>;
  verify(parameters: { pass: string; encoded: string }): Promise<unknown>;
}

/** RFC 9106, section 5: tags of Argon2d, Argon2i and Argon2id. */
const tags = [
  '512b391b6f1162975371d30919734294f868e3be3984f3c1a13a4db9fabe4acb',
  'c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8',
  '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
];

export const program: Program<Argon2> = {
  load() {
    // The package takes its module from the browser's global object.
    const wasmBinary = readFileSync(packageFile('argon2-browser', 'dist/argon2-simd.wasm'));
    Object.assign(globalThis, { self: globalThis, Module: { wasmBinary } });
    return requirePackage('argon2-browser', 'lib/argon2.js') as Argon2;
  },
  async work(argon2) {
    const lines: string[] = [];
    const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
    const vector = { pass: filled(32, 1), salt: filled(16, 2), secret: filled(8, 3), ad: filled(12, 4) };
    for (const [type, tag] of tags.entries()) {
      const { hashHex } = await argon2.hash({ ...vector, time: 3, mem: 32, parallelism: 4, hashLen: 32, type });
      if (hashHex !== tag) throw new Error(`Argon2 of type ${type}: ${hashHex}`);
    }
    for (const [mem, time, parallelism] of [
      [64, 1, 1],
      [1024, 2, 1],
      [4096, 3, 2],
      [16384, 1, 4],
    ] as const) {
      for (const type of tags.keys()) {
        const { encoded } = await argon2.hash({
          pass: 'correct horse',
          salt: 'somesalt',
          mem,
          time,
          parallelism,
          type,
        });
        await argon2.verify({ pass: 'correct horse', encoded });
        const problem = await argon2.verify({ pass: 'wrong', encoded }).catch((error) => JSON.stringify(error));
        lines.push(encoded, String(problem));
      }
    }
    return lines.join('\n');
  },
};
