/** An assembler writes into its span and nowhere else, whatever is emitted or patched. */
import test from 'ava';
import { Assembler } from '../../src/backends/x64/assembler.js';
import { SpanSet } from '../../src/backends/x64/span-set.js';
import { Random } from '../support/random.js';

/** What does not fit: each a way to emit several bytes at once. */
const emissions: Readonly<Record<string, (a: Assembler) => void>> = {
  bytes: (a) => a.int32(-1),
  'a jump': (a) => a.jmp32(0),
  'a forward jump': (a) => a.bind(a.jmp_forward()),
  'a short jump': (a) => a.bind8(a.jmp8_forward()),
  'an immediate': (a) => a.mov_ri64(9, -1, -2),
  'a memory operand': (a) => a.mov_mi(1, 5, 0x12345678, -1),
  'an indexed operand': (a) => a.lea_x(1, 9, 9, 9, 3, 0x12345678),
  'a slot': (a) => a.mov_slotr(1, -100_000, 9),
  'a rip-relative operand': (a) => a.lea_rip(9, 0),
  'a vector instruction': (a) => a.movaps_xm_rip(9, 0),
  padding: (a) => a.nop(9),
};

for (const [name, emit] of Object.entries(emissions)) {
  test(`no byte of ${name} is written behind the end`, (t) => {
    for (let room = 0; room < 12; room++) {
      const memory = new Uint8Array(64).fill(0xcc);
      const a = new Assembler(memory);
      a.forget();
      a.open(16, 16 + room);
      let refused = false;
      try {
        emit(a);
        a.checkRoom();
      } catch (error) {
        refused = /^internal error/.test((error as Error).message);
        t.true(refused, (error as Error).message);
      }
      t.is(refused, a.pos > 16 + room);
      for (let at = 0; at < 64; at++) if (at < 16 || at >= 16 + room) t.is(memory[at], 0xcc, `${room}: ${at}`);
    }
  });
}

test('patches reach the open span and closed ones, and no other position', (t) => {
  const memory = new Uint8Array(256);
  const a = new Assembler(memory);
  a.forget();
  a.open(160, 200);
  a.nop(20);
  a.open(64, 96);
  a.nop(10);
  a.open(100, 128);
  a.nop(5);
  const own = (at: number) => (at >= 64 && at < 74) || (at >= 100 && at < 128) || (at >= 160 && at < 180);
  for (let at = -5; at < 260; at++) {
    if (own(at)) t.notThrows(() => a.patch8(at, 1), `${at}`);
    else t.throws(() => a.patch8(at, 1), { message: /^internal error/ }, `${at}`);
    if (own(at) && own(at + 3)) t.notThrows(() => a.patch32(at, 1), `${at}`);
    else t.throws(() => a.patch32(at, 1), { message: /^internal error/ }, `${at}`);
  }
  a.forget();
  t.throws(() => a.patch8(64, 1), { message: /^internal error/ });
  t.throws(() => a.patch32(0, 1), { message: /^internal error/ });
  a.ret();
  t.throws(() => a.checkRoom(), { message: /^internal error/ });
});

test('a span with lost bytes cannot be left', (t) => {
  const a = new Assembler(new Uint8Array(64));
  a.forget();
  a.open(0, 4);
  a.nop(5);
  t.throws(() => a.open(8, 16), { message: /^internal error/ });
});

test('a set of spans', (t) => {
  const random = new Random(0x7370616e);
  for (let round = 0; round < 200; round++) {
    const set = new SpanSet();
    const held = new Uint8Array(600);
    const spans = Array.from({ length: 20 }, (_, k) => 30 * k).sort(() => random.below(3) - 1);
    for (const [k, start] of spans.slice(0, random.below(20)).entries()) {
      const end = start + 1 + random.below(29);
      set.add(start, end);
      held.fill(k + 1, start, end);
      const from = random.below(600);
      const to = from + 1 + random.below(8);
      const inside = held[from] !== 0 && held.subarray(from, to).every((mark) => mark === held[from]) && to <= 600;
      t.is(set.holds(from, to), inside);
    }
  }
});
