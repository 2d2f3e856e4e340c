/**
 * No opcode takes more code bytes than are held ready for it (`Room`): each opcode in the worst states of the value stack that
 * there are, on each processor level, and control in all combinations of such states.
 */
import test from 'ava';
import { Room } from '../../src/backends/code/room.js';
import { type CpuLevel, cpuFeatures, cpuLevels } from '../../src/backends/x64/cpu.js';
import { Op } from '../../src/stream/op.js';
import { atomicSize, Immediate, type Opcode, opcodes } from '../../src/stream/opcodes.js';
import { type BombFunction, buildModule, constants, repeat, typesOf } from '../bombs/build.js';
import { generateModule } from '../fuzz/generate.js';
import { Random } from '../support/random.js';
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, Section, V128, type ValueType } from '../support/wasm-types.js';
import type { ByteWriter } from '../support/writer.js';
import { measure } from './room.js';

const letters: Readonly<Record<string, ValueType>> = { i: I32, l: I64, f: F32, d: F64, v: V128 };
const numbers: readonly ValueType[] = [I32, I64, F32, F64, V128];
const all: readonly ValueType[] = [...numbers, FUNCREF, EXTERNREF];

/** Function types that calls, blocks and returns carry. */
const lists: readonly ValueType[][] = [
  [],
  [I32],
  [V128],
  [I64, F64, V128, I32],
  typesOf(5, V128, I64),
  typesOf(9, EXTERNREF, V128),
  typesOf(22, I64),
  typesOf(22, V128, I64, F64),
  typesOf(23, I64, V128),
  typesOf(60, V128),
  typesOf(1000, I64, F64, I32, F32),
  typesOf(1000, V128),
];
/** Their slots keep those of the locals away from the frame pointer: displacements of declared locals are long. */
const parameters = [...typesOf(6, I64), ...typesOf(8, F64)];
/** First the type without anything; for each list one without parameters, one with the same, one for the functions under test. */
const types = [
  { params: [], results: [] },
  ...lists.flatMap((results) => [
    { params: [], results },
    { params: results, results },
    { params: parameters, results },
  ]),
];
const producer = (list: number): number => 1 + 3 * list;
const transformer = (list: number): number => 2 + 3 * list;
const tested = (list: number): number => 3 + 3 * list;

/** The first 32 declared locals are promised zeros: vectors, two stores each. */
const lazy = 32;
/** For each type 100 locals that are never in registers, then 16 that are made dirty. */
const cold = (type: ValueType): number => parameters.length + lazy + 100 * all.indexOf(type);
const hot = (type: ValueType): number => parameters.length + lazy + 100 * all.length + 16 * all.indexOf(type);
const localsOf: [number, ValueType][] = [
  [lazy, V128],
  ...all.map((type): [number, ValueType] => [100, type]),
  ...all.map((type): [number, ValueType] => [16, type]),
];

/** Globals, 20 of each type: so many that displacements are long. */
const globals = all.flatMap((type) => new Array<ValueType>(20).fill(type));

const get = (w: ByteWriter, local: number): ByteWriter => w.byte(0x20).u32(local);

/** A constant that takes the most bytes to store. */
function worstConstant(w: ByteWriter, type: ValueType, pooled = false): void {
  if (type === V128) w.byte(0xfd, 0x0c).bytes(new Uint8Array(16).fill(pooled ? 0x5a : 0xff));
  else if (type === I64) w.byte(0x42).s64(0x1122334455667788n);
  else if (type === F64) w.byte(0x44).f64Bits(0x4011223344556677n);
  else if (type === I32) w.byte(0x41).s32(0x12345678);
  else if (type === F32) w.byte(0x43).f32Bits(0x3f812345);
  else w.byte(0xd0, type);
}

