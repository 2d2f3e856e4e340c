/** The corpus of real modules for tests and benchmarks: bench/corpus.json lists them, scripts/corpus.mjs fetches them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface CorpusEntry {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** Path of the module in the package. */
  readonly path: string;
  readonly kind: string;
  /** small: a devDependency, always here; full: fetched on demand. */
  readonly set: 'small' | 'full';
  readonly bytes: number;
  readonly codeBytes: number;
  readonly functions: number;
  readonly features: readonly string[];
  readonly sha256: string;
}

/** The folder that holds package.json: this file runs from an output folder somewhere below it. */
function findRoot(from: string): string {
  return existsSync(join(from, 'bench', 'corpus.json')) ? from : findRoot(dirname(from));
}

/** The project's folder. */
export const root: string = findRoot(dirname(import.meta.dirname));

export const corpus: readonly CorpusEntry[] = JSON.parse(
  readFileSync(join(root, 'bench', 'corpus.json'), 'utf8'),
).modules;

/** Where a module of the corpus may be, in order of preference. */
function places(entry: CorpusEntry): string[] {
  return [join(root, 'node_modules', entry.package, entry.path), join(root, '.cache', 'corpus', `${entry.name}.wasm`)];
}

/** True if the module is on this machine. */
export function isHere(entry: CorpusEntry): boolean {
  return places(entry).some((path) => existsSync(path));
}

/** The module's file. @throws Error if it is not on this machine. */
export function modulePath(entry: CorpusEntry): string {
  const path = places(entry).find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`'${entry.name}' is not here: node scripts/corpus.mjs fetch ${entry.name}`);
  return path;
}

/**
 * The bytes of a module of the corpus.
 * @throws Error if there is no such module, it is not here, or it is not the file that the list names.
 */
export function readModule(name: string): Uint8Array {
  const entry = corpus.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no module '${name}' in bench/corpus.json`);
  const path = modulePath(entry);
  const bytes = readFileSync(path);
  if (createHash('sha256').update(bytes).digest('hex') !== entry.sha256) {
    throw new Error(`${path} is not the file that bench/corpus.json names`);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
