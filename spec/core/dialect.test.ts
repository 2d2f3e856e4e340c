/** The compiler core is written in a part of TypeScript that AssemblyScript understands, and understands alike: docs/DIALECT.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { projectRoot } from '../suite/format.js';

interface CoreScript {
  coreFiles(from?: string): Promise<Map<string, string>>;
  /** @throws Error with the messages of AssemblyScript */
  compile(files: Map<string, string>, from?: string): Promise<Uint8Array>;
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

/** What is against the rules in the files of the engine among these. */
function against(all: Iterable<string>): string[] {
  const files = [...all].filter((file) => /^src\/(?!core\/|stream\/opcodes\.ts)/.test(file));
  const found: string[] = [];
  for (const file of files) {
    const lines = script.codeOnly(readFileSync(join(projectRoot(), file), 'utf8')).split('\n');
    lines.forEach((line, i) => {
      for (const [pattern, what] of forbidden) if (pattern.test(line)) found.push(`${file}:${i + 1}: ${what}`);
    });
  }
  return found;
}

test('the files of the core keep to the dialect', async (t) => {
  const files = await script.coreFiles();
  t.true(files.size > 40);
  t.deepEqual(against(files.keys()), []);
});

/** Nothing but what is used is translated: all that the tier does with a module. */
const tierEntry = `
import { ContextLayout } from '../backends/abi/layout';
import { CompilerTarget } from './target';
import { OptimizingCompiler } from '../backends/x64/lower/compiler';
import { BodyDecoder } from '../stream/body';
import { FailureContext } from './body-failures';
import { ModuleInfo } from './module';
import { Uint8Array } from './dialect';

export function compile(target: CompilerTarget, info: ModuleInfo, layout: ContextLayout, bytes: Uint8Array): i32 {
  const compiler = new OptimizingCompiler(target, null);
  compiler.beginModule(info, layout);
  const decoder = new BodyDecoder(info, compiler, new FailureContext());
  decoder.begin(0, 0, bytes.length);
  decoder.run(bytes, bytes.length);
  compiler.finishModule();
  return compiler.codeBytes;
}
`;

test('the files of the optimizing tier keep to the dialect, and AssemblyScript translates them', async (t) => {
  const files = await script.coreFiles('src/backends/x64/lower/compiler.ts');
  for (const file of (await script.coreFiles('src/stream/body.ts')).entries()) files.set(...file);
  t.deepEqual(against(files.keys()), []);
  // The sink that this core would have.
  files.set('src/core/sink.ts', "export { OptimizingCompiler as BodySink } from '../backends/x64/lower/compiler';\n");
  files.set('src/core/tier.ts', tierEntry);
  const { length } = await script.compile(files, 'src/core/tier.ts');
  t.true(length > 100_000);
});
