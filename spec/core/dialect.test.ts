/** The compiler core is written in a part of TypeScript that AssemblyScript understands, and understands alike: docs/DIALECT.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { projectRoot } from '../suite/format.js';

interface CoreScript {
  coreFiles(): Promise<Map<string, string>>;
  /** Comments, strings and templates are blank. */
  codeOnly(text: string): string;
}

const script: CoreScript = await import(pathToFileURL(join(projectRoot(), 'scripts', 'core.mjs')).href);

const forbidden: readonly [pattern: RegExp, what: string][] = [
  [/[:<] *number\b/, '`number`: say i32, u32, i64 or f64'],
  [/\?\./, 'optional chaining'],
  [/\?\?/, '`??`'],
  [/\bundefined\b/, '`undefined`'],
  [/\.\.\./, 'spread'],
  [/=>/, 'a closure'],
  [/\b(?:const|let) [{[]/, 'destructuring'],
  [
    /\.(?:map|forEach|filter|reduce|subarray|slice|splice|flatMap|find|sort)\(/,
    'a method that only one of the builds has',
  ],
  [/>>> 0\b/, '`>>> 0`: `unsigned`, or `below` for comparisons'],
  [/\b(?:globalThis|Number|Array|Object|process|Buffer)\b/, "the platform's"],
  [/\bfor \((?:const|let) \w+ (?:of|in) /, 'iteration'],
  [/\btry\b|\bcatch\b/, 'catching errors'],
];

test('the files of the core keep to the dialect', async (t) => {
  const files = [...(await script.coreFiles()).keys()].filter(
    (file) => !file.startsWith('src/core/') && file !== 'src/stream/opcodes.ts',
  );
  t.true(files.length > 40);
  const found: string[] = [];
  for (const file of files) {
    const lines = script.codeOnly(readFileSync(join(projectRoot(), file), 'utf8')).split('\n');
    lines.forEach((line, i) => {
      for (const [pattern, what] of forbidden) if (pattern.test(line)) found.push(`${file}:${i + 1}: ${what}`);
    });
  }
  t.deepEqual(found, []);
});
