/** What generated bodies can refer to: types, functions, globals, tables, segments. */
import type { Random } from '../support/random.js';
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  type FunctionType,
  I32,
  I64,
  sameSignature,
  V128,
  type ValueType,
} from '../support/wasm-types.js';
import { allOperators, type OperatorSet, scalarOperators } from './operators.js';

const scalarTypes: readonly ValueType[] = [I32, I64, F32, F64];
/** Types of what passes to and from JavaScript. */
export const hostTypes = scalarTypes;

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
  /** Reference type. Tables of funcref come first. */
  type: ValueType;
  /** Function index per element at the start, or null; none for externref, whose elements are all null. */
  elements: (number | null)[];
}

export class Environment {
  /** Number and vector types that bodies use. */
  readonly numberTypes: readonly ValueType[];
  readonly operators: OperatorSet;
  readonly vectors: boolean;
  readonly tailCalls: boolean;
  readonly exceptions: boolean;
  /** Types of the values of each tag. */
  readonly tags: ValueType[][] = [];
  readonly #externref: boolean;
  readonly types: FunctionType[] = [];
  readonly functions: GeneratedFunction[] = [];
  readonly globals: GeneratedGlobal[] = [];
  readonly tables: GeneratedTable[] = [];
  /** Pages, or null if there is no memory. */
  memory: { min: number; max: number } | null = null;
  data: { length: number; passive: boolean }[] = [];
  /** Lengths of the element segments, all of funcref. */
  elements: number[] = [];
  /** How many of each come from outside; they are the first of their index spaces. */
  readonly imported = { functions: 0, memory: false, tables: 0, globals: 0 };
  /** Global that collects a hash over what bodies computed. */
  hashGlobal = 0;

  constructor(features: { vectors?: boolean; externref?: boolean; tailCalls?: boolean; exceptions?: boolean } = {}) {
    const { vectors = false, externref = false, tailCalls = false, exceptions = false } = features;
    this.vectors = vectors;
    this.tailCalls = tailCalls;
    this.exceptions = exceptions;
    // Vectors as often as all others.
    this.numberTypes = vectors ? [...scalarTypes, V128, V128, V128, V128] : scalarTypes;
    this.operators = vectors ? allOperators : scalarOperators;
    this.#externref = externref;
  }

  /** A reference type: funcref, unless there is a choice. */
  referenceType(random: Random): ValueType {
    return this.#externref && random.oneIn(2) ? EXTERNREF : FUNCREF;
  }

  /** Index of a function type, which is added if needed. */
  typeIndex(type: FunctionType): number {
    const known = this.types.findIndex((other) => sameSignature(other, type));
    if (known >= 0) return known;
    this.types.push(type);
    return this.types.length - 1;
  }
}
