import { Int8Array, Int32Array, newList, product } from '../../support/dialect.js';
import { doubled, type Graph } from './ir.js';

/** What an instruction wants of an operand. */
export const enum Use {
  /** A register. */
  reg = 0,
  /** A register, or where the value is kept in memory. */
  any = 1,
  /** Register `kind - fixed`, which the instruction may overwrite. */
  fixed = 32,
}

/** Where an instruction leaves its value. */
export const enum Def {
  none = 0,
  /** Any register. */
  reg = 1,
  /** In the register of the first operand, or in one that none of the operands has (a move comes first). */
  same = 2,
  /** Only in memory. */
  memory = 3,
  /** Any register that no operand has. */
  apart = 4,
  /** Register `def - fixed`. */
  fixed = 32,
}

const firstValues = 1024;

/**
 * The graph as instructions of a machine: which are made (the others are part of their users), what each wants of its
 * operands, and where the allocator has put everything. Registers have the numbers of `Registers`.
 */
export class Machine {
  readonly graph: Graph;
  /** 1: part of its user, or nothing to emit. */
  folded: Int8Array = new Int8Array(firstValues);
  firstUse: Int32Array = new Int32Array(firstValues);
  useCount: Int32Array = new Int32Array(firstValues);
  def: Int32Array = new Int32Array(firstValues);
  /** Registers whose contents are lost. */
  clobbers: Int32Array = new Int32Array(firstValues);
  /** How many registers the instruction needs besides: general | xmm << 4. */
  temps: Int32Array = new Int32Array(firstValues);
  /** 1: all registers are lost, operands are moved all at once. */
  isCall: Int8Array = new Int8Array(firstValues);

  /** 1: the first two operands can be exchanged. */
  swaps: Int8Array = new Int8Array(firstValues);

  // Operands.
  uses: i32 = 0;
  useValue: Int32Array = new Int32Array(firstValues);
  useKind: Int32Array = new Int32Array(firstValues);
  /** The register it is in, or -1: in memory. */
  useReg: Int32Array = new Int32Array(firstValues);

  // What the allocator says.
  /** The register of the instruction's value, or -1. */
  reg: Int32Array = new Int32Array(firstValues);
  /** Registers to be used freely. */
  tempMask: Int32Array = new Int32Array(firstValues);
  /** Registers of operands that nobody needs afterwards. */
  dying: Int32Array = new Int32Array(firstValues);
  /** Moves before the instruction: the first, and how many; see `moveTo`. */
  firstMove: Int32Array = new Int32Array(firstValues);
  moveCount: Int32Array = new Int32Array(firstValues);
  /** 1: has a place in memory, and is stored there: where it is made, or where block `storeBlock` begins. */
  spilled: Int8Array = new Int8Array(firstValues);
  /** Block that dominates all that read it from memory, or -1. */
  needBlock: Int32Array = new Int32Array(firstValues);
  storeBlock: Int32Array = new Int32Array(firstValues);
  /** The register that it is in there; the next value that is stored there. */
  storeReg: Int32Array = new Int32Array(firstValues);
  storeNext: Int32Array = new Int32Array(firstValues);
  /** By block: the first value that is stored where it begins, or -1. */
  storeHead: Int32Array = new Int32Array(128);
  /** Displacement of that place from rbp. */
  slot: Int32Array = new Int32Array(firstValues);

  moves: i32 = 0;
  /** The register that is written, or -1: the place in memory of the phi `movePhi`. */
  moveTo: Int32Array = new Int32Array(firstValues);
  /** The register that is read, or -1: from memory, or a constant. */
  moveFrom: Int32Array = new Int32Array(firstValues);
  moveValue: Int32Array = new Int32Array(firstValues);
  movePhi: Int32Array = new Int32Array(firstValues);

