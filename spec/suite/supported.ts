/**
 * What an engine must pass. A command that needs nothing else and fails makes the run fail; a command that needs a
 * feature which is not listed is run too, but counted on its own.
 */
import type { Feature } from './features.js';
import type { Level } from './format.js';

export interface Support {
  levels: readonly Level[];
  /** Features that commands of these levels may use, besides what each level has as a matter of course. */
  features: readonly Feature[];
  /** Files whose commands of all levels count, but for those that are refused for a feature that is not there yet. */
  newer?: readonly string[];
}

/** A command that may be refused because of an implementation limit. */
export interface KnownException {
  file: string;
  lines: readonly number[];
  why: string;
}

const threads = [
  ...[
    'LB',
    'LB_atomic',
    'MP',
    'MP_atomic',
    'SB',
    'SB_atomic',
    'atomic',
    'deeply_nested',
    'exports',
    'memory',
    'nested',
  ],
  ...['simple', 'thread', 'unlinkable', 'wait_notify'],
].map((file) => `proposals/threads/${file}`);

const multiMemory = [
  'address0',
  'address1',
  'align0',
  'binary0',
  'data0',
  'data1',
  'data_drop0',
  'exports0',
  'float_exprs0',
  'float_exprs1',
  'float_memory0',
  'imports0',
  'imports1',
  'imports2',
  'imports3',
  'imports4',
  'linking0',
  'linking1',
  'linking2',
  'linking3',
  'load0',
  'load1',
  'load2',
  'memory-multi',
  'memory_copy0',
  'memory_copy1',
  'memory_fill0',
  'memory_grow',
  'memory_init0',
  'memory_size0',
  'memory_size1',
  'memory_size2',
  'memory_size3',
  'memory_size_import',
  'memory_trap0',
  'memory_trap1',
  'start0',
  'store0',
  'store1',
  'store2',
  'traps0',
].map((file) => `multi-memory/${file}`);

const memory64 = [
  'address64',
  'align64',
  'binary_leb128_64',
  'bulk64',
  'endianness64',
  'float_memory64',
  'load64',
  'memory64-imports',
  'memory64',
  'memory_copy64',
  'memory_fill64',
  'memory_grow64',
  'memory_init64',
  'memory_redundancy64',
  'memory_trap64',
  'call_indirect64',
  'table64',
  'table_copy64',
  'table_copy_mixed',
  'table_fill64',
  'table_get64',
  'table_grow64',
  'table_init64',
  'table_set64',
  'table_size64',
].map((file) => `memory64/${file}`);

export const supported: Record<string, Support> = {
  beamline: {
    levels: ['1.0', '2.0'],
    features: ['externref', 'simd', 'tail-call', 'multi-memory', 'memory64'],
    newer: [
      ...threads,
      ...multiMemory,
      ...memory64,
      'proposals/custom-page-sizes/binary',
      'proposals/custom-page-sizes/custom-page-sizes',
      'proposals/custom-page-sizes/custom-page-sizes-invalid',
      'proposals/custom-page-sizes/memory_max',
      'proposals/custom-page-sizes/memory_max_i64',
      'core/data',
      'core/elem',
      'core/global',
      'proposals/wide-arithmetic/wide-arithmetic',
      'custom/branch_hint',
      'proposals/compact-import-section/binary-compact-imports',
      'proposals/compact-import-section/imports-compact',
      'tail-call/return_call',
      'tail-call/return_call_indirect',
      'relaxed-simd/i16x8_relaxed_q15mulr_s',
      'relaxed-simd/i32x4_relaxed_trunc',
      'relaxed-simd/i8x16_relaxed_swizzle',
      'relaxed-simd/relaxed_dot_product',
      'relaxed-simd/relaxed_laneselect',
      'relaxed-simd/relaxed_madd_nmadd',
      'relaxed-simd/relaxed_min_max',
      'exceptions/throw',
      'exceptions/throw_ref',
      'legacy-exceptions/rethrow',
      'legacy-exceptions/throw',
      'legacy-exceptions/try_catch',
      'legacy-exceptions/try_delegate',
    ],
  },
  v8: {
    levels: ['1.0', '2.0', 'legacy'],
    features: ['simd', 'externref', 'threads', 'tail-call', 'multi-memory', 'memory64'],
  },
};

/** Limits that the suite's own documentation names: a refusal there is no bug. */
export const limits: readonly KnownException[] = [
  { file: 'core/table', lines: [9], why: 'table of 2^32-1 elements' },
  { file: 'memory64/memory64', lines: [8, 9], why: 'memory of 2^48 pages' },
  { file: 'proposals/custom-page-sizes/memory_max_i64', lines: [13, 18], why: 'memory of 2^48 pages' },
  { file: 'memory64/table64', lines: [9], why: 'table of 2^64-1 elements' },
];
