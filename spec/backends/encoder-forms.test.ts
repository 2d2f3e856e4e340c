import { createRequire } from 'node:module';
import test from 'ava';
import { Assembler } from '../../src/backends/x64/assembler.js';
import { loadDisassembler } from '../../src/backends/x64/disassemble.js';
import { groups } from './encoder-forms.js';
import { vectorGroups } from './encoder-vector-forms.js';

const iced = createRequire(import.meta.url)('iced-x86') as typeof import('iced-x86');

/** The bytes as iced's own encoder writes the decoded instructions: without superfluous prefixes or displacements. */
function reencode(bytes: Uint8Array): Uint8Array {
  const decoder = new iced.Decoder(64, bytes, iced.DecoderOptions.None);
  const encoder = new iced.Encoder(64);
  const instruction = new iced.Instruction();
  decoder.ip = 0n;
  while (decoder.canDecode) {
    decoder.decodeOut(instruction);
    encoder.encode(instruction, instruction.ip);
  }
  const out = encoder.takeBuffer();
  instruction.free();
  encoder.free();
  decoder.free();
  return out;
}

for (const [name, group] of Object.entries({ ...groups, ...vectorGroups })) {
  test(`all operands decode to what was meant, and in canonical form: ${name}`, async (t) => {
    const disassembler = await loadDisassembler();
    const a = new Assembler(new Uint8Array(1 << 22));
    const expected: string[] = [];
    group((emit, text) => {
      emit(a);
      expected.push(text);
    });
    t.true(a.pos < a.buffer.length);
    const bytes = a.buffer.subarray(0, a.pos);
    const lines = disassembler.disassemble(bytes, 0);
    const wrong: string[] = [];
    for (let i = 0; i < expected.length && wrong.length < 10; i++) {
      const line = lines[i];
      if (line?.text === expected[i]) continue;
      const hex = Buffer.from(bytes.subarray(line?.offset ?? 0, (line?.offset ?? 0) + 12)).toString('hex');
      wrong.push(`expected "${expected[i]}", got "${line?.text}" (${hex})`);
    }
    t.deepEqual(wrong, []);
    t.is(lines.length, expected.length);
    t.deepEqual(Buffer.compare(reencode(bytes), bytes), 0);
  });
}
