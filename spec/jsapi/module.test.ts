/** Sections 4 and 5.1: compiling, modules and what they say of themselves. */
import { MessageChannel } from 'node:worker_threads';
import { binary, onBeamline, onBoth, thrown } from './engines.js';

const empty = binary('(module)');
const rich = binary(`(module
  (import "a" "f" (func)) (import "b" "t" (table 1 funcref)) (import "b" "m" (memory 1)) (import "" "g" (global i32))
  (func (export "second")) (export "first" (func 0)) (export "" (memory 0)) (export "\\c3\\bc" (global 0)) (export "t" (table 0)))`);

onBoth('bytes come from any buffer source, are copied, and nothing else is taken', async (t, wasm) => {
  for (const source of [empty, empty.buffer, new Uint16Array(empty.slice().buffer)]) {
    t.true(wasm.validate(source));
    t.true(new wasm.Module(source) instanceof wasm.Module);
    t.true((await wasm.compile(source)) instanceof wasm.Module);
  }
  const bytes = empty.slice();
  const promise = wasm.compile(bytes);
  bytes.fill(0);
  t.true((await promise) instanceof wasm.Module);
  for (const wrong of [undefined, null, 'x', 5, {}, [0], () => empty]) {
    t.throws(() => wasm.validate(wrong as never), { instanceOf: TypeError });
    t.throws(() => new wasm.Module(wrong as never), { instanceOf: TypeError });
    await t.throwsAsync(wasm.compile(wrong as never), { instanceOf: TypeError });
    await t.throwsAsync(wasm.instantiate(wrong as never), { instanceOf: TypeError });
  }
});

onBeamline('bytes come from a DataView too', 'V8 of Node 20 wants a typed array', (t, wasm) => {
  const padded = new Uint8Array([1, 2, ...empty, 3]);
  t.true(wasm.validate(new DataView(padded.buffer, 2, 8)));
  t.false(wasm.validate(new DataView(padded.buffer, 1, 8)));
});

onBoth('what is no module: false, or a CompileError', async (t, wasm) => {
  for (const bytes of [new Uint8Array(), new Uint8Array(4), empty.subarray(0, 7), Uint8Array.of(...empty, 0)]) {
    t.false(wasm.validate(bytes));
    t.throws(() => new wasm.Module(bytes), { instanceOf: wasm.CompileError });
    await t.throwsAsync(wasm.compile(bytes), { instanceOf: wasm.CompileError });
    await t.throwsAsync(wasm.instantiate(bytes), { instanceOf: wasm.CompileError });
  }
});

onBoth('Module.exports and Module.imports: plain objects in new arrays, in order', (t, wasm) => {
  const module = new wasm.Module(rich);
  const exports = wasm.Module.exports(module);
  t.deepEqual(exports, [
    { name: 'second', kind: 'function' },
    { name: 'first', kind: 'function' },
    { name: '', kind: 'memory' },
    { name: 'ü', kind: 'global' },
    { name: 't', kind: 'table' },
  ]);
  t.deepEqual(wasm.Module.imports(module), [
    { module: 'a', name: 'f', kind: 'function' },
    { module: 'b', name: 't', kind: 'table' },
    { module: 'b', name: 'm', kind: 'memory' },
    { module: '', name: 'g', kind: 'global' },
  ]);
  t.not(wasm.Module.exports(module), exports);
  t.deepEqual(Object.getOwnPropertyDescriptor(exports[0], 'name'), {
    value: 'second',
    writable: true,
    enumerable: true,
    configurable: true,
  });
  for (const wrong of [undefined, {}, wasm.Module, wasm.Module.prototype]) {
    t.throws(() => wasm.Module.exports(wrong as never), { instanceOf: TypeError });
    t.throws(() => wasm.Module.imports(wrong as never), { instanceOf: TypeError });
    t.throws(() => wasm.Module.customSections(wrong as never, ''), { instanceOf: TypeError });
  }
});

onBoth('Module.customSections: copies of the contents, by name', (t, wasm) => {
  const section = (name: string, ...contents: number[]) => {
    const text = [...Buffer.from(name)];
    return [0, 1 + text.length + contents.length, text.length, ...text, ...contents];
  };
  const module = new wasm.Module(Uint8Array.of(...empty, ...section('a', 1, 2), ...section('ü'), ...section('a', 3)));
  const bytes = (name: unknown) =>
    wasm.Module.customSections(module, name as string).map((item) => [...new Uint8Array(item)]);
  t.deepEqual(bytes('a'), [[1, 2], [3]]);
  t.deepEqual(bytes('ü'), [[]]);
  t.deepEqual(bytes('b'), []);
  t.deepEqual(bytes({ toString: () => 'a' }), [[1, 2], [3]]);
  t.throws(() => bytes(undefined), { instanceOf: TypeError });
  t.throws(() => bytes(Symbol()), { instanceOf: TypeError });
  const first = wasm.Module.customSections(module, 'a')[0] as ArrayBuffer;
  new Uint8Array(first).fill(9);
  t.deepEqual(bytes('a'), [[1, 2], [3]]);
});

onBoth('a module holds its bytes: the source may change', (t, wasm) => {
  const bytes = rich.slice();
  const module = new wasm.Module(bytes);
  bytes.fill(255);
  t.is(wasm.Module.exports(module).length, 5);
});

onBoth('instances, memories, tables and globals cannot be cloned', (t, wasm) => {
  const { port1 } = new MessageChannel();
  const instance = new wasm.Instance(new wasm.Module(empty));
  const table = new wasm.Table({ element: 'anyfunc', initial: 1 });
  for (const value of [instance, table, new wasm.Global({ value: 'i32' })]) {
    const error = thrown(() => structuredClone(value)) as DOMException;
    t.is(error.name, 'DataCloneError');
    t.is((thrown(() => port1.postMessage(value)) as DOMException).name, 'DataCloneError');
  }
  port1.close();
});

onBoth('instantiate: bytes give module and instance, a module an instance; a promise each time', async (t, wasm) => {
  const both = await wasm.instantiate(empty);
  t.deepEqual(Object.keys(both), ['module', 'instance']);
  t.true(both.module instanceof wasm.Module && both.instance instanceof wasm.Instance);
  const one = await wasm.instantiate(both.module);
  t.true(one instanceof wasm.Instance);
  t.is(Object.getPrototypeOf(wasm.instantiate(empty)), Promise.prototype);
  const failing = wasm.instantiate(rich);
  t.true(failing instanceof Promise);
  await t.throwsAsync(failing, { instanceOf: TypeError });
  await t.throwsAsync(wasm.instantiate(rich, { a: { f: 5 }, b: {}, '': {} }), { instanceOf: wasm.LinkError });
  await t.throwsAsync(wasm.instantiate(empty, 5 as never), { instanceOf: TypeError });
});
