/**
 * Standard streams of WASI programs that behave as programs expect, whatever state the descriptors are in: a pipe that
 * another process has made non-blocking (Node does so with its own) would answer EAGAIN or take a part, and most programs
 * drop the rest. So reads and writes wait, writes are made whole, and a program whose output nobody reads ends.
 */
import { fstatSync, writeSync } from 'node:fs';
import { keepOpen, PollEvent, poll } from '../runtime/machine/os.js';
import { ExitCode } from './exit-code.js';
import { ProgramExit } from './failure.js';

/** Errors of WASI preview 1. */
const enum Errno {
  success = 0,
  again = 6,
  interrupted = 27,
  pipe = 64,
}

/** A descriptor that is ready to be written to takes so many bytes at once (PIPE_BUF). */
const partBytes = 4096;

/** fdflags of WASI preview 1. */
const nonblock = 4;

type WasiFunction = (...args: number[]) => number;

const names = ['fd_read', 'fd_write', 'fd_close', 'fd_renumber', 'fd_fdstat_set_flags'] as const;

export class WasiStdio {
  readonly #wasi: Record<(typeof names)[number], WasiFunction>;
  readonly #isInterrupted: () => boolean;
  /** The descriptors of the process behind those of the program. */
  readonly #hosts = new Map([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  /** Those that the program wants non-blocking. */
  readonly #nonblocking = new Set<number>();
  /** Of the process's descriptors: true if it can make who reads or writes wait. */
  readonly #waits = new Map<number, boolean>();
  #memory: (() => ArrayBuffer) | undefined;

  /**
   * @param wasi the functions of node:wasi
   * @param isInterrupted true if the program is not to go on after a signal
   */
  constructor(wasi: object, isInterrupted: () => boolean) {
    this.#wasi = wasi as Record<string, WasiFunction>;
    this.#isInterrupted = isInterrupted;
  }

  /** The program's memory; known once it is instantiated. */
  setMemory(memory: () => ArrayBuffer): void {
    this.#memory = memory;
  }

