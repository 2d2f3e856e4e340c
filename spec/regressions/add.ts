/**
 * Makes a numbered case of a finding:
 *
 *     node dist/spec/regressions/add.js .cache/fuzz/generated-1000089.reduced.wasm name-with-dashes
 */
import { readFileSync } from 'node:fs';
import { readFinding } from '../differential/finding.js';
import { addCase } from './cases.js';

const [file, name] = process.argv.slice(2);
if (file === undefined || name === undefined) throw new Error('add.js FILE.wasm name-with-dashes');
console.log(addCase(new Uint8Array(readFileSync(file)), readFinding(file), name));
