/**
 * The compiler core as WebAssembly: the files that decode function bodies and emit machine code, written in the subset of
 * TypeScript that AssemblyScript compiles too (docs/DIALECT.md), become `dist/core/core.wasm`. What they take from their
 * platform is replaced by the twins in `src/core`. AssemblyScript only translates: its optimiser makes wrong code of
 * zero-extended loads (0.28.20), binaryen's does not.
 *
 *   node scripts/core.mjs            build, if a source has changed
 *   node scripts/core.mjs --force    build in any case
 *   node scripts/core.mjs --dump     write the files as AssemblyScript gets them to .work/core
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = 'src/core/index.ts';
const output = join(root, 'dist', 'core', 'core.wasm');
const stamp = join(root, 'dist', 'core', '.stamp');
/** Where what makes the image is. */
const imageSources = [
  'src/backends',
  'src/emitter',
  'src/valuestack',
  'src/stream',
  'src/support',
  'src/runtime/image',
];

/** Modules that the core has instead of the engine's. */
const twins = {
  'src/support/dialect.ts': 'src/core/dialect.ts',
  'src/support/bulk.ts': 'src/core/dialect.ts',
  'src/support/reserve.ts': 'src/core/memory-budget.ts',
  'src/support/memory-budget.ts': 'src/core/memory-budget.ts',
  'src/stream/body-failures.ts': 'src/core/body-failures.ts',
  'src/stream/sink.ts': 'src/core/sink.ts',
  'src/stream/module.ts': 'src/core/module.ts',
  'src/backends/code/code-space.ts': 'src/core/code-space.ts',
  'src/backends/code/target.ts': 'src/core/target.ts',
  'src/backends/code/code-map.ts': 'src/core/code-map.ts',
  'src/backends/code/stack-maps.ts': 'src/core/stack-maps.ts',
  'src/emitter/debug-hooks.ts': 'src/core/debug-hooks.ts',
  'src/debug.ts': 'src/core/debug-hooks.ts',
  'src/backends/ssa/checker.ts': 'src/core/checker.ts',
};

/**
 * Numbers of the opcode tables that the core needs: computed from the table of opcodes, which has names as well. They are data, at
 * places and with lengths that instructions have as constants.
 */
const tables = [
  'packedSignature',
  'packedSaturating',
  'singleImmediate',
  'bulkImmediate',
  'naturalAlignment',
  'simdSignature',
  'simdImmediate',
  'simdAlignment',
  'simdLanes',
  'atomicSignature',
  'atomicSize',
  'atomicImmediate',
  'immediateNumbers',
  'immediateBytes',
];

/** The module that `specifier` names in `file`, as the core has it. */
function resolve(file, specifier) {
  const path = relative(root, join(root, dirname(file), specifier))
    .replace(/\.js$/, '')
    .replace(/(\.ts)?$/, '.ts');
  return twins[path] ?? path;
}

const path = (from, to) => {
  const way = relative(dirname(from), to).replace(/\.ts$/, '');
  return way.startsWith('.') ? way : `./${way}`;
};

/** The text with comments, strings and templates blanked out: what is found in it is code. */
export function codeOnly(text) {
  const blank = (part) => part.replace(/[^\n]/g, ' ');
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, blank);
}

/** Where the parenthesis that opens at `at` is closed. */
function closing(code, at) {
  for (let depth = 0; ; at++) {
    if (code[at] === '(') depth++;
    else if (code[at] === ')' && --depth === 0) return at;
  }
}

/**
 * A source file as AssemblyScript takes it: private names with an underscore, types imported like values, no interfaces, and in
 * place of an error the end of the core, for the other build has the words.
 */
