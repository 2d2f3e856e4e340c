/** Another process: makes an image (`make`, prints its hash) or loads one and prints what the module's functions answer. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { makeImage } from '../../src/runtime/image/maker.js';
import { answersOf } from '../api/shared-code-module.js';
import { moduleFromImage, newImageEngine } from '../support/image-engine.js';

const [job, wasmPath, imagePath] = process.argv.slice(2) as ['make' | 'load', string, string];
const wasm = new Uint8Array(readFileSync(wasmPath));
const engine = newImageEngine();
if (job === 'make') {
  console.log(
    createHash('sha256')
      .update(makeImage(wasm, { ...engine.target, holdsModule: true }))
      .digest('hex'),
  );
} else {
  const module = moduleFromImage(engine, wasm, readFileSync(imagePath));
  console.log(JSON.stringify({ answers: answersOf(module, engine.face), compiled: engine.state.totals }));
}
