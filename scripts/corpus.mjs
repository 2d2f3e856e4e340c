/**
 * The corpus of real modules (bench/corpus.json): each is named by npm package, version and path in the package,
 * with size and SHA-256 of the file. Plain Node; `check` needs the installed devDependencies.
 *
 *   node scripts/corpus.mjs list             what there is, and what is here
 *   node scripts/corpus.mjs fetch [--small] [NAME...]   fetch into .cache/corpus what is not here yet
 *   node scripts/corpus.mjs check [NAME...]  recompute features, code size and function count of what is here
 *
 * Modules of the set `small` are devDependencies: `npm install` brings them.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, '.cache', 'corpus');
const corpusFile = join(root, 'bench', 'corpus.json');
const corpus = JSON.parse(readFileSync(corpusFile, 'utf8'));

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The file of a module: from node_modules or from the cache, null if it is at neither place. */
function locate(entry) {
  const places = [join(root, 'node_modules', entry.package, entry.path), join(cache, `${entry.name}.wasm`)];
  for (const path of places) {
    if (existsSync(path) && sha256(readFileSync(path)) === entry.sha256) return path;
  }
  return null;
}

/** One file of a tar archive (POSIX ustar, as npm writes it; long names come in pax headers). */
function extract(tar, wanted) {
  let longName = null;
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const text = (from, to) => tar.toString('utf8', at + from, at + to).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 136), 8);
    const type = String.fromCharCode(tar[at + 156]);
    const body = tar.subarray(at + 512, at + 512 + size);
    const prefix = text(345, 500);
    const name = longName ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`);
    longName = null;
    if (type === 'x') longName = /^\d+ path=(.*)$/m.exec(body.toString('utf8'))?.[1] ?? null;
    else if (name.replace(/^[^/]*\//, '') === wanted) return body;
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return null;
}

/** Fetch all wanted modules of one package: one download. */
function fetchPackage(spec, entries) {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'pack-'));
  try {
    const result = spawnSync('npm', ['pack', spec, '--pack-destination', folder, '--silent'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (result.status !== 0) throw new Error(`npm pack ${spec} failed: ${result.stderr || result.error?.message}`);
    const tar = gunzipSync(readFileSync(join(folder, readdirSync(folder)[0])));
    for (const entry of entries) {
      const bytes = extract(tar, entry.path);
      if (bytes === null) throw new Error(`${spec} has no file ${entry.path}`);
      if (sha256(bytes) !== entry.sha256)
        throw new Error(`${entry.path} of ${spec} is not the file that bench/corpus.json names`);
      const target = join(cache, `${entry.name}.wasm`);
      writeFileSync(`${target}.new`, bytes);
      renameSync(`${target}.new`, target);
      console.log(`${entry.name}: ${bytes.length} bytes`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fetchModules(names, small) {
  const packages = new Map();
  for (const entry of select(names)) {
    if (small && entry.set !== 'small') continue;
    if (locate(entry) !== null) continue;
    const spec = `${entry.package}@${entry.version}`;
    packages.set(spec, [...(packages.get(spec) ?? []), entry]);
  }
  for (const [spec, entries] of packages) fetchPackage(spec, entries);
}

function select(names) {
  const unknown = names.filter((name) => !corpus.modules.some((entry) => entry.name === name));
  if (unknown.length > 0) throw new Error(`not in the corpus: ${unknown.join(', ')}`);
  return corpus.modules.filter((entry) => names.length === 0 || names.includes(entry.name));
}

/** Size of the code section and number of functions, from the section headers. */
function codeSection(bytes) {
  let at = 8;
  const leb = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const size = leb();
    if (id === 10) return { codeBytes: size, functions: leb() };
    at += size;
  }
  return { codeBytes: 0, functions: 0 };
}

const flags = {
  mutable_globals: 'mutable-globals',
  sign_extension: 'sign-extension',
  sat_float_to_int: 'saturating-conversions',
  multi_value: 'multi-value',
  bulk_memory: 'bulk-memory',
  reference_types: 'reference-types',
  simd: 'simd',
  threads: 'threads',
  exceptions: 'exceptions',
  tail_call: 'tail-call',
};

/** A smallest set of features with which wabt validates the module. */
function features(wabt, bytes) {
  const validates = (set) => {
    let module = null;
    try {
      module = wabt.readWasm(bytes, { ...set, readDebugNames: false });
      module.validate();
      return true;
    } catch {
      return false;
    } finally {
      module?.destroy();
    }
  };
  let needed = Object.fromEntries(Object.keys(flags).map((flag) => [flag, true]));
  if (!validates(needed)) throw new Error('wabt does not validate it with all features on');
  // Later features switch earlier ones on (exceptions bring reference types), so they are dropped first.
  for (const flag of Object.keys(flags).reverse()) {
    const fewer = { ...needed, [flag]: false };
    if (validates(fewer)) needed = fewer;
  }
  return Object.keys(flags)
    .filter((flag) => needed[flag])
    .map((flag) => flags[flag]);
}

async function check(names) {
  const wabt = await createRequire(join(root, 'package.json'))('wabt')();
  let wrong = 0;
  for (const entry of select(names)) {
    const path = locate(entry);
    if (path === null) continue;
    const bytes = readFileSync(path);
    const found = { bytes: bytes.length, ...codeSection(bytes), features: features(wabt, bytes) };
    const bad = Object.keys(found).filter((key) => JSON.stringify(found[key]) !== JSON.stringify(entry[key]));
    if (!WebAssembly.validate(bytes)) bad.push('V8 refuses it');
    console.log(
      `${entry.name}: ${bad.length === 0 ? 'as listed' : `${bad.join(', ')} differ: ${JSON.stringify(found)}`}`,
    );
    wrong += bad.length;
  }
  if (wrong > 0) throw new Error(`${wrong} differences`);
}

function list() {
  for (const entry of corpus.modules) {
    const size = `${(entry.codeBytes / 1e6).toFixed(2)} MB code`.padStart(14);
    console.log(
      `${entry.name.padEnd(18)} ${size}  ${entry.set.padEnd(6)} ${locate(entry) === null ? 'absent ' : 'here   '} ${entry.kind}`,
    );
  }
}

const [command = 'list', ...rest] = process.argv.slice(2);
const names = rest.filter((argument) => !argument.startsWith('--'));
try {
  if (command === 'list') list();
  else if (command === 'fetch') fetchModules(names, rest.includes('--small'));
  else if (command === 'check') await check(names);
  else throw new Error(`unknown command ${command}: list, fetch or check`);
} catch (error) {
  console.error(`corpus: ${error.message}`);
  process.exitCode = 1;
}
