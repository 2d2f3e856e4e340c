/**
 * Eight programs that never end and a server, in one thread: each program gets its slices, and the server answers meanwhile.
 * Run: node dist/examples/fair.js
 */
import { readFileSync } from 'node:fs';
import { Engine } from '../src/index.js';
import { modulePath, serve } from './support.js';

interface Program {
  readonly run: () => void;
  readonly rounds: { readonly value: bigint };
}

const engine = new Engine();
const { Instance, Module } = engine.WebAssembly;
const module = new Module(readFileSync(modulePath('spin.wasm')));
const end = new AbortController();

// Nobody knows what is in these programs. They run 5 ms at a time, until the signal.
const programs = Array.from({ length: 8 }, () => new Instance(module).exports as unknown as Program);
const runs = programs.map(({ run }) => engine.sliced(run, { sliceMs: 5, signal: end.signal })());

await using server = await serve((_, response) => response.end('here I am'));
for (let i = 0; i < 20; i++) console.log(`the server says: ${await (await fetch(server.url)).text()}`);

end.abort(new Error('time to go'));
for (const { status } of await Promise.allSettled(runs)) console.log(`a program was ${status}`);
const rounds = programs.map((program) => Number(program.rounds.value));
console.log(`all have run: ${Math.min(...rounds) > 100_000}`);
