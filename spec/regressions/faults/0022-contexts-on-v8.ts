/**
 * `WebAssembly` in `vm` contexts was V8's under `beamline/register`, without a word. It is Beamline's, and what comes from it
 * belongs to the realm of the context.
 *
 * @flags --no-warnings
 */
import * as vm from 'node:vm';
import { check, done, wat } from './support.js';

await import('../../../src/register.js');
const { defaultEngine } = await import('../../../src/index.js');

const bytes = [
  ...wat(`(module (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") i32 (i32.const 3))
  (func (export "f") unreachable))`),
];

/** Every expression must be true in the context. */
const script = `(async () => {
  const failed = [];
  const holds = (name, value) => { if (value !== true) failed.push(name); };
  const thrown = (run) => { try { run(); } catch (error) { return error; } };
  const rejected = (promise) => promise.then(() => undefined, (error) => error);
  const code = new Uint8Array(bytes);
  const module = new WebAssembly.Module(code);
  const instance = new WebAssembly.Instance(module);
  const { m, t, g, f } = instance.exports;
  holds('not V8', 'promising' in WebAssembly && !WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 3, 1, 95, 0)));
  holds('classes', module instanceof WebAssembly.Module && instance instanceof WebAssembly.Instance);
  holds('objects', [module, instance, m, t, g].every((object) => object instanceof Object));
  holds('exports', m instanceof WebAssembly.Memory && t instanceof WebAssembly.Table && g instanceof WebAssembly.Global);
  holds('function', f instanceof Function && WebAssembly.compile instanceof Function);
  holds('buffer', m.buffer instanceof ArrayBuffer && m.buffer === m.buffer);
  holds('values', g.value === 3 && t.length === 1 && m.grow(1) === 1 && m.buffer.byteLength === 131072);
  holds('lists', WebAssembly.Module.exports(module) instanceof Array && WebAssembly.Module.exports(module)[0] instanceof Object);
  const trap = thrown(f);
  holds('trap', trap instanceof WebAssembly.RuntimeError && trap instanceof Error && /wasm-function/.test(trap.stack));
  const invalid = thrown(() => new WebAssembly.Module(code.subarray(0, 5)));
  holds('invalid', invalid instanceof WebAssembly.CompileError && invalid instanceof Error);
  holds('type error', thrown(() => new WebAssembly.Module(3)) instanceof TypeError);
  holds('range error', thrown(() => new WebAssembly.Memory({ initial: 2, maximum: 1 })) instanceof RangeError);
  holds('promise', WebAssembly.compile(code) instanceof Promise);
  holds('rejection', (await rejected(WebAssembly.compile(code.subarray(0, 5)))) instanceof WebAssembly.CompileError);
  const both = await WebAssembly.instantiate(code);
  holds('both', both instanceof Object && both.module instanceof WebAssembly.Module);
  holds('instance', (await WebAssembly.instantiate(both.module)) instanceof WebAssembly.Instance);
  class Derived extends WebAssembly.Memory {}
  holds('subclass', new Derived({ initial: 1 }) instanceof Derived && new Derived({ initial: 1 }).buffer.byteLength === 65536);
  holds('new only', thrown(() => WebAssembly.Module(code)) instanceof TypeError);
  holds('text', String(WebAssembly.Module) === 'function Module() { [native code] }' && /native code/.test(String(f)));
  holds('shape', WebAssembly.Module.length === 1 && WebAssembly.instantiate.name === 'instantiate');
  return failed.join(', ');
})()`;

const ways: Record<string, () => unknown> = {
  createContext: () => vm.runInContext(script, vm.createContext({ bytes })),
  runInNewContext: () => vm.runInNewContext(script, { bytes }),
  options: () => vm.runInNewContext(script, { bytes }, { contextName: 'named', filename: 'some.js' }),
  'Script.runInNewContext': () => new vm.Script(script).runInNewContext({ bytes }),
  'Script.runInContext': () => new vm.Script(script).runInContext(vm.createContext({ bytes })),
};
/** Modules that came to be here; the same bytes share their code. */
function made(): number {
  const { functionsCompiled, reuse } = defaultEngine().statistics();
  return functionsCompiled + reuse.hits;
}
for (const [name, run] of Object.entries(ways)) {
  const before = made();
  const failed = await run();
  check(failed === '', `${name}: ${failed}`);
  check(made() > before, `${name}: not compiled here`);
}
// What a program gives a context is its own, and nothing is put beside it.
check(vm.runInNewContext('WebAssembly', { WebAssembly: 5 }) === 5, 'a sandbox with a value of its own');
check(Object.getOwnPropertyNames(vm.createContext({ a: 1 })).join() === 'a', 'the sandbox has changed');
const context = vm.createContext({ bytes });
check(vm.createContext(context) === context, 'a context is made twice');
// Modules and memories can be shared, as between V8's realms, and keep the realm they are from.
const outer = Reflect.get(globalThis, 'WebAssembly');
const inner = vm.runInContext('new WebAssembly.Module(new Uint8Array(bytes))', context);
check(new outer.Instance(inner).exports.m instanceof outer.Memory, 'a module of another realm');
const module = new outer.Module(Uint8Array.from(bytes));
const shared = vm.runInContext('(m) => new WebAssembly.Instance(m)', context)(module);
check(module instanceof outer.Module && !(shared instanceof outer.Instance), 'realms of instances');
// Where code generation is switched off, it is.
const options = { codeGeneration: { wasm: false } };
const refused = vm.runInContext(
  'try { new WebAssembly.Module(new Uint8Array(bytes)) } catch (e) { e.message }',
  vm.createContext({ bytes }, options),
);
check(/disallowed by embedder/.test(String(refused)), `code generation: ${refused}`);
// Wrong options are refused as before.
try {
  vm.runInNewContext('1', {}, { contextName: 5 } as never);
  check(false, 'a wrong option is taken');
} catch (error) {
  check(/contextName/.test((error as Error).message), `${error}`);
}
done();
