/** argon2-browser (C, Emscripten) with its SIMD module: password hashes of all three kinds. */
import { readFileSync } from 'node:fs';
import { type Program, packageFile, requirePackage } from '../../real/program.js';

interface Argon2 {
  readonly ArgonType: Readonly<Record<'Argon2d' | 'Argon2i' | 'Argon2id', number>>;
  hash(options: object): Promise<{ encoded: string; hashHex: string }>;
  verify(options: object): Promise<void>;
}

export const program: Program<Argon2> = {
  load() {
    const wasmBinary = readFileSync(packageFile('argon2-browser', 'dist/argon2-simd.wasm'));
    // The package looks for these where browsers have them.
    Object.assign(globalThis, {
      self: globalThis,
      Module: { wasmBinary },
      loadArgon2WasmModule: () => Promise.resolve(requirePackage('argon2-browser', 'dist/argon2.js')),
    });
    return requirePackage('argon2-browser', 'lib/argon2.js') as Argon2;
  },
  async work(argon2) {
    const lines: string[] = [];
    for (const [name, type] of Object.entries(argon2.ArgonType)) {
      const options = {
        pass: 'correct horse',
        salt: 'battery staple',
        time: 2,
        mem: 4096,
        hashLen: 32,
        parallelism: 2,
        type,
      };
      const { encoded, hashHex } = await argon2.hash(options);
      await argon2.verify({ pass: 'correct horse', encoded });
      const wrong = await argon2
        .verify({ pass: 'wrong', encoded })
        .catch((error: { message: string }) => error.message);
      lines.push(`${name}: ${hashHex} ${encoded} ${String(wrong)}`);
    }
    return lines.join('\n');
  },
};
