#!/usr/bin/env node
/**
 * The command line: `beamline run | inspect | objdump | validate | bench`. Exit codes: 0, what a WASI program says, 134 for a trap
 * (as after SIGABRT), 141 when nobody reads the output (as after SIGPIPE), 1 for any other failure, 2 for wrong usage. Each command's code is loaded when it is called.
 */
import { createRequire } from 'node:module';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { cpuLevels } from '../backends/x64/cpu.js';
import { ExitCode } from './exit-code.js';
import { report } from './failure.js';
import { print, printError } from './output.js';

const { version } = createRequire(import.meta.url)('beamline/package.json') as { version: string };

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a positive number of milliseconds.');
  return value;
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a number from 1 to 9999.');
  return Number(text);
}

const moduleHelp = 'path, http(s): or file: URL, or - for standard input';
const cpuOption = new Option('--cpu <level>', 'instruction-set level of the code').choices(cpuLevels).default('native');

function makeProgram(): Command {
  const program = new Command('beamline')
    .description('A streaming WebAssembly engine: machine code while the bytes arrive, with a bound on compile work.')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError('(--help tells more)')
    .configureOutput({ writeOut: print, writeErr: printError })
    .exitOverride();

  program
    .command('run')
    .summary('run a module')
    .description(
      'Compile a module while it arrives, and run it: a WASI preview 1 program, or one export. What follows the module is ' +
        "for the program, or for the export that --invoke names (numbers, by the export's types).",
    )
    .argument('<module>', moduleHelp)
    .argument('[args...]', 'arguments of the program or of the export')
    .option('-d, --dir <host[::guest]>', 'a directory that the program may use (repeatable)', collect, [])
    .option(
      '-e, --env <name=value>',
      'an environment variable of the program; NAME alone: inherited (repeatable)',
      collect,
      [],
    )
    .option('-i, --invoke <name>', 'call this export and print its results')
    .option('--timings', 'print when bytes came and functions were ready, on standard error')
    .option('--deadline <ms>', 'interrupt the program after this time', milliseconds)
    .addOption(
      new Option('--tier <tier>', 'which compiler').choices(['baseline', 'optimizing', 'auto']).default('baseline'),
    )
    .addOption(cpuOption)
    .passThroughOptions()
    .action(async (source: string, args: string[], options) => (await import('./run.js')).run(source, args, options));

  program
    .command('inspect')
    .summary('what is in a module')
    .description('Sections, imports, exports, functions with their sizes in bytes and in machine code, features used.')
    .argument('<module>', moduleHelp)
    .option('--json', 'print it as JSON')
    .option('--functions', 'list all functions, not the largest only')
    .addOption(cpuOption)
    .action(async (source: string, options) => (await import('./inspect.js')).inspect(source, options));

  program
    .command('objdump')
    .summary('the machine code of functions')
    .description('Machine code with the WebAssembly opcodes that it came from beside it.')
    .argument('<module>', moduleHelp)
    .option('-f, --funcs <list>', 'names, indexes or ranges (3-7) of functions, separated by commas; default: all')
    .option('--bytes', "print each instruction's bytes")
    .option('--traps', 'mark instructions that can trap, and calls')
    .addOption(cpuOption)
    .action(async (source: string, options) => (await import('./objdump.js')).objdump(source, options));

  program
    .command('validate')
    .summary('is a module valid?')
    .description('One line per module; exit code 1 if one is not valid or cannot be read.')
    .argument('<modules...>', moduleHelp)
    .option('-q, --quiet', 'print only what is not valid')
    .action(async (sources: string[], options) => (await import('./validate.js')).validate(sources, options));

  program
    .command('bench')
    .summary("measure a module beside V8's compilers")
    .description(
      'Compile (and with --invoke run) a module on Beamline, V8 Liftoff and V8 TurboFan, each in a process of its own, ' +
        'in interleaved rounds.',
    )
    .argument('<module>', moduleHelp)
    .argument('[args...]', 'numbers for the export that --invoke names')
    .option('-i, --invoke <name>', 'also time calls of this export (of a module without imports)')
    .option('-r, --rounds <number>', 'measurements per engine', positiveInteger, 9)
    .option('--json', 'print it as JSON')
    .passThroughOptions()
    .action(async (source: string, args: string[], options) =>
      (await import('./bench.js')).bench(source, args, options),
    );

  return program;
}

let isVerbose = false;
const program = makeProgram();
for (const command of program.commands)
  command.option('-v, --verbose', 'with errors, print the stack (wasm frames too)');
program.hook('preAction', (_program, command) => {
  isVerbose = command.opts()['verbose'] === true;
});

async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    // commander has printed its message, and help and version are no errors.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : ExitCode.usage;
    else process.exitCode = report(error, isVerbose);
  }
}

let isDone = false;
// Nothing is left that could settle what the command waits for.
process.on('exit', () => {
  if (!isDone) process.exitCode = ExitCode.failure;
});
void main().finally(() => {
  isDone = true;
});
