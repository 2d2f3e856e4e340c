/**
 * Generates modules that move references about: through operands below calls, blocks, locals, globals, tables, arguments
 * and results of all lengths. Text, always valid, and always ending: functions call later ones only, and burn fuel.
 */
import type { Random } from '../support/random.js';

type Type = 'externref' | 'i32' | 'i64' | 'f64';

interface Shape {
  readonly params: Type[];
  readonly results: Type[];
}

const otherTypes: readonly Type[] = ['i32', 'i64', 'f64'];
const tableSize = 8;

/** Fills the stack below with what is no reference: slots that nobody has written show. */
const dirty = `(func $dirty (export "dirty") (param i32) (local ${'i64 '.repeat(40)})
  ${Array.from({ length: 40 }, (_, i) => `(local.set ${i + 1} (i64.const -1))`).join(' ')}
  (if (local.get 0) (then (call $dirty (i32.sub (local.get 0) (i32.const 1)))))
  (global.set $fuel (i32.wrap_i64 (i64.add ${Array.from({ length: 39 }, (_, i) => `(i64.add (local.get ${i + 2})`).join(' ')} (i64.const 0)${')'.repeat(39)} (local.get 1)))))`;

class BodyWriter {
  readonly #random: Random;
  readonly #shapes: readonly Shape[];
  readonly #index: number;
  readonly #locals: Type[];
  /** Results of the blocks around, innermost first; undefined for loops, which only their ends repeat. */
  readonly #labels: (Type[] | undefined)[] = [];
  #budget: number;

  constructor(random: Random, shapes: readonly Shape[], index: number) {
    this.#random = random;
    this.#shapes = shapes;
    this.#index = index;
    this.#budget = random.between(20, 150);
    const declared = Array.from({ length: random.below(random.oneIn(5) ? 50 : 8) }, () => this.#type());
    this.#locals = [...(shapes[index] as Shape).params, ...declared, 'i32'];
  }

  #type(): Type {
    return this.#random.oneIn(3) ? this.#random.pick(otherTypes) : 'externref';
  }

  function(): string {
    const { params, results } = this.#shapes[this.#index] as Shape;
    const locals = this.#locals.slice(params.length);
    const defaults = results.map((type) => this.#zero(type)).join(' ');
    const statements = Array.from({ length: this.#random.between(1, 8) }, () => this.#statement(4)).join('\n  ');
    const values = results.map((type) => this.#value(type, 3)).join(' ');
    return `(func $f${this.#index} (export "f${this.#index}") (param ${params.join(' ')}) (result ${results.join(' ')})
  (local ${locals.join(' ')})
  ${this.#random.oneIn(3) ? '(drop (call $make (i32.const 1)))' : ''}
  (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
  (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (return ${defaults})))
  ${statements}
  ${values})`;
  }

  #zero(type: Type): string {
    return type === 'externref' ? '(ref.null extern)' : `(${type}.const ${this.#random.below(3000)})`;
  }

  #localOf(type: Type): number | undefined {
    const fitting = this.#locals.flatMap((local, i) => (local === type && i < this.#locals.length - 1 ? [i] : []));
    return fitting.length === 0 ? undefined : this.#random.pick(fitting);
  }

  #leaf(type: Type): string {
    const local = this.#localOf(type);
    if (local !== undefined && !this.#random.oneIn(4)) return `(local.get ${local})`;
    if (type === 'externref' && this.#random.oneIn(2)) return `(global.get $g${this.#random.below(2)})`;
    return this.#zero(type);
  }

  #index8(depth: number): string {
    return `(i32.and ${this.#value('i32', depth - 1)} (i32.const ${tableSize - 1}))`;
  }

  /** A later function with this result, if there is one. */
  #callee(result: Type): number | undefined {
    const fitting = this.#shapes.flatMap(({ results }, i) =>
      i > this.#index && results.length === 1 && results[0] === result ? [i] : [],
    );
    return fitting.length === 0 ? undefined : this.#random.pick(fitting);
  }

  #call(index: number, depth: number): string {
    const { params } = this.#shapes[index] as Shape;
    const args = params.map((type) => (params.length > 12 ? this.#leaf(type) : this.#value(type, depth - 1))).join(' ');
    if (this.#random.oneIn(3)) return `(call_indirect $functions (type $t${index}) ${args} (i32.const ${index}))`;
    return `(call $f${index} ${args})`;
  }

  #value(type: Type, depth: number): string {
    const random = this.#random;
    if (depth <= 0 || this.#budget-- <= 0) return this.#leaf(type);
    const value = (of: Type) => this.#value(of, depth - 1);
    switch (random.below(8)) {
      case 0: {
        const callee = this.#callee(type);
        if (callee !== undefined) return this.#call(callee, depth);
        break;
      }
      case 1: {
        this.#labels.unshift([type]);
        const body = `${this.#statement(depth - 1)} ${value(type)} ${value('i32')} (br_if 0)`;
        this.#labels.shift();
        return `(block (result ${type}) ${body})`;
      }
      case 2: {
        const condition = value('i32');
        this.#labels.unshift([type]);
        const text = `(if (result ${type}) ${condition} (then ${this.#statement(depth - 1)} ${value(type)}) (else ${value(type)}))`;
        this.#labels.shift();
        return text;
      }
      case 3:
        return `(select (result ${type}) ${value(type)} ${value(type)} ${value('i32')})`;
      case 4: {
        const local = this.#localOf(type);
        if (local !== undefined) return `(local.tee ${local} ${value(type)})`;
        break;
      }
    }
    if (type === 'i32') {
      return random.oneIn(2) ? `(ref.is_null ${value('externref')})` : `(i32.add ${value('i32')} ${value('i32')})`;
    }
    if (type !== 'externref') return `(${type}.add ${value(type)} ${value(type)})`;
    switch (random.below(4)) {
      case 0:
        return `(call $make ${value('i32')})`;
      case 1:
        return `(table.get $t${random.below(2)} ${this.#index8(depth)})`;
      default:
        return `(call $mix ${value('externref')} ${value('i32')} ${value('externref')})`;
    }
  }

  #statement(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || this.#budget-- <= 0) return '';
    const value = (of: Type) => this.#value(of, depth - 1);
    const statements = () => Array.from({ length: random.between(1, 3) }, () => this.#statement(depth - 1)).join(' ');
    switch (random.below(11)) {
      case 0:
        return `(global.set $g${random.below(2)} ${value('externref')})`;
      case 1:
        return `(table.set $t${random.below(2)} ${this.#index8(depth)} ${value('externref')})`;
      case 2:
        return `(table.fill $t${random.below(2)} (i32.const ${random.below(4)}) ${value('externref')} (i32.const ${random.below(5)}))`;
      case 3:
        return `(table.copy $t${random.below(2)} $t${random.below(2)} (i32.const ${random.below(4)}) (i32.const ${random.below(4)}) (i32.const ${random.below(5)}))`;
      case 4:
        return `(drop (table.grow $t1 ${value('externref')} (i32.const 1)))`;
      case 5: {
        // Operands stay below a block, which works on some of them.
        const types = Array.from({ length: random.below(6) + 1 }, () => this.#type());
        this.#labels.unshift(types);
        const inner = `${statements()} ${random.oneIn(3) ? `${value('i32')} (br_table 0 0 0)` : ''}`;
        this.#labels.shift();
        const pushed = types.map((type) => value(type)).join(' ');
        return `${pushed} (block (param ${types.join(' ')}) (result ${types.join(' ')}) ${inner}) ${this.#pops(types)}`;
      }
      case 6: {
        const counter = this.#locals.length - 1;
        this.#labels.unshift(undefined);
        const body = statements();
        this.#labels.shift();
        return `(loop ${body} (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
          (local.set ${counter} (i32.add (local.get ${counter}) (i32.const 1)))
          (br_if 0 (i32.and (i32.gt_s (global.get $fuel) (i32.const 0)) (i32.and (local.get ${counter}) (i32.const 3)))))`;
      }
      case 7:
        if (this.#index + 1 < this.#shapes.length) {
          const callee = random.between(this.#index + 1, this.#shapes.length - 1);
          return `${this.#call(callee, depth)} ${this.#pops((this.#shapes[callee] as Shape).results)}`;
        }
        break;
      case 8: {
        const depthOfLabel = random.below(this.#labels.length + 1);
        const types = this.#labels[depthOfLabel];
        if (types === undefined) break;
        const values = types.map((type) => value(type)).join(' ');
        return `(if ${value('i32')} (then ${values} (br ${depthOfLabel + 1})))`;
      }
    }
    const type = this.#type();
    const local = this.#localOf(type);
    return local === undefined ? `(drop ${value(type)})` : `(local.set ${local} ${value(type)})`;
  }

  #pops(types: readonly Type[]): string {
    return [...types]
      .reverse()
      .map((type) => {
        const local = this.#localOf(type);
        return local === undefined || this.#random.oneIn(3) ? '(drop)' : `(local.set ${local})`;
      })
      .join(' ');
  }
}

function randomShape(random: Random): Shape {
  const list = (length: number): Type[] =>
    Array.from({ length }, () => (random.oneIn(3) ? random.pick(otherTypes) : 'externref'));
  const params = random.oneIn(6) ? random.between(8, 40) : random.below(7);
  const results = random.oneIn(2) ? 1 : random.oneIn(5) ? random.between(5, 40) : random.below(5);
  return { params: list(params), results: list(results) };
}

/** A module in text form; its functions are exported as `f0`, `f1`, ... with these numbers of parameters. */
export function generateReferences(random: Random): { source: string; params: Type[][] } {
  const shapes = Array.from({ length: random.between(2, 7) }, () => randomShape(random));
  const functions = shapes.map((_, index) => new BodyWriter(random, shapes, index).function()).join('\n');
  const types = shapes.map(
    ({ params, results }, i) => `(type $t${i} (func (param ${params.join(' ')}) (result ${results.join(' ')})))`,
  );
  const source = `(module ${types.join('\n')}
(import "m" "make" (func $make (param i32) (result externref)))
(import "m" "mix" (func $mix (param externref i32 externref) (result externref)))
(global $fuel (export "fuel") (mut i32) (i32.const 200))
(global $g0 (export "g0") (mut externref) (ref.null extern)) (global $g1 (export "g1") (mut externref) (ref.null extern))
(table $t0 (export "t0") ${tableSize} externref) (table $t1 (export "t1") ${tableSize} 20 externref)
(table $functions funcref (elem ${shapes.map((_, i) => `$f${i}`).join(' ')}))
${functions}
${dirty})`;
  return { source, params: shapes.map(({ params }) => params) };
}
