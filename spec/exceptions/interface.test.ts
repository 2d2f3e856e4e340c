/** The JS API: `Tag`, `Exception`, `JSTag`, tags among imports and exports. Messages are those of V8 in Node 24. */
import test from 'ava';
import { wat } from '../api/wat.js';
import { type Any, settings } from './both.js';

const { namespace } = settings[0] as Any;
const { Tag, Exception, JSTag, Module, Instance } = namespace;

const refused = (t: import('ava').ExecutionContext, rows: [() => unknown, string][]): void => {
  for (const [run, message] of rows) {
    const error = t.throws(run, { any: true }, message) as unknown as Error;
    t.is(`${error.constructor.name}: ${error.message}`, message);
  }
};

test('tags', (t) => {
  const who = 'TypeError: WebAssembly.Tag(): Argument 0';
  refused(t, [
    [() => new Tag(), `${who} must be a tag type`],
    [() => new Tag({}), `${who} must be a tag type with 'parameters'`],
    [() => new Tag({ parameters: 'i32' }), `${who} must be a tag type with 'parameters'`],
    [() => new Tag({ parameters: ['i33'] }), `${who} parameter type at index #0 must be a value type`],
    [() => new Tag({ parameters: { length: 1001 } }), `${who} contains too many parameters`],
  ]);
  for (const type of ['i32', 'i64', 'f32', 'f64', 'v128', 'anyfunc', 'externref', 'exnref']) {
    t.true(new Tag({ parameters: [type] }) instanceof Tag);
  }
  t.is(Object.prototype.toString.call(JSTag), '[object WebAssembly.Tag]');
});

test('exceptions', (t) => {
  const tag = new Tag({ parameters: ['i32', 'externref', 'i64', 'f32', 'f64', 'anyfunc'] });
  const who = 'TypeError: WebAssembly.Exception()';
  const object = {};
  const values = [2 ** 32 + 7, object, 2n ** 64n - 1n, 1.1, 1.1, null];
  const e = new Exception(tag, values);
  refused(t, [
    [() => new Exception(), `${who}: Argument 0 must be a WebAssembly tag`],
    [() => new Exception(JSTag, [1]), `${who}: Argument 0 cannot be WebAssembly.JSTag`],
    [() => new Exception(tag), `${who}: Exception values must be an iterable object`],
    [() => new Exception(tag, 5), `${who}: Exception values must be an iterable object`],
    [() => new Exception(tag, [1]), `${who}: Number of exception values does not match signature length`],
    [() => new Exception(tag, values, 5), `${who}: Argument 2 is not an object`],
    [() => new Exception(tag, [Symbol(), ...values.slice(1)]), 'TypeError: Cannot convert a Symbol value to a number'],
    [() => e.is(), 'TypeError: WebAssembly.Exception.is(): Argument 0 must be a WebAssembly.Tag'],
    [() => e.is.call({}, tag), 'TypeError: WebAssembly.Exception.is(): Receiver is not a WebAssembly.Exception'],
    [() => e.getArg(), 'TypeError: WebAssembly.Exception.getArg(): Argument 0 must be a WebAssembly.Tag'],
    [() => e.getArg(tag), 'TypeError: WebAssembly.Exception.getArg(): Index must be convertible to a valid number'],
    [() => e.getArg(tag, 6), 'RangeError: WebAssembly.Exception.getArg(): Index out of range'],
    [() => e.getArg(tag, -1), 'TypeError: WebAssembly.Exception.getArg(): Index must be non-negative'],
    [
      () => e.getArg(new Tag({ parameters: ['i32'] }), 0),
      'TypeError: WebAssembly.Exception.getArg(): First argument does not match the exception tag',
    ],
  ]);
  t.deepEqual(
    [0, 1, 2, 3, 4, 5].map((i) => e.getArg(tag, i)),
    [7, object, -1n, Math.fround(1.1), 1.1, null],
  );
  t.deepEqual([e.is(tag), e.is(new Tag({ parameters: [] })), e.stack], [true, false, undefined]);
  t.deepEqual(Object.getOwnPropertyNames(e), []);
  t.false(e instanceof Error);
  const traced = new Exception(tag, values, { traceStack: true });
  t.regex(traced.stack, /^Error\n +at .*interface\.test/);
});

test('tags of modules', (t) => {
  const bytes = wat(`(module (import "m" "a" (tag $a (param i32))) (tag $b (export "b") (param f32))
    (export "a" (tag $a)) (func (export "f") f32.const 1.5 throw $b))`);
  const module = new Module(bytes);
  t.deepEqual(Module.imports(module), [{ module: 'm', name: 'a', kind: 'tag' }]);
  t.deepEqual(Module.exports(module), [
    { name: 'b', kind: 'tag' },
    { name: 'a', kind: 'tag' },
    { name: 'f', kind: 'function' },
  ]);
  const a = new Tag({ parameters: ['i32'] });
  const { exports } = new Instance(module, { m: { a } });
  t.is(exports.a, a);
  const other = new Instance(module, { m: { a } }).exports;
  t.not(other.b, exports.b);
  const error: Any = t.throws(() => exports.f(), { any: true });
  t.deepEqual([error.is(exports.b), error.is(other.b), error.getArg(exports.b, 0)], [true, false, 1.5]);
  const who = 'LinkError: WebAssembly.Instance(): Import #0 "m" "a"';
  refused(t, [
    [() => new Instance(module, { m: { a: {} } }), `${who}: tag import requires a WebAssembly.Tag`],
    [() => new Instance(module, { m: { a: exports.b } }), `${who}: imported tag does not match the expected type`],
  ]);
});

test('JSTag catches what JavaScript throws, and throws it', (t) => {
  const bytes = wat(`(module (import "m" "js" (tag $js (param externref))) (import "m" "f" (func $f)) (tag $t)
    (func (export "catch") (result externref) try (result externref) call $f ref.null extern catch $js end)
    (func (export "throw") (param externref) local.get 0 throw $js)
    (func (export "own") (result externref)
      try (result externref) throw $t catch $js catch_all ref.null extern end)
    (func (export "both") (param externref) (result externref)
      try (result externref) local.get 0 throw $js catch $js end))`);
  let thrown: unknown;
  const f = (): never => {
    throw thrown;
  };
  const { exports } = new Instance(new Module(bytes), { m: { js: JSTag, f } });
  for (const value of [new Error('x'), null, undefined, 5, {}]) {
    thrown = value;
    t.is(exports.catch(), value);
    t.is(exports.both(value), value);
    try {
      exports.throw(value);
      t.fail();
    } catch (error) {
      t.is(error, value);
    }
  }
  t.is(exports.own(), null);
  thrown = new Exception(new Tag({ parameters: [] }), []);
  t.throws(() => exports.catch(), { any: true, is: thrown as Any });
});

test('engines do not take the exceptions of others for their own', (t) => {
  const bytes = wat(`(module (import "m" "f" (func $f)) (tag $t (export "t") (param i32))
    (func (export "f") (result i32) try (result i32) call $f i32.const 0 catch $t catch_all i32.const -1 end))`);
  const other = (settings[1] as Any).namespace;
  const tag = new other.Tag({ parameters: ['i32'] });
  const f = (): never => {
    throw new other.Exception(tag, [5]);
  };
  const { exports } = new Instance(new Module(bytes), { m: { f } });
  t.is(exports.f(), -1);
});
