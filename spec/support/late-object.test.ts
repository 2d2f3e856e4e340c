/** Objects that are made when they are first used. */
import test from 'ava';
import { lateObject } from '../../src/support/late-object.js';

const whole = { a: { value: 1, writable: true, enumerable: false, configurable: true } };

const uses: Record<string, (object: object) => unknown> = {
  get: (object) => Reflect.get(object, 'a'),
  set: (object) => Reflect.set(object, 'a', 2) && Reflect.get(object, 'a') === 2,
  has: (object) => 'a' in object,
  delete: (object) => Reflect.deleteProperty(object, 'a') && !('a' in object),
  'own names': (object) => Object.getOwnPropertyNames(object).join() === 'a',
  descriptor: (object) => Object.getOwnPropertyDescriptor(object, 'a')?.enumerable === false,
  'define another': (object) => Object.getOwnPropertyNames(Object.defineProperty(object, 'b', {})).join() === 'a,b',
  prototype: (object) => Object.getPrototypeOf(object) === Object.prototype && Reflect.get(object, 'a'),
  'another prototype': (object) => Reflect.get(Object.setPrototypeOf(object, null), 'a'),
  freeze: (object) => Object.isFrozen(Object.freeze(object)) && Reflect.get(object, 'a'),
  extensible: (object) => Object.isExtensible(object),
  spread: (object) => Object.keys({ ...object }).length === 0,
  inherited: (object) => Reflect.get(Object.create(object), 'a'),
};

for (const [name, use] of Object.entries(uses)) {
  test(`made by: ${name}`, (t) => {
    let made = 0;
    const object = lateObject((target) => {
      made++;
      Object.defineProperties(target, whole);
    });
    t.is(made, 0);
    t.truthy(use(object));
    t.is(made, 1);
    t.notThrows(() => use(object));
    t.is(made, 1);
  });
}

test('what fails is tried again', (t) => {
  let made = 0;
  const object = lateObject<{ a: number }>((target) => {
    if (made++ === 0) throw new Error('not now');
    Object.defineProperties(target, whole);
  });
  t.throws(() => object.a, { message: 'not now' });
  t.is(object.a, 1);
  t.is(object.a, 1);
  t.is(made, 2);
});

test.serial('its handler inherits no trap', (t) => {
  const object = lateObject<{ a: number }>((target) => Object.defineProperties(target, whole));
  t.is(object.a, 1);
  Object.defineProperty(Object.prototype, 'get', { get: () => () => 7, configurable: true });
  const { a } = object;
  Reflect.deleteProperty(Object.prototype, 'get');
  t.is(a, 1);
});
