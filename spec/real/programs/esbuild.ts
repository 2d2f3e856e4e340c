/** esbuild (Go): transform a TypeScript file and bundle two. It runs in a child process of the package. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import esbuild from 'esbuild-wasm';
import type { Program } from '../program.js';

const source = `
  enum Colour { Red = 1, Green = Red << 2 }
  interface Named { readonly name: string }
  abstract class Base<T extends Named> { constructor(protected readonly item: T, private count = 0) {}
    get label(): string { return this.item?.name ?? 'nobody'; } }
  export class Derived extends Base<{ name: string }> { static #made = 0; async *walk() { yield* [Colour.Green, Derived.#made++]; } }
  export const element = <T,>(value: T) => value satisfies T;`;

export const program: Program<string> = {
  load() {
    const folder = mkdtempSync(join(tmpdir(), 'beamline-esbuild-'));
    writeFileSync(
      join(folder, 'main.ts'),
      `import { helper } from './helper';\nconsole.log(helper<number>(20) as number);`,
    );
    writeFileSync(
      join(folder, 'helper.ts'),
      'export const unused = 1;\nexport function helper<T>(x: T) { return [x, x]; }',
    );
    return folder;
  },
  async work(folder) {
    try {
      const transformed = await esbuild.transform(source, {
        loader: 'ts',
        target: 'es2019',
        minify: true,
        sourcemap: true,
        sourcefile: 'a.ts',
      });
      const bundled = await esbuild.build({
        absWorkingDir: folder,
        entryPoints: ['main.ts'],
        bundle: true,
        write: false,
        format: 'cjs',
      });
      const wrong = await esbuild.transform('let x: = 1', { loader: 'ts' }).catch((error: Error) => error.message);
      return [transformed.code, transformed.map, bundled.outputFiles[0]?.text, String(wrong)].join('\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await esbuild.stop();
    }
  },
};
