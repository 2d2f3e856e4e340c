/** The compiler's abstract state is consistent after each opcode: typed random modules, and real ones. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'ava';
import fc from 'fast-check';
import { baselineCpu } from '../../src/backends/x64/cpu.js';
import { generateModule } from '../fuzz/generate.js';
import { Session, type SessionOptions } from './session.js';

const require = createRequire(import.meta.url);

const settings: Readonly<Record<string, SessionOptions>> = {
  'all extensions': { debug: { checkInvariants: true } },
  'no extensions': { cpu: baselineCpu, debug: { checkInvariants: true } },
  'forced spills': { debug: { checkInvariants: true, forceSpills: true } },
  'small world': { debug: { checkInvariants: true, smallWorld: true } },
  'small world, no extensions': { cpu: baselineCpu, debug: { checkInvariants: true, smallWorld: true } },
  'checked upper halves': { debug: { checkInvariants: true, checkUpperHalves: true } },
};

/** Number of opcodes compiled. */
function compile(bytes: Uint8Array, options: SessionOptions): number {
  const session = new Session(bytes, options);
  session.finish();
  return session.seen.length;
}

for (const [name, options] of Object.entries(settings)) {
  test(`generated modules, ${name}`, (t) => {
    let opcodes = 0;
    fc.assert(
      fc.property(fc.nat(1e9), fc.constantFrom('small' as const, 'medium' as const), (seed, size) => {
        opcodes += compile(generateModule(seed, { size }), options);
      }),
      { numRuns: 150 },
    );
    t.true(opcodes > 10000, `${opcodes} opcodes`);
  });
}

test('sql.js', (t) => {
  const bytes = new Uint8Array(readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm')));
  t.true(compile(bytes, { debug: { checkInvariants: true } }) > 200000);
  t.true(compile(bytes, { debug: { checkInvariants: true, smallWorld: true } }) > 200000);
});
