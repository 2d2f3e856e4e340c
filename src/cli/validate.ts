/** `beamline validate`: one line per module. */
import { ModuleDecoder } from '../stream/decoder.js';
import { WasmDecodeError } from '../stream/errors.js';
import { ignoringSink } from '../stream/sink.js';
import { describe, ExitCode } from './failure.js';
import { readAll } from './input.js';
import { formatBytes } from './progress.js';

export async function validate(sources: readonly string[], options: { readonly quiet?: boolean }): Promise<void> {
  for (const source of sources) {
    try {
      const bytes = await readAll(source);
      const info = new ModuleDecoder(ignoringSink).finish(bytes, bytes.length);
      if (!options.quiet) {
        const functions = info.functionCount - info.importedFunctions;
        process.stdout.write(`${source}: valid (${formatBytes(bytes.length)}, ${functions} functions)\n`);
      }
    } catch (error) {
      process.exitCode = ExitCode.failure;
      process.stdout.write(`${source}: ${error instanceof WasmDecodeError ? verdict(error) : describe(error)}\n`);
    }
  }
}

function verdict(error: WasmDecodeError): string {
  const where = error.functionIndex >= 0 ? `, function ${error.functionIndex}` : '';
  return `not valid: ${error.message.replace(/ @\+\d+$/, '')} (offset 0x${error.offset.toString(16)}${where})`;
}
