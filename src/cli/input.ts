/** Where commands read modules from. */
import { openSource, type SourceInput } from '../stream/source/source.js';
import { Progress } from './progress.js';

/** `-` is standard input; everything else is a path or a URL. */
export function sourceOf(name: string): SourceInput {
  return name === '-' ? process.stdin : name;
}

/** All bytes of a module. */
export async function readAll(name: string): Promise<Uint8Array> {
  const source = await openSource(sourceOf(name), { anyMimeType: true }, 'beamline');
  const progress = new Progress(`reading ${name}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const chunk = await source.next();
      if (chunk === null) break;
      // The source may use its buffer again.
      chunks.push(chunk.slice());
      length += chunk.length;
      progress.bytes(length, source.length);
    }
  } finally {
    progress.end();
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks, length);
}
