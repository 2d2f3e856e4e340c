/**
 * Bugs that other compilers have had, one test each: here they must not be. Every case runs with all instruction-set
 * levels and with forced spills; what is expected is written out. Those about references are in spec/references.
 */
import test, { type ExecutionContext } from 'ava';
import { Engine, type EngineOptions } from '../../src/index.js';
import { binary } from '../jsapi/engines.js';

type Callable = (...args: unknown[]) => unknown;

const variants: Readonly<Record<string, EngineOptions>> = {
  native: {},
  avx: { cpu: 'avx' },
  'sse4.1': { cpu: 'sse4.1' },
  'forced spills': { debug: { forceSpills: true, checkUpperHalves: true } },
  'small world': { debug: { smallWorld: true, checkInvariants: true } },
  mapped: { memory: 'mmap', cpu: 'sse4.1' },
};

function inAll(
  title: string,
  text: string,
  run: (t: ExecutionContext, exports: Record<string, Callable>) => void,
): void {
  const bytes = binary(text);
  for (const [name, options] of Object.entries(variants)) {
    test(`${title} (${name})`, (t) => {
      const { WebAssembly } = new Engine({ limits: { codeMemory: 16 << 20 }, ...options });
      run(t, new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Record<string, Callable>);
    });
  }
}

const last = 65536;
/** Vector instructions that read fewer than 16 bytes, with how many. */
const shortLoads: readonly (readonly [string, number])[] = [
  ['v128.load8_splat', 1],
  ['v128.load16_splat', 2],
  ['v128.load32_splat', 4],
  ['v128.load64_splat', 8],
  ['v128.load32_zero', 4],
  ['v128.load64_zero', 8],
  ['v128.load8x8_s', 8],
  ['v128.load8x8_u', 8],
  ['v128.load16x4_s', 8],
  ['v128.load16x4_u', 8],
  ['v128.load32x2_s', 8],
  ['v128.load32x2_u', 8],
];
const lanes: readonly (readonly [number, number])[] = [
  [8, 1],
  [16, 2],
  [32, 4],
  [64, 8],
];

inAll(
  'copysign and other operands at the end of a page',
  `(module (memory (export "memory") 1)
    (func (export "sign64") (param i32 f64) (result f64) (f64.copysign (local.get 1) (f64.load (local.get 0))))
    (func (export "sign32") (param i32 f32) (result f32) (f32.copysign (f32.load (local.get 0)) (local.get 1)))
    (func (export "abs64") (param i32) (result f64) (f64.abs (f64.neg (f64.load (local.get 0)))))
    (func (export "add32") (param i32 f32) (result f32) (f32.add (local.get 1) (f32.load (local.get 0))))
    ${shortLoads
      .map(
        ([name]) => `(func (export "${name}") (param i32) (result i32) (i32x4.extract_lane 0 (${name} (local.get 0))))`,
      )
      .join('\n')}
    ${lanes
      .map(
        ([bits]) => `(func (export "load${bits}_lane") (param i32) (result i32)
            (i32x4.extract_lane 0 (v128.load${bits}_lane 0 (local.get 0) (v128.const i64x2 0 0))))
          (func (export "store${bits}_lane") (param i32)
            (v128.store${bits}_lane 0 (local.get 0) (v128.const i64x2 -1 -1)))`,
      )
      .join('\n')})`,
  (t, exports) => {
    const bytes = new Uint8Array((exports['memory'] as unknown as { buffer: ArrayBuffer }).buffer);
    bytes.fill(0x81, last - 16);
    const value = new DataView(bytes.buffer).getFloat64(last - 8, true);
    t.is(exports['sign64']?.(last - 8, 2.5), -2.5);
    t.is(exports['sign32']?.(last - 4, 1), -new DataView(bytes.buffer).getFloat32(last - 4, true));
    t.is(exports['abs64']?.(last - 8), -value);
    t.is(exports['add32']?.(last - 4, 0), new DataView(bytes.buffer).getFloat32(last - 4, true));
    for (const [name, size] of [['sign64', 8], ['sign32', 4], ['abs64', 8], ['add32', 4], ...shortLoads] as [
      string,
      number,
    ][]) {
      t.notThrows(() => exports[name]?.(last - size, 0), name);
      t.throws(() => exports[name]?.(last - size + 1, 0), { message: 'memory access out of bounds' }, name);
    }
    for (const [bits, size] of lanes) {
      t.is((exports[`load${bits}_lane`]?.(last - size) as number) & 0x81, 0x81);
      t.throws(() => exports[`load${bits}_lane`]?.(last - size + 1), { message: 'memory access out of bounds' });
      exports[`store${bits}_lane`]?.(last - size);
      t.is(bytes[last - 1], 0xff);
      bytes[last - 1] = 0x81;
      t.throws(() => exports[`store${bits}_lane`]?.(last - size + 1), { message: 'memory access out of bounds' });
      t.is(bytes[last - 1], 0x81);
    }
  },
);

