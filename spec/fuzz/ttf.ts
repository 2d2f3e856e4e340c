/** Modules from binaryen's own fuzzer: `wasm-opt -ttf` turns random bytes into a valid module. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../suite/format.js';
import { Random } from '../support/random.js';

const features = [
  '--mvp-features',
  '--enable-mutable-globals',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-multivalue',
  '--enable-bulk-memory',
];
/** What is done to the module afterwards: code as a compiler would leave it, or as nobody would write it. */
const passes = [[], [], ['-O1'], ['-O3'], ['-Os'], ['--flatten'], ['--flatten', '--rereloop'], ['--dealign']];

/**
 * A valid module for a seed.
 * @throws Error if wasm-opt fails
 */
export async function ttfModule(seed: number): Promise<Uint8Array> {
  const random = new Random(0x747466, seed);
  const folder = mkdtempSync(join(tmpdir(), 'beamline-ttf-'));
  try {
    const input = join(folder, 'input');
    const output = join(folder, 'output.wasm');
    writeFileSync(
      input,
      Uint8Array.from({ length: random.between(100, random.oneIn(4) ? 20_000 : 3000) }, () => random.below(256)),
    );
    const tool = join(projectRoot(), 'node_modules/binaryen/bin/wasm-opt');
    await promisify(execFile)(process.execPath, [
      tool,
      '-ttf',
      input,
      '-o',
      output,
      ...features,
      ...random.pick(passes),
    ]);
    return new Uint8Array(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
