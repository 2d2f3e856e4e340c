/** Sections 5.1 and 5.2 (asynchronous functions) and the Web API: what is read when, and in which order promises settle. */
import { binary, instantiate, onBeamline, onBoth, thrown } from './engines.js';

const importing = binary('(module (import "m" "g" (global i32)) (import "m" "f" (func $f)) (start $f))');
const empty = binary('(module)');
const response = (bytes: Uint8Array<ArrayBuffer>, type = 'application/wasm', status = 200): Response =>
  new Response(bytes, { status, headers: { 'content-type': type } });

/** Imports that note when they are read and called. */
function noting(log: string[]): object {
  return {
    get m() {
      log.push('m');
      return {
        get g() {
          log.push('g');
          return 1;
        },
        get f() {
          log.push('f');
          return () => void log.push('start');
        },
      };
    },
  };
}

onBoth('bytes: imports are read when the module is compiled', async (t, wasm) => {
  const log: string[] = [];
  const promise = wasm.instantiate(importing, noting(log));
  t.deepEqual(log, []);
  await promise;
  t.deepEqual(log, ['m', 'g', 'm', 'f', 'start']);
});

onBoth('a module: imports are read at once', async (t, wasm) => {
  const log: string[] = [];
  const promise = wasm.instantiate(new wasm.Module(importing), noting(log));
  t.deepEqual(log.slice(0, 4), ['m', 'g', 'm', 'f']);
  await promise;
  t.deepEqual(log, ['m', 'g', 'm', 'f', 'start']);
});

onBeamline('a module: the start function runs later', 'V8 of Node 20 runs it at once', async (t, wasm) => {
  const log: string[] = [];
  const promise = wasm.instantiate(new wasm.Module(importing), noting(log));
  t.false(log.includes('start'));
  await promise;
  t.true(log.includes('start'));
});

onBoth('streaming: imports are read when the module is compiled', async (t, wasm) => {
  const log: string[] = [];
  const promise = wasm.instantiateStreaming(response(importing), noting(log));
  t.deepEqual(log, []);
  const { module, instance } = await promise;
  t.deepEqual(log, ['m', 'g', 'm', 'f', 'start']);
  t.true(module instanceof wasm.Module && instance instanceof wasm.Instance);
});

onBoth('nothing is thrown, everything rejects', async (t, wasm) => {
  const failing = {
    get m(): never {
      throw new RangeError('deliberate');
    },
  };
  const module = new wasm.Module(importing);
  const promises: [unknown, new (...args: never[]) => Error][] = [
    [wasm.compile(undefined as never), TypeError],
    [wasm.compile(new Uint8Array(3)), wasm.CompileError],
    [wasm.instantiate(undefined as never), TypeError],
    [wasm.instantiate(empty, 5 as never), TypeError],
    [wasm.instantiate(empty, null as never), TypeError],
    [wasm.instantiate(new Uint8Array(3)), wasm.CompileError],
    [wasm.instantiate(importing), TypeError],
    [wasm.instantiate(importing, { m: { g: 1 } }), wasm.LinkError],
    [wasm.instantiate(importing, failing), RangeError],
    [wasm.instantiate(module), TypeError],
    [wasm.instantiate(module, {}), TypeError],
    [wasm.instantiate(module, { m: { g: 1n, f() {} } }), wasm.LinkError],
    [wasm.instantiate(module, failing), RangeError],
    [wasm.compileStreaming(undefined as never), TypeError],
    [wasm.compileStreaming(response(new Uint8Array(3))), wasm.CompileError],
    [wasm.compileStreaming(response(empty, 'application/wasm;')), TypeError],
    [wasm.compileStreaming(response(empty, 'text/plain')), TypeError],
    [wasm.compileStreaming(response(empty, 'application/wasm', 404)), TypeError],
    [wasm.compileStreaming(Promise.reject(new RangeError('deliberate'))), RangeError],
    [wasm.instantiateStreaming(response(importing)), TypeError],
    [wasm.instantiateStreaming(response(importing), failing), RangeError],
    [wasm.instantiateStreaming(response(empty), 5 as never), TypeError],
  ];
  for (const [index, [promise, type]] of promises.entries()) {
    t.is(Object.getPrototypeOf(promise), Promise.prototype, String(index));
    await t.throwsAsync(promise as Promise<unknown>, { instanceOf: type }, String(index));
  }
});

