/**
 * Modules for child processes: a file of records, one per module, and a file of outcomes, one JSON line per module. The
 * number of lines tells how far a child came, so that one that died can be started again behind the culprit.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Outcome } from './execute.js';

export interface Item {
  /** For the verdict. */
  bytes: Uint8Array;
  /** For execution; absent if it is not to be executed. */
  instrumented?: Uint8Array;
  /** For arguments and host functions. */
  seed: number;
}

/** What a child says about a module. */
export interface Answer {
  valid: boolean;
  /** Why the module was refused, if it was and was not expected to be. */
  refusal?: string;
  outcome?: Outcome;
}

/** Order to a child. */
export interface Order {
  engine: string;
  options: string;
  batch: string;
  answers: string;
  /** First module to handle. */
  from: number;
  rounds: number;
}

export function writeBatch(path: string, items: readonly Item[]): void {
  const parts: Uint8Array[] = [];
  for (const { bytes, instrumented, seed } of items) {
    const header = new DataView(new ArrayBuffer(20));
    header.setUint32(0, bytes.length, true);
    header.setUint32(4, instrumented?.length ?? 0, true);
    header.setFloat64(8, seed, true);
    header.setUint32(16, instrumented === undefined ? 0 : 1, true);
    parts.push(new Uint8Array(header.buffer), bytes, instrumented ?? new Uint8Array());
  }
  writeFileSync(path, Buffer.concat(parts));
}

export function readBatch(path: string): Item[] {
  const file = readFileSync(path);
  const items: Item[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at);
    const rewritten = file.readUInt32LE(at + 4);
    const seed = file.readDoubleLE(at + 8);
    const executed = file.readUInt32LE(at + 16) === 1;
    at += 20;
    // Copies: engines must not see the neighbours in the same buffer.
    const item: Item = { bytes: new Uint8Array(file.subarray(at, at + length)), seed };
    at += length;
    if (executed) item.instrumented = new Uint8Array(file.subarray(at, at + rewritten));
    at += rewritten;
    items.push(item);
  }
  return items;
}
