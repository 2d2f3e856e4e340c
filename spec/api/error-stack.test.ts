/** `stack` of trap errors: made when it is first read, and then as V8's is. The same rows run on both engines. */

import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import test, { type ExecutionContext } from 'ava';
import wabt from 'wabt';
import { Engine } from '../../src/index.js';

const source = `(module
  (import "m" "host" (func $host))
  (func $inner unreachable)
  (func (export "trap") call $inner)
  (func $outer (export "outer") call $host)
  (func $deep (export "deep") (param i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (call $deep (i32.sub (local.get 0) (i32.const 1)))))`;
const module = (await wabt()).parseWat('error-stack.wat', source);
const bytes = module.toBinary({ write_debug_names: true }).buffer;
module.destroy();
const beamline = new Engine().WebAssembly;

interface Exports {
  trap(): void;
  outer(): void;
  deep(depth: number): void;
}

/** Run on V8 and on Beamline. */
function onBoth(title: string, run: (t: ExecutionContext, exports: Exports) => void): void {
  for (const [name, api] of [
    ['V8', Reflect.get(globalThis, 'WebAssembly') as typeof beamline],
    ['Beamline', beamline],
  ] as const) {
    test.serial(`${title} (${name})`, (t) => {
      const m = { host: () => exports.trap() };
      const instance = new api.Instance(new api.Module(bytes), { m });
      const exports = instance.exports as unknown as Exports;
      run(t, exports);
    });
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

const inner = /^ {4}at inner \(wasm:\/\/\w+\/[0-9a-f]{8}:wasm-function\[1\]:0x[0-9a-f]+\)$/;
const lines = (error: Error) => (error.stack as string).split('\n');

onBoth('an own property that no loop sees, a string when it was read', (t, { trap }) => {
  const error = caught(trap);
  t.deepEqual(Reflect.ownKeys(error), ['stack', 'message']);
  t.deepEqual(Object.keys(error), []);
  const [header, first, second] = lines(error);
  t.is(header, 'RuntimeError: unreachable');
  t.regex(first ?? '', inner);
  t.regex(second ?? '', /wasm-function\[2\]/);
  t.is(error.stack, error.stack);
  const { value, ...rest } = Object.getOwnPropertyDescriptor(error, 'stack') ?? {};
  t.is(value, error.stack);
  t.deepEqual(rest, { writable: true, enumerable: false, configurable: true });
});

onBoth('the first line is the error as it is when the stack is read', (t, { trap }) => {
  const error = caught(trap);
  error.message = 'another';
  t.is(lines(error)[0], 'RuntimeError: another');
  error.message = 'too late';
  t.is(lines(error)[0], 'RuntimeError: another');
  const named = caught(trap);
  named.name = 'Named';
  t.is(lines(named)[0], 'Named: unreachable');
});

onBoth('it can be assigned, inherited and frozen', (t, { trap }) => {
  const error = caught(trap);
  error.stack = 'mine';
  t.is(error.stack, 'mine');
  const base = caught(trap);
  const derived = Object.create(base) as Error;
  t.regex(lines(derived)[1] ?? '', inner);
  const other = Object.create(caught(trap)) as Error;
  other.stack = 'own';
  t.true(Object.hasOwn(other, 'stack'));
  t.is(other.stack, 'own');
  t.regex(lines(Object.getPrototypeOf(other) as Error)[1] ?? '', inner);
  const frozen = Object.freeze(caught(trap));
  t.regex(lines(frozen)[1] ?? '', inner);
});

onBoth('printed, cloned, serialized', (t, { trap }) => {
  t.regex(inspect(caught(trap)).split('\n')[1] ?? '', inner);
  t.regex(inspect(caught(trap), { showHidden: true }).split('\n')[1] ?? '', inner);
  t.regex(lines(structuredClone(caught(trap)))[1] ?? '', inner);
  t.regex(lines(deserialize(serialize(caught(trap))) as Error)[1] ?? '', inner);
});

onBoth('as many frames as Error.stackTraceLimit says when it is thrown', (t, { trap, outer, deep }) => {
  const before = Error.stackTraceLimit;
  try {
    for (const limit of [0, 1, 2, 3, -1, 25]) {
      Error.stackTraceLimit = limit;
      const errors = [caught(() => deep(30)), caught(outer), caught(trap)];
      t.is(Error.stackTraceLimit, limit);
      Error.stackTraceLimit = 7;
      t.is(lines(errors[0] as Error).length, Math.max(0, limit) + 1);
      for (const error of errors) t.true(lines(error).length <= Math.max(0, limit) + 1);
    }
    Error.stackTraceLimit = 'many' as never;
    t.is(caught(trap).stack, undefined);
  } finally {
    Error.stackTraceLimit = before;
  }
});

onBoth('Error.prepareStackTrace gets the error and all frames, when the stack is read', (t, { outer }) => {
  const before = Error.prepareStackTrace;
  const error = caught(outer);
  try {
    Error.prepareStackTrace = () => {
      throw new TypeError('no format');
    };
    t.throws(() => error.stack, { message: 'no format' });
    const format = (subject: Error, sites: NodeJS.CallSite[]): unknown => [subject, sites];
    Error.prepareStackTrace = format;
    const late = caught(outer);
    const [subject, sites] = late.stack as unknown as [Error, NodeJS.CallSite[]];
    t.is(Error.prepareStackTrace, format);
    t.is(subject, late);
    const [first, second, host, around] = sites as [NodeJS.CallSite, NodeJS.CallSite, NodeJS.CallSite, NodeJS.CallSite];
    t.regex(first.getFileName() ?? '', /^wasm:\/\/\w+\/[0-9a-f]{8}$/);
    t.is(first.getFunctionName(), 'inner');
    t.is(first.getLineNumber(), 1);
    t.is(first.getColumnNumber(), 1 + Number(/0x[0-9a-f]+/.exec(String(first))?.[0]));
    t.is(second.getFunctionName(), null);
    t.false(first.isNative() || first.isToplevel() || first.isEval() || first.isConstructor());
    t.regex(host.getFileName() ?? '', /error-stack\.test/);
    t.is(around.getFunctionName(), 'outer');
    // What getters V8's call sites of wasm frames have.
    for (const name of ['getTypeName', 'getMethodName', 'getEvalOrigin', 'getScriptNameOrSourceURL'] as const) {
      t.notThrows(() => first[name]());
    }
  } finally {
    Error.prepareStackTrace = before;
  }
});

test.serial('the stack of an error whose engine was disposed', (t) => {
  const engine = new Engine();
  const m = { host: () => undefined };
  const { exports } = new engine.WebAssembly.Instance(new engine.WebAssembly.Module(bytes), { m });
  const error = caught((exports as unknown as Exports).trap);
  engine.dispose();
  t.regex(lines(error)[1] ?? '', inner);
});

test.serial('the engine itself is in no stack', (t) => {
  const engine = new Engine();
  const m = { host: () => (exports as unknown as Exports).trap() };
  const { exports } = new engine.WebAssembly.Instance(new engine.WebAssembly.Module(bytes), { m });
  const error = caught(() => engine.withDeadline(1000, () => (exports as unknown as Exports).outer()));
  t.notRegex(error.stack ?? '', /src\/runtime/);
  t.regex(error.stack ?? '', /error-stack\.test/);
});
