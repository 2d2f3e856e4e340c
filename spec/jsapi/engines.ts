/**
 * Tests of the JS API, written from the text of its specification ("WebAssembly JavaScript Interface", 2.0), section by
 * section. Each runs on V8 and on Beamline: a test that V8 fails is wrong, or V8 is, and then it says so by name.
 */
import test, { type ExecutionContext } from 'ava';
import wabt from 'wabt';
import { WebAssembly as beamline, type WebAssemblyNamespace } from '../../src/index.js';

export type Namespace = WebAssemblyNamespace;

const engines: readonly (readonly [string, Namespace])[] = [
  ['V8', Reflect.get(globalThis, 'WebAssembly') as Namespace],
  ['Beamline', beamline],
];

/** One test per engine. */
export function onBoth(title: string, run: (t: ExecutionContext, wasm: Namespace) => void | Promise<void>): void {
  for (const [name, wasm] of engines) test(`${title} (${name})`, (t) => run(t, wasm));
}

/** As `onBoth`, for what V8 of Node 20 does otherwise than the standard says. */
export function onBeamline(
  title: string,
  _deviation: string,
  run: (t: ExecutionContext, wasm: Namespace) => void | Promise<void>,
): void {
  test(`${title} (Beamline)`, (t) => run(t, beamline));
}

const assembler = await wabt();

/** A module's bytes from its text. */
export function binary(text: string): Uint8Array<ArrayBuffer> {
  const module = assembler.parseWat('test.wat', text, { reference_types: true, simd: true, multi_value: true });
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}

/** An instance of a module in text form. */
export function instantiate(wasm: Namespace, text: string, imports?: object): Record<string, never> {
  return new wasm.Instance(new wasm.Module(binary(text)), imports).exports as Record<string, never>;
}

/** What is thrown. */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** An object that notes which of its properties are read, and when they are converted. */
export function watched(values: Record<string, unknown>, log: string[]): object {
  return new Proxy(values, {
    get(target, key) {
      if (typeof key === 'symbol') return Reflect.get(target, key);
      log.push(key);
      const value = target[key];
      if (typeof value !== 'number') return value;
      return {
        valueOf() {
          log.push(`${key} valueOf`);
          return value;
        },
      };
    },
  });
}