inAll(
  'a dirty upper half in an index register',
  `(module (memory 1) (data (i32.const 16) "\\2a") (table 32 funcref) (elem (i32.const 16) $answer)
    (type $t (func (result i32)))
    (func $answer (type $t) (i32.const 42))
    (func $identity (param i64) (result i64) (local.get 0))
    (func (export "wrapped") (param i64) (result i32) (i32.load8_u (i32.wrap_i64 (local.get 0))))
    (func (export "called") (param i64) (result i32) (i32.load8_u (i32.wrap_i64 (call $identity (local.get 0)))))
    (func (export "kept") (param i64) (result i32) (local i32)
      (local.set 1 (i32.wrap_i64 (local.get 0)))
      (local.set 0 (i64.add (local.get 0) (i64.const 4294967296)))
      (i32.load8_u (local.get 1)))
    (func (export "branched") (param i64) (result i32)
      (i32.load8_u (block (result i32)
        (drop (br_if 0 (i32.wrap_i64 (local.get 0)) (i64.gt_s (local.get 0) (i64.const 0))))
        (i32.wrap_i64 (i64.add (local.get 0) (i64.const 0))))))
    (func (export "selected") (param i64) (result i32)
      (i32.load8_u (select (i32.wrap_i64 (local.get 0)) (i32.const 16) (i64.ne (local.get 0) (i64.const 0)))))
    (func (export "shifted") (param i64) (result i32)
      (i32.load8_u (i32.shr_u (i32.shl (i32.wrap_i64 (local.get 0)) (i32.const 1)) (i32.const 1))))
    (func (export "extended") (param i64) (result i32)
      (i32.load8_u (i32.wrap_i64 (i64.extend_i32_u (i32.wrap_i64 (local.get 0))))))
    (func (export "stored") (param i64) (result i32)
      (i64.store (i32.const 64) (local.get 0)) (i32.load8_u (i32.load (i32.const 64))))
    (func (export "lane") (param i64) (result i32)
      (i32.load8_u (i32x4.extract_lane 0 (i64x2.splat (local.get 0)))))
    (func (export "indirect") (param i64) (result i32) (call_indirect (type $t) (i32.wrap_i64 (local.get 0))))
    (func (export "table") (param i64) (result i32) (ref.is_null (table.get 0 (i32.wrap_i64 (local.get 0)))))
    (func (export "jump") (param i64) (result i32)
      (block (block (block (br_table 0 1 (i32.sub (i32.wrap_i64 (local.get 0)) (i32.const 16)))) (return (i32.const 42))))
      (i32.const 0)))`,
  (t, exports) => {
    for (const upper of [0n, 1n, 0x7fffffffn, 0xffffffffn, 0x80000000n]) {
      const index = BigInt.asIntN(64, (upper << 32n) | 16n);
      for (const name of Object.keys(exports)) {
        t.is(exports[name]?.(index), name === 'table' ? 0 : 42, `${name} ${upper.toString(16)}`);
      }
    }
  },
);

