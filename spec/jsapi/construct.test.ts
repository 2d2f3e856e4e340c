/** Web IDL 3.7.1: what `new` makes, for any new.target; what the classes share with the built-in ones. */
import { createContext, runInContext } from 'node:vm';
import { binary, instantiate, type Namespace, onBeamline, onBoth, watched } from './engines.js';

type AnyClass = new (...args: unknown[]) => object;

/** Arguments that make one of each. */
function samples(wasm: Namespace): [name: string, own: AnyClass, args: unknown[]][] {
  const module = new wasm.Module(binary('(module)'));
  return [
    ['Module', wasm.Module, [binary('(module)')]],
    ['Instance', wasm.Instance, [module]],
    ['Memory', wasm.Memory, [{ initial: 0 }]],
    ['Memory (shared)', wasm.Memory, [{ initial: 0, maximum: 1, shared: true }]],
    ['Table', wasm.Table, [{ element: 'anyfunc', initial: 0 }]],
    ['Global', wasm.Global, [{ value: 'i32' }, 1]],
    ['CompileError', wasm.CompileError, ['why']],
    ['LinkError', wasm.LinkError, ['why']],
    ['RuntimeError', wasm.RuntimeError, ['why']],
  ] as unknown as [string, AnyClass, unknown[]][];
}

onBoth('classes are derived, and new.target gives the prototype', (t, wasm) => {
  for (const [name, own, args] of samples(wasm)) {
    class Derived extends own {
      readonly extra = 1;
    }
    const object = new Derived(...args);
    t.true(object instanceof Derived && object instanceof own, name);
    t.is(object.extra, 1);
    t.is(Object.getPrototypeOf(object), Derived.prototype);
    t.true(Object.isExtensible(object));
    const prototype = {};
    const target = Object.assign(() => {}, {}) as unknown as AnyClass;
    class Other {}
    Object.defineProperty(Other.prototype, 'mark', { value: 1 });
    t.is(Object.getPrototypeOf(Reflect.construct(own, args, Other)), Other.prototype, name);
    const bound = function () {}.bind(undefined) as unknown as AnyClass & { prototype: object };
    bound.prototype = prototype;
    t.is(Object.getPrototypeOf(Reflect.construct(own, args, bound)), prototype, name);
    t.throws(() => Reflect.construct(own, args, target), { instanceOf: TypeError }, 'an arrow is no constructor');
  }
});

onBeamline(
  'a new.target without a prototype object has that of the class',
  'V8 of Node 20 takes Object.prototype for all but errors',
  (t, wasm) => {
    const other = createContext({});
    for (const [name, own, args] of samples(wasm)) {
      for (const prototype of [undefined, null, 0, 'text', Symbol('s')]) {
        for (const target of [function () {}, runInContext('(function () {})', other)] as { prototype: unknown }[]) {
          target.prototype = prototype;
          for (const wrapped of [target, new Proxy(target, {})]) {
            const object = Reflect.construct(own, args, wrapped as unknown as AnyClass);
            t.is(Object.getPrototypeOf(object), own.prototype, `${name} ${String(prototype)}`);
          }
        }
      }
    }
  },
);

onBoth('the state is in the object, whatever its prototype', (t, wasm) => {
  const memory = new wasm.Memory({ initial: 1 });
  const { buffer } = memory;
  Object.setPrototypeOf(memory, null);
  const getter = Object.getOwnPropertyDescriptor(wasm.Memory.prototype, 'buffer')?.get as () => ArrayBuffer;
  t.is(getter.call(memory), buffer);
  const { size } = instantiate(
    wasm,
    '(module (import "m" "m" (memory 1)) (func (export "size") (result i32) (memory.size)))',
    { m: { m: memory } },
  ) as unknown as Record<string, () => number>;
  t.is(size?.(), 1);
  const impostor = Object.create(wasm.Memory.prototype) as { buffer: unknown };
  t.throws(() => impostor.buffer, { instanceOf: TypeError });
});

onBeamline(
  'descriptors are converted as a whole before ranges are checked',
  'V8 of Node 20 checks initial before it reads maximum',
  (t, wasm) => {
    const read = (make: (descriptor: never) => unknown, values: Record<string, unknown>): string[] => {
      const log: string[] = [];
      t.throws(() => make(watched(values, log) as never), { instanceOf: RangeError });
      return log.filter((line) => !line.includes(' '));
    };
    const memory = (descriptor: never) => new wasm.Memory(descriptor);
    const table = (descriptor: never) => new wasm.Table(descriptor);
    t.deepEqual(read(memory, { initial: 65537, maximum: 1 }), ['address', 'initial', 'maximum']);
    t.deepEqual(read(table, { element: 'anyfunc', initial: 10_000_001, maximum: 1 }), [
      'element',
      'address',
      'initial',
      'maximum',
    ]);
  },
);

onBeamline('-0.5 is the index 0 ([EnforceRange])', 'V8 of Node 20 looks at the sign first', (t, wasm) => {
  t.is(new wasm.Memory({ initial: -0.5 }).buffer.byteLength, 0);
  t.is(new wasm.Table({ element: 'anyfunc', initial: 1 }).get(-0.9), null as never);
});