/** All registers hold locals that are newer than their slots. */
function dirty(w: ByteWriter): void {
  const general = [I32, I64, I64, I64, I64, I32, I64, I64, I64, FUNCREF, EXTERNREF];
  const xmm = [F32, V128, ...typesOf(13, F64)];
  [...general, ...xmm].forEach((type, k) => {
    worstConstant(w, type);
    w.byte(0x21).u32(hot(type) + (k % 16));
  });
}

const dirtyLocal = (type: ValueType): number => {
  const k = { [I32]: 0, [I64]: 1, [F32]: 11, [F64]: 15, [V128]: 12, [FUNCREF]: 9, [EXTERNREF]: 10 }[type];
  return hot(type) + (k as number);
};

/** Values in registers of their own. */
function own(w: ByteWriter, type: ValueType): void {
  get(w, dirtyLocal(type));
  if (type === I32) w.byte(0x45, 0x20).u32(dirtyLocal(I32)).byte(0x6a);
  else if (type === I64) w.byte(0x20).u32(dirtyLocal(I64)).byte(0x7c);
  else if (type === F32) w.byte(0x91);
  else if (type === F64) w.byte(0x9f);
  else if (type === V128) w.byte(0xfd, 0x4d);
}

type Value = (w: ByteWriter, type: ValueType) => void;

/** Ways in which an operand can be there. */
const forms: Readonly<Record<string, Value>> = {
  'a constant': (w, type) => worstConstant(w, type, true),
  'all bits': (w, type) => worstConstant(w, type),
  'a local in a register': (w, type) => get(w, dirtyLocal(type)),
  'a local in memory': (w, type) => get(w, cold(type) + 99),
  'a register': own,
  // What is there when a block begins goes to its slot.
  'a slot': (w, type) => {
    get(w, cold(type) + 99);
    w.byte(0x02, 0x40, 0x0b);
  },
  flags: (w, type) => {
    if (type !== I32) own(w, type);
    else get(w, dirtyLocal(F64)).byte(0x20).u32(dirtyLocal(F64)).byte(0x61);
  },
};

/** What is below the operands: 64 entries that are not in their slots. */
const entries: Readonly<Record<string, Value>> = {
  'vectors of all bits': (w) => worstConstant(w, V128),
  'pooled vectors': (w) => worstConstant(w, V128, true),
  'long constants': (w) => worstConstant(w, I64),
  'unread locals': (w) => get(w, cold(V128) + 99),
  registers: (w) => {
    own(w, I64);
    own(w, V128);
  },
};

/** Immediates after the opcode, at their worst. */
function immediates(w: ByteWriter, { code, immediate }: Opcode, far: boolean): boolean {
  switch (immediate) {
    case Immediate.none:
      return true;
    case Immediate.memory:
    case Immediate.memoryLane:
      // Atomic instructions want their own alignment and no other.
      w.byte(code >> 8 === Op.prefixAtomic ? (atomicSize[code & 0xff] as number) : 0).u32(
        far ? 0xfffffff0 : 0x7ffffff0,
      );
      if (immediate === Immediate.memoryLane) w.byte(1);
      return true;
    case Immediate.lane:
      w.byte(1);
      return true;
    case Immediate.shuffle:
      w.byte(3, 31, 1, 17, 9, 9, 0, 30, 4, 21, 6, 2, 29, 8, 12, 16);
      return true;
    case Immediate.memoryIndex:
      w.byte(0);
      return true;
    case Immediate.memoryCopy:
    case Immediate.memoryInit:
    case Immediate.tableInit:
    case Immediate.tableCopy:
      w.byte(0, 0);
      return true;
    case Immediate.dataIndex:
    case Immediate.elementIndex:
    case Immediate.tableIndex:
      w.byte(0);
      return true;
    case Immediate.i32:
      w.s32(0x12345678);
      return true;
    case Immediate.i64:
      w.s64(0x1122334455667788n);
      return true;
    case Immediate.f32:
      w.f32Bits(1);
      return true;
    case Immediate.f64:
      w.f64Bits(1n);
      return true;
    case Immediate.v128:
      w.bytes(new Uint8Array(16).fill(0x77));
      return true;
    default:
      return false;
  }
}

