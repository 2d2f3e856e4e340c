/** What generated bodies can refer to: types, functions, globals, tables, segments. */
import { type FunctionType, sameSignature, type ValueType } from '../support/wasm-types.js';

export interface GeneratedFunction {
  type: FunctionType;
  /** Estimated steps of one call; known once its body is there, 0 for imports. */
  cost: number;
  ready: boolean;
}

export interface GeneratedGlobal {
  type: ValueType;
  mutable: boolean;
}

export interface GeneratedTable {
  min: number;
  max: number;
  /** Function index per element at the start, or null. */
  elements: (number | null)[];
}

export class Environment {
  readonly types: FunctionType[] = [];
  readonly functions: GeneratedFunction[] = [];
  readonly globals: GeneratedGlobal[] = [];
  readonly tables: GeneratedTable[] = [];
  /** Pages, or null if there is no memory. */
  memory: { min: number; max: number } | null = null;
  data: { length: number; passive: boolean }[] = [];
  /** Lengths of the element segments. */
  elements: number[] = [];
  /** How many of each come from outside; they are the first of their index spaces. */
  readonly imported = { functions: 0, memory: false, tables: 0, globals: 0 };
  /** Global that collects a hash over what bodies computed. */
  hashGlobal = 0;

  /** Index of a function type, which is added if needed. */
  typeIndex(type: FunctionType): number {
    const known = this.types.findIndex((other) => sameSignature(other, type));
    if (known >= 0) return known;
    this.types.push(type);
    return this.types.length - 1;
  }
}
