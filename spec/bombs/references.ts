/** Hostile references: every call has to say which slots hold one. */
import { EXTERNREF, I32, type ValueType } from '../support/wasm-types.js';
import type { ByteWriter } from '../support/writer.js';
import type { Bomb } from './bomb.js';
import { buildModule, repeat, typesOf } from './build.js';

const list: ValueType[] = typesOf(1000, EXTERNREF, I32);

/** Own functions that bodies call. */
const enum Call {
  /** () -> () */
  nothing = 1,
  /** (externref) -> () */
  take = 2,
  /** () -> 1000 values, every other one a reference */
  many = 3,
  /** the same values -> () */
  takeMany = 4,
}

/** f: () -> (), with a local reference; its body ends in whatever state it likes. */
function calls(locals: [number, ValueType][], body: (w: ByteWriter) => void): Uint8Array {
  return buildModule({
    types: [
      { params: [], results: [] },
      { params: [EXTERNREF], results: [] },
      { params: [], results: list },
      { params: list, results: [] },
    ],
    functions: [
      {
        type: 0,
        locals,
        body(w) {
          body(w);
          w.byte(0x0f);
        },
      },
      { type: 0, body() {} },
      { type: 1, body() {} },
      {
        type: 2,
        body(w) {
          repeat(w, 500, 0xd0, EXTERNREF, 0x41, 7);
        },
      },
      { type: 3, body() {} },
    ],
    entry: 0,
  });
}

function bomb(name: string, scale: number, body: (w: ByteWriter, n: number) => void): Bomb {
  return { name, scale, run: 9, withoutV8: true, build: (n) => calls([[1, EXTERNREF]], (w) => body(w, n)) };
}

export const referenceBombs: Bomb[] = [
  bomb('calls over 5000 references', 45_000, (w, n) => {
    repeat(w, 5000, 0x20, 0);
    repeat(w, n, 0x10, Call.nothing);
  }),
  bomb('calls over 5000 references and numbers', 42_000, (w, n) => {
    repeat(w, 2500, 0x20, 0, 0x41, 0);
    repeat(w, n, 0x10, Call.nothing);
  }),
  bomb('calls over 5000 references, with one more as argument', 22_000, (w, n) => {
    repeat(w, 5000, 0x20, 0);
    repeat(w, n, 0x20, 0, 0x10, Call.take);
  }),
  bomb('a reference more at each call', 25_000, (w, n) => repeat(w, n, 0x20, 0, 0x10, Call.nothing)),
  bomb('a reference and a number more at each call', 16_000, (w, n) => {
    repeat(w, n, 0x20, 0, 0x41, 0, 0x10, Call.nothing);
  }),
  bomb('up and down: two references more, one less, calls', 9000, (w, n) => {
    repeat(w, n, 0x20, 0, 0x20, 0, 0x10, Call.nothing, 0x1a, 0x10, Call.nothing, 0x41, 0, 0x10, Call.nothing);
  }),
  bomb('a thousand more at each call', 25_000, (w, n) => {
    repeat(w, n, 0x10, Call.many, 0x10, Call.nothing);
  }),
  bomb('a thousand results, a call, a thousand arguments', 16_000, (w, n) => {
    repeat(w, n, 0x10, Call.many, 0x10, Call.nothing, 0x10, Call.takeMany);
  }),
  bomb('a thousand results, one of them dropped at each call', 12_000, (w, n) => {
    w.byte(0x10, Call.many);
    repeat(w, n, 0x10, Call.many, 0x1a, 0x10, Call.nothing, 0x1a, 0x10, Call.nothing);
  }),
  bomb('blocks with a thousand results over each other', 12_000, (w, n) => {
    repeat(w, n, 0x02, 2, 0x10, Call.many, 0x0b, 0x10, Call.nothing, 0x10, Call.takeMany);
  }),
  bomb('nested blocks over references', 12_000, (w, n) => {
    repeat(w, n, 0x20, 0, 0x02, 0x40, 0x10, Call.nothing);
    repeat(w, n, 0x0b, 0x1a);
  }),
  {
    name: 'functions with a thousand parameters and a call',
    scale: 16_000,
    withoutV8: true,
    build: (n) =>
      buildModule({
        types: [
          { params: list, results: [] },
          { params: [], results: [] },
        ],
        functions: [
          { type: 1, body() {} },
          ...Array.from({ length: n }, () => ({
            type: 0,
            body(w: ByteWriter) {
              w.byte(0x10, 0);
            },
          })),
        ],
      }),
  },
  {
    name: 'runs of local references',
    scale: 12_000,
    withoutV8: true,
    build: (n) =>
      calls(
        Array.from({ length: n }, (_, i): [number, ValueType] => [1, i % 2 === 0 ? EXTERNREF : I32]),
        (w) => repeat(w, n, 0x10, Call.nothing),
      ),
  },
];
