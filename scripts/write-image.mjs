/** Writes code images, for those who have built already. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const compiled = (path) => import(pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), '../dist/src', path)));

/**
 * Make an image and write it; returns its hash. The build must be there.
 * @param options as of the command
 */
export async function writeImage(module, { out, hash, cpu = 'sse4.1', bounds = 'guard', linked, holdsModule }) {
  const { baselineCpu, detectCpu } = await compiled('backends/x64/cpu.js');
  const { makeImage } = await compiled('runtime/image/maker.js');
  const { imageHash } = await compiled('runtime/image/check.js');
  const target = { cpu: cpu === 'native' ? detectCpu() : baselineCpu, bounds, linked, holdsModule };
  const image = makeImage(new Uint8Array(readFileSync(module)), target);
  const text = imageHash(image);
  writeFileSync(out, image);
  if (hash !== undefined) {
    writeFileSync(hash, `/** Of the code image beside this file. */\nexport const imageHash = '${text}';\n`);
  }
  return { hash: text, bytes: image.length };
}
