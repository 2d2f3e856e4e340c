/** Hostile straight-line code: each opcode with operands that cost it the most, floods of constants and memory accesses. */
import { EMPTY, F32, F64, I32, I64, type ValueType } from '../support/wasm-types.js';
import type { ByteWriter } from '../support/writer.js';
import type { Bomb } from './bomb.js';
import { type BombModule, buildModule, constants, repeat, typesOf } from './build.js';

const valueTypes: Record<string, ValueType> = { i: I32, l: I64, f: F32, d: F64 };

/** First opcode of a run of numeric instructions of one signature, and how many. */
const runs: [first: number, count: number, signature: string][] = [
  [0x45, 1, 'i:i'],
  [0x46, 10, 'ii:i'],
  [0x50, 1, 'l:i'],
  [0x51, 10, 'll:i'],
  [0x5b, 6, 'ff:i'],
  [0x61, 6, 'dd:i'],
  [0x67, 3, 'i:i'],
  [0x6a, 15, 'ii:i'],
  [0x79, 3, 'l:l'],
  [0x7c, 15, 'll:l'],
  [0x8b, 7, 'f:f'],
  [0x92, 7, 'ff:f'],
  [0x99, 7, 'd:d'],
  [0xa0, 7, 'dd:d'],
  [0xa7, 1, 'l:i'],
  [0xa8, 2, 'f:i'],
  [0xaa, 2, 'd:i'],
  [0xac, 2, 'i:l'],
  [0xae, 2, 'f:l'],
  [0xb0, 2, 'd:l'],
  [0xb2, 2, 'i:f'],
  [0xb4, 2, 'l:f'],
  [0xb6, 1, 'd:f'],
  [0xb7, 2, 'i:d'],
  [0xb9, 2, 'l:d'],
  [0xbb, 1, 'f:d'],
  [0xbc, 1, 'f:i'],
  [0xbd, 1, 'd:l'],
  [0xbe, 1, 'i:f'],
  [0xbf, 1, 'l:d'],
  [0xc0, 2, 'i:i'],
  [0xc2, 3, 'l:l'],
  [0xfc00, 2, 'f:i'],
  [0xfc02, 2, 'd:i'],
  [0xfc04, 2, 'f:l'],
  [0xfc06, 2, 'd:l'],
]; // prettier-ignore

const bytesOf = (op: number) => (op >= 0x100 ? [op >> 8, op & 0xff] : [op]);

/** An opcode whose operands are in memory, 500 of them for two bytes: nobody has paid for reading them. */
function operation(op: number, signature: string): Bomb {
  const type = valueTypes[signature[0] as string] as ValueType;
  const arity = signature.indexOf(':');
  const chained = arity === 2 && signature[0] === signature[3];
  const per = chained ? 999 : Math.floor(1000 / arity);
  return {
    name: `opcode 0x${op.toString(16)} on operands in memory`,
    scale: chained ? 100 : 50,
    build: (n) =>
      buildModule({
        types: [
          { params: [], results: typesOf(1000, type) },
          { params: [], results: [] },
        ],
        functions: [
          {
            type: 1,
            body(w) {
              for (let i = 0; i < n; i++) {
                w.byte(0x10, 1);
                if (chained) {
                  repeat(w, per, ...bytesOf(op));
                  w.byte(0x1a);
                } else repeat(w, per, ...bytesOf(op), 0x1a);
              }
            },
          },
          { type: 0, body: (w) => constants(w, typesOf(1000, type)) },
        ],
        entry: 0,
      }),
  };
}

