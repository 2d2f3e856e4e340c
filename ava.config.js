/**
 * Unit tests run from the compiled output, one child process per file: machine code, signal handlers and
 * stacks belong to a process, and a crash must cost one file only. A pattern on the command line stands for
 * itself, so that a build in another folder can be tested too.
 */
const patterns = process.argv.slice(2).filter((argument) => argument.endsWith('.test.js'));

export default {
  files: patterns.length > 0 ? patterns : ['dist/spec/**/*.test.js'],
  workerThreads: false,
  concurrency: 2,
  timeout: '4m',
  nodeArguments: ['--enable-source-maps'],
};
