/** A compilation that V8 ends without a word (a timeout of `vm`) gives its code back when it is collected. */

import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext, runInThisContext } from 'node:vm';
import test from 'ava';
import { Engine } from '../../src/index.js';
import { realModules } from '../fuzz/corpus.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('code of a compilation that a timeout has ended', async (t) => {
  t.timeout(120_000);
  const largest = realModules().sort((a, b) => b.bytes.length - a.bytes.length)[0];
  if (largest === undefined) return t.fail('no real module is installed');
  const engine = new Engine({ reuseCode: false });
  engine.WebAssembly.validate(largest.bytes.subarray(0, 8) as Uint8Array<ArrayBuffer>);
  const before = engine.statistics().codeMemory;
  Reflect.set(globalThis, 'compileForEver', () => {
    for (;;) new engine.WebAssembly.Module(largest.bytes as Uint8Array<ArrayBuffer>);
  });
  for (let i = 0; i < 3; i++) {
    t.throws(() => runInThisContext('compileForEver()', { timeout: 40 + 30 * i }), {
      code: 'ERR_SCRIPT_EXECUTION_TIMEOUT',
    });
  }
  for (let i = 0; i < 50 && engine.statistics().codeMemory > before; i++) {
    collect();
    await delay(20);
  }
  t.true(engine.statistics().codeMemory <= before, `${engine.statistics().codeMemory} of ${before}`);
});
