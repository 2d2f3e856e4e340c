/** Traps are errors with a message and a stack; the instance goes on working. Run: node dist/examples/trap.js */
import { WebAssembly } from '../src/index.js';
import { modulePath } from './support.js';

const { instance } = await WebAssembly.instantiateStreaming(modulePath('traps.wasm'));
const exports = instance.exports as Record<string, (...values: number[]) => number>;

function attempt(name: string, ...values: number[]): void {
  const call = `${name}(${values.join(', ')})`;
  try {
    console.log(`${call} = ${exports[name]?.(...values)}`);
  } catch (error) {
    const { name: kind, message, stack = '' } = error as Error;
    console.log(`${call} -> ${kind}: ${message}`);
    const frames = stack.split('\n').filter((line) => line.includes('wasm'));
    for (const frame of frames.slice(0, 3)) console.log(`  ${frame.trim()}`);
  }
}

attempt('divide', 7, 2);
attempt('divide', 7, 0);
attempt('load', 65_533);
attempt('check', 0);
attempt('recurse');
attempt('divide', 9, 3);
