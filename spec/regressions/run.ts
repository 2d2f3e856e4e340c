/**
 * All faults of `faults/`, with one version of Node or several:
 *
 *     node dist/spec/regressions/run.js [--only 0005,0012] [NODE...]
 *
 * NODE is the path of a binary; without one, the Node that runs this. Closes with `N passed, M failed`.
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { listFaults, runFault } from './faults.js';

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
const only = values.only?.split(',');
const nodes = positionals.length > 0 ? positionals : [process.execPath];
const faults = listFaults().filter(({ name }) => only === undefined || only.some((start) => name.startsWith(start)));
let passed = 0;
let failed = 0;
for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  for (const fault of faults) {
    for (const args of fault.runs) {
      const { ok, report } = await runFault(fault, args, node);
      if (ok) passed++;
      else failed++;
      console.log(`${ok ? 'ok  ' : 'FAIL'} ${version} ${[fault.name, ...args].join(' ')}${ok ? '' : `\n${report}`}`);
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
