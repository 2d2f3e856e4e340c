/** How commands fail: one line on standard error and an exit code. */
export const enum ExitCode {
  failure = 1,
  usage = 2,
  /** 128 + SIGABRT: what shells say of an aborted program, and wasmtime of a trap. */
  trap = 134,
}

/** A failure whose message says all. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = ExitCode.failure) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Print an error; returns the exit code. */
export function report(error: unknown, isVerbose: boolean): number {
  const lines = isVerbose && error instanceof Error ? (error.stack ?? describe(error)) : describe(error);
  process.stderr.write(`beamline: ${lines}\n`);
  if (isVerbose && error instanceof Error && error.cause !== undefined) {
    process.stderr.write(`caused by: ${error.cause instanceof Error ? error.cause.stack : String(error.cause)}\n`);
  }
  if (error instanceof Failure) return error.exitCode;
  return isTrap(error) ? ExitCode.trap : ExitCode.failure;
}

/** A trap or a stack overflow in wasm code: its stack has a wasm frame on top. */
export function isTrap(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'RuntimeError' || (error instanceof RangeError && topFrame(error) !== undefined);
}

/** One line: what, and where in the module. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `uncaught: ${String(error)}`;
  if (error instanceof Failure) return error.message;
  const { offset, functionIndex, opcode } = error as {
    offset?: number;
    functionIndex?: number;
    opcode?: string;
  };
  let text = error.message.replace(/^WebAssembly\.\w+\(\): /, '').replaceAll('\n', ' ');
  if (error.name === 'CompileError') {
    text = `not valid: ${text.replace(/ @\+\d+$/, '')}`;
    if (offset !== undefined) text += ` (offset 0x${offset.toString(16)}`;
    if (functionIndex !== undefined) text += `, function ${functionIndex}`;
    if (opcode !== undefined) text += `, ${opcode}`;
    return offset === undefined ? text : `${text})`;
  }
  if (isTrap(error)) {
    const frame = topFrame(error);
    return `trap: ${text}${frame === undefined ? '' : ` (${frame})`}`;
  }
  const code = (error as { code?: string }).code;
  // A system error says again what the message around it says.
  const isSystem = (error.cause as { syscall?: string } | undefined)?.syscall !== undefined;
  const cause = error.cause instanceof Error && !isSystem ? `: ${error.cause.message}` : '';
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
