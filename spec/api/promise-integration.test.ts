/** `WebAssembly.promising` and `Suspending`: the same as V8 where V8 has them (Node 26), and what only the engine has to get right. */
import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import { Engine } from '../../src/index.js';
import { mostStacks } from '../../src/runtime/machine/stack-table.js';
import { collectGarbage } from '../../src/runtime/store/collect.js';
import { wat } from './wat.js';

// biome-ignore lint/suspicious/noExplicitAny: V8's types do not know these yet.
type Namespace = any;
// biome-ignore lint/suspicious/noExplicitAny: exports of many types.
type Exports = any;

const bytes = await wat(`(module
  (import "m" "f" (func $f (param i32) (result i32)))
  (import "m" "g" (func $g (param i32) (result i32)))
  (import "m" "ref" (func $ref (param externref) (result externref)))
  (export "f" (func $f))
  (memory (export "memory") 1 10)
  (func (export "one") (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0))))
  (func (export "viaJs") (param i32) (result i32) (call $g (local.get 0)))
  (func (export "two") (param i32) (result i32 i32) (call $f (local.get 0)) (i32.const 7))
  (func (export "none") (param i32) (drop (call $f (local.get 0))))
  (func (export "big") (param i64) (result i64) (local.get 0))
  (func (export "trap") (result i32) (drop (call $f (i32.const 1))) unreachable)
  (func (export "grow") (param i32) (result i32)
    (drop (call $f (local.get 0))) (i32.store (i32.const 100000) (i32.const 5)) (i32.load (i32.const 100000)))
  (func (export "spin") (loop (br 0)))
  (func $deep (export "deep") (param i32 i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1))))
      (else (call $f (local.get 1)))))
  (func (export "hold") (param externref externref) (result externref)
    (if (result externref) (ref.is_null (call $ref (local.get 1))) (then (ref.null extern)) (else (local.get 0))))
  (func (export "sum") (param i32) (result i32) (local i32)
    (loop (local.set 1 (i32.add (local.get 1) (call $f (local.get 0))))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1)))`);

interface Host {
  f: (x: number) => unknown;
  ref: (x: unknown) => unknown;
}

function instantiate(W: Namespace, host: Host): Exports {
  const m = {
    f: new W.Suspending((x: number) => host.f(x)),
    g: (x: number): number => exports.one(x),
    ref: new W.Suspending((x: unknown) => host.ref(x)),
  };
  const exports = new W.Instance(new W.Module(bytes), { m }).exports as Exports;
  return exports;
}

const settled = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (error: Error) => ({ error: error.name, message: error.message }),
  );

const peers: [string, () => Namespace][] = [['Beamline', () => new Engine().WebAssembly]];
const { WebAssembly: own } = globalThis as unknown as { WebAssembly: Namespace };
// What Node 24 has is an earlier state of the proposal.
if ('promising' in own && Number(process.versions.node.split('.')[0]) >= 26) peers.push(['V8', () => own]);

