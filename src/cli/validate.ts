/** `beamline validate`: one line per module. */
import { ModuleDecoder } from '../stream/decoder.js';
import { ignoringSink } from '../stream/sink.js';
import { describe, ExitCode, Failure } from './failure.js';
import { readAll } from './input.js';
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
        process.stdout.write(`${printable(source)}: valid (${formatBytes(bytes.length)}, ${functions} functions)\n`);
      }
    } catch (error) {
      process.exitCode = ExitCode.failure;
      process.stdout.write(`${printable(source)}: ${describe(error)}\n`);
    }
  }
}
