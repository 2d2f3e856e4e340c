/** Files: read ahead by one block, so that reading overlaps with compilation. */

import { type FileHandle, open } from 'node:fs/promises';
import { assignOwn, bare, isolate, String, Uint8Array } from '../../support/primordials.js';
import type { Upstream } from './source-pull.js';

const blockSize = 256 * 1024;

interface Block {
  readonly buffer: Uint8Array;
  readonly bytesRead: number;
  readonly error: Error | undefined;
}

class FileUpstream implements Upstream {
  static {
    isolate(this);
  }

  readonly name: string;
  declare readonly length?: number;
  readonly #file: FileHandle;
  /** Two blocks take turns: one is with the consumer, the other is being filled. */
  #spare: Uint8Array = new Uint8Array(blockSize);
  #ahead: Promise<Block>;

  constructor(name: string, file: FileHandle, length: number | undefined) {
    this.name = name;
    this.#file = file;
    if (length !== undefined) this.length = length;
    this.#ahead = this.#read(new Uint8Array(blockSize));
  }

  async pull(): Promise<{ done: boolean; value?: Uint8Array }> {
    const { buffer, bytesRead, error } = await this.#ahead;
    if (error !== undefined) throw error;
    if (bytesRead === 0) return bare({ done: true });
    this.#ahead = this.#read(this.#spare);
    this.#spare = buffer;
    return bare({ done: false, value: buffer.subarray(0, bytesRead) });
  }

  async stop(): Promise<void> {
    await this.#ahead;
    await this.#file.close();
  }

  /** What went wrong is in the block: the pull that takes it tells. */
  async #read(buffer: Uint8Array): Promise<Block> {
    try {
      const { bytesRead } = await this.#file.read(buffer, 0, blockSize, null);
      return bare({ buffer, bytesRead, error: undefined });
    } catch (error) {
      return bare({ buffer, bytesRead: 0, error: fileError('read', this.name, error) });
    }
  }
}

/**
 * Open a file as a source.
 * @throws TypeError (as for network errors) with the system's `code` (ENOENT, EACCES, EISDIR ...) and the path in the message.
 */
export async function openFile(path: string | URL): Promise<Upstream> {
  const name = String(path);
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw fileError('open', name, error);
  }
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw assignOwn(new Error('it is a directory'), { code: 'EISDIR' });
    return new FileUpstream(name, file, stat.isFile() ? stat.size : undefined);
  } catch (error) {
    await file.close();
    throw fileError('open', name, error);
  }
}

function fileError(what: string, name: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'no such file' : message;
  const error = new TypeError(`cannot ${what} '${name}': ${why}`, { cause });
  return code === undefined ? error : assignOwn(error, { code });
}
