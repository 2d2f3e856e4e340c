/** Exit codes of the command line, beside those of WASI programs. */
export const enum ExitCode {
  failure = 1,
  usage = 2,
  /** 128 + SIGABRT: what shells say of an aborted program, and wasmtime of a trap. */
  trap = 134,
  /** 128 + SIGPIPE: what shells say of a program that went on writing when nobody read any more. */
  closedPipe = 141,
}
