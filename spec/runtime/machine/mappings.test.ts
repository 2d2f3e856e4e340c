/** Which areas of the process are mapped and inaccessible, beside a look at every line. */
import test from 'ava';
import { Mappings } from '../../../src/runtime/machine/mappings.js';
import { mapAnonymous, Prot, protect, unmap } from '../../../src/runtime/machine/os.js';

interface Line {
  readonly low: number;
  readonly high: number;
  readonly rights: string;
}

function textOf(lines: readonly Line[]): Uint8Array {
  const text = lines.map(
    ({ low, high, rights }) =>
      `${low.toString(16)}-${high.toString(16)} ${rights} 00000000 00:00 0 ${'x'.repeat(low % 50)}\n`,
  );
  return Buffer.from(text.join(''));
}

function expected(lines: readonly Line[], from: number, to: number): boolean {
  let covered = from;
  for (const { low, high, rights } of lines) {
    if (high <= covered || covered >= to) continue;
    if (low > covered || !rights.startsWith('---')) return false;
    covered = high;
  }
  return covered >= to;
}

test('areas of all kinds, among any number of lines', (t) => {
  let state = 1;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  let inaccessible = 0;
  for (let round = 0; round < 400; round++) {
    const lines: Line[] = [];
    let at = 0x1000 * (1 + random(4));
    for (let i = random(40); i > 0; i--) {
      const low = at + 0x1000 * Math.max(0, random(5) - 3);
      at = low + 0x1000 * (1 + random(3));
      lines.push({ low, high: at, rights: ['---p', '---p', 'rw-p', 'r-xs', '--xp'][random(5)] as string });
    }
    const maps = new Mappings(textOf(lines));
    for (let i = 0; i < 50; i++) {
      const from = 0x800 * random(at / 0x800 + 4);
      const to = from + 0x800 * (1 + random(6));
      const want = expected(lines, from, to);
      if (want) inaccessible++;
      if (maps.isInaccessible(from, to) !== want)
        t.fail(`${from.toString(16)} to ${to.toString(16)} of ${Buffer.from(textOf(lines))}`);
    }
  }
  t.true(inaccessible > 500);
});

test('nothing is known where the system says nothing', (t) => {
  t.false(new Mappings(new Uint8Array(0)).isInaccessible(0, 1));
});

test('what this process has', (t) => {
  const bytes = 3 * 4096;
  const address = mapAnonymous(bytes, Prot.none);
  t.true(new Mappings().isInaccessible(address, address + bytes));
  protect(address + 4096, 4096, Prot.readWrite);
  t.false(new Mappings().isInaccessible(address, address + bytes));
  t.true(new Mappings().isInaccessible(address, address + 4096));
  t.true(new Mappings().isInaccessible(address + 8192, address + bytes));
  unmap(address, bytes);
});
