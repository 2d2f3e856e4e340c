/**
 * Says which function goes wrong.
 *
 *     node scripts/bisect.mjs FILE.wasm [--engine E] [--options JSON] [--seed N] [--rounds N]
 *
 * What is not given is taken from the FILE.json that `npm run fuzz` leaves beside its findings. For Beamline, the
 * function is then compiled with forced spills, which tells a wrong place of a value from a wrong instruction.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readModule } from '../support/reader.js';
import { Kind, signatureName } from '../support/wasm-types.js';
import { bisect } from './bisect.js';
import { readFinding } from './finding.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string' },
    options: { type: 'string' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
  },
});

const input = positionals[0];
if (input === undefined) throw new Error('which file? bisect FILE.wasm');
const finding = readFinding(input);
if (flags.engine !== undefined) finding.engine = flags.engine;
if (flags.options !== undefined) finding.options = flags.options;
if (flags.seed !== undefined) finding.seed = Number(flags.seed);
if (flags.rounds !== undefined) finding.rounds = Number(flags.rounds);
const bytes = new Uint8Array(readFileSync(input));
const culprit = bisect(bytes, finding);
if (culprit === null) {
  console.log('the call traces agree');
  process.exit(0);
}
const shape = readModule(bytes);
const describe = (index: number): string => {
  const names = shape.exports.filter((entry) => entry.kind === Kind.function && entry.index === index);
  const type = shape.types[shape.functions[index]!]!;
  return `function ${index}${names.length > 0 ? ` "${names[0]!.name}"` : ''} ${signatureName(type)}`;
};
console.log(`event ${culprit.line}: expected '${culprit.expected}'\n${' '.repeat(10)}got '${culprit.got}'`);
const { functionIndex } = culprit;
console.log(functionIndex === null ? 'outside of all functions' : `in ${describe(functionIndex)}`);
for (const index of culprit.stack.slice(0, -1).reverse()) console.log(`  called by ${describe(index)}`);
if (functionIndex !== null) {
  const body = shape.bodies[functionIndex - shape.importedFunctions]!;
  console.log(`its body: bytes ${body.start} to ${body.end} of the file`);
  if (finding.engine === 'beamline') tryForcedSpills(functionIndex);
}
process.exitCode = 1;

/** Functions keep their index in the tracing module's wrapper; the code itself is in the copy behind them. */
function tryForcedSpills(index: number): void {
  const options = finding.options === '' ? {} : (JSON.parse(finding.options) as { debug?: object });
  const copy = index - shape.importedFunctions + shape.functions.length;
  const debug = { ...options.debug, forceSpills: true, functions: [copy] };
  const forced = bisect(bytes, { ...finding, options: JSON.stringify({ ...options, debug }) });
  const same = forced !== null && forced.line === culprit!.line && forced.got === culprit!.got;
  console.log(
    same
      ? 'the same with forced spills: look at the instructions'
      : 'another result with forced spills: look at the places of values',
  );
}
