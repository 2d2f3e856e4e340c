/** Generated and mutated modules: valid, the same for a seed, various, and sensitive to wrong instructions. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { opcodes } from '../../src/stream/opcodes.js';
import { moduleFeatures } from '../suite/features.js';
import { v8 } from '../support/engine.js';
import { Immediate, immediateOf, newInstruction, readInstruction, readLocals } from '../support/instructions.js';
import { Random } from '../support/random.js';
import { ByteReader, readModule } from '../support/reader.js';
import { Corpus, realModules } from './corpus.js';
import { generateModule, type Size } from './generate.js';
import { mutate } from './mutate.js';
import { ttfModule } from './ttf.js';

const command = fileURLToPath(new URL('./run.js', import.meta.url));

function opcodesOf(bytes: Uint8Array, into: Set<number>): void {
  const instruction = newInstruction();
  for (const { start, end } of readModule(bytes).bodies) {
    const reader = new ByteReader(bytes, start, end);
    readLocals(reader);
    while (reader.position < end) {
      readInstruction(reader, instruction);
      into.add(instruction.opcode);
    }
  }
}

test('valid for every size, without features that are not there yet', (t) => {
  for (const size of ['small', 'medium', 'large'] as Size[]) {
    for (let seed = 0; seed < (size === 'large' ? 30 : 200); seed++) {
      const bytes = generateModule(seed, { size });
      t.true(v8.validate(bytes), `seed ${seed}, ${size}`);
      t.deepEqual([...moduleFeatures(bytes, true)], [], `seed ${seed}, ${size}`);
    }
  }
});

test('the same bytes for the same seed, others for another', (t) => {
  t.deepEqual(generateModule(42), generateModule(42));
  t.notDeepEqual(generateModule(42), generateModule(43));
});

test('all opcodes of the supported features come up', (t) => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 400; seed++) opcodesOf(generateModule(seed), seen);
  const missing: string[] = [];
  // 0x05 `else` and `nop` included; bulk instructions are 0xfc 0 to 17.
  for (let opcode = 0; opcode < 0xd3; opcode++) {
    const known = immediateOf(opcode) !== Immediate.unknown;
    const exceptions = (opcode >= 0x06 && opcode <= 0x09) || opcode === 0x18 || opcode === 0x19;
    const tailCalls = opcode === 0x12 || opcode === 0x13;
    if (known && !exceptions && !tailCalls && opcode !== 0x01 && !seen.has(opcode)) missing.push(opcode.toString(16));
  }
  for (let number = 0; number <= 17; number++) {
    if (!seen.has((0xfc << 16) | number)) missing.push(`fc ${number}`);
  }
  t.deepEqual(missing, []);
});

test('vectors, externref and tail calls, if asked for: valid, all opcodes come up', (t) => {
  const seen = new Set<number>();
  const features = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const bytes = generateModule(seed, {
      vectors: seed % 4 !== 0,
      externref: seed % 2 === 0,
      tailCalls: seed % 3 === 0,
      exceptions: seed % 5 === 0,
    });
    t.true(v8.validate(bytes), `seed ${seed}`);
    opcodesOf(bytes, seen);
    for (const feature of moduleFeatures(bytes, true)) features.add(feature);
  }
  t.deepEqual([...features].sort(), ['externref', 'simd', 'tail-call']);
  t.true(seen.has(0x12) && seen.has(0x13));
  for (const exception of [0x06, 0x07, 0x08, 0x09, 0x18, 0x19]) t.true(seen.has(exception), `${exception}`);
  const vectors = opcodes.filter(({ feature }) => feature === 'SIMD').map(({ code }) => (0xfd << 16) | (code & 0xff));
  t.is(vectors.length, 236);
  t.deepEqual(
    vectors.filter((opcode) => !seen.has(opcode)),
    [],
  );
});

test('mutants: the same for a seed, some valid, some not', (t) => {
  const modules = Array.from({ length: 20 }, (_, seed) => ({ name: `${seed}`, bytes: generateModule(seed) }));
  const corpus = new Corpus(modules);
  const make = (seed: number): Uint8Array => {
    const random = new Random(seed);
    return mutate(corpus.pick(random).bytes, corpus.pick(random).bytes, random);
  };
  let valid = 0;
  for (let seed = 0; seed < 300; seed++) {
    const bytes = make(seed);
    t.deepEqual(bytes, make(seed));
    if (v8.validate(bytes)) valid++;
  }
  t.true(valid > 30 && valid < 270, `${valid} of 300 are valid`);
});

test('real modules are found in the installed packages', (t) => {
  const names = realModules().map(({ name }) => name);
  t.true(names.includes('llhttp'));
  t.true(names.some((name) => name.endsWith('iced_x86_bg.wasm')));
});

test("binaryen's modules are valid, and the same for a seed", async (t) => {
  const bytes = await ttfModule(1);
  t.true(v8.validate(bytes));
  t.deepEqual(bytes, await ttfModule(1));
});

test('the command: no difference between V8 and V8; findings are saved', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'beamline-fuzz-test-'));
  const run = (...flags: string[]): string =>
    spawnSync(process.execPath, [command, '--save', folder, ...flags], { encoding: 'utf8' }).stdout;
  try {
    t.regex(run('--engine', 'v8', '--kind', 'generated', '--count', '40'), /\n?40 passed, 0 failed\n$/);
    t.regex(run('--engine', 'v8', '--kind', 'mutated', '--count', '40'), /\n40 passed, 0 failed\n$/);
    t.deepEqual(readdirSync(folder), []);
    t.regex(run('--engine', 'v8-verdict', '--kind', 'generated', '--count', '20'), /passed, [1-9]\d* failed\n$/);
    t.true(readdirSync(folder).some((file) => file.endsWith('.json')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
