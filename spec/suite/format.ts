/**
 * The form of the suite's files: the JSON of wabt's `wast2json` (modules in `.wasm` files beside it), or one file with
 * the modules inside it as base64 and a level per command.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Level = '1.0' | '2.0' | '3.0' | 'proposal' | 'legacy';

/** Releases of the standard, oldest first: each contains those before it. */
export const releases: readonly Level[] = ['1.0', '2.0', '3.0'];

export interface Value {
  type: string;
  value?: string | string[];
  lane_type?: string;
  /** Of `either`. */
  values?: Value[];
}

export interface Action {
  type: 'invoke' | 'get';
  module?: string;
  field: string;
  args?: Value[];
}

export interface Command {
  type: string;
  line: number;
  level?: Level;
  filename?: string;
  module_type?: 'binary' | 'text';
  name?: string;
  as?: string;
  module?: string;
  instance?: string;
  action?: Action;
  expected?: Value[];
  text?: string;
  /** Of `thread`: what it runs, and the instances whose memories it has too. */
  commands?: Command[];
  shared_modules?: string[];
  /** Of `wait`. */
  thread?: string;
}

export interface Script {
  source_filename: string;
  level: Level;
  commands: Command[];
  /** Base64 by file name; absent in the output of wast2json. */
  modules?: Record<string, string>;
}

/** A file of the suite: `name` is its path in the suite without `.json`, `group` the folder. */
export interface SuiteFile {
  path: string;
  name: string;
  group: string;
}

/** The project's root: the nearest folder above this file with the package's package.json. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json not found');
    folder = parent;
  }
  return folder;
}

/** Where the suite's data is: `BEAMLINE_SPEC_SUITE`, or `../shared/spec-suite` beside the project; null if missing. */
export function suiteFolder(): string | null {
  const named = process.env.BEAMLINE_SPEC_SUITE;
  const folder = named !== undefined && named !== '' ? named : join(projectRoot(), '..', 'shared', 'spec-suite');
  return existsSync(folder) ? folder : null;
}

/** All scripts below a folder (or the one file), ordered by name. */
export function listFiles(folder: string): SuiteFile[] {
  if (statSync(folder).isFile()) return [{ path: folder, name: folder.replace(/\.json$/, ''), group: '.' }];
  const files: SuiteFile[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.json') || entry.name === 'INDEX.json') continue;
    const path = join(entry.parentPath, entry.name);
    const group = relative(folder, entry.parentPath) || '.';
    files.push({ path, name: join(group, entry.name.replace(/\.json$/, '')), group });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Read a script.
 * @throws SyntaxError, Error if the file is not in one of the two forms
 */
export function readScript(path: string): Script {
  const script = JSON.parse(readFileSync(path, 'utf8')) as Script;
  if (!Array.isArray(script.commands)) throw new Error(`${path}: no list of commands`);
  // wast2json knows no levels. What a module uses then decides whether a command counts.
  script.level ??= '2.0';
  return script;
}

/** Bytes of a module that a command names. @throws Error if the script has no such module */
export function moduleBytes(script: Script, path: string, filename: string): Uint8Array {
  const text = script.modules?.[filename];
  if (text !== undefined) return new Uint8Array(Buffer.from(text, 'base64'));
  if (script.modules !== undefined) throw new Error(`no module ${filename}`);
  return new Uint8Array(readFileSync(join(dirname(path), filename)));
}

export function levelOf(script: Script, command: Command): Level {
  return command.level ?? script.level;
}

/** True for quoted text, which tests a parser of the text format only. */
export function isTextOnly(command: Command): boolean {
  return command.module_type === 'text';
}
