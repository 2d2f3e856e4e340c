/**
 * A small program under limits: compiles from a stream, links, grows, traps, calls back, and makes memories. The last line
 * is `ok`, or the message of the error that it met.
 */
import { Engine } from '../../src/index.js';
import { limitsModule } from './module.js';

// biome-ignore lint/suspicious/noExplicitAny: exports of a test module.
type Any = any;

function check(condition: boolean, text: string): void {
  if (!condition) throw new Error(`WRONG: ${text}`);
}

function trap(run: () => unknown): string {
  try {
    run();
    return 'no trap';
  } catch (error) {
    return (error as Error).message;
  }
}

async function work(): Promise<void> {
  const engine = new Engine(JSON.parse(process.argv[2] ?? '{}'));
  const { WebAssembly } = engine;
  async function* chunks() {
    for (let i = 0; i < limitsModule.length; i += 50) yield limitsModule.subarray(i, i + 50);
  }
  const compiled = await WebAssembly.compileStreaming(chunks() as Any);
  const instances: Any[] = [];
  for (let i = 0; i < 12; i++) {
    let e: Any;
    const m = { f: (delta: number) => e.memory.grow(delta) };
    e = new WebAssembly.Instance(compiled, { m }).exports;
    check(e.load(8) === 42, 'data segment');
    for (const address of [131069, 131072, 1 << 30, -1, -4]) {
      check(/out of bounds/.test(trap(() => e.load(address))), `load(${address}) does not trap`);
      check(/out of bounds/.test(trap(() => e.store(address, 1))), `store(${address}) does not trap`);
    }
    e.store(16, i);
    check(e.grow(30) === 2, 'memory.grow');
    check(e.around(40) === 32 + 42, 'growth during a host call');
    check(e.memory.buffer.byteLength === 72 * 65536, 'length');
    e.store(72 * 65536 - 4, 1000 + i);
    check(e.grow(1000) === -1, 'growth beyond the maximum');
    instances.push(e);
  }
  instances.forEach((e, i) => {
    check(e.load(16) === i && e.load(72 * 65536 - 4) === 1000 + i, 'bytes of one memory are those of another');
    check(new Int32Array(e.memory.buffer)[4] === i, 'JS sees other bytes');
  });
}

await work().then(
  () => console.log('ok'),
  (error: unknown) => {
    console.log(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
