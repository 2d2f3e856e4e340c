/** A module from a file. Run: node dist/examples/file.js */
import { WebAssembly } from '../src/index.js';
import { modulePath } from './support.js';

const { instance } = await WebAssembly.instantiateStreaming(modulePath('factorial.wasm'));
const factorial = instance.exports['factorial'] as (n: bigint) => bigint;

console.log(`20! = ${factorial(20n)}`);
