/** Child of the bisect command: runs a tracing module and writes each line as it comes, so that a crash loses none. */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { loadEngine } from '../support/engine.js';
import { Executor } from './execute.js';
import { connectTrace } from './trace.js';

export interface TraceOrder {
  engine: string;
  options: string;
  /** The tracing module. */
  module: string;
  log: string;
  seed: number;
  rounds: number;
  maxLines: number;
}

const order = JSON.parse(process.argv[2]!) as TraceOrder;
const engine = await loadEngine(order.engine, order.options);
const bytes = new Uint8Array(readFileSync(order.module));
const log = openSync(order.log, 'w');
new Executor(engine, bytes, order.seed, {
  rounds: order.rounds,
  maxLines: order.maxLines,
  onLine: (line) => writeSync(log, `${line.replaceAll('\n', ' ')}\n`),
  onInstance: (exports, write) => connectTrace(engine, bytes, exports, write),
}).run();
process.exit(0);