/** Opcodes whose operands depend on an immediate: the operands, and the instruction. Control has a test of its own. */
const special: readonly [string, ValueType[], (w: ByteWriter) => void][] = [
  ...all.flatMap(
    (type, k): [string, ValueType[], (w: ByteWriter) => void][] =>
      [
        ['global.get', [], (w) => w.byte(0x23).u32(20 * k + 19)],
        ['global.set', [type], (w) => w.byte(0x24).u32(20 * k + 19)],
        ['local.get', [], (w) => w.byte(0x20).u32(cold(type))],
        ['local.set', [type], (w) => w.byte(0x21).u32(cold(type) + 99)],
        ['local.set', [type], (w) => w.byte(0x21).u32(dirtyLocal(type))],
        ['local.tee', [type], (w) => w.byte(0x22).u32(cold(type) + 99)],
        ['select t', [type, type, I32], (w) => w.byte(0x1c, 1, type)],
        ['drop', [type], (w) => w.byte(0x1a)],
        ...(numbers.includes(type) ? [['select', [type, type, I32], (w: ByteWriter) => w.byte(0x1b)] as const] : []),
      ] as [string, ValueType[], (w: ByteWriter) => void][],
  ),
  ...[FUNCREF, EXTERNREF].flatMap((type, table): [string, ValueType[], (w: ByteWriter) => void][] => [
    ['table.get', [I32], (w) => w.byte(0x25, table)],
    ['table.set', [I32, type], (w) => w.byte(0x26, table)],
    ['table.grow', [type, I32], (w) => w.byte(0xfc, 15, table)],
    ['table.fill', [I32, type, I32], (w) => w.byte(0xfc, 17, table)],
    ['ref.null', [], (w) => w.byte(0xd0, type)],
    ['ref.is_null', [type], (w) => w.byte(0xd1)],
  ]),
  ['table.size', [], (w) => w.byte(0xfc, 16, 0)],
  ['ref.func', [], (w) => w.byte(0xd2, 0)],
  ['i64.const', [], (w) => worstConstant(w, I64)],
  ['v128.const', [], (w) => worstConstant(w, V128, true)],
];

function moduleOf(functions: BombFunction[]): Uint8Array {
  return buildModule({
    types,
    // Function 0 is referenced; then a producer and a transformer of each list.
    functions: [
      { type: 0, body: () => {} },
      ...lists.map((_, k): BombFunction => ({ type: producer(k), body: (w) => w.byte(0) })),
      ...lists.map((_, k): BombFunction => ({ type: transformer(k), body: (w) => w.byte(0) })),
      ...functions,
    ],
    before(w) {
      w.section(Section.table, (s) => s.u32(2).byte(FUNCREF).limits(10).byte(EXTERNREF).limits(10));
      w.section(Section.memory, (s) => s.u32(1).limits(1));
      w.section(Section.global, (s) =>
        s.vector(globals, (type) => {
          s.byte(type, 1);
          if (type === V128) s.byte(0xfd, 0x0c).bytes(new Uint8Array(16));
          else if (type === FUNCREF || type === EXTERNREF) s.byte(0xd0, type);
          else constants(s, [type]);
          s.byte(0x0b);
        }),
      );
      w.section(Section.element, (s) => s.u32(1).byte(1, 0).u32(1).u32(0));
      w.section(Section.dataCount, (s) => s.u32(1));
    },
    after: (w) => w.section(Section.data, (s) => s.u32(1).byte(1).u32(1).byte(0)),
  });
}

/** Of an opcode: its operands, and the ways to write it. */
interface Case {
  params: ValueType[];
  instruction: ((w: ByteWriter) => void)[];
}

