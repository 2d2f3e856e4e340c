/** Operators without immediates, loads and stores, by what they take and give. */

import { F32, F64, I32, I64, type ValueType } from '../support/wasm-types.js';
import { vectorLoads, vectorOperators, vectorStores } from './vector-operators.js';

export interface Operator {
  /** `prefix << 16 | number` where there is a prefix. */
  opcode: number;
  params: ValueType[];
  result: ValueType;
  /** May trap, unless its operand is made harmless. */
  traps: boolean;
  /** The immediate is a lane below this; 0 if there is none. */
  lanes: number;
}

export interface MemoryOperator {
  opcode: number;
  type: ValueType;
  /** Bytes accessed. */
  size: number;
  /** A lane of a vector is loaded or stored: how many there are; else 0. */
  lanes: number;
}

function range(from: number, to: number, params: ValueType[], result: ValueType, traps = false): Operator[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ opcode: from + i, params, result, traps, lanes: 0 }));
}

const saturating = 0xfc << 16;

const operators: readonly Operator[] = [
  ...range(0x45, 0x45, [I32], I32), // eqz
  ...range(0x46, 0x4f, [I32, I32], I32), // comparisons
  ...range(0x50, 0x50, [I64], I32),
  ...range(0x51, 0x5a, [I64, I64], I32),
  ...range(0x5b, 0x60, [F32, F32], I32),
  ...range(0x61, 0x66, [F64, F64], I32),
  ...range(0x67, 0x69, [I32], I32), // clz ctz popcnt
  ...range(0x6a, 0x6c, [I32, I32], I32), // add sub mul
  ...range(0x6d, 0x70, [I32, I32], I32, true), // div rem
  ...range(0x71, 0x78, [I32, I32], I32), // and or xor shifts rotations
  ...range(0x79, 0x7b, [I64], I64),
  ...range(0x7c, 0x7e, [I64, I64], I64),
  ...range(0x7f, 0x82, [I64, I64], I64, true),
  ...range(0x83, 0x8a, [I64, I64], I64),
  ...range(0x8b, 0x91, [F32], F32), // abs neg ceil floor trunc nearest sqrt
  ...range(0x92, 0x98, [F32, F32], F32), // add sub mul div min max copysign
  ...range(0x99, 0x9f, [F64], F64),
  ...range(0xa0, 0xa6, [F64, F64], F64),
  ...range(0xa7, 0xa7, [I64], I32), // wrap
  ...range(0xa8, 0xa9, [F32], I32, true), // trunc
  ...range(0xaa, 0xab, [F64], I32, true),
  ...range(0xac, 0xad, [I32], I64), // extend
  ...range(0xae, 0xaf, [F32], I64, true),
  ...range(0xb0, 0xb1, [F64], I64, true),
  ...range(0xb2, 0xb3, [I32], F32), // convert
  ...range(0xb4, 0xb5, [I64], F32),
  ...range(0xb6, 0xb6, [F64], F32), // demote
  ...range(0xb7, 0xb8, [I32], F64),
  ...range(0xb9, 0xba, [I64], F64),
  ...range(0xbb, 0xbb, [F32], F64), // promote
  ...range(0xbc, 0xbc, [F32], I32), // reinterpret
  ...range(0xbd, 0xbd, [F64], I64),
  ...range(0xbe, 0xbe, [I32], F32),
  ...range(0xbf, 0xbf, [I64], F64),
  ...range(0xc0, 0xc1, [I32], I32), // sign extension
  ...range(0xc2, 0xc4, [I64], I64),
  ...range(saturating + 0, saturating + 1, [F32], I32), // trunc_sat
  ...range(saturating + 2, saturating + 3, [F64], I32),
  ...range(saturating + 4, saturating + 5, [F32], I64),
  ...range(saturating + 6, saturating + 7, [F64], I64),
];

function access(opcode: number, type: ValueType, size: number): MemoryOperator {
  return { opcode, type, size, lanes: 0 };
}

const loads: readonly MemoryOperator[] = [
  access(0x28, I32, 4),
  access(0x29, I64, 8),
  access(0x2a, F32, 4),
  access(0x2b, F64, 8),
  ...[1, 1, 2, 2].map((size, i) => access(0x2c + i, I32, size)),
  ...[1, 1, 2, 2, 4, 4].map((size, i) => access(0x30 + i, I64, size)),
];

const stores: readonly MemoryOperator[] = [
  access(0x36, I32, 4),
  access(0x37, I64, 8),
  access(0x38, F32, 4),
  access(0x39, F64, 8),
  access(0x3a, I32, 1),
  access(0x3b, I32, 2),
  access(0x3c, I64, 1),
  access(0x3d, I64, 2),
  access(0x3e, I64, 4),
];

function grouped<T>(items: readonly T[], key: (item: T) => string | number): Map<string | number, T[]> {
  const groups = new Map<string | number, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** What a module can use. */
export class OperatorSet {
  readonly stores: readonly MemoryOperator[];
  readonly #byResult: ReturnType<typeof grouped<Operator>>;
  readonly #byParams: ReturnType<typeof grouped<Operator>>;
  readonly #loadsByType: ReturnType<typeof grouped<MemoryOperator>>;

  constructor(all: readonly Operator[], allLoads: readonly MemoryOperator[], stores: readonly MemoryOperator[]) {
    this.stores = stores;
    this.#byResult = grouped(all, (operator) => operator.result);
    this.#byParams = grouped(all, (operator) => operator.params.join());
    this.#loadsByType = grouped(allLoads, (load) => load.type);
  }

  /** Operators that give this type. */
  giving(type: ValueType): readonly Operator[] {
    return this.#byResult.get(type)!;
  }

  /** Operators that take exactly these types. */
  taking(params: readonly ValueType[]): readonly Operator[] {
    return this.#byParams.get(params.join()) ?? [];
  }

  loadsGiving(type: ValueType): readonly MemoryOperator[] {
    return this.#loadsByType.get(type)!;
  }
}

export const scalarOperators: OperatorSet = new OperatorSet(operators, loads, stores);
export const allOperators: OperatorSet = new OperatorSet(
  [...operators, ...vectorOperators],
  [...loads, ...vectorLoads],
  [...stores, ...vectorStores],
);
