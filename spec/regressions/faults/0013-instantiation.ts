/**
 * Instantiation held the event loop for seconds, and tables took address space without limit: 4,000 of ten million elements,
 * which a module names in 24 KB, 320 GB.
 *
 * @runs tables
 * @runs exports
 * @runs elements
 * @seconds 120
 */
import { FUNCREF, Kind, Section } from '../../support/wasm-types.js';
import { ByteWriter } from '../../support/writer.js';
import { check, done, Engine } from './support.js';

const { WebAssembly } = new Engine({ maxSliceMs: 2 });

function build(write: (w: ByteWriter) => void): Uint8Array {
  const w = new ByteWriter(1 << 20);
  w.header();
  w.section(Section.type, (s) => s.u32(1).byte(0x60, 0, 0));
  w.section(Section.function, (s) => s.u32(1).byte(0));
  write(w);
  w.section(Section.code, (s) => s.u32(1).byte(2, 0, 0x0b));
  return w.finish();
}

const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

if (process.argv[2] === 'tables') {
  const bytes = build((w) => {
    w.section(Section.table, (s) => {
      s.u32(4000);
      for (let i = 0; i < 4000; i++) s.byte(FUNCREF).limits(10_000_000);
    });
  });
  const begin = processorMs();
  const module = new WebAssembly.Module(bytes);
  for (const instantiate of [async () => new WebAssembly.Instance(module), () => WebAssembly.instantiate(module)]) {
    const error = await instantiate().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    check(error instanceof RangeError && error.message.includes('limits.tableElements'), `ended with ${error}`);
  }
  const ms = processorMs() - begin;
  check(ms < 3000, `took ${ms} ms`);
} else {
  const count = process.argv[2] === 'exports' ? 150_000 : 3_000_000;
  const bytes = build((w) => {
    if (process.argv[2] === 'exports') {
      w.section(Section.export, (s) => {
        s.u32(count);
        for (let i = 0; i < count; i++) s.name(i.toString(36)).byte(Kind.function, 0);
      });
    } else {
      w.section(Section.table, (s) => s.u32(1).byte(FUNCREF).limits(count));
      w.section(Section.element, (s) => s.u32(1).byte(0, 0x41, 0, 0x0b).u32(count).bytes(new Uint8Array(count)));
    }
  });
  const module = new WebAssembly.Module(bytes);
  let turns = 0;
  let ended = false;
  const watch = (): void => {
    turns++;
    if (!ended) setImmediate(watch);
  };
  watch();
  const begin = processorMs();
  const instance = await WebAssembly.instantiate(module);
  const ms = processorMs() - begin;
  ended = true;
  check(turns > ms / 12, `${turns} turns of the event loop in ${Math.round(ms)} ms`);
  if (process.argv[2] === 'exports') check(Object.keys(instance.exports).length === count, 'exports are missing');
}
done();