function straightCases(): Case[] {
  const cases: Case[] = special.map(([, params, instruction]) => ({ params, instruction: [instruction] }));
  for (const opcode of opcodes) {
    const { code, signature, immediate } = opcode;
    if (signature === '') continue;
    const params = [...(signature.split(':')[0] as string)].map((letter) => letters[letter] as ValueType);
    const isAccess = immediate === Immediate.memory || immediate === Immediate.memoryLane;
    const instruction = (isAccess ? [false, true] : [false]).map((far) => (w: ByteWriter) => {
      if (code < 0x100) w.byte(code);
      else if (code < 0x10000) w.byte(code >>> 8).u32(code & 0xff);
      else w.byte(code >>> 12).u32(code & 0xfff);
      immediates(w, opcode, far);
    });
    cases.push({ params, instruction });
  }
  return cases;
}

/** 64 entries in the window, operands among them; then the opcode. */
function straight({ params, instruction }: Case): BombFunction[] {
  const [worst, ...others] = Object.values(entries) as [Value, ...Value[]];
  const states = [
    ...Object.values(forms).map((form) => [worst, form] as const),
    ...others.map((below) => [below, own] as const),
  ];
  return states.flatMap(([below, form]) =>
    instruction.map(
      (write): BombFunction => ({
        type: tested(0),
        locals: localsOf,
        body(w) {
          dirty(w);
          for (let k = params.length; k < 64; k++) below(w, V128);
          for (const type of params) form(w, type);
          write(w);
          w.byte(0);
        },
      }),
    ),
  );
}

/** Control as the first thing in a function: nothing was written to memory yet, not even the zeros of the locals. */
function first(): BombFunction[] {
  const condition = (w: ByteWriter): ByteWriter => get(w, dirtyLocal(I32));
  const instructions: ((w: ByteWriter, list: number) => void)[] = [
    (w, list) => w.byte(0x02).s32(transformer(list)).byte(0, 0x0b),
    (w, list) => w.byte(0x03).s32(transformer(list)).byte(0, 0x0b),
    (w, list) => condition(w).byte(0x04).s32(transformer(list)).byte(0, 0x0b),
    (w) => w.byte(0x0c, 0),
    (w) => condition(w).byte(0x0d, 0),
    (w) => w.byte(0x0f),
    (w, list) => w.byte(0x10).u32(1 + lists.length + list),
    (w, list) => condition(w).byte(0x11).u32(transformer(list)).byte(0),
    (w) => condition(w).byte(0x0e, 0, 0),
    (w) => condition(w).byte(0x0e, 3, 0, 1, 0, 1, 0),
    // So many cells that the room of an opcode does not cover for what is missing before them.
    (w) => repeat(condition(w).byte(0x0e).u32(1000), 1001, 0),
  ];
  return lists.flatMap((values, list) =>
    Object.values(entries).flatMap((below) =>
      instructions.map(
        (instruction): BombFunction => ({
          type: tested(list),
          locals: localsOf,
          body(w) {
            w.byte(0x02).s32(producer(list));
            dirty(w);
            // Of a thousand values the last 64 are in the window.
            const inWindow = values.slice(-63);
            if (values.length > 63) {
              w.byte(0x10).u32(1 + list);
              repeat(w, 63, 0x1a);
            }
            for (let k = inWindow.length; k < 63; k++) below(w, V128);
            for (const type of inWindow) worstConstant(w, type);
            instruction(w, list);
            w.byte(0, 0x0b, 0);
          },
        }),
      ),
    ),
  );
}

