/** Every numbered case gives V8's result, in a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { recheck } from '../differential/finding.js';
import { addCase, listCases } from './cases.js';

/** A machine may be busy: only a case that hangs takes so long. */
const timeLimit = 120_000;

for (const { name, bytes, finding } of listCases()) {
  test(`${name} (${finding.origin})`, async (t) => {
    const [plain] = await recheck([bytes], { ...finding, engine: 'beamline' }, timeLimit);
    t.is(plain!.kind, 'same', 'detail' in plain! ? plain.detail : '');
    const options = JSON.stringify({ debug: { forceSpills: true, checkInvariants: true, checkUpperHalves: true } });
    const [forced] = await recheck([bytes], { ...finding, engine: 'beamline', options }, timeLimit);
    t.is(forced!.kind, 'same', 'detail' in forced! ? forced.detail : '');
  });
}

test('cases are numbered one after the other', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-cases-'));
  try {
    const bytes = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    const finding = {
      origin: 'a test',
      seed: 7,
      rounds: 2,
      fuel: 'everywhere' as const,
      kind: '',
      detail: '',
      engine: 'beamline',
      options: '',
    };
    t.regex(addCase(bytes, finding, 'first', folder), /0001-first\.wasm$/);
    t.regex(addCase(bytes, finding, 'second-one', folder), /0002-second-one\.wasm$/);
    t.throws(() => addCase(bytes, finding, 'No Spaces', folder));
    t.deepEqual(
      listCases(folder).map(({ name, finding: { seed } }) => [name, seed]),
      [
        ['0001-first', 7],
        ['0002-second-one', 7],
      ],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