  /** References of the host that live through a call: where they are in the list, and how many. */
  firstReference: Int32Array = new Int32Array(firstValues);
  referenceCount: Int32Array = new Int32Array(firstValues);
  readonly liveReferences: i32[] = newList<i32>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** Room for all values of the graph; nothing is known of them. */
  begin(): void {
    const n = this.graph.values;
    if (n > this.folded.length) {
      let size = this.folded.length;
      while (size < n) size *= 2;
      this.graph.memory.take((size - this.folded.length) * 71);
      this.folded = new Int8Array(size);
      this.firstUse = new Int32Array(size);
      this.useCount = new Int32Array(size);
      this.def = new Int32Array(size);
      this.clobbers = new Int32Array(size);
      this.temps = new Int32Array(size);
      this.isCall = new Int8Array(size);
      this.swaps = new Int8Array(size);
      this.reg = new Int32Array(size);
      this.tempMask = new Int32Array(size);
      this.dying = new Int32Array(size);
      this.firstMove = new Int32Array(size);
      this.moveCount = new Int32Array(size);
      this.spilled = new Int8Array(size);
      this.needBlock = new Int32Array(size);
      this.storeBlock = new Int32Array(size);
      this.storeReg = new Int32Array(size);
      this.storeNext = new Int32Array(size);
      this.slot = new Int32Array(size);
      this.firstReference = new Int32Array(size);
      this.referenceCount = new Int32Array(size);
    }
    for (let v = 0; v < n; v++) {
      this.folded[v] = 0;
      this.useCount[v] = 0;
      this.firstUse[v] = 0;
      this.def[v] = Def.none;
      this.clobbers[v] = 0;
      this.temps[v] = 0;
      this.isCall[v] = 0;
      this.swaps[v] = 0;
      this.reg[v] = -1;
      this.tempMask[v] = 0;
      this.dying[v] = 0;
      this.moveCount[v] = 0;
      this.spilled[v] = 0;
      this.needBlock[v] = -1;
      this.storeBlock[v] = -1;
      this.slot[v] = 0;
      this.referenceCount[v] = 0;
    }
    while (this.graph.blocks > this.storeHead.length) this.storeHead = doubled(this.storeHead);
    for (let b = 0; b < this.graph.blocks; b++) this.storeHead[b] = -1;
    this.uses = 0;
    this.moves = 0;
    if (this.liveReferences.length > 0) this.liveReferences.length = 0;
  }

  /** About how much machine code the graph becomes, without what has a constant size per opcode: operands, moves, stores. */
  estimatedBytes(): f64 {
    let stores = 0;
    for (let v = 0; v < this.graph.values; v++) stores += this.spilled[v];
    return 6 * product(1, this.uses + this.moves + stores);
  }

  addLiveReference(call: i32, value: i32): void {
    if (this.referenceCount[call]++ === 0) this.firstReference[call] = this.liveReferences.length;
    this.liveReferences.push(value);
  }

  /** The operands of `v` follow. */
  open(v: i32): void {
    this.firstUse[v] = this.uses;
  }

  use(v: i32, value: i32, kind: i32): void {
    const u = this.uses;
    if (u === this.useValue.length) {
      this.graph.memory.take(12 * u);
      this.useValue = doubled(this.useValue);
      this.useKind = doubled(this.useKind);
      this.useReg = doubled(this.useReg);
    }
    this.useValue[u] = value;
    this.useKind[u] = kind;
    this.useReg[u] = -1;
    this.uses = u + 1;
    this.useCount[v]++;
  }

  addMove(v: i32, to: i32, from: i32, value: i32, phi: i32): void {
    const m = this.moves;
    if (m === this.moveTo.length) {
      this.graph.memory.take(16 * m);
      this.moveTo = doubled(this.moveTo);
      this.moveFrom = doubled(this.moveFrom);
      this.moveValue = doubled(this.moveValue);
      this.movePhi = doubled(this.movePhi);
    }
    if (this.moveCount[v] === 0) this.firstMove[v] = m;
    this.moveTo[m] = to;
    this.moveFrom[m] = from;
    this.moveValue[m] = value;
    this.movePhi[m] = phi;
    this.moveCount[v]++;
    this.moves = m + 1;
  }
}
