/**
 * Makes a failing module small.
 *
 *     node dist/spec/differential/reduce-cli.js FILE.wasm [--output FILE] [--engine E] [--options JSON] [--seed N]
 *         [--seconds 120]
 *
 * What is not given is taken from the FILE.json that `npm run fuzz` leaves beside its findings.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { v8 } from '../support/engine.js';
import { failureClass, readFinding, recheck, writeFinding } from './finding.js';
import { Reducer } from './reduce.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    output: { type: 'string' },
    engine: { type: 'string' },
    options: { type: 'string' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string', default: '120' },
    'time-limit': { type: 'string', default: '5000' },
  },
});

const input = positionals[0];
if (input === undefined) throw new Error('which file? reduce-cli.js FILE.wasm');
const finding = readFinding(input);
if (flags.engine !== undefined) finding.engine = flags.engine;
if (flags.options !== undefined) finding.options = flags.options;
if (flags.seed !== undefined) finding.seed = Number(flags.seed);
if (flags.rounds !== undefined) finding.rounds = Number(flags.rounds);
const timeLimit = Number(flags['time-limit']);
const bytes = new Uint8Array(readFileSync(input));
const [first] = await recheck([bytes], finding, timeLimit);
const wanted = failureClass(first!);
if (wanted === null) {
  console.log(`${input} does not fail (${first!.kind})`);
  process.exit(1);
}
console.log(`${bytes.length} bytes: ${wanted}`);

const valid = v8.validate(bytes);
const reducer = new Reducer(
  bytes,
  async (candidates) => (await recheck(candidates, finding, timeLimit)).map((c) => failureClass(c) === wanted),
  {
    plausible: (candidate) => v8.validate(candidate) === valid,
    seconds: Number(flags.seconds),
    onProgress: (best, step) => console.log(`${best.length} bytes: ${step}`),
  },
);
const reduced = await reducer.run();
const [last] = await recheck([reduced], finding, timeLimit);
const output = flags.output ?? input.replace(/\.wasm$/, '.reduced.wasm');
writeFinding(output, reduced, { ...finding, kind: last!.kind, detail: 'detail' in last! ? last.detail : '' });
console.log(`${output}: ${reduced.length} bytes\n${'detail' in last! ? last.detail : last!.kind}`);
