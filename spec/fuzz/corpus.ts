/** Real modules to mutate and to run: those of installed packages, of the corpus folder, and of the spec suite. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { listFiles, moduleBytes, projectRoot, readScript, suiteFolder } from '../suite/format.js';
import { v8 } from '../support/engine.js';
import type { Random } from '../support/random.js';

export interface CorpusModule {
  name: string;
  bytes: Uint8Array;
}

const largest = 8 << 20;

/** All `.wasm` files of the project's packages and of `.cache/corpus`, and those that undici carries inside. */
export function realModules(): CorpusModule[] {
  const root = projectRoot();
  const found: CorpusModule[] = [];
  for (const folder of ['node_modules', '.cache/corpus']) {
    const base = join(root, folder);
    if (!existsSync(base)) continue;
    for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.wasm')) continue;
      const path = join(entry.parentPath, entry.name);
      found.push({ name: relative(root, path), bytes: new Uint8Array(readFileSync(path)) });
    }
  }
  const llhttp = join(root, 'node_modules/undici/lib/llhttp/llhttp-wasm.js');
  if (existsSync(llhttp)) {
    found.push({ name: 'llhttp', bytes: new Uint8Array(createRequire(import.meta.url)(llhttp) as Buffer) });
  }
  return found.filter(({ bytes }) => bytes.length <= largest && v8.validate(bytes)).sort(byName);
}

/** Valid modules of the spec suite of at least `smallest` bytes; empty if the suite is missing. */
export function suiteModules(smallest = 60): CorpusModule[] {
  const folder = suiteFolder();
  if (folder === null) return [];
  const found: CorpusModule[] = [];
  for (const file of listFiles(folder)) {
    if (!/^(core|bulk-memory|simd|memory64|multi-memory)$/.test(file.group)) continue;
    const script = readScript(file.path);
    for (const command of script.commands) {
      if (command.type !== 'module' || command.filename === undefined) continue;
      const bytes = moduleBytes(script, file.path, command.filename);
      if (bytes.length >= smallest && v8.validate(bytes)) found.push({ name: `${file.name}:${command.line}`, bytes });
    }
  }
  return found;
}

function byName(a: CorpusModule, b: CorpusModule): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Picks modules: small ones much more often than large ones, so that a run sees many. */
export class Corpus {
  readonly #groups: CorpusModule[][];

  /** @throws Error if there is none */
  constructor(modules: readonly CorpusModule[] = [...realModules(), ...suiteModules()]) {
    const limits = [0, 2_000, 100_000, 600_000, Number.POSITIVE_INFINITY];
    this.#groups = limits
      .slice(1)
      .map((limit, i) => modules.filter(({ bytes }) => bytes.length >= limits[i]! && bytes.length < limit));
    if (modules.length === 0) throw new Error('no modules: neither packages nor a spec suite are there');
  }

  get size(): number {
    return this.#groups.reduce((sum, group) => sum + group.length, 0);
  }

  pick(random: Random): CorpusModule {
    const weights = [50, 40, 8, 2].map((weight, i) => (this.#groups[i]!.length > 0 ? weight : 0));
    return random.pick(this.#groups[random.weighted(weights)]!);
  }
}
