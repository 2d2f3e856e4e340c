/**
 * Compiles a bomb with a budget, in a process of its own (`node --expose-gc`), and measures the memory of the process
 * while it does: counted against held. Prints one line of JSON.
 */
import { Engine } from '../../src/index.js';
import { bombs } from './all.js';

/** In bytes, but `message`. */
export interface MemoryReport {
  /** The module's size. */
  bytes: number;
  /** What the engine has counted at most. */
  peak: number;
  /** The largest growth of the process, after collection: heap in use, and all memory that is not V8's heap. */
  measured: number;
  /** The most that was counted up to then. */
  counted: number;
  /** What is reachable more than before when all is over. */
  left: number;
  message: string;
  offset: number;
}

const collect = (globalThis as unknown as { gc: () => void }).gc;
const step = 1 << 20;

/** Heap in use, and what else is resident. */
function held(): number {
  collect();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return rss - heapTotal + heapUsed;
}

/** What V8 holds for somebody. */
function reachable(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
}

/** In a function of its own: nothing is left of it but numbers. */
async function compile(
  engine: Engine,
  bytes: Uint8Array,
  before: number,
): Promise<Pick<MemoryReport, 'measured' | 'counted' | 'message' | 'offset'>> {
  let last = 0;
  let most = 0;
  let [measured, counted] = [0, 0];
  const onProgress = ({ memoryBytes }: { memoryBytes: number }): void => {
    if (Math.abs(memoryBytes - last) < step) return;
    last = memoryBytes;
    const now = held() - before;
    // What the C library has freed it does not give back at once.
    most = Math.max(most, memoryBytes);
    if (now - most > measured - counted) [measured, counted] = [now, most];
  };
  let message = '';
  let offset = -1;
  try {
    await engine.WebAssembly.compileStreaming(chunks(bytes), { onProgress });
  } catch (error) {
    ({ message } = error as Error);
    offset = (error as { offset?: number }).offset ?? -1;
  }
  return { measured, counted, message, offset };
}

async function main(name: string, n: number, compileMemory: number): Promise<void> {
  const bomb = bombs.find((b) => b.name === name);
  if (bomb === undefined) throw new Error(`no bomb '${name}'`);
  const engine = new Engine({ maxSliceMs: 1, limits: { compileMemory } });
  // What is made once: the machine, the compiler, the arrays that every function has.
  for (const other of bombs) engine.WebAssembly.validate(other.build(1 + (other.scale >> 10)));
  const bytes = bomb.build(n);
  const before = held();
  const reachableBefore = reachable();
  const { measured, counted, message, offset } = await compile(engine, bytes, before);
  // The module is garbage; what it held is released by finalizers.
  for (let i = 0; i < 10 && (engine.statistics().modules > 0 || i < 5); i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const left = reachable() - reachableBefore;
  // It is as it was.
  if (!engine.WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))) throw new Error('the engine is broken');
  const peak = engine.statistics().compileMemoryPeak;
  const report: MemoryReport = { bytes: bytes.length, peak, measured, counted, left, message, offset };
  console.log(JSON.stringify(report));
}

const [name, n, budget] = process.argv.slice(2);
await main(name as string, Number(n), Number(budget));