inAll(
  'multi-value br_table',
  `(module
    (type $three (func (result i32 f64 i64)))
    (func (export "pick") (param i32) (result i32 f64 i64)
      (block $a (type $three)
        (block $b (type $three)
          (block $c (type $three)
            (i32.const 1) (f64.const 2.5) (i64.const 3)
            (br_table $c $b $a (local.get 0)))
          (drop) (drop) (i32.const 10) (i32.add) (f64.const 20.5) (i64.const 30)
          (return))
        (drop) (drop) (i32.const 100) (i32.add) (f64.const 200.5) (i64.const 300)
        (return)))
    (func (export "below") (param i32) (result i32)
      (i32.const 1000) (i32.const 2000)
      (block (result i32 i32 i32 i32 i32 i32)
        (block (result i32 i32 i32 i32 i32 i32)
          (i32.const 7) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
          (br_table 0 1 0 (local.get 0)))
        (i32.const 50) (i32.add))
      (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub) (i32.sub))
    (func (export "vectors") (param i32) (result i64)
      (block (result v128 i64)
        (block (result v128 i64)
          (v128.const i64x2 5 6) (i64.const 7)
          (br_table 0 1 (local.get 0)))
        (i64.const 100) (i64.add))
      (drop) (i64x2.extract_lane 1)))`,
  (t, exports) => {
    t.deepEqual(exports['pick']?.(0), [11, 20.5, 30n]);
    t.deepEqual(exports['pick']?.(1), [101, 200.5, 300n]);
    t.deepEqual(exports['pick']?.(2), [1, 2.5, 3n]);
    t.deepEqual(exports['pick']?.(-1), [1, 2.5, 3n]);
    const fold = (values: number[]): number => values.reduceRight((right, left) => left - right);
    t.is(exports['below']?.(0), fold([1000, 2000, 1, 2, 3, 4, 5, 56]));
    t.is(exports['below']?.(1), fold([1000, 2000, 1, 2, 3, 4, 5, 6]));
    t.is(exports['vectors']?.(0), 6n);
    t.is(exports['vectors']?.(9), 6n);
  },
);

/** Parameters of a function: after the registers are used up, vectors and numbers alternate on the stack. */
const mixed = Array.from({ length: 24 }, (_, i) => (i % 3 === 2 ? 'i64' : i % 5 === 4 ? 'f32' : 'v128'));
const sum = mixed
  .map((type, i) =>
    type === 'i64'
      ? `(local.get ${i})`
      : type === 'f32'
        ? `(i64.trunc_f32_s (local.get ${i}))`
        : `(i64.add (i64x2.extract_lane 0 (local.get ${i})) (i64x2.extract_lane 1 (local.get ${i})))`,
  )
  .map((value) => `(local.set $s (i64.add (i64.mul (local.get $s) (i64.const 3)) ${value}))`)
  .join('\n');
const passed = mixed.map((type, i) =>
  type === 'v128' ? `(v128.const i64x2 ${i} ${i + 100})` : type === 'i64' ? `(i64.const ${i})` : `(f32.const ${i})`,
);

inAll(
  'stack-parameter alignment',
  `(module
    (func $sum (param ${mixed.join(' ')}) (result i64) (local $s i64) ${sum} (local.get $s))
    (func $deep (param i32 i64 i64 i64 i64 i64 i64) (result i64)
      (if (result i64) (local.get 0)
        (then (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6)))
        (else (call $sum ${passed.join(' ')}))))
    (func (export "at") (param i32) (result i64)
      (call $deep (local.get 0) (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6))))`,
  (t, exports) => {
    const expected = mixed.reduce((s, type, i) => s * 3n + BigInt(type === 'v128' ? 2 * i + 100 : i), 0n);
    for (let depth = 0; depth < 9; depth++) t.is(exports['at']?.(depth), BigInt.asIntN(64, expected));
  },
);
