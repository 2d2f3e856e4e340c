/** Runs one program: `node child.js FILE`. Prints one line of JSON after the marker. */
import { pathToFileURL } from 'node:url';
import type { Program } from './program.js';

const { program } = (await import(pathToFileURL(process.argv[2] as string).href)) as { program: Program };
const start = performance.now();
const context = await program.load();
const loaded = performance.now();
const output = await program.work(context);
const done = performance.now();
process.stdout.write(`\n#result ${JSON.stringify({ output, loadMs: loaded - start, workMs: done - loaded })}\n`);
