/** rollup's parser (Rust, wasm-bindgen with externref): bundle modules in memory and those of a package, hashes, errors. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { digest, type Program, packageFile, requirePackage } from '../program.js';

interface Chunk {
  readonly type: 'chunk' | 'asset';
  readonly fileName: string;
  readonly code: string;
  readonly exports: readonly string[];
  readonly map: { toString(): string } | null;
}

interface Rollup {
  rollup(options: object): Promise<{ generate(options: object): Promise<{ output: readonly Chunk[] }> }>;
}

interface Context {
  readonly rollup: Rollup;
  readonly parseAst: (code: string, options?: object) => object;
}

const files: Record<string, string> = {
  'main.js': `import { used, default as other } from 'library.js'; import * as all from 'values.js';
export { used }; export const list = [other(1n), all.a ?? all['b'], \`\${all.c}\`];
export async function* later() { yield* (await import('lazy.js')).pieces; }`,
  'library.js': `export const used = /*#__PURE__*/ (() => 42)(); export const unused = sideEffectFree();
function sideEffectFree() { return { ...[1, 2] }; } export default class K { static #x = 1; static get x() { return this.#x; } }`,
  'values.js': `export const a = 0b101, b = 'ünïcödé 🎉', c = /(?<year>\\d{4})/u; if (false) { unreachable(); } label: for (;;) { break label; }`,
  'lazy.js': `export const pieces = ['x', 'y']; console.log(import.meta.url);`,
};

const memory = {
  name: 'memory',
  resolveId: (id: string) => (id in files ? id : null),
  load: (id: string) => files[id] ?? null,
};

export const program: Program<Context> = {
  load() {
    const rollup = requirePackage('@rollup/wasm-node') as Rollup;
    // Found by its export, as any user finds it.
    const { parseAst } = createRequire(packageFile('@rollup/wasm-node', 'package.json'))('@rollup/wasm-node/parseAst');
    return { rollup, parseAst };
  },
  async work({ rollup, parseAst }) {
    const lines: string[] = [];
    const bundle = async (options: object, format: string): Promise<void> => {
      const built = await rollup.rollup({ onwarn() {}, ...options });
      const names = { entryFileNames: '[name]-[hash].js', chunkFileNames: '[name]-[hash].js' };
      const { output } = await built.generate({ format, sourcemap: 'hidden', name: 'bundle', ...names });
      for (const chunk of output) {
        if (chunk.type !== 'chunk') continue;
        lines.push(`${chunk.fileName} ${chunk.exports} ${digest(chunk.code)} ${digest(String(chunk.map))}`);
      }
    };
    for (const format of ['es', 'cjs', 'system', 'amd']) await bundle({ input: 'main.js', plugins: [memory] }, format);

    const chart = packageFile('chart.js', 'dist/chart.js');
    const resolve = {
      name: 'resolve',
      resolveId: (id: string, from?: string) =>
        id.startsWith('.') && from ? join(dirname(from), id) : id === '@kurkle/color' ? { id, external: true } : null,
    };
    await bundle({ input: chart, plugins: [resolve], treeshake: { moduleSideEffects: false } }, 'es');

    const source = readFileSync(packageFile('esbuild-wasm', 'lib/main.js'), 'utf8');
    for (const code of [source, ...Object.values(files), '', '<a {...b}>text &amp; more</a>']) {
      try {
        lines.push(
          digest(JSON.stringify(parseAst(code, { jsx: true }), (_, v) => (typeof v === 'bigint' ? `${v}n` : v))),
        );
      } catch (error) {
        lines.push(String(error));
      }
    }
    for (const code of ['let x; let x', 'return', 'a => { await }', 'class { }', '"\\u{110000}"', 'import { a as }']) {
      try {
        parseAst(code);
        lines.push(`${code}: no error`);
      } catch (error) {
        const { message, pos } = error as Error & { pos?: number };
        lines.push(`${code}: ${message} at ${pos}`);
      }
    }
    return lines.join('\n');
  },
};