/** Random control with values of one list, in states as bad as can be. */
function control(seed: number): BombFunction {
  const random = new Random(0x726f6f6d, seed);
  const list = seed % lists.length;
  const values = lists[list] as ValueType[];
  const below = Object.values(entries);
  const ways = Object.values(forms);
  return {
    type: tested(list),
    locals: localsOf,
    body(w) {
      const mess = (): void => {
        if (random.below(3) > 0) dirty(w);
        if (random.below(3) > 0) {
          const entry = random.pick(below);
          for (let k = random.pick([1, 10, 64]); k > 0; k--) entry(w, V128);
        }
      };
      const push = (): void => {
        const many = values.length > 64;
        if (many) w.byte(0x10).u32(1 + list);
        const way = random.pick(ways);
        if (!many) for (const type of values) way(w, type);
      };
      const condition = (): void => random.pick(ways)(w, I32);
      mess();
      push();
      let depth = 0;
      const open: ('block' | 'loop' | 'if' | 'else')[] = [];
      for (let step = 0; step < 25; step++) {
        switch (random.below(9)) {
          case 0:
          case 1:
          case 2: {
            const kind = random.pick(['block', 'loop', 'if'] as const);
            if (kind === 'if') condition();
            w.byte(kind === 'block' ? 2 : kind === 'loop' ? 3 : 4).s32(transformer(list));
            open.push(kind);
            depth++;
            break;
          }
          case 3:
            condition();
            w.byte(0x0d).u32(random.below(depth + 1));
            break;
          case 4:
            w.byte(0x10).u32(1 + lists.length + list);
            break;
          case 5:
            condition();
            w.byte(0x11).u32(transformer(list)).u32(0);
            break;
          case 6:
            mess();
            push();
            break;
          default: {
            // The end of what can be reached here.
            if (depth === 0) break;
            const way = random.below(4);
            if (way === 0) w.byte(0x0c).u32(random.below(depth + 1));
            else if (way === 1) w.byte(0x0f);
            else {
              condition();
              const targets = way === 2 ? random.below(8) : random.pick([0, 300, 1100]);
              w.byte(0x0e).u32(targets);
              for (let k = 0; k <= targets; k++) w.u32(random.below(depth + 1));
            }
            if (open[depth - 1] === 'if' && random.below(2) === 0) {
              w.byte(0x05);
              open[depth - 1] = 'else';
            } else {
              w.byte(0x0b);
              open.pop();
              depth--;
            }
          }
        }
        if (random.below(2) === 0) {
          mess();
          push();
        }
      }
      for (; depth >= 0; depth--) {
        w.byte(0x0c).u32(random.below(depth + 1));
        if (depth > 0) w.byte(0x0b);
      }
    },
  };
}

/** Compile the functions, some hundreds in a module: the most that each opcode took. */
function measureAll(functions: BombFunction[], level: CpuLevel): { most: Map<string, number>; broken: string[] } {
  const most = new Map<string, number>();
  const broken: string[] = [];
  for (let i = 0; i < functions.length; i += 400) {
    const compiler = measure(moduleOf(functions.slice(i, i + 400)), cpuFeatures(level));
    for (const [name, bytes] of compiler.most) most.set(name, Math.max(bytes, most.get(name) ?? 0));
    broken.push(...compiler.broken);
  }
  return { most, broken };
}

const largest = (most: Map<string, number>): string =>
  [...most]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 8)
    .map((entry) => entry.join(' '))
    .join(', ');

for (const level of cpuLevels) {
  test(`each opcode in each state (${level})`, (t) => {
    const { most, broken } = measureAll(straightCases().flatMap(straight), level);
    t.log(largest(most));
    t.deepEqual(broken.slice(0, 10), []);
    t.true(most.size > 400, `${most.size} opcodes`);
  });

  test(`control in bad states (${level})`, (t) => {
    const { most, broken } = measureAll([...first(), ...Array.from({ length: 300 }, (_, k) => control(k))], level);
    t.log(largest(most));
    t.deepEqual(broken.slice(0, 10), []);
    // The states are bad indeed.
    for (const name of ['br_table', 'call', 'call_indirect', 'block']) {
      t.true((most.get(name) as number) > Room.opcode / 3, `${name}: ${most.get(name)} bytes`);
    }
  });

  test(`generated modules (${level})`, (t) => {
    for (let seed = 0; seed < 60; seed++) {
      const compiler = measure(generateModule(seed, { size: 'medium', vectors: true }), cpuFeatures(level));
      t.deepEqual(compiler.broken, [], `seed ${seed}`);
    }
  });
}
