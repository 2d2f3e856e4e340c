/** `beamline validate`: one line per module. */
import { ModuleDecoder } from '../stream/decoder.js';
import { ignoringSink } from '../stream/sink.js';
import { ExitCode } from './exit-code.js';
import { describe, Failure } from './failure.js';
import { readAll } from './input.js';
import { print } from './output.js';
import { formatBytes } from './progress.js';
import { printable } from './text.js';

export async function validate(sources: readonly string[], options: { readonly quiet?: boolean }): Promise<void> {
  if (sources.indexOf('-') !== sources.lastIndexOf('-')) {
    throw new Failure('standard input (-) can be read once only', ExitCode.usage);
  }
  for (const source of sources) {
    try {
      const bytes = await readAll(source);
      const info = new ModuleDecoder(ignoringSink).finish(bytes, bytes.length);
      if (!options.quiet) {
        const functions = info.functionCount - info.importedFunctions;
        print(`${printable(source)}: valid (${formatBytes(bytes.length)}, ${functions} functions)\n`);
      }
    } catch (error) {
      process.exitCode = ExitCode.failure;
      print(`${printable(source)}: ${describe(error)}\n`);
    }
  }
}
