/** A module that was found to fail, with what is needed to make it fail again: FILE.wasm and FILE.json beside it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { v8 } from '../support/engine.js';
import type { Item } from './batch.js';
import { type CompareOptions, type Comparison, compareAll, isDifference } from './compare.js';
import { type FuelPlaces, instrument } from './instrument.js';

export interface Finding {
  origin: string;
  /** For arguments and host functions. */
  seed: number;
  rounds: number;
  fuel: FuelPlaces;
  kind: string;
  detail: string;
  engine: string;
  /** Engine options as JSON text; empty for none. */
  options: string;
}

const blank: Finding = {
  origin: '',
  seed: 1,
  rounds: 2,
  fuel: 'everywhere',
  kind: '',
  detail: '',
  engine: 'beamline',
  options: '',
};

/** Read the description beside a module; defaults if there is none. */
export function readFinding(wasm: string): Finding {
  const path = wasm.replace(/\.wasm$/, '.json');
  const origin = { ...blank, origin: wasm };
  return existsSync(path) ? { ...origin, ...(JSON.parse(readFileSync(path, 'utf8')) as Finding) } : origin;
}

export function writeFinding(wasm: string, bytes: Uint8Array, finding: Finding): void {
  writeFileSync(wasm, bytes);
  writeFileSync(wasm.replace(/\.wasm$/, '.json'), `${JSON.stringify(finding, null, 2)}\n`);
}

/** The module as the harness takes it: instrumented if it can be executed. */
export function toItem(bytes: Uint8Array, seed: number, fuel: FuelPlaces = 'everywhere'): Item {
  const instrumented = v8.validate(bytes) ? instrument(bytes, fuel) : null;
  return instrumented === null ? { bytes, seed } : { bytes, seed, instrumented };
}

export function compareOptions(finding: Finding, timeLimit = 10_000): CompareOptions {
  const { engine, options, rounds } = finding;
  return { tested: { engine, options }, rounds, timeLimit };
}

/** Run modules as the finding says. */
export function recheck(modules: readonly Uint8Array[], finding: Finding, timeLimit?: number): Promise<Comparison[]> {
  return compareAll(
    modules.map((bytes) => toItem(bytes, finding.seed, finding.fuel)),
    compareOptions(finding, timeLimit),
  );
}

/**
 * What two failures must share to count as the same: the kind, the signal of a crash, whether an engine refused to
 * compile or went wrong later.
 */
export function failureClass(comparison: Comparison): string | null {
  if (!isDifference(comparison)) return null;
  const { kind, detail } = comparison;
  if (kind === 'crash' || kind === 'error') return `${kind} ${detail.split('\n')[0]}`;
  if (kind === 'verdict') return `${kind} ${detail.startsWith('accepted')}`;
  return `${kind} ${/got 'instantiate: \w+/.exec(detail)?.[0] ?? ''}`;
}
