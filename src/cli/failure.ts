/** How commands fail: one line on standard error and an exit code. */
import { opcodeName } from '../stream/opcodes.js';
import { ExitCode } from './exit-code.js';
import { printError } from './output.js';
import { printable } from './text.js';

/** A failure whose message says all. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = ExitCode.failure) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A WASI program has called `proc_exit`. */
export class ProgramExit extends Error {
  /** What the process says. */
  readonly status: number;

  constructor(code: number) {
    super(`the program has ended with exit code ${code >>> 0}`);
    // Eight bits arrive at the parent. A failure must not look like success because its lower ones are zero.
    const low = code & 0xff;
    this.status = low === 0 && code !== 0 ? ExitCode.failure : low;
  }
}

/** Print an error; returns the exit code. */
export function report(error: unknown, isVerbose: boolean): number {
  const text = isVerbose && error instanceof Error ? stackOf(error) : describe(error);
  printError(`beamline: ${text}\n`);
  if (isVerbose && error instanceof Error && error.cause !== undefined) {
    const { cause } = error;
    printError(`caused by: ${cause instanceof Error ? stackOf(cause) : printable(String(cause))}\n`);
  }
  if (error instanceof Failure) return error.exitCode;
  return isTrap(error) ? ExitCode.trap : ExitCode.failure;
}

function stackOf(error: Error): string {
  return (error.stack ?? String(error)).split('\n').map(printable).join('\n');
}

/** A trap or a stack overflow in wasm code: its stack has a wasm frame on top. */
export function isTrap(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'RuntimeError' || (error instanceof RangeError && topFrame(error) !== undefined);
}

/** One line: what, and where in the module. */
export function describe(error: unknown): string {
  return printable(describeRaw(error));
}

function describeRaw(error: unknown): string {
  if (!(error instanceof Error)) return `uncaught: ${String(error)}`;
  if (error instanceof Failure) return error.message;
  const { offset, functionIndex, opcode } = error as {
    offset?: number;
    functionIndex?: number;
    opcode?: string | number;
  };
  let text = error.message.replace(/^WebAssembly\.\w+\(\): /, '');
  // As the API throws it, and as the decoder does.
  if (error.name === 'CompileError' || error.name === 'WasmDecodeError') {
    const verdict = / not supported yet /.test(text) ? 'not supported' : 'not valid';
    text = `${verdict}: ${text.replace(/ @\+\d+$/, '')}`;
    if (offset !== undefined) text += ` (offset 0x${offset.toString(16)}`;
    if (functionIndex !== undefined && functionIndex >= 0) text += `, function ${functionIndex}`;
    if (typeof opcode === 'string') text += `, ${opcode}`;
    else if (opcode !== undefined && opcode >= 0) text += `, ${opcodeName(opcode)}`;
    return offset === undefined ? text : `${text})`;
  }
  if (isTrap(error)) {
    const frame = topFrame(error);
    return `trap: ${text}${frame === undefined ? '' : ` (${frame})`}`;
  }
  const code = (error as { code?: string }).code;
  // A system error says again what the message around it says, and so do others.
  const isSystem = (error.cause as { syscall?: string } | undefined)?.syscall !== undefined;
  const isNew = error.cause instanceof Error && !isSystem && !text.includes(error.cause.message);
  const cause = isNew ? `: ${(error.cause as Error).message}` : '';
  const name = error.name === 'Error' || error.name === 'TypeError' ? '' : `${error.name}: `;
  return `${name}${text}${code !== undefined && !text.includes(code) ? ` (${code})` : ''}${cause}`;
}

/** The wasm frame at the top of the stack: `name, offset`. */
function topFrame(error: Error): string | undefined {
  const first = error.stack?.split('\n').find((line) => line.startsWith('    at '));
  const match = /^ {4}at (?:(.+) \()?wasm:\/\/[^ ]*:wasm-function\[(\d+)\]:(0x[0-9a-f]+)/.exec(first ?? '');
  if (match === null) return undefined;
  return `function ${match[1] === undefined ? match[2] : `${match[2]} ${match[1]}`}, offset ${match[3]}`;
}
