/**
 * The HTTP parser, which stays on V8 under `beamline/register`, was no instance of `WebAssembly.Module`, and
 * `Module.imports` and `Module.exports` threw on it.
 *
 * @seconds 120
 */
import { createRequire } from 'node:module';
import type { WebAssembly as Namespace } from '../../../src/index.js';
import { check, done } from './support.js';

await import('../../../src/register.js');
const { WebAssembly } = globalThis as unknown as { WebAssembly: typeof Namespace };
const require = createRequire(import.meta.url);
const parser: Uint8Array<ArrayBuffer> = require(
  require.resolve('undici').replace(/index\.js$/, 'lib/llhttp/llhttp-wasm.js'),
);
const { Module, Instance } = WebAssembly;

class Derived extends Module {}
const both = await WebAssembly.instantiate(parser, { env: imports() });
const modules = [new Module(parser), new Derived(parser), await WebAssembly.compile(parser), both.module];

function imports(): Record<string, () => number> {
  const names = 'url status header_field header_value headers_complete body message_begin message_complete'.split(' ');
  return Object.fromEntries(names.map((name) => [`wasm_on_${name}`, () => 0]));
}

for (const [i, module] of modules.entries()) {
  check(module instanceof Module && module instanceof Derived === (i === 1), `${i}: instanceof`);
  check(module.constructor === (i === 1 ? Derived : Module), `${i}: constructor`);
  check(
    Module.imports(module).some(({ name }) => name === 'wasm_on_url'),
    `${i}: imports`,
  );
  check(
    Module.exports(module).some(({ name }) => name === 'llhttp_execute'),
    `${i}: exports`,
  );
  check(Array.isArray(Module.customSections(module, 'none')), `${i}: custom sections`);
  const instances = [
    new Instance(module, { env: imports() }),
    await WebAssembly.instantiate(module, { env: imports() }),
  ];
  for (const instance of i === 3 ? [...instances, both.instance] : instances) {
    check(instance instanceof Instance && instance.constructor === Instance, `${i}: instance`);
    check(typeof instance.exports['llhttp_execute'] === 'function', `${i}: exports of the instance`);
    check(Object.prototype.toString.call(instance) === '[object WebAssembly.Instance]', `${i}: its tag`);
  }
}
for (const wrong of [{}, Object.create(Module.prototype), both.instance]) {
  for (const name of ['imports', 'exports', 'customSections'] as const) {
    try {
      Module[name](wrong as never, '');
      check(false, `${name} takes anything`);
    } catch (error) {
      check(error instanceof TypeError, `${name}: ${error}`);
    }
  }
}
// Beamline's own modules are what they were.
const empty = new Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
check(Module.exports(empty).length === 0 && new Instance(empty).exports !== undefined, 'other modules');
done();
