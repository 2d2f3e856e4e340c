import { Random } from '../support/random.js';
import type { Any } from './support.js';

/** What host functions and callers see, with objects by their numbers. */
export function observe(
  namespace: Any,
  bytes: Uint8Array,
  params: string[][],
  seed: number,
  collect: () => void,
): string[] {
  const log: string[] = [];
  const random = new Random(seed);
  let made = 0;
  let depth = 0;
  const show = (value: Any): string => (typeof value === 'object' && value !== null ? `#${value.n}` : String(value));
  const make = () => ({ n: made++ });
  const argument = (type: string): unknown => {
    if (type === 'externref') return random.oneIn(5) ? null : random.oneIn(6) ? 'text' : make();
    return type === 'i64' ? BigInt(random.below(4000)) : random.below(4000);
  };
  const callSome = () => {
    const k = random.below(params.length);
    const args = (params[k] as string[]).map(argument);
    log.push(`f${k}(${args.map(show)})`);
    const result = exports[`f${k}`](...args);
    log.push(`= ${Array.isArray(result) ? result.map(show) : show(result)}`);
  };
  const imports = {
    m: {
      make: (n: number) => {
        if (random.oneIn(4)) collect();
        return n % 5 === 0 ? undefined : make();
      },
      mix: (a: Any, n: number, b: Any) => {
        log.push(`mix ${show(a)} ${n} ${show(b)}`);
        if (random.oneIn(3)) collect();
        if (depth < 2 && random.oneIn(8)) {
          depth++;
          callSome();
          depth--;
        }
        return random.oneIn(4) ? make() : n % 2 === 0 ? a : b;
      },
    },
  };
  const { exports } = new namespace.Instance(new namespace.Module(bytes), imports) as Any;
  for (let i = 0; i < 6; i++) {
    exports.dirty(30);
    exports.fuel.value = 60;
    callSome();
  }
  for (const table of [exports.t0, exports.t1]) {
    log.push(Array.from({ length: table.length }, (_, i) => show(table.get(i))).join());
  }
  log.push(show(exports.g0.value), show(exports.g1.value));
  return log;
}