for (const [name, namespace] of peers) {
  const W = namespace();
  const idle: Host = { f: async (x) => x * 2, ref: async (x) => x };

  test.serial(`results, traps and errors (${name})`, async (t) => {
    const host = { ...idle };
    const e = instantiate(W, host);
    const one = W.promising(e.one);
    t.is(await one(20), 41);
    t.deepEqual(await W.promising(e.two)(4), [8, 7]);
    t.is(await W.promising(e.none)(4), undefined);
    t.is(await W.promising(e.big)(4n), 4n);
    t.is(await W.promising(e.f)(1), 2);
    t.throws(() => W.promising(e.big)(4), { instanceOf: TypeError });
    t.throws(() => one(Symbol('x')), { instanceOf: TypeError });
    t.deepEqual(await settled(W.promising(e.trap)()), { error: 'RuntimeError', message: 'unreachable' });
    host.f = (x) => x + 100;
    t.is(await one(1), 102);
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested.
    host.f = () => ({ then: (resolve: (x: number) => void) => resolve(5) });
    t.is(await one(1), 6);
    host.f = async () => ({ valueOf: () => 9 });
    t.is(await one(1), 10);
    host.f = () => {
      throw new Error('sync');
    };
    t.deepEqual(await settled(one(1)), { error: 'Error', message: 'sync' });
    host.f = async () => {
      throw new Error('async');
    };
    t.deepEqual(await settled(one(1)), { error: 'Error', message: 'async' });
    host.f = async () => Symbol('x');
    t.like(await settled(one(1)), { error: 'TypeError' });
    host.f = idle.f;
    t.is(await one(20), 41);
  });

  test.serial(`where nobody can wait, the host function is not called (${name})`, async (t) => {
    let calls = 0;
    const e = instantiate(W, { ...idle, f: async (x) => x + ++calls });
    const without = { name: 'SuspendError', message: 'trying to suspend without WebAssembly.promising' };
    t.throws(() => e.one(1), without);
    t.throws(() => e.f(1), without);
    t.deepEqual(await settled(W.promising(e.viaJs)(1)), {
      error: 'SuspendError',
      message: 'trying to suspend JS frames',
    });
    t.is(calls, 0);
    t.true(new W.SuspendError('x') instanceof Error);
  });

  test.serial(`what the functions refuse (${name})`, (t) => {
    const e = instantiate(W, idle);
    const promising = 'WebAssembly.promising(): Argument 0 must be a ';
    for (const bad of [undefined, {}, 1]) t.throws(() => W.promising(bad), { message: `${promising}function` });
    t.throws(() => W.promising(() => {}), { message: `${promising}WebAssembly exported function` });
    const suspending = 'WebAssembly.Suspending(): Argument 0 must ';
    for (const bad of [undefined, {}, 1]) {
      t.throws(() => new W.Suspending(bad), { instanceOf: TypeError, message: `${suspending}be a function` });
    }
    for (const bad of [e.one, W.promising(e.one)]) {
      t.throws(() => new W.Suspending(bad), { message: `${suspending}not be a WebAssembly function` });
    }
    t.throws(() => new (W.promising(e.one))(1), { instanceOf: TypeError });
    t.is(W.promising(e.two).name, '5');
    t.is(W.promising(e.two).length, 1);
  });

  test.serial(`the order of jobs (${name})`, async (t) => {
    for (const f of [async (x: number) => x, (x: number) => x]) {
      const log: unknown[] = [];
      const e = instantiate(W, {
        ...idle,
        f: (x) => {
          log.push('call');
          return f(x);
        },
      });
      const promise = W.promising(e.one)(1);
      log.push('after');
      promise.then(() => log.push('done'));
      let job = Promise.resolve();
      for (let i = 0; i < 4; i++) job = job.then(() => void log.push(i));
      await new Promise((resolve) => setTimeout(resolve, 2));
      t.deepEqual(log, ['call', 'after', 0, 'done', 1, 2, 3]);
    }
  });

  test.serial(`many wait, and go on in any order, while others run (${name})`, async (t) => {
    const waiting: (() => void)[] = [];
    const host: Host = { ...idle, f: (x) => new Promise((resolve) => waiting.push(() => resolve(x))) };
    const e = instantiate(W, host);
    const deep = W.promising(e.deep);
    const count = 1500;
    const calls = Array.from({ length: count }, (_, i) => deep(i % 50, i));
    t.is(waiting.length, count);
    t.is(e.big(3n), 3n);
    for (let i = 0; i < count; i++) waiting[(i * 7919) % count]?.();
    t.deepEqual(
      await Promise.all(calls),
      Array.from({ length: count }, (_, i) => i + (i % 50)),
    );
  });

  test.serial(`a loop of suspensions, with memory that grows meanwhile (${name})`, async (t) => {
    const e = instantiate(W, idle);
    t.is(await W.promising(e.sum)(1000), 1001000);
    const host: Host = {
      ...idle,
      f: async () => {
        await undefined;
        return e2.memory.grow(2);
      },
    };
    const e2 = instantiate(W, host);
    t.is(await W.promising(e2.grow)(0), 5);
  });

  test.serial(`AsyncLocalStorage follows (${name})`, async (t) => {
    const storage = new AsyncLocalStorage<number>();
    const seen: unknown[] = [];
    const e = instantiate(W, {
      ...idle,
      f: async (x) => {
        seen.push(storage.getStore());
        await new Promise((resolve) => setImmediate(resolve));
        return x;
      },
    });
    const sum = W.promising(e.sum);
    await Promise.all([storage.run(1, () => sum(2)), storage.run(2, () => sum(2))]);
    t.deepEqual(seen, [1, 2, 1, 2]);
  });

  test.serial(`an overflow of the stack rejects (${name})`, async (t) => {
    const e = instantiate(W, idle);
    const deep = W.promising(e.deep);
    for (let i = 0; i < 3; i++) t.like(await settled(deep(10_000_000, 1)), { error: 'RangeError' });
    t.is(await deep(1000, 1), 1002);
  });
}