/** A run of one piece in a function () -> () with a few locals of each type and a memory. */
function flood(name: string, bytes: number, piece: (w: ByteWriter, i: number) => void, run?: number): Bomb {
  return {
    name,
    scale: Math.floor(100_000 / bytes),
    ...(run === undefined ? {} : { run, calls: [[0], [1]] }),
    build: (n) =>
      buildModule({
        types: [
          { params: [I32], results: [I32, I64, F32, F64] },
          { params: [], results: [] },
        ],
        functions: [
          {
            type: 0,
            locals: [
              [3, I32],
              [4, I64],
              [4, F32],
              [4, F64],
            ],
            body(w) {
              for (let i = 0; i < n; i++) piece(w, i);
              w.byte(0x20, 1, 0x20, 4, 0x20, 8, 0x20, 12);
            },
          },
          { type: 1, body: () => {} },
        ],
        memory: true,
        globals: 3,
        entry: 0,
      } satisfies BombModule),
  };
}

export const straightBombs: Bomb[] = [
  ...runs.flatMap(([first, count, signature]) =>
    Array.from({ length: count }, (_, i) => operation(first + i, signature)),
  ),
  flood('long expression', 3, (w) => w.byte(0x20, 1, 0x20, 2, 0x6a, 0x21, 1), 100),
  flood('trunc, convert', 6, (w) => w.byte(0x20, 12, 0xab, 0xb7, 0x21, 12), 100),
  flood('trunc_f64_u i64, convert_u', 6, (w) => w.byte(0x20, 12, 0xb1, 0xba, 0x21, 12), 100),
  flood('i64.const', 3, (w) => w.byte(0x42, 5, 0x1a), 100),
  flood(
    'i64.const, large, stored to locals',
    12,
    (w, i) =>
      w
        .byte(0x42)
        .s64(0x1234567890abcdefn)
        .byte(0x21, 4 + (i % 4)),
    50,
  ),
  flood(
    'f64.const',
    11,
    (w, i) =>
      w
        .byte(0x44)
        .f64Bits(BigInt(i) << 32n)
        .byte(0x21, 12 + (i % 4)),
    50,
  ),
  flood('f32.const in a call', 9, (w) => w.byte(0x43).f32Bits(0x40490fdb).byte(0x10, 1, 0x1a), 50),
  {
    name: 'constants pile up',
    scale: 25_000,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [] }],
        functions: [
          {
            type: 0,
            body(w) {
              for (let i = 0; i < n; i++) w.byte(0x42, 0x7f, 0x41, 0x01);
              w.byte(0x00);
            },
          },
        ],
      }),
  },
  {
    name: 'constants x blocks',
    scale: 14_000,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [] }],
        functions: [
          {
            type: 0,
            body(w) {
              for (let i = 0; i < n; i++) w.byte(0x42, 0x7f, 0x41, 0x01, 0x02, EMPTY, 0x0b);
              w.byte(0x00);
            },
          },
        ],
      }),
  },
  flood('div and rem', 7, (w, i) => w.byte(0x20, 1 + (i % 3), 0x41, 3, 0x6d + (i % 4), 0x21, 1 + ((i + 1) % 3)), 50),
  flood(
    'div of two locals',
    5,
    (w, i) => w.byte(0x20, 1 + (i % 3), 0x20, 0, 0x41, 1, 0x72, 0x6d + (i % 4), 0x21, 1 + ((i + 1) % 3)),
    50,
  ),
  flood('div of i64', 7, (w, i) => w.byte(0x20, 4 + (i % 4), 0x42, 3, 0x7f + (i % 4), 0x21, 4 + ((i + 1) % 4)), 50),
  flood('stores at huge offsets', 11, (w) => w.byte(0x20, 0, 0x20, 4, 0x37, 3).u32(0xfffffff8)),
  flood('stores of constants at huge offsets', 16, (w) =>
    w.byte(0x41, 0x7f, 0x42).s64(0x1234567890abcdefn).byte(0x37, 3).u32(0x80000000),
  ),
  flood('loads at huge offsets', 9, (w) => w.byte(0x41, 0, 0x2b, 3).u32(0xf0000000).byte(0x1a)),
  flood('loads', 6, (w) => w.byte(0x20, 0, 0x2b, 3, 0, 0x1a), 50),
  flood('load8_s', 7, (w) => w.byte(0x20, 0, 0x30, 0, 0, 0x1a), 50),
  flood('memory.size', 3, (w) => w.byte(0x3f, 0, 0x1a), 50),
  flood('memory.grow', 5, (w) => w.byte(0x41, 0, 0x40, 0, 0x1a), 50),
  flood('memory.fill', 10, (w) => w.byte(0x41, 0, 0x41, 1, 0x41, 2, 0xfc, 11, 0), 50),
  flood('memory.copy', 11, (w) => w.byte(0x41, 0, 0x41, 1, 0x41, 2, 0xfc, 10, 0, 0), 50),
  flood('globals', 6, (w, i) => w.byte(0x23, i % 3, 0x24, (i + 1) % 3), 50),
  flood('calls', 2, (w) => w.byte(0x10, 1), 50),
  flood('calls with everything dirty', 2, (w, i) => w.byte(0x20, 1, 0x41, 1, 0x6a, 0x21, 1 + (i % 3), 0x10, 1), 50),
  flood('tees', 3, (w, i) => w.byte(0x20, 0, 0x22, 1 + (i % 3), 0x1a), 50),
  flood('float comparisons and branches', 12, (w) => w.byte(0x02, EMPTY, 0x20, 12, 0x20, 13, 0x61, 0x0d, 0, 0x0b), 50),
  flood(
    'float comparisons and select',
    12,
    (w) => w.byte(0x20, 4, 0x20, 5, 0x20, 12, 0x20, 13, 0x62, 0x1b, 0x21, 4),
    50,
  ),
  flood('nops', 1, (w) => w.byte(0x01), 50),
  {
    name: 'memory operations on operands in memory',
    scale: 60,
    build: (n) =>
      buildModule({
        types: [
          { params: [], results: typesOf(1000, I32) },
          { params: [], results: [] },
        ],
        functions: [
          {
            type: 1,
            body(w) {
              for (let i = 0; i < n; i++) {
                w.byte(0x10, 1);
                repeat(w, 50, 0x2d, 0, 1, 0x36, 2, 0, 0x28, 2, 0x80, 1, 0x1a, 0x40, 0, 0x1a, 0xfc, 11, 0);
                repeat(w, 1000 - 50 * 7, 0x1a);
              }
            },
          },
          { type: 0, body: (w) => constants(w, typesOf(1000, I32)) },
        ],
        memory: true,
      }),
  },
  {
    name: 'selects on operands in memory',
    scale: 100,
    build: (n) =>
      buildModule({
        types: [
          { params: [], results: typesOf(999, F64, F64, I32) },
          { params: [], results: [] },
        ],
        functions: [
          {
            type: 1,
            body(w) {
              for (let i = 0; i < n; i++) {
                w.byte(0x10, 1);
                repeat(w, 333, 0x1b, 0x1a);
              }
            },
          },
          { type: 0, body: (w) => constants(w, typesOf(999, F64, F64, I32)) },
        ],
      }),
  },
  {
    name: 'local.set of operands in memory',
    scale: 33,
    build: (n) =>
      buildModule({
        types: [
          { params: [], results: typesOf(1000, F64) },
          { params: [], results: [] },
        ],
        functions: [
          {
            type: 1,
            locals: [[100, F64]],
            body(w) {
              for (let i = 0; i < n; i++) {
                w.byte(0x10, 1);
                for (let k = 0; k < 1000; k++) w.byte(0x21, k % 100);
              }
            },
          },
          { type: 0, body: (w) => constants(w, typesOf(1000, F64)) },
        ],
      }),
  },
  {
    name: 'two-byte functions',
    most: 900_000,
    scale: 25_000,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [] }],
        functions: Array.from({ length: n }, () => ({ type: 0, body: () => {} })),
      }),
  },
  {
    name: 'functions that trap',
    most: 900_000,
    scale: 20_000,
    build: (n) =>
      buildModule({
        types: [{ params: [], results: [I64] }],
        functions: Array.from({ length: n }, () => ({ type: 0, body: (w: ByteWriter) => w.byte(0x00) })),
      }),
  },
];