onBoth('a trap of the start function rejects', async (t, wasm) => {
  const trapping = binary('(module (start $s) (func $s (unreachable)))');
  await t.throwsAsync(wasm.instantiate(trapping), { instanceOf: wasm.RuntimeError, message: 'unreachable' });
  await t.throwsAsync(wasm.instantiate(new wasm.Module(trapping)), { instanceOf: wasm.RuntimeError });
  await t.throwsAsync(wasm.instantiateStreaming(response(trapping)), { instanceOf: wasm.RuntimeError });
  const problem = { any: 'value' };
  const imports = {
    m: {
      g: 0,
      f() {
        throw problem;
      },
    },
  };
  t.is(await wasm.instantiate(importing, imports).catch((error) => error), problem as never);
});

onBoth('a response is used once; promises of responses are awaited', async (t, wasm) => {
  const once = response(empty);
  t.true((await wasm.compileStreaming(once)) instanceof wasm.Module);
  t.true(once.bodyUsed);
  await t.throwsAsync(wasm.compileStreaming(once), { instanceOf: TypeError });
  t.true((await wasm.compileStreaming(Promise.resolve(response(empty)))) instanceof wasm.Module);
  const refused = response(empty, 'text/plain');
  await t.throwsAsync(wasm.compileStreaming(refused), { instanceOf: TypeError });
  t.is((await refused.arrayBuffer()).byteLength, 8);
  const broken = new Response(
    new ReadableStream({
      pull() {
        throw new RangeError('deliberate');
      },
    }),
    { headers: { 'content-type': 'application/wasm' } },
  );
  await t.throwsAsync(wasm.compileStreaming(broken), { instanceOf: RangeError, message: 'deliberate' });
});

onBeamline('MIME types are compared without case', "Node 20's own check is exact", async (t, wasm) => {
  t.true((await wasm.compileStreaming(response(empty, 'Application/WASM'))) instanceof wasm.Module);
});

onBeamline('chunks are Uint8Arrays', 'Node 20 takes an ArrayBuffer as well', async (t, wasm) => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(empty.slice().buffer);
      controller.close();
    },
  });
  const promise = wasm.compileStreaming(new Response(body, { headers: { 'content-type': 'application/wasm' } }));
  await t.throwsAsync(promise, { instanceOf: TypeError });
});

onBoth('the result of instantiate: an ordinary object, the callers go on first', async (t, wasm) => {
  const log: string[] = [];
  const promise = wasm.instantiate(importing, { m: { g: 1, f: () => log.push('start') } });
  void promise.then(() => log.push('done'));
  log.push('caller');
  const result = await promise;
  t.deepEqual(log, ['caller', 'start', 'done']);
  t.is(Object.getPrototypeOf(result), Object.prototype);
  for (const key of ['module', 'instance']) {
    t.like(Object.getOwnPropertyDescriptor(result, key), { writable: true, enumerable: true, configurable: true });
  }
});

onBoth('modules can be cloned', (t, wasm) => {
  const module = new wasm.Module(importing);
  const clone = structuredClone({ modules: [module] }).modules[0] as typeof module;
  t.not(clone, module);
  t.true(clone instanceof wasm.Module);
  t.is(Object.getPrototypeOf(clone), wasm.Module.prototype);
  t.deepEqual(wasm.Module.exports(clone), wasm.Module.exports(module));
  t.deepEqual(wasm.Module.imports(clone), wasm.Module.imports(module));
  t.false(clone instanceof class extends (wasm.Module as unknown as new () => object) {});
});

onBoth('exported functions and memories cannot be cloned, shared buffers can', (t, wasm) => {
  const { f } = instantiate(wasm, '(module (func (export "f")))');
  for (const value of [f, new wasm.Memory({ initial: 1 })]) {
    t.is((thrown(() => structuredClone(value)) as DOMException).name, 'DataCloneError');
  }
  const { buffer } = new wasm.Memory({ initial: 1, maximum: 1, shared: true });
  t.true((structuredClone({ buffer }).buffer as unknown) instanceof SharedArrayBuffer);
});
