/** `stack` of errors that host functions throw: wasm frames in their places. The same rows run on both engines. */
import test, { type ExecutionContext } from 'ava';
import { Engine } from '../../src/index.js';
import { wat } from './wat.js';

const bytes = wat(`(module
  (import "m" "host" (func $host (param i32)))
  (func $inner (param i32) (call $host (local.get 0)))
  (func (export "outer") (param i32) (call $inner (local.get 0))))`);
const beamline = new Engine().WebAssembly;

type Outer = (depth: number) => void;

/** An instance whose host function is `host`, which gets the export to call again. */
function load(api: typeof beamline, host: (depth: number, outer: Outer) => void): Outer {
  const m = { host: (depth: number) => host(depth, outer) };
  const { exports } = new api.Instance(new api.Module(bytes), { m });
  const outer = exports['outer'] as Outer;
  return outer;
}

function onBoth(title: string, run: (t: ExecutionContext, api: typeof beamline) => void): void {
  for (const [name, api] of [
    ['V8', Reflect.get(globalThis, 'WebAssembly') as typeof beamline],
    ['Beamline', beamline],
  ] as const) {
    test.serial(`${title} (${name})`, (t) => run(t, api));
  }
}

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('no error');
}

/** What the frames are, down to this file's `caught`. */
function frames(error: Error): string[] {
  const lines = (error.stack as string).split('\n').filter((line) => line.startsWith('    at '));
  const names = lines.map((line) => {
    const wasm = /wasm-function\[(\d+)\]/.exec(line);
    if (wasm !== null) return `wasm ${wasm[1]}`;
    const name = /^ {4}at (?:new )?(\S+) \(/.exec(line)?.[1]?.replace(/^.*\./, '').replace(/[<>]/g, '') ?? 'anonymous';
    return /host-error-stack\.test/.test(line) ? name : `elsewhere ${line}`;
  });
  const end = names.indexOf('caught');
  return end < 0 ? names : names.slice(0, end);
}

function fail(message: string): never {
  throw new Error(message);
}

onBoth('wasm frames are where they belong', (t, api) => {
  const outer = load(api, function host() {
    fail('from JS');
  });
  const error = caught(function here() {
    outer(0);
  });
  t.is(error.message, 'from JS');
  t.deepEqual(frames(error), ['fail', 'host', 'host', 'wasm 1', 'wasm 2', 'here']);
  const { value, ...rest } = Object.getOwnPropertyDescriptor(error, 'stack') ?? {};
  if (value !== undefined) t.deepEqual(rest, { writable: true, enumerable: false, configurable: true });
  t.deepEqual(Object.keys(error), []);
});

onBoth('frames of several activations, once each, however often the error passes', (t, api) => {
  const outer = load(api, function host(depth, again) {
    if (depth === 0) fail('deep');
    try {
      again(depth - 1);
    } catch (error) {
      // biome-ignore lint/complexity/noUselessCatch: a frame that catches and throws again.
      throw error;
    }
  });
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  try {
    const error = caught(() => outer(2));
    const activation = ['host', 'host', 'wasm 1', 'wasm 2'];
    t.deepEqual(frames(error), ['fail', ...activation, ...activation, ...activation, 'anonymous']);
  } finally {
    Error.stackTraceLimit = limit;
  }
});

onBoth('Error.stackTraceLimit counts frames that are seen', (t, api) => {
  const outer = load(api, () => fail('short'));
  const limit = Error.stackTraceLimit;
  try {
    for (const most of [0, 1, 2, 3, 4, 5, 6]) {
      Error.stackTraceLimit = most;
      const error = caught(function here() {
        outer(0);
      });
      Error.stackTraceLimit = limit;
      const expected = ['fail', 'anonymous', 'host', 'wasm 1', 'wasm 2', 'here'].slice(0, most);
      t.deepEqual(frames(error), expected, `${most}`);
    }
  } finally {
    Error.stackTraceLimit = limit;
  }
});

onBoth('Error.prepareStackTrace gets call sites of both kinds', (t, api) => {
  const outer = load(api, () => fail('sites'));
  const previous = Error.prepareStackTrace;
  try {
    Error.prepareStackTrace = (error, sites) => [
      error.message,
      sites.map((site) => site.getFunctionName()).slice(0, 6),
    ];
    const error = caught(function here() {
      outer(0);
    });
    const [message, names] = error.stack as unknown as [string, string[]];
    t.is(message, 'sites');
    t.deepEqual(names.slice(3, 6), ['inner', names[4] as string, 'here']);
    t.is(names[0], 'fail');
  } finally {
    if (previous === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    else Error.prepareStackTrace = previous;
  }
});

onBoth('what was made elsewhere, was read, is fixed or is no error stays as it is', (t, api) => {
  const early = new Error('early');
  const read = new Error('read');
  const text = read.stack;
  const assigned = Object.assign(new Error('assigned'), { stack: 'mine' });
  const thrown: unknown[] = [
    early,
    read,
    assigned,
    Object.freeze(new Error('frozen')),
    42,
    null,
    undefined,
    'text',
    {},
  ];
  const outer = load(api, (i) => {
    throw thrown[i];
  });
  for (const [i, value] of thrown.entries()) {
    let seen: unknown = 'nothing';
    try {
      outer(i);
    } catch (error) {
      seen = error;
    }
    t.is(seen, value);
  }
  t.notRegex(early.stack as string, /wasm/);
  t.is(read.stack, text);
  t.is(assigned.stack, 'mine');
  t.true(Object.isFrozen(thrown[3]));
});

onBoth('an error that comes back from an earlier call has the frames of that one', (t, api) => {
  let kept: Error | undefined;
  const outer = load(api, (again) => {
    if (again === 0) {
      kept = new Error('kept');
      throw kept;
    }
    throw kept as Error;
  });
  caught(function first() {
    outer(0);
  });
  const error = caught(function second() {
    outer(1);
  });
  t.is(error, kept as unknown as Error);
  t.true(frames(error).includes('first'));
  t.false(frames(error).includes('second'));
  t.is(frames(error).filter((name) => name.startsWith('wasm')).length, 2);
});

onBoth('subclasses with accessors of their own: nothing of them is called', (t, api) => {
  let calls = 0;
  class Special extends Error {
    override get name(): string {
      calls++;
      return 'Special';
    }
  }
  const outer = load(api, () => {
    throw new Special('x');
  });
  calls = 0;
  const error = caught(() => outer(0));
  t.is(calls, 0);
  t.true((error.stack as string).startsWith('Special: x\n') || /^Error: x\n/.test(error.stack as string));
});

test('where the stack is full, and where `Error` is frozen or has setters that throw', (t) => {
  const outer = load(beamline, (depth, again) => {
    if (depth > 0) again(depth - 1);
    else fail('bottom');
  });
  // From the deepest frame on, with a little more room each time.
  let attempts = 0;
  const recurse = (): void => {
    try {
      recurse();
    } catch (error) {
      if (attempts++ < 200) outer(0);
      throw error;
    }
  };
  for (let i = 0; i < 3; i++) {
    attempts = 0;
    const error = caught(recurse);
    t.true(error.message === 'bottom' || error instanceof RangeError, error.message);
    t.is(typeof error.stack, 'string');
  }
  t.is(typeof new Error('fine').stack, 'string');
  Object.defineProperty(Error, 'prepareStackTrace', {
    configurable: true,
    get: () => undefined,
    set: () => {
      throw new TypeError('no');
    },
  });
  try {
    t.is(caught(() => outer(0)).message, 'bottom');
  } finally {
    delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
  }
});
