/**
 * Numbered cases: NNNN-name.wasm with NNNN-name.json beside it, one for every failure that was found by fuzzing or in
 * real modules, reduced. Each must give V8's result.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, readFinding, writeFinding } from '../differential/finding.js';
import { projectRoot } from '../suite/format.js';

export interface RegressionCase {
  /** `0001-name`. */
  name: string;
  path: string;
  bytes: Uint8Array;
  finding: Finding;
}

export function casesFolder(): string {
  return join(projectRoot(), 'spec', 'regressions');
}

/** All cases, by number. */
export function listCases(folder = casesFolder()): RegressionCase[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.wasm$/.test(file))
    .sort()
    .map((file) => {
      const path = join(folder, file);
      const name = file.replace(/\.wasm$/, '');
      return { name, path, bytes: new Uint8Array(readFileSync(path)), finding: readFinding(path) };
    });
}

/** The highest number of a case or of a fault that is a program (`faults/`); 0 if there is none. */
function lastNumber(folder: string): number {
  const names = [folder, join(folder, 'faults')].flatMap((place) => (existsSync(place) ? readdirSync(place) : []));
  return Math.max(0, ...names.filter((name) => /^\d{4}-/.test(name)).map((name) => Number.parseInt(name, 10)));
}

/**
 * Add a case under the next number.
 * @param name a few words with dashes
 * @returns its path
 */
export function addCase(bytes: Uint8Array, finding: Finding, name: string, folder = casesFolder()): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new Error(`'${name}' is not of the form some-words-with-dashes`);
  const number = lastNumber(folder) + 1;
  const path = join(folder, `${String(number).padStart(4, '0')}-${name}.wasm`);
  writeFinding(path, bytes, { ...finding, engine: 'beamline' });
  return path;
}
