/** Code images beside compiling: fresh processes, from the file to an instance and its first call. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baselineCpu } from '../src/backends/x64/cpu.js';
import { engineFlags } from '../src/cli/engine-flags.js';
import { type Summary, summarize } from '../src/cli/statistics.js';
import { imageHash } from '../src/runtime/image/check.js';
import { makeImage } from '../src/runtime/image/maker.js';
import { corpus, isHere, modulePath } from './corpus.js';
import { stubImports } from './fresh.js';
import type { ImagePeer, ImageTimes } from './image-child.js';

const run = promisify(execFile);
const child = join(import.meta.dirname, 'image-child.js');

export const imagePeers: readonly ImagePeer[] = ['image', 'compiled', 'lazy', 'liftoff'];

export interface ImageResult {
  readonly name: string;
  readonly wasmBytes: number;
  readonly imageBytes: number;
  /** Milliseconds to make the image. */
  readonly making: number;
  /** Milliseconds of processor time of all threads: file to instance, and instance with the first call. */
  readonly instance: Readonly<Record<ImagePeer, Summary>>;
  readonly withCall: Readonly<Record<ImagePeer, Summary>>;
}

export interface ImageOptions {
  readonly rounds: number;
  readonly modules: readonly string[];
  readonly progress: (line: string) => void;
}

/** Small to large. */
const usual: readonly string[] = ['webp-dec', 'box2d-simd', 'quickjs', 'sql'];

export async function benchImages({ rounds, modules, progress }: ImageOptions): Promise<ImageResult[]> {
  const names = modules.length > 0 ? modules : usual;
  const entries = corpus.filter((entry) => names.includes(entry.name) && isHere(entry));
  const folder = mkdtempSync(join(tmpdir(), 'beamline-images-'));
  try {
    const results: ImageResult[] = [];
    for (const { name } of entries) {
      const path = modulePath(corpus.find((entry) => entry.name === name) as (typeof entries)[number]);
      const wasm = new Uint8Array(readFileSync(path));
      const start = performance.now();
      const image = makeImage(wasm, { cpu: baselineCpu, bounds: 'guard', linked: true, holdsModule: true });
      const making = performance.now() - start;
      const imagePath = join(folder, `${name}.image`);
      writeFileSync(imagePath, image);
      const args = [path, imagePath, imageHash(image), JSON.stringify(stubImports(path))];
      const times = new Map(imagePeers.map((peer) => [peer, [] as ImageTimes[]]));
      for (let round = 0; round < rounds; round++) {
        for (let i = 0; i < imagePeers.length; i++) {
          const peer = imagePeers[(i + round) % imagePeers.length] as ImagePeer;
          const flags = peer === 'liftoff' ? engineFlags.liftoff : [];
          const { stdout } = await run(process.execPath, [...flags, child, peer, ...args]);
          times.get(peer)?.push(JSON.parse(stdout.trim().split('\n').at(-1) as string));
        }
        progress(`images: ${name}, round ${round + 1} of ${rounds}`);
      }
      const all = (of: (times: ImageTimes) => number) =>
        Object.fromEntries(imagePeers.map((peer) => [peer, summarize((times.get(peer) ?? []).map(of))])) as Record<
          ImagePeer,
          Summary
        >;
      results.push({
        name,
        wasmBytes: wasm.length,
        imageBytes: image.length,
        making,
        instance: all(({ instance }) => instance),
        withCall: all(({ instance, call }) => instance + call),
      });
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