function translate(file) {
  let text = readFileSync(join(root, file), 'utf8');
  const isTwin = file.startsWith('src/core/');
  text = text.replace(
    /^(import|export)( type)? (\{[^}]*\}|\* as \w+)( from ')(\.[^']+)';/gm,
    (_, keyword, _type, what, from, specifier) => {
      const to = path(file, resolve(file, specifier));
      if (what.startsWith('*')) return `${keyword} ${what}${from}${to}';`;
      const names = what
        .slice(1, -1)
        .split(',')
        .map((name) => name.trim().replace(/^type /, ''))
        .filter((name) => name !== '' && !absent.has(name));
      return names.length === 0 ? '' : `${keyword} { ${names.join(', ')} }${from}${to}';`;
    },
  );
  if (isTwin) return text;
  let code = codeOnly(text);
  /** Replace what the pattern finds in the code; `end` says where it ends. */
  const replace = (pattern, by, end = (match) => match.index + match[0].length) => {
    for (const match of [...code.matchAll(pattern)].reverse()) {
      const to = end(match);
      text = text.slice(0, match.index) + by(match) + text.slice(to);
      code = code.slice(0, match.index) + by(match) + code.slice(to);
    }
  };
  replace(
    /^(export )?interface \w+[^{]*\{/gm,
    () => '',
    ({ index, 0: head }) => code.indexOf('\n}', index + head.length) + 2,
  );
  replace(/ implements \w+/g, () => '');
  replace(
    /\bthis\.fail\w*\(/g,
    () => 'unreachable()',
    ({ index, 0: head }) => closing(code, index + head.length - 1) + 1,
  );
  replace(
    /\bthrow new \w+\(/g,
    () => 'unreachable()',
    ({ index, 0: head }) => closing(code, index + head.length - 1) + 1,
  );
  // Assigned in the constructor, behind what AssemblyScript follows.
  replace(
    /^( {2}(?:(?:protected|private|readonly) )*#?\w+)(: [A-Z]\w*(?:\[\])?;)$/gm,
    ([, name, type]) => `${name}!${type}`,
  );
  replace(/#(\w+)/g, ([, name]) => `_${name}`);
  return text;
}

/** What the core has not, and needs not: `unreachable` is AssemblyScript's own, errors have words. */
const absent = new Set(['unreachable', 'WasmDecodeError', 'typeName', 'Map']);

async function opcodeTables() {
  const opcodes = await import(pathToFileURL(join(root, 'dist', 'src', 'stream', 'opcodes.js')).href);
  const source = readFileSync(join(root, 'src', 'stream', 'opcodes.ts'), 'utf8');
  const [immediates] = /^export const enum Immediate \{[^}]*\}/m.exec(source);
  const lines = [immediates];
  for (const name of tables) {
    const table = opcodes[name];
    const type = { Int32Array: 'i32', Uint8Array: 'u8', Int8Array: 'i8' }[table.constructor.name];
    const shift = Math.log2(table.BYTES_PER_ELEMENT);
    lines.push(
      `const ${name}At: usize = memory.data<${type}>([${Array.from(table).join(', ')}]);`,
      '@unmanaged @final',
      `class ${name}Table {`,
      `  @inline @operator('[]') __get(index: i32): i32 {`,
      `    if (<u32>index >= ${table.length}) unreachable();`,
      `    return load<${type}>(${name}At + (<usize>index << ${shift}));`,
      '  }',
      '}',
      `export const ${name}: ${name}Table = changetype<${name}Table>(0);`,
    );
  }
  return lines.join('\n');
}

/** All files that the core is made of, by their paths from the root; or those that another file needs. */
export async function coreFiles(from = entry) {
  const files = new Map();
  const todo = [from];
  while (todo.length > 0) {
    const file = todo.pop();
    if (files.has(file)) continue;
    const text = file === 'src/stream/opcodes.ts' ? await opcodeTables() : translate(file);
    files.set(file, text);
    for (const [, to] of text.matchAll(/^(?:import|export)\s[^;]*?from '(\.[^']+)'/gm)) {
      todo.push(relative(root, join(root, dirname(file), `${to}.ts`)));
    }
  }
  return files;
}

/** AssemblyScript's allocator, but where the memory cannot grow it tells the engine, which has an error with words. */
function withOutOfMemory(allocator) {
  const stop = 'unreachable(); // out of memory';
  if (allocator.split(stop).length !== 2) throw new Error('AssemblyScript has another allocator than expected');
  const external = "@external('host', 'outOfMemory')\ndeclare function outOfMemory(): void;\n";
  return `${allocator.replace(stop, 'outOfMemory();')}\n${external}`;
}

/** @returns the core, or what another file exports, before its optimisation */
export async function compile(files, from = entry) {
  const { default: asc, libraryFiles } = await import('assemblyscript/asc');
  const allocator = 'rt/stub';
  if (!libraryFiles[allocator].includes('outOfMemory'))
    libraryFiles[allocator] = withOutOfMemory(libraryFiles[allocator]);
  const written = new Map();
  const messages = [];
  const { error } = await asc.main(
    [
      from,
      '--outFile=core.wasm',
      '-O0',
      '--noAssert',
      '--runtime=stub',
      '--use=abort=',
      '--importMemory',
      '--initialMemory=64',
      '--maximumMemory=16383',
    ],
    {
      readFile: (name) => files.get(name.replace(/^\.\//, '')) ?? null,
      writeFile: (name, contents) => void written.set(name, contents),
      listFiles: () => [],
      stdout: { write: () => {} },
      stderr: { write: (text) => messages.push(text) },
    },
  );
  if (error) throw new Error(`AssemblyScript: ${error.message}\n${messages.join('')}`);
  return written.get('core.wasm');
}

async function optimise(bytes) {
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(bytes);
  const { Features } = binaryen;
  module.setFeatures(
    Features.MutableGlobals |
      Features.SignExt |
      Features.NontrappingFPToInt |
      Features.BulkMemory |
      Features.BulkMemoryOpt,
  );
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setAlwaysInlineMaxSize(12);
  binaryen.setFlexibleInlineMaxSize(70);
  binaryen.setOneCallerInlineMaxSize(200);
  binaryen.setAllowInliningFunctionsWithLoops(true);
  module.optimize();
  if (!module.validate()) throw new Error('binaryen: the core is not valid');
  return module.emitBinary();
}

/** What decides about the core's bytes: its files, this one, and the tools. */
function fingerprint(files) {
  const hash = createHash('sha256');
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  for (const tool of ['assemblyscript', 'binaryen']) hash.update(`${lock[`node_modules/${tool}`].version}\0`);
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  for (const [name, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${name}\0${text}\0`);
  return hash.digest('hex');
}

/** Build the core and its image, each if it is not there or a source has changed; the engine's own build must be there. */
export async function buildCore(force = false) {
  await buildModule(force);
  await buildImage(force);
}

async function buildModule(force) {
  const files = await coreFiles();
  const now = fingerprint(files);
  if (!force && existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  rmSync(stamp, { force: true });
  const core = await optimise(await compile(files));
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, core);
  writeFileSync(stamp, now);
}

/** What decides about the image beside the core: the core, and the compiler that makes machine code of it. */
function imageFingerprint() {
  const hash = createHash('sha256');
  hash.update(readFileSync(stamp)).update(readFileSync(join(root, 'package.json')));
  for (const folder of imageSources) {
    for (const name of readdirSync(join(root, folder), { recursive: true }).sort()) {
      if (name.endsWith('.ts')) hash.update(`${name}\0`).update(readFileSync(join(root, folder, name)));
    }
  }
  return hash.digest('hex');
}

/** Machine code of the core, made by the engine itself: `core.image`, and what its hash is: `core.hash`. */
async function buildImage(force) {
  const now = imageFingerprint();
  const image = join(dirname(output), 'core.image');
  const imageStamp = join(dirname(output), '.image-stamp');
  if (!force && existsSync(image) && existsSync(imageStamp) && readFileSync(imageStamp, 'utf8') === now) return;
  rmSync(imageStamp, { force: true });
  const { writeImage } = await import('./write-image.mjs');
  const { hash } = await writeImage(output, { out: image, linked: true, holdsModule: true });
  writeFileSync(join(dirname(output), 'core.hash'), hash);
  writeFileSync(imageStamp, now);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--dump')) {
    for (const [name, text] of await coreFiles()) {
      const target = join(root, '.work', 'core', name);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  } else {
    await buildCore(process.argv.includes('--force')).catch((error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  }
}
