/**
 * What commands print. Node's stream over a descriptor is made with the first text: it makes a pipe non-blocking, for
 * every process that shares it, so that a program that writes to the descriptor itself must be ready for that
 * (wasi-stdio.ts).
 */
import { ExitCode } from './exit-code.js';

const opened = new WeakSet<NodeJS.WriteStream>();

/** Print to standard output. When nobody reads it any more, the process ends, without a word. */
export function print(text: string): void {
  write(process.stdout, text, () => process.exit(ExitCode.closedPipe));
}

/** Print to standard error. When nobody reads it, the command goes on. */
export function printError(text: string): void {
  write(process.stderr, text, () => undefined);
}

function write(stream: NodeJS.WriteStream, text: string, onClosed: () => void): void {
  if (!opened.has(stream)) {
    opened.add(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      onClosed();
    });
  }
  stream.write(text);
}