const quiet = (t: ExecutionContext, e: Exports): void => {
  t.is(e.big(9n), 9n);
};

test.serial('references in frames that wait', async (t) => {
  for (const debug of [{}, { gcStress: true }, { smallWorld: true, gcStress: true }]) {
    const engine = new Engine({ debug } as object);
    const waiting: (() => void)[] = [];
    const host: Host = {
      f: async (x) => x,
      ref: (x) => new Promise((resolve) => waiting.push(() => resolve(x))),
    };
    const e = instantiate(engine.WebAssembly, host);
    const hold = (engine.WebAssembly as Namespace).promising(e.hold);
    const objects = Array.from({ length: 40 }, (_, i) => ({ i }));
    const calls = objects.map((object) => hold(object, {}));
    for (let i = 0; i < 5; i++) {
      hold({}, null).catch(() => {});
      engine.gc();
    }
    for (const resolve of waiting) resolve();
    const results = await Promise.all(calls);
    t.true(results.every((result, i) => result === objects[i]));
  }
});

test.serial('calls that nobody can go on with give their stacks back', async (t) => {
  const engine = new Engine();
  const e = instantiate(engine.WebAssembly, { f: () => new Promise(() => {}), ref: () => undefined });
  const one = (engine.WebAssembly as Namespace).promising(e.one);
  let made = 0;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < mostStacks / 3; i++, made++) void one(i);
    await collectGarbage();
  }
  t.true(made > mostStacks);
  quiet(t, e);
});

test.serial('too many at once are a RangeError', async (t) => {
  const engine = new Engine();
  const waiting: (() => void)[] = [];
  const f = (x: number): unknown => new Promise((resolve) => waiting.push(() => resolve(x)));
  const e = instantiate(engine.WebAssembly, { f, ref: () => undefined });
  const one = (engine.WebAssembly as Namespace).promising(e.one);
  const calls: Promise<unknown>[] = [];
  const error = t.throws(() => {
    for (let i = 0; i <= mostStacks; i++) calls.push(one(i));
  });
  t.regex(String(error?.message), /activations of WebAssembly can be suspended at once/);
  for (const resolve of waiting) resolve();
  t.is((await Promise.all(calls)).length, calls.length);
});

test.serial('what V8 ends on a stack of its own leaves the others alone', async (t) => {
  const engine = new Engine();
  const W = engine.WebAssembly as Namespace;
  let inner: () => unknown = () => undefined;
  const e = instantiate(W, {
    f: (x) => {
      inner();
      return x;
    },
    ref: () => undefined,
  });
  const spin = W.promising(e.spin);
  const timesOut = (f: () => unknown): void => {
    t.throws(() => vm.runInNewContext('f()', { f }, { timeout: 5 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  };
  timesOut(spin);
  quiet(t, e);
  inner = () => {
    timesOut(spin);
    timesOut(() => e.spin());
    quiet(t, e);
  };
  t.is(await W.promising(e.sum)(3), 6);
  t.like(await settled(W.promising(e.deep)(10_000_000, 1)), { error: 'RangeError' });
  t.is(
    await engine.withDeadline(20, () => settled(spin())).then((x) => (x as { error: string }).error),
    'RuntimeError',
  );
  quiet(t, e);
});

test.serial('a stack that V8 has just left is not freed while the thread uses it', async (t) => {
  const engine = new Engine();
  const W = engine.WebAssembly as Namespace;
  const e = instantiate(W, { f: () => new Promise(() => {}), ref: () => undefined });
  const one = W.promising(e.one);
  // All in one turn: nobody has dropped the activation, and its stack's owner is gone.
  const wrong = { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' };
  t.throws(() => vm.runInNewContext('f()', { f: W.promising(e.spin) }, { timeout: 5 }), wrong);
  for (let i = 0; i < mostStacks + 1000; i++) {
    try {
      void one(i);
    } catch (error) {
      t.true(error instanceof RangeError);
    }
    if (i % 1000 === 0) quiet(t, e);
  }
  await collectGarbage();
  quiet(t, e);
});

test.serial('an engine that is disposed meanwhile rejects', async (t) => {
  const engine = new Engine();
  let goOn: (x: number) => void = () => {};
  const f = (): unknown =>
    new Promise((resolve) => {
      goOn = resolve;
    });
  const e = instantiate(engine.WebAssembly, { f, ref: () => undefined });
  const promise = (engine.WebAssembly as Namespace).promising(e.one)(1);
  engine.dispose();
  goOn(1);
  t.like(await settled(promise), { message: 'the engine is disposed' });
});
