/**
 * Ten million element segments, as many as the standard's JS API allows, were refused: an object for each was more than
 * `limits.compileMemory`. The same for the other sections that have so many items as fit.
 *
 * @runs elements
 * @runs exports
 * @seconds 120
 */
import { FUNCREF, Kind, Section } from '../../support/wasm-types.js';
import { ByteWriter } from '../../support/writer.js';
import { check, done, Engine } from './support.js';

const engine = new Engine();
const { WebAssembly } = engine;

function build(write: (w: ByteWriter) => void): Uint8Array {
  const w = new ByteWriter(1 << 20);
  w.header();
  w.section(Section.type, (s) => s.u32(1).byte(0x60, 0, 0));
  w.section(Section.function, (s) => s.u32(1).byte(0));
  write(w);
  w.section(Section.code, (s) => s.u32(1).byte(2, 0, 0x0b));
  return w.finish();
}

/** So many copies of the bytes. */
function repeated(bytes: readonly number[], count: number): Uint8Array {
  const all = new Uint8Array(bytes.length * count);
  all.set(bytes);
  for (let length = bytes.length; length < all.length; length *= 2) all.copyWithin(length, 0, length);
  return all;
}

if (process.argv[2] === 'elements') {
  const count = 10_000_000;
  const bytes = build((w) => {
    w.section(Section.table, (s) => s.u32(1).byte(FUNCREF).limits(10));
    w.section(Section.export, (s) => s.u32(1).name('t').byte(Kind.table, 0));
    w.section(Section.element, (s) => {
      s.u32(count)
        .bytes(repeated([0, 0x41, 0, 0x0b, 0], count - 1))
        .byte(0, 0x41, 9, 0x0b, 1, 0);
    });
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const table = instance.exports['t'] as { get(i: number): unknown };
  check(table.get(8) === null && typeof table.get(9) === 'function', 'the last segment was not written');
  const { compileMemoryPeak } = engine.statistics();
  check(compileMemoryPeak < bytes.length + 6 * count, `compile memory ${compileMemoryPeak}`);
} else {
  const count = 200_000;
  const bytes = build((w) => {
    w.section(Section.export, (s) => {
      s.u32(count);
      for (let i = 0; i < count; i++) s.name(i.toString(36).padStart(4, '-')).byte(Kind.function, 0);
    });
  });
  check(WebAssembly.validate(bytes), 'exports are refused');
  const { compileMemoryPeak } = engine.statistics();
  check(compileMemoryPeak < bytes.length + 24 * count, `compile memory ${compileMemoryPeak}`);
  // The last name becomes the first one.
  const last = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf((count - 1).toString(36));
  bytes.set(Buffer.from('---0'), last);
  check(!WebAssembly.validate(bytes), 'a name that is there twice is not found');
}
done();
