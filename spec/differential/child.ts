/** Child process of the differential harness: `node child.js ORDER`, see batch.ts. */
import { openSync, writeSync } from 'node:fs';
import { isUnsupported, loadEngine, v8 } from '../support/engine.js';
import { type Answer, type Order, readBatch } from './batch.js';
import { Executor } from './execute.js';
import { refusal } from './verdict.js';

const order = JSON.parse(process.argv[2]!) as Order;
const items = readBatch(order.batch);
const engine = await loadEngine(order.engine, order.options);
const answers = openSync(order.answers, 'a');

for (const { bytes, instrumented, seed } of items.slice(order.from)) {
  const answer: Answer = { valid: engine.validate(bytes) };
  if (!answer.valid && (engine === v8 || v8.validate(bytes))) answer.refusal = refusal(engine, bytes);
  if (instrumented !== undefined && answer.valid) {
    try {
      answer.outcome = new Executor(engine, instrumented, seed, { rounds: order.rounds }).run();
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      answer.outcome = { lines: [`harness: ${message}`], overflow: false, unsupported: isUnsupported(error) };
    }
  }
  writeSync(answers, `${JSON.stringify(answer)}\n`);
}
process.exit(0);
