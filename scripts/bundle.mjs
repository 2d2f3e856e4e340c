/**
 * Bundles the compiled package into few files, dist/lib: what the published package loads. Importing some 150 modules one
 * by one would take Node longer than a small program.
 *
 * The files are CommonJS behind entries that are modules: `require` loads a part when it is first used, in the middle of a
 * synchronous call. What may come late says a source file: `x.late.ts` hands out the module `./x.js`, which then is a part
 * of its own (and in `dist/src`, without a bundle, a plain import). Built-in modules come from `process.getBuiltinModule`:
 * an `import` of `node:fs` makes a namespace of all its members, and loads its streams for that.
 *
 *   node scripts/bundle.mjs
 */

import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const esbuild = createRequire(import.meta.url)('esbuild-wasm');
const outdir = join(root, 'dist', 'lib');
const core = join(root, 'dist', 'core');

/** What others import or start as a module, and what they start by its name. */
const modules = {
  index: 'dist/src/index.js',
  register: 'dist/src/register.js',
  'bench-child': 'dist/src/cli/bench-child.js',
  'optimizer-worker': 'dist/src/tiering/optimizer-worker.js',
};
const programs = { cli: 'dist/src/cli/main.js' };
/** How they load each other. */
const loader = { parts: 'dist/src/package/parts.js' };
const tabulated = { opcodes: 'dist/src/stream/opcodes.js' };

function late() {
  return readdirSync(join(root, 'dist/src'), { recursive: true })
    .filter((file) => file.endsWith('.late.js'))
    .map((file) => join(root, 'dist/src', file));
}

/** What a file `x.late.js` hands out. */
const handedOut = /^import \* as (\w+) from '\.\/([\w-]+)\.js';$/m;

function lateParts() {
  return Object.fromEntries(
    late().map((file) => {
      const match = handedOut.exec(readFileSync(file, 'utf8'));
      if (match === null || !file.endsWith(`/${match[2]}.late.js`)) throw new Error(`${file} hands out no module`);
      return [match[2], relative(root, file).replace(/\.late\.js$/, '.js')];
    }),
  );
}

const loadLate = {
  name: 'late',
  setup(build) {
    build.onLoad({ filter: /\.late\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const [line, name, part] = handedOut.exec(text);
      return {
        contents: text.replace(line, '').replace(`=> ${name};`, `=> requirePart("./${part}.js");`),
        loader: 'js',
      };
    });
  },
};

/**
 * Tables that a module computes when it is loaded are computed here: who needs no more does not load it. Its functions do
 * when they are called.
 */
const tables = {
  name: 'tables',
  setup(build) {
    const [name] = Object.keys(tabulated);
    const path = join(root, tabulated[name]);
    build.onResolve({ filter: new RegExp(`/${name}\\.js$`) }, ({ kind }) => {
      return kind === 'entry-point' ? undefined : { path, namespace: 'tables' };
    });
    build.onLoad({ filter: /.*/, namespace: 'tables' }, async () => {
      const classes = new Set();
      const lines = Object.entries(await import(pathToFileURL(path).href)).map(([key, value]) => {
        if (typeof value === 'function') {
          return `export function ${key}(...args) { return requirePart("./${name}.js").${key}(...args); }`;
        }
        // What only tests ask for.
        if (!ArrayBuffer.isView(value)) return '';
        const { name: type } = value.constructor;
        classes.add(type);
        return `export const ${key} = filled(new ${type}(${value.length}), [${[...value]}]);`;
      });
      const filled =
        'function filled(table, list) { for (let i = 0; i < list.length; i++) table[i] = list[i]; return table; }';
      const imports = `import { ${[...classes]} } from '../support/primordials.js';`;
      return { contents: [imports, filled, ...lines].join('\n'), resolveDir: dirname(path), loader: 'js' };
    });
  },
};

/** `a, b as c` as the inside of a pattern or literal. */
function members(list, separator) {
  return list.replaceAll(/\s+/g, ' ').trim().replace(/,$/, '').replaceAll(' as ', separator);
}

