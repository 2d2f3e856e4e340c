/**
 * How the parts of the bundle load each other: as `require` does, but with V8's code cache. More than half of what a first
 * module takes is V8 reading and translating the engine's own code, the same in each process. So the first ones that end
 * keep what V8 has made in a folder beside the bundle; whoever may write there can change the bundle itself. Where nobody
 * may, or with `BEAMLINE_CODE_CACHE=0`, nothing is kept.
 *
 * Only the bundle has this module: `scripts/bundle.mjs` puts `load` in the place of imports.
 */
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

interface Part {
  exports: unknown;
}

type Wrapper = (exports: unknown, load: NodeJS.Require, part: Part, file: string, folder: string) => void;

/** Node's own: the bundler would take care of one that is called `require`. */
declare const nodeRequire: NodeJS.Require;

const folder = __dirname;
const cache = join(dirname(folder), 'code-cache');
/** Shorter texts are translated as fast as a second file is read. */
const leastText = 512;
/** Files in the cache: some versions of Node and sets of flags. When there are more, all begin anew. */
const mostFiles = 200;
/** By name. No `Map`: a program can redefine its methods. */
const parts: Record<string, Part> = Object.create(null);
/** What the file of a script is to have when the process ends. */
interface Kept {
  readonly script: Script;
  /** The last byte of the file: how many processes have added what they used. The first may have done little. */
  readonly generation: number;
  /** Bytes of the file as it is; a cache that has become smaller has lost what nobody used for long. */
  readonly bytes: number;
}

const lastGeneration = 3;
/** Scripts that V8 had to translate, at least in part, by the file. */
const translated: Record<string, Kept> = Object.create(null);
let keeps = false;

/** What a part calls `require`: most parts ask for nothing but this one. */
const requireOf = ((name: string) => (name === './parts.cjs' ? own : nodeRequire(name))) as NodeJS.Require;
const own = { load, importModule };

const isWanted = process.env['BEAMLINE_CODE_CACHE'] !== '0';
/** Scripts run in the realm that the process began with. Test runners load modules in realms of their own. */
const isFirstRealm = new Script('globalThis').runInThisContext() === globalThis;

/** FNV-1a over what may change the flags of V8, which its cache depends on. */
function flagsKey(): string {
  const text = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

const versionKey = isWanted ? `${process.version}-${process.versions.v8}-${flagsKey()}` : '';

/** What a part exports. @param name file name in the folder of the bundle */
export function load(name: string): unknown {
  const file = join(folder, name);
  if (!isFirstRealm || !isWanted) return nodeRequire(file);
  const known = parts[name];
  if (known !== undefined) return known.exports;
  const part: Part = { exports: {} };
  parts[name] = part;
  try {
    translate(name, file)(part.exports, requireOf, part, file, folder);
  } catch (error) {
    delete parts[name];
    throw error;
  }
  return part.exports;
}

/** `import(name)` from the bundle's folder: in a script with a code cache, Node 20 does not know whose import it is. */
export function importModule(name: string): Promise<unknown> {
  return import(name);
}

function translate(name: string, file: string): Wrapper {
  const text = readFileSync(file, 'latin1');
  const head = '(function (exports, require, module, __filename, __dirname) {';
  const options = { filename: file, columnOffset: -head.length };
  const source = `${head}${text}\n})`;
  if (text.length < leastText) return new Script(source, options).runInThisContext() as Wrapper;
  // V8 compares lengths; who changes a file changes its time as well.
  const { mtimeMs } = statSync(file);
  const kept = join(cache, `${name}-${versionKey}-${text.length}-${mtimeMs}`);
  const found = readKept(kept);
  const bytes = found?.length ?? 0;
  const cachedData = found?.subarray(0, bytes - 1);
  const script = new Script(source, cachedData === undefined ? options : { ...options, cachedData });
  const isUsed = cachedData !== undefined && script.cachedDataRejected !== true;
  const generation = isUsed ? ((found as Buffer)[bytes - 1] as number) : 0;
  if (generation < lastGeneration) {
    if (!keeps) process.once('exit', keep);
    keeps = true;
    translated[kept] = { script, generation: generation + 1, bytes: isUsed ? bytes : 0 };
  }
  return script.runInThisContext() as Wrapper;
}

function readKept(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** When the process ends, V8 knows best which functions it takes. */
function keep(): void {
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
    if (readdirSync(cache).length > mostFiles) rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    for (const [file, { script, generation, bytes }] of Object.entries(translated)) {
      const made = script.createCachedData();
      const data = made.length + 1 < bytes ? readFileSync(file).subarray(0, -1) : made;
      // Others read either nothing or all of it.
      const unfinished = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}`;
      writeFileSync(unfinished, Buffer.concat([data, Uint8Array.of(generation)]));
      renameSync(unfinished, file);
    }
  } catch {
    // The folder belongs to somebody else, is not there to be written, or is full.
  }
}
