/** QuickJS (C, Emscripten): a JavaScript interpreter runs scripts, with host functions and an exception. */
import { newQuickJSWASMModuleFromVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import type { Program } from '../program.js';

const script = `
  function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
  class Shape { constructor(n) { this.n = n; } get area() { return this.n ** 2; } }
  const counts = {};
  for (let i = 0; i < 20000; i++) counts['k' + i % 100] = (counts['k' + i % 100] || 0) + i;
  let caught = '';
  try { null.x } catch (error) { caught = error.message; }
  JSON.stringify([fib(21), counts.k7, [..."hello"].reverse().join(''), Math.sin(1), 0.1 + 0.2, 1e21 + '', (255).toString(36),
    new Date(0).toISOString(), /a(b+)c/.exec('xabbbc'), new Shape(12).area, twice(21), caught, 2n ** 100n + '',
    [3, 1, 2].sort(), new Map([[1, 2]]).get(1), 'ß'.toUpperCase(), parseFloat('3.25e-5')]);`;

export const program: Program<QuickJSWASMModule> = {
  load: () => newQuickJSWASMModuleFromVariant(import('@jitl/quickjs-wasmfile-release-sync')),
  work(quickjs) {
    const context = quickjs.newContext();
    context.runtime.setMaxStackSize(64 * 1024);
    const twice = context.newFunction('twice', (value) => context.newNumber(2 * context.getNumber(value)));
    context.setProp(context.global, 'twice', twice);
    twice.dispose();
    const results = [script, 'undefinedFunction()', '(function loop() { return 1 + loop(); })()'].map((source) => {
      const result = context.evalCode(source);
      if (result.error) {
        const { name, message } = context.dump(result.error);
        result.error.dispose();
        return `${name}: ${message}`;
      }
      const value = context.dump(result.value);
      result.value.dispose();
      return value;
    });
    context.dispose();
    return results.join('\n');
  },
};
