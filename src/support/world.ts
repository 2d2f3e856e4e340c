import { Registers } from '../valuestack/types.js';

/**
 * The sizes of what is a window on something larger, the thresholds where another way is taken, and where counters begin. In
 * the usual world most of it is so large that only a hostile module meets the end of it. In the small world (debug
 * switch `smallWorld`) every module does: what is behind the ends is tested by all tests.
 */
export class World {
  /** The first use stamp of a function; where they begin again; what remains of an age then. */
  firstStamp: i32 = 0;
  mostStamps: i32 = 1 << 25;
  keptAge: i32 = 1 << 20;
  /** Entries at the top of the value stack that can be elsewhere than in their slots. */
  window: i32 = 64;
  /** Registers that are handed out as long as one of them can be; the others are left for those that want just them. */
  general: i32 = Registers.generalMask;
  xmm: i32 = Registers.xmmMask;
  /** Locals that stay in registers at a loop header. */
  loopGeneral: i32 = 8;
  loopXmm: i32 = 11;
  /** Declared locals whose zeros are only promised, 32 at most. */
  lazyZeros: i32 = 32;
  /** Values that blocks and branches, and calls and returns, carry in registers. */
  blockResults: i32 = 4;
  callResults: i32 = 4;
  /** With more parameters, or more code for those in slots, a type's marshalling code passes the arguments. */
  directParams: i32 = 22;
  directBytes: i32 = 72;
  /** Above this many instructions a conditional merge goes through the label's canonical entry. */
  mergeLimit: i32 = 10;
  /** From this many unbound jumps on, a label's chains are cut short; how many labels' are after one opcode. */
  longChain: i32 = 64;
  cutsPerOpcode: i32 = 32;
  /** From this many targets on, br_table's cells jump to one island per label. */
  wideTable: i32 = 1024;
  /** So many traps of a function are out of line before they are written. */
  pendingTraps: i32 = 64;
  /** Bytes of a code span: of the first, of the largest, and at least beyond what is asked for. */
  firstSpan: i32 = 16384;
  largestSpan: i32 = 1 << 20;
  spareSpan: i32 = 6144;
  /** How often (in code bytes) the expansion is looked at, and from how many code bytes per byte of the module on it is too much. */
  checkInterval: i32 = 1024;
  frugalExpansion: i32 = 32;
  /** Vector constants of the first and of the largest piece of the pool, and those in its cache (a power of two). */
  firstPool: i32 = 16;
  largestPool: i32 = 4096;
  poolCache: i32 = 1024;
  /** Ids of instances and host functions begin here, those of function types (from 1 on) and blocks of references here. */
  firstId: i32 = 1;
  firstTypeId: i64 = 1;
  firstReferenceBlock: i32 = 1;
  /** A function that was called so often gets code of its own. */
  warmCalls: i32 = 2000;
  /** Bytes that are copied, and bytes that are decoded without slices, between two looks at the budget. */
  copyStep: i32 = 1 << 16;
  decodeStep: i32 = 1 << 18;
  /** What the optimizing tier may spend on a function: in any case, for each byte besides, and at most (`backends/ssa/work.ts`). */
  freeWork: i32 = 2000;
  workPerByte: i32 = 200;
  mostWork: i32 = 24_000_000;
  /** Bytes of freed code, at most, whose pages stay. */
  retainedCode: i32 = 64 << 20;
}

function newSmallWorld(): World {
  const world = new World();
  world.firstStamp = (1 << 25) - 20;
  world.mostStamps = 1 << 25;
  world.keptAge = (1 << 25) - 30;
  // As many as an opcode can want at once.
  world.window = 5;
  // rax, rcx, rdx, r8; xmm0 to xmm3.
  world.general = 0x0107;
  world.xmm = 0x000f0000;
  world.loopGeneral = 2;
  world.loopXmm = 1;
  world.lazyZeros = 3;
  world.blockResults = 1;
  world.callResults = 1;
  world.directParams = 2;
  world.directBytes = 9;
  world.mergeLimit = 1;
  world.longChain = 2;
  world.cutsPerOpcode = 1;
  world.wideTable = 3;
  world.pendingTraps = 2;
  world.firstSpan = 64;
  world.largestSpan = 64;
  world.spareSpan = 192;
  world.checkInterval = 16;
  world.frugalExpansion = 5;
  world.firstPool = 1;
  world.largestPool = 2;
  world.poolCache = 4;
  world.firstId = 0x7fffffff - 5_000_000;
  world.firstTypeId = 4_294_967_296 - 5_000_000;
  world.firstReferenceBlock = (1 << 22) - 500_000;
  world.warmCalls = 2;
  world.copyStep = 7;
  world.decodeStep = 5;
  world.freeWork = 300;
  world.workPerByte = 20;
  world.retainedCode = 0;
  return world;
}

const usualWorld = new World();
const smallWorld = newSmallWorld();

/** The world of an engine with or without the debug switch `smallWorld`. */
export function worldOf(small: bool): World {
  return small ? smallWorld : usualWorld;
}
