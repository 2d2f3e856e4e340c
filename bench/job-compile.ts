/** Jobs of bench/compile.ts, run in the peers' processes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { ModuleCopy } from '../src/cli/module-copy.js';
import type { WebAssemblyNamespace } from '../src/index.js';
import { defaultEngine } from '../src/runtime/api/default-engine.js';
import { processMs } from './clock.js';
import { corpus, readModule } from './corpus.js';

const copies = new Map<string, ModuleCopy>();
const codeBytes = new Map(corpus.map((entry) => [entry.name, entry.codeBytes]));

function copyOf(name: string): ModuleCopy {
  let copy = copies.get(name);
  if (copy === undefined) {
    copy = new ModuleCopy(readModule(name));
    copies.set(name, copy);
  }
  return copy;
}

/** Compile the modules in turn until so many bytes of code section are done, and each so many times. */
export async function warm(
  wasm: WebAssemblyNamespace,
  { modules, bytes, times }: { modules: string[]; bytes: number; times: number },
): Promise<void> {
  for (let done = 0, i = 0; done < bytes || i < times * modules.length; i++) {
    const name = modules[i % modules.length]!;
    new wasm.Module(copyOf(name).next());
    done += codeBytes.get(name)!;
    // Machine code of modules that are gone is freed by a task.
    await nextTurn();
  }
}

/** Compile a module once. Returns milliseconds of processor time. */
export function compile(wasm: WebAssemblyNamespace, { module }: { module: string }): number {
  const bytes = copyOf(module).next();
  globalThis.gc!();
  const start = processMs();
  new wasm.Module(bytes);
  return processMs() - start;
}

/** Machine code of a module by Beamline, in bytes. */
export function beamlineCodeSize(wasm: WebAssemblyNamespace, { module }: { module: string }): number {
  const before = defaultEngine().statistics().codeEmitted;
  new wasm.Module(copyOf(module).next());
  return defaultEngine().statistics().codeEmitted - before;
}

/** What a paced stream of a module showed, in milliseconds. */
export interface StreamTimes {
  /** From the moment the last chunk was handed over until the Module was there. */
  readonly lastByteToReady: number;
  /** From the first chunk to the Module. */
  readonly total: number;
}

/** Stream a module in chunks at a pace, in bytes per millisecond. */
export async function stream(
  wasm: WebAssemblyNamespace,
  { module, chunk, pace }: { module: string; chunk: number; pace: number },
): Promise<StreamTimes> {
  const bytes = copyOf(module).next();
  globalThis.gc!();
  let first = 0;
  let last = 0;
  let at = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (at === 0) first = performance.now();
        const due = first + at / pace - performance.now();
        if (due >= 1) await sleep(due);
        const end = Math.min(at + chunk, bytes.length);
        const part = bytes.slice(at, end);
        at = end;
        if (at === bytes.length) last = performance.now();
        controller.enqueue(part);
        if (at === bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  await wasm.compileStreaming(new Response(body, { headers: { 'content-type': 'application/wasm' } }));
  const ready = performance.now();
  return { lastByteToReady: ready - last, total: ready - first };
}

/** A line of /proc/self/status that is in kB, in bytes. */
function status(field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  if (line === null) throw new Error(`no ${field} in /proc/self/status`);
  return Number(line[1]) * 1024;
}

/** The smallest module. */
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** Growth of the process' resident memory at its peak while a module compiles, in bytes. Needs a fresh process. */
export function peakMemory(wasm: WebAssemblyNamespace, { module }: { module: string }): number {
  const bytes = copyOf(module).next();
  new wasm.Module(empty);
  globalThis.gc!();
  writeFileSync('/proc/self/clear_refs', '5'); // the peak begins anew
  const before = status('VmRSS');
  const compiled = new wasm.Module(bytes);
  const peak = status('VmHWM') - before;
  return wasm.Module.exports(compiled).length < 0 ? 0 : peak; // the Module lives until here
}