/**
 * A module that esbuild has printed as CommonJS. What it exports is not assigned again (the linter sees to that): names can
 * stay the same on both sides, without a look-up at each use.
 */
function asCommonJs(text, file) {
  const from = (source) => {
    if (source.startsWith('node:')) return `process.getBuiltinModule("${source}")`;
    return source.startsWith('./') ? part(source) : `require("${source}")`;
  };
  const part = (source) => `loadPart("${source.slice(2).replace(/\.js$/, '.cjs')}")`;
  const script = text
    .replaceAll(/^import \{([^}]*)\} from "([^"]+)";$/gm, (_, list, source) => {
      return `const {${members(list, ': ')}} = ${from(source)};`;
    })
    .replaceAll(/^import (?:\* as )?(\w+) from "([^"]+)";$/gm, (_, name, source) => `const ${name} = ${from(source)};`)
    .replaceAll(/^import "([^"]+)";$/gm, (_, source) => `${from(source)};`)
    .replaceAll(/^export \{([^}]*)\};$/gm, (_, list) => {
      const swapped = members(list, ' as ')
        .split(', ')
        .map((item) => item.replace(/^(.*) as (.*)$/, '$2: $1'));
      return `module.exports = {${swapped.join(', ')}};`;
    })
    .replaceAll(/\bimport\("(\.\/[^"]+)"\)/g, (_, source) => `Promise.resolve().then(() => ${part(source)})`)
    .replaceAll(/\bimport\("([^"]+)"\)/g, 'importModule("$1")')
    .replaceAll(/\brequirePart\("(\.\/[^"]+)"\)/g, (_, source) => part(source))
    .replaceAll(/\bnodeRequire\b/g, 'require')
    .replaceAll(/\bimport\.meta\.url\b/g, 'moduleUrl');
  const left = /^(?:import|export)\b.*/m.exec(script);
  if (left !== null) throw new Error(`${file}: no rule for ${left[0]}`);
  const url = 'const moduleUrl = process.getBuiltinModule("node:url").pathToFileURL(__filename).href;\n';
  const load = 'const { load: loadPart, importModule } = require("./parts.cjs");\n';
  return `"use strict";\n${/\b(?:loadPart|importModule)\(/.test(script) && !file.endsWith('/parts.js') ? load : ''}${script.includes('moduleUrl') ? url : ''}${script}`;
}

const { outputFiles, metafile } = await esbuild.build({
  absWorkingDir: root,
  entryPoints: { ...modules, ...programs, ...tabulated, ...loader, ...lateParts() },
  outdir,
  write: false,
  metafile: true,
  bundle: true,
  // What several parts share, the default engine above all, exists once.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  plugins: [loadLate, tables],
  define: { CORE_FOLDER: '"./"', CORE_HASH: JSON.stringify(readFileSync(join(core, 'core.hash'), 'latin1')) },
  logLevel: 'warning',
});

rmSync(outdir, { recursive: true, force: true });
rmSync(join(root, 'dist', 'code-cache'), { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
for (const { path, text } of outputFiles) {
  const shebang = /^#!.*\n/.exec(text)?.[0] ?? '';
  const { code } = await esbuild.transform(asCommonJs(text.slice(shebang.length), path), {
    // Names of functions and classes stay: they are in error messages and stacks.
    minifyWhitespace: true,
    // Node prints the line that threw an uncaught error.
    lineLimit: 120,
    legalComments: 'none',
  });
  writeFileSync(path.replace(/\.js$/, '.cjs'), shebang + code);
}
await esbuild.stop?.();

for (const [name, source] of Object.entries(modules)) {
  const { exports } = Object.values(metafile.outputs).find((output) => output.entryPoint === source);
  const part = `process.getBuiltinModule("node:module").createRequire(import.meta.url)("./parts.cjs").load("${name}.cjs");\n`;
  writeFileSync(join(outdir, `${name}.js`), exports.length === 0 ? part : `export const {${exports}} = ${part}`);
}
for (const file of ['core.wasm', 'core.image']) copyFileSync(join(core, file), join(outdir, file));
chmodSync(join(outdir, 'cli.cjs'), 0o755);
