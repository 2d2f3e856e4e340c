/** A hot function gets better code while its program runs. Run: node dist/examples/tier-up.js */
import { readFileSync } from 'node:fs';
import { Engine } from '../src/index.js';
import { modulePath } from './support.js';

const engine = new Engine({ tier: 'auto' });
const { Instance, Module } = engine.WebAssembly;
const { sum } = new Instance(new Module(readFileSync(modulePath('globals.wasm')))).exports as {
  sum: (rounds: number) => number;
};

// All of this is one turn of the event loop: the new code is published where wasm is interrupted.
const times: number[] = [];
let result = 0;
let optimizedAt = -1;
for (let call = 0; call < 2000 && (optimizedAt < 0 || call < optimizedAt + 100); call++) {
  const start = performance.now();
  result = sum(1_000_000);
  times.push(performance.now() - start);
  if (optimizedAt < 0 && engine.statistics().tiering?.optimized === 1) optimizedAt = call;
}

const median = (list: number[]): string => (list.sort((a, b) => a - b)[list.length >> 1] ?? 0).toFixed(2);
console.log(`the result is ${result} all the time`);
if (optimizedAt < 0) console.log(`nothing was replaced: ${engine.statistics().tiering?.ended ?? 'no time'}`);
else {
  console.log(`the function was replaced in call ${optimizedAt}`);
  console.log(
    `ms per call: ${median(times.slice(0, optimizedAt))} before, ${median(times.slice(optimizedAt + 1))} after`,
  );
}
