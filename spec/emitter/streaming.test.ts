/** Code comes opcode by opcode, and it is the same whatever pieces the bytes come in. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'ava';
import { baselineCpu } from '../../src/backends/x64/cpu.js';
import { generateModule } from '../fuzz/generate.js';
import { listingCases } from '../listings/cases.js';
import { Random } from '../support/random.js';
import { Session, type SessionOptions } from './session.js';

const require = createRequire(import.meta.url);

/** Real modules that come with the packages. */
const real: Readonly<Record<string, Uint8Array>> = {
  llhttp: new Uint8Array(require('undici/lib/llhttp/llhttp-wasm.js') as Buffer),
  sqlite: new Uint8Array(readFileSync(require.resolve('sql.js/dist/sql-wasm.wasm'))),
};

function compile(bytes: Uint8Array, cuts: Iterable<number>, options?: SessionOptions) {
  const session = new Session(bytes, options);
  for (const cut of cuts) session.push(cut);
  session.push(bytes.length);
  const { code, entries, sites } = session.finish();
  return { code, entries, sites };
}

function randomCuts(length: number, random: Random, step: number): number[] {
  const cuts: number[] = [];
  for (let at = random.below(step); at < length; at += random.between(1, step)) cuts.push(at);
  return cuts;
}

/** After each byte: which opcodes were compiled, and up to where code was written. */
function watch(bytes: Uint8Array): { compiled: number; pos: number }[] {
  const session = new Session(bytes);
  const states: { compiled: number; pos: number }[] = [];
  for (let end = 0; end <= bytes.length; end++) {
    session.push(end);
    states.push({ compiled: session.seen.length, pos: session.pos });
  }
  return states;
}

/**
 * How many bytes behind an opcode have to be there: an `if` without a result may be a check, which the next opcode says.
 */
function needed(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x04 || bytes[at + 1] !== 0x40) return 0;
  return bytes[at + 2] === 0x00 ? 2 : 1;
}

/**
 * Every opcode's code is complete as soon as its last byte has come: in a session that has seen no more than that
 * byte, code is written up to where the code of the next opcode begins (after the last one of a function, and the bytes
 * of the next one's locals, that is its prologue).
 */
function checkPromptness(bytes: Uint8Array): { opcodes: number; late: string[] } {
  const whole = new Session(bytes);
  whole.push(bytes.length);
  const { seen } = whole;
  const states = watch(bytes);
  const late: string[] = [];
  for (let k = 0; k + 1 < seen.length; k++) {
    const next = seen[k + 1]!;
    const wait = needed(bytes, seen[k]!.offset);
    const state = states[next.offset + wait]!;
    // The next opcode's code may be there, too.
    if (wait === 0 ? state.pos !== next.pos : state.pos < next.pos) {
      late.push(`opcode at ${seen[k]!.offset}: code up to ${state.pos}, not ${next.pos}`);
    }
    if (state.compiled < k + 1) late.push(`opcode at ${seen[k]!.offset} is not compiled`);
  }
  return { opcodes: seen.length, late };
}

test('code for an opcode is there as soon as its last byte is', (t) => {
  let opcodes = 0;
  for (const { name, bytes } of listingCases()) {
    const result = checkPromptness(bytes);
    t.deepEqual(result.late, [], name);
    opcodes += result.opcodes;
  }
  t.true(opcodes > 1000, `${opcodes} opcodes`);
});

test('in the middle of a body of llhttp, code grows byte by byte', (t) => {
  const bytes = real['llhttp']!;
  const { opcodes, late } = checkPromptness(bytes);
  t.true(opcodes > 10000, `${opcodes} opcodes`);
  t.deepEqual(late, []);
});

for (const [name, bytes] of Object.entries(real)) {
  test(`${name} in pieces: the same code`, (t) => {
    const whole = compile(bytes, []);
    t.true(whole.code.length > bytes.length / 2);
    for (const [round, step] of [10, 300, 5000, 100000].entries()) {
      const pieces = compile(bytes, randomCuts(bytes.length, new Random(3, round), step));
      t.is(Buffer.compare(pieces.code, whole.code), 0, `pieces of up to ${step} bytes`);
      t.deepEqual([pieces.entries, pieces.sites], [whole.entries, whole.sites]);
    }
  });
}

test('generated modules byte by byte: the same code', (t) => {
  for (let seed = 0; seed < 100; seed++) {
    const bytes = generateModule(seed);
    const every = Array.from({ length: bytes.length }, (_, i) => i);
    t.deepEqual(compile(bytes, every), compile(bytes, []), `seed ${seed}`);
  }
});

test('the same bytes and options give the same code', (t) => {
  const bytes = real['llhttp']!;
  const plain = compile(bytes, []);
  t.deepEqual(compile(bytes, []), plain);
  for (const options of [
    { cpu: baselineCpu },
    { debug: { forceSpills: true } },
    { debug: { checkInvariants: true } },
  ]) {
    const first = compile(bytes, [], options);
    t.deepEqual(compile(bytes, [], options), first);
    t.is(Buffer.compare(first.code, plain.code) === 0, 'debug' in options && 'checkInvariants' in options.debug!);
  }
});
