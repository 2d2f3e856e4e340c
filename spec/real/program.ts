/** A program with a real module, as the harness runs it on each engine. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a program file exports. `load` is timed apart from `work`. */
export interface Program<Context = unknown> {
  /** Load the package and instantiate its module. */
  load(): Promise<Context> | Context;
  /** The job; its result, as text, must be the same on both engines. */
  work(context: Context): Promise<string> | string;
}

/** The project's folder, from wherever the compiled file runs. */
export const root: string = findRoot(import.meta.dirname);

function findRoot(folder: string): string {
  return existsSync(join(folder, 'biome.json')) ? folder : findRoot(dirname(folder));
}

/** Where `npm run real` puts packages that are no devDependencies. */
export const packagesFolder: string = join(root, '.cache', 'real');

/** Path of a file of a package, of devDependencies or of those in `packagesFolder`. */
export function packageFile(name: string, path = ''): string {
  const places = [root, packagesFolder].map((folder) => join(folder, 'node_modules', name, path));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name}/${path} is not installed`);
  return found;
}

/** `require` a CommonJS package. */
export function requirePackage(name: string, path = ''): ReturnType<NodeJS.Require> {
  return createRequire(packageFile(name, 'package.json'))(path === '' ? packageFile(name) : packageFile(name, path));
}

/** Import an ES module of a package. */
export function importPackage(name: string, path: string): Promise<ReturnType<NodeJS.Require>> {
  return import(pathToFileURL(packageFile(name, path)).href);
}

/** Length and hash: binary results as text. */
export function digest(bytes: Uint8Array | string): string {
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A text that is the same in each run and compresses as prose does. */
export function sampleText(words: number): string {
  const syllables = ['ba', 'ko', 'ri', 'tu', 'mel', 'son', 'qua', 'ne', 'vi', 'stra'];
  let seed = 12345;
  const next = (bound: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % bound;
  };
  let text = '';
  for (let i = 0; i < words; i++) {
    for (let length = 1 + next(3); length > 0; length--) text += syllables[Math.min(next(10), next(10))];
    text += next(12) === 0 ? '.\n' : ' ';
  }
  return text;
}
