/**
 * Unit tests run from the compiled output, one child process per file: machine code, signal handlers and
 * stacks belong to a process, and a crash must cost one file only.
 */
export default {
  files: ['dist/spec/**/*.test.js'],
  workerThreads: false,
  concurrency: 2,
  timeout: '4m',
  nodeArguments: ['--enable-source-maps'],
};
