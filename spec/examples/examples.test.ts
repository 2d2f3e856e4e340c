/** Every example runs as a new user would run it and prints what its text promises. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import loadWabt from 'wabt';
import { modulePath } from '../../examples/support.js';

const folder = join(import.meta.dirname, '..', '..', 'examples');

async function run(name: string, ...args: string[]): Promise<string> {
  const command = ['--enable-source-maps', join(folder, `${name}.js`), ...args];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { timeout: 120_000 });
  if (stderr !== '') throw new Error(`${name} printed on stderr: ${stderr}`);
  return stdout;
}

test('file', async (t) => {
  t.is(await run('file'), '20! = 2432902008176640000\n');
});

test('url', async (t) => {
  t.is(await run('url'), 'from http://...: 10! = 3628800\nexports: function factorial\n');
});

test('abort', async (t) => {
  t.is(await run('abort'), 'TimeoutError: The operation was aborted due to timeout\nthe connection is closed\n');
});

test('trap', async (t) => {
  const output = await run('trap');
  t.regex(output, /^divide\(7, 2\) = 3$/m);
  t.regex(output, /^divide\(7, 0\) -> RuntimeError: divide by zero\n {2}at divide /m);
  t.regex(output, /^load\(65533\) -> RuntimeError: memory access out of bounds\n {2}at load /m);
  t.regex(output, /^check\(0\) -> RuntimeError: unreachable\n {2}at checked .*\n {2}at outer /m);
  t.regex(output, /^recurse\(\) -> RangeError: Maximum call stack size exceeded$/m);
  t.regex(output, /^divide\(9, 3\) = 3$/m);
});

test('fair', async (t) => {
  const answers = 'the server says: here I am\n'.repeat(20);
  t.is(await run('fair'), `${answers}${'a program was rejected\n'.repeat(8)}all have run: true\n`);
});

test('demo', async (t) => {
  const output = await run('demo', '--rate=4000');
  t.regex(output, /█{44} +688 +688 +1968 /);
  t.regex(output, /from the last byte sent to a running instance: [\d.]+ ms/);
  t.regex(output, /SQLite [\d.]+: 20000 rows inserted, indexed and queried/);
  t.true(output.trimEnd().endsWith('the sums equal those computed in JavaScript'));
});

test('tier-up', async (t) => {
  t.regex(
    await run('tier-up'),
    /^the result is -?\d+ all the time\nthe function was replaced in call \d+\nms per call: [\d.]+ before, [\d.]+ after\n$/,
  );
});

test('the shipped modules are what their text says', async (t) => {
  const wabt = await loadWabt();
  for (const name of ['factorial', 'spin', 'traps', 'globals']) {
    const wasm = modulePath(`${name}.wasm`);
    const text = readFileSync(join(dirname(wasm), `${name}.wat`), 'utf8');
    const module = wabt.parseWat(`${name}.wat`, text);
    module.resolveNames();
    t.deepEqual(readFileSync(wasm), Buffer.from(module.toBinary({ write_debug_names: true }).buffer));
    module.destroy();
  }
});
