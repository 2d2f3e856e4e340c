import { Registers } from '../valuestack/types.js';

/**
 * The sizes of what is a window on something larger, the thresholds where another way is taken, and where counters begin. In
 * the usual world most of it is so large that only a hostile module meets the end of it. In the small world (debug
 * switch `smallWorld`) every module does: what is behind the ends is tested by all tests.
 */
export interface World {
  /** The first use stamp of a function; where they begin again; what remains of an age then. */
  readonly firstStamp: number;
  readonly mostStamps: number;
  readonly keptAge: number;
  /** Entries at the top of the value stack that can be elsewhere than in their slots. */
  readonly window: number;
  /** Registers that are handed out as long as one of them can be; the others are left for those that want just them. */
  readonly general: number;
  readonly xmm: number;
  /** Locals that stay in registers at a loop header. */
  readonly loopGeneral: number;
  readonly loopXmm: number;
  /** Declared locals whose zeros are only promised, 32 at most. */
  readonly lazyZeros: number;
  /** Values that blocks and branches, and calls and returns, carry in registers. */
  readonly blockResults: number;
  readonly callResults: number;
  /** With more parameters, or more code for those in slots, a type's marshalling code passes the arguments. */
  readonly directParams: number;
  readonly directBytes: number;
  /** Above this many instructions a conditional merge goes through the label's canonical entry. */
  readonly mergeLimit: number;
  /** From this many unbound jumps on, a label's chains are cut short; how many labels' are after one opcode. */
  readonly longChain: number;
  readonly cutsPerOpcode: number;
  /** From this many targets on, br_table's cells jump to one island per label. */
  readonly wideTable: number;
  /** Bytes of a code span: of the first, of the largest, and at least beyond what is asked for. */
  readonly firstSpan: number;
  readonly largestSpan: number;
  readonly spareSpan: number;
  /** How often (in code bytes) the expansion is looked at, and from how many code bytes per byte of the module on it is too much. */
  readonly checkInterval: number;
  readonly frugalExpansion: number;
  /** Vector constants of the first and of the largest piece of the pool, and those in its cache (a power of two). */
  readonly firstPool: number;
  readonly largestPool: number;
  readonly poolCache: number;
  /** Ids of instances, tables and host functions begin here, those of function types and blocks of references here. */
  readonly firstId: number;
  readonly firstTypeId: number;
  readonly firstReferenceBlock: number;
  /** A function that was called so often gets code of its own. */
  readonly warmCalls: number;
  /** Bytes that are copied, and bytes that are decoded without slices, between two looks at the budget. */
  readonly copyStep: number;
  readonly decodeStep: number;
  /** Bytes of freed code, at most, whose pages stay. */
  readonly retainedCode: number;
}

const usualWorld: World = {
  firstStamp: 0,
  mostStamps: 1 << 25,
  keptAge: 1 << 20,
  window: 64,
  general: Registers.generalMask,
  xmm: Registers.xmmMask,
  loopGeneral: 8,
  loopXmm: 11,
  lazyZeros: 32,
  blockResults: 4,
  callResults: 4,
  directParams: 22,
  directBytes: 72,
  mergeLimit: 10,
  longChain: 64,
  cutsPerOpcode: 32,
  wideTable: 1024,
  firstSpan: 16384,
  largestSpan: 1 << 20,
  spareSpan: 6144,
  checkInterval: 1024,
  frugalExpansion: 32,
  firstPool: 16,
  largestPool: 4096,
  poolCache: 1024,
  firstId: 1,
  firstTypeId: 0,
  firstReferenceBlock: 1,
  warmCalls: 2000,
  copyStep: 1 << 16,
  decodeStep: 1 << 18,
  retainedCode: 64 << 20,
};

const smallWorld: World = {
  firstStamp: (1 << 25) - 20,
  mostStamps: 1 << 25,
  keptAge: (1 << 25) - 30,
  // As many as an opcode can want at once.
  window: 5,
  // rax, rcx, rdx, r8; xmm0 to xmm3.
  general: 0x0107,
  xmm: 0x000f0000,
  loopGeneral: 2,
  loopXmm: 1,
  lazyZeros: 3,
  blockResults: 1,
  callResults: 1,
  directParams: 2,
  directBytes: 9,
  mergeLimit: 1,
  longChain: 2,
  cutsPerOpcode: 1,
  wideTable: 3,
  firstSpan: 64,
  largestSpan: 64,
  spareSpan: 192,
  checkInterval: 16,
  frugalExpansion: 5,
  firstPool: 1,
  largestPool: 2,
  poolCache: 4,
  firstId: 0x7fffffff - 5_000_000,
  firstTypeId: 2 ** 32 - 5_000_000,
  firstReferenceBlock: (1 << 22) - 500_000,
  warmCalls: 2,
  copyStep: 7,
  decodeStep: 5,
  retainedCode: 0,
};

/** The world of an engine with these debug switches. */
export function worldOf(debug?: { readonly smallWorld?: boolean | undefined }): World {
  return debug?.smallWorld === true ? smallWorld : usualWorld;
}
