/** Whoever looks for an opcode's code finds it: each is named in the emitter, as `Op.name` or in a comment's own words. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Immediate, opcodes } from '../../src/stream/opcodes.js';
import { projectRoot } from '../suite/format.js';

test('the emitter names each opcode', (t) => {
  const folder = join(projectRoot(), 'src/emitter');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const named = new Set([...text.matchAll(/\bOp\.(\w+)/g)].map((match) => match[1]));
  const comments = [...text.matchAll(/\/\*\*[\s\S]*?\*\/|\/\/.*/g)].map((match) => match[0]).join('\n');
  const camel = (name: string) => name.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase());
  const missing = opcodes.filter(({ name, immediate }) => {
    if (immediate === Immediate.unsupported || named.has(camel(name))) return false;
    return !new RegExp(`(?<![\\w.])${name.replace('.', '\\.')}(?![\\w.]\\w)`).test(comments);
  });
  t.deepEqual(
    missing.map(({ name }) => name),
    // It becomes nothing.
    ['nop'],
  );
});