  /** The functions that take the places of node:wasi's. */
  imports(): Record<(typeof names)[number], WasiFunction> {
    return {
      fd_read: (...args) => this.#transfer('fd_read', PollEvent.read, args),
      fd_write: (...args) => this.#transfer('fd_write', PollEvent.write, args),
      fd_close: (...args) => this.#call('fd_close', args, ([fd = 0]) => this.#closed(fd)),
      fd_renumber: (...args) =>
        this.#call('fd_renumber', args, ([from = 0, to = 0]) => {
          if (from === to) return;
          this.#closed(to);
          const host = this.#hosts.get(from);
          this.#hosts.delete(from);
          if (host !== undefined) this.#hosts.set(to, host);
        }),
      fd_fdstat_set_flags: (...args) =>
        this.#call('fd_fdstat_set_flags', args, ([fd = 0, flags = 0]) => {
          if ((flags & nonblock) !== 0) this.#nonblocking.add(fd);
          else this.#nonblocking.delete(fd);
        }),
    };
  }

  #closed(fd: number): void {
    const host = this.#hosts.get(fd);
    this.#hosts.delete(fd);
    this.#nonblocking.delete(fd);
    if (host !== undefined) keepOpen(host);
  }

  #call(name: (typeof names)[number], args: readonly number[], then: (args: readonly number[]) => void): number {
    // node:wasi wants numbers from 0 on.
    const unsigned = args.map((value) => value >>> 0);
    const errno = this.#wasi[name](...unsigned);
    if (errno === Errno.success) then(unsigned);
    return errno;
  }

  #transfer(name: 'fd_read' | 'fd_write', event: PollEvent, args: readonly number[]): number {
    const [fd = 0, vectors = 0, count = 0, done = 0] = args.map((value) => value >>> 0);
    const first = this.#hosts.get(fd);
    if (first !== undefined && !this.#nonblocking.has(fd) && this.#makesWait(first)) {
      // Nobody could interrupt a call of the system that waits: only poll ends with a signal.
      if (!this.#wait(first, event)) return Errno.interrupted;
      const errno = event === PollEvent.write ? this.#writeInParts(first, vectors, count, done) : undefined;
      if (errno !== undefined) return errno;
    }
    for (;;) {
      const errno = this.#wasi[name](fd, vectors, count, done);
      const host = this.#hosts.get(fd);
      if (host === undefined) return errno;
      if (errno === Errno.pipe) throw new ProgramExit(ExitCode.closedPipe);
      if (this.#nonblocking.has(fd)) return errno;
      if (errno === Errno.success && event === PollEvent.write) this.#finish(host, vectors, count, done);
      if (errno !== Errno.again) return errno;
      if (!this.#wait(host, event)) return Errno.interrupted;
    }
  }

  /** Pipes, sockets and terminals; files do not. */
  #makesWait(host: number): boolean {
    let waits = this.#waits.get(host);
    if (waits === undefined) {
      try {
        waits = !fstatSync(host).isFile();
      } catch {
        // Not open: the call says so.
        waits = false;
      }
      this.#waits.set(host, waits);
    }
    return waits;
  }

  /** Write all, in parts for which the descriptor is ready. Returns undefined where node:wasi is to say what is wrong. */
  #writeInParts(host: number, vectors: number, count: number, done: number): number | undefined {
    const buffer = this.#memory?.();
    if (buffer === undefined) return undefined;
    const parts: Uint8Array[] = [];
    const view = new DataView(buffer);
    try {
      for (let i = 0; i < count; i++) {
        const address = view.getUint32(vectors + 8 * i, true);
        parts.push(new Uint8Array(buffer, address, view.getUint32(vectors + 8 * i + 4, true)));
      }
      view.setUint32(done, 0, true);
    } catch {
      return undefined;
    }
    let written = 0;
    for (const bytes of parts) {
      for (let at = 0; at < bytes.length; ) {
        if (!this.#wait(host, PollEvent.write)) return Errno.interrupted;
        try {
          const now = writeSync(host, bytes, at, Math.min(partBytes, bytes.length - at));
          at += now;
          written += now;
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code === 'EPIPE') throw new ProgramExit(ExitCode.closedPipe);
          // What was taken is told; the next write meets the error again.
          if (code !== 'EAGAIN') {
            if (written === 0) return undefined;
            view.setUint32(done, written, true);
            return Errno.success;
          }
        }
      }
    }
    view.setUint32(done, written, true);
    return Errno.success;
  }

  /** Until the descriptor is ready, or broken. False if the program was interrupted. */
  #wait(host: number, event: PollEvent): boolean {
    while (!poll(host, event)) if (this.#isInterrupted()) return false;
    return true;
  }

  /** Write what the first write has left, and say so in the memory. */
  #finish(host: number, vectors: number, count: number, done: number): void {
    if (this.#memory === undefined) return;
    const buffer = this.#memory();
    const view = new DataView(buffer);
    let written = view.getUint32(done, true);
    let start = 0;
    for (let i = 0; i < count; i++) {
      const address = view.getUint32(vectors + 8 * i, true);
      const length = view.getUint32(vectors + 8 * i + 4, true);
      if (written < start + length) {
        const bytes = new Uint8Array(buffer, address, length);
        const from = written - start;
        const now = this.#writeAll(host, bytes.subarray(from));
        written += now;
        if (now < length - from) break;
      }
      start += length;
    }
    view.setUint32(done, written, true);
  }

  /** Returns how much was written: all, unless there is an error, which the program's next write meets again. */
  #writeAll(host: number, bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      try {
        at += writeSync(host, bytes, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') throw new ProgramExit(ExitCode.closedPipe);
        if (code !== 'EAGAIN' || !this.#wait(host, PollEvent.write)) return at;
      }
    }
    return at;
  }
}
