/**
 * The whole test suite: lint and format check, build, unit tests (ava), the official spec suite. Closes with
 * the line `N passed, M failed`; the exit code is 1 if anything failed, crashed, or no test ran.
 *
 *   node scripts/test.mjs                everything
 *   node scripts/test.mjs PATTERN...     only the unit tests of these compiled files (dist/spec/...)
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build, checkPlatform, install } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const patterns = process.argv.slice(2);
const ESC = String.fromCharCode(27);
const colours = new RegExp(`${ESC}\\[[0-9;]*m`, 'g');
let passed = 0;
let failed = 0;
const problems = [];

function fail(text) {
  failed++;
  problems.push(text);
  console.error(`FAILED: ${text}`);
}

/** Runs a Node program; `onLine` sees each line of its output, colours removed, and returns what to print (or null). */
function runNode(args, onLine) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const shown = onLine(line.replace(colours, ''), line);
      if (shown !== null) console.log(shown);
    });
    child.on('error', (error) => resolve({ ok: false, how: error.message }));
    child.on('close', (code, signal) => {
      const how = signal ? `ended by ${signal} (${constants.signals[signal]})` : `exit code ${code}`;
      resolve({ ok: code === 0, how });
    });
  });
}

async function step(name, work) {
  const start = performance.now();
  console.log(`\n== ${name}`);
  await work();
  console.log(`   (${name}: ${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

async function lint() {
  const result = await runNode(
    ['node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off', '--max-diagnostics=40'],
    (_, line) => line,
  );
  if (!result.ok) fail(`lint and format check: ${result.how}`);
}

async function unitTests(only = patterns) {
  let ran = 0;
  let bad = 0;
  let inDetails = false;
  let closed = false;
  // TAP: passed tests are counted, everything about a failed one is printed.
  const onLine = (line) => {
    if (/^# fail \d+$/.test(line)) closed = true;
    const match = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (match === null) return inDetails && !/^(1\.\.|# (tests|pass|fail|skip|todo) )/.test(line) ? line : null;
    inDetails = false;
    if (/ # (SKIP|TODO)\b/i.test(match[2])) return `   ${line}`;
    ran++;
    if (match[1]) {
      bad++;
      inDetails = true;
      problems.push(match[2]);
      return line;
    }
    return null;
  };
  const result = await runNode(['node_modules/ava/entrypoints/cli.mjs', '--tap', ...only], onLine);
  passed += ran - bad;
  failed += bad;
  console.log(`   unit tests: ${ran - bad} of ${ran} as expected`);
  if (!result.ok && bad === 0) fail(`unit tests: ${result.how}`);
  // A file that hangs takes the report with it: what it did not run must not pass for run.
  if (!closed) fail('unit tests: ended without a summary, a file did not come to its end');
  if (ran === 0) fail('unit tests: no test ran');
}

/** The official suite; with other engine options it tests other parts. */
async function specSuite(options) {
  const runner = 'dist/spec/suite/run.js';
  if (!existsSync(join(root, runner))) {
    fail(`spec suite: ${runner} is not there`);
    return;
  }
  let closing = null;
  const onLine = (line, raw) => {
    const match = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line.trim());
    if (match === null) return raw;
    closing = { passed: Number(match[1]), failed: Number(match[2]) };
    return `   spec suite: ${line.trim()}`;
  };
  const result = await runNode(
    ['--enable-source-maps', runner, ...(options === undefined ? [] : ['--options', JSON.stringify(options)])],
    onLine,
  );
  if (closing === null) {
    fail(`spec suite: no closing line (${result.how})`);
    return;
  }
  passed += closing.passed;
  failed += closing.failed;
  if (closing.failed > 0) problems.push(`spec suite: ${closing.failed} commands`);
  else if (!result.ok) fail(`spec suite: ${result.how}`);
}

async function main() {
  checkPlatform();
  install();
  if (patterns.length === 0) await step('lint and format check', lint);
  let built = false;
  await step('build', async () => {
    await build();
    built = true;
  }).catch((error) => fail(`build: ${error.message}`));
  if (built) {
    await step('unit tests', unitTests);
    if (patterns.length === 0) {
      await step('spec suite', () => specSuite());
      const spills = { forceSpills: true, checkInvariants: true, checkUpperHalves: true };
      await step('spec suite, forced spills', () => specSuite({ debug: spills }));
      // Everything that the defaults do not use on this machine.
      const floor = {
        cpu: 'sse4.1',
        calls: 'koffi',
        memory: 'mmap',
        bounds: 'check',
        debug: { checkInvariants: true },
      };
      await step('spec suite, SSE4.1, calls by koffi, mapped memories, bounds checks', () => specSuite(floor));
      const stress = { cpu: 'avx', calls: 'node-api', debug: { gcStress: true, smallWorld: true } };
      await step('spec suite, AVX, calls by Node-API, references collected at every safepoint, small world', () =>
        specSuite(stress),
      );
      for (const calls of ['node-api', 'koffi']) {
        process.env.BEAMLINE_TEST_CALLS = calls;
        await step(`machine level, calls by ${calls}`, () => unitTests(['dist/spec/runtime/machine/**/*.test.js']));
      }
    }
  }
}

await main().catch((error) => fail(error.message));
if (passed === 0 && failed === 0) fail('no test ran');
if (problems.length > 0) console.log(`\nfailed:\n${problems.map((text) => `  ${text}`).join('\n')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
