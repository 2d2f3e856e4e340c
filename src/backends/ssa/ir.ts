/**
 * The graph of one function: values in SSA form, in typed arrays. A value is the index of the instruction that makes it.
 * Instructions keep wasm's order inside of their block (a linked list); blocks are numbered so that all predecessors but
 * those of back edges come first.
 */
import { Int8Array, Int32Array, Math } from '../../support/dialect.js';
import type { MemoryBudget } from '../../support/memory-budget.js';
import { Type } from '../../valuestack/types.js';
import type { Work } from './work.js';

/** Operations that are no opcodes of WebAssembly. The others have the numbers of `Op`. */
export const enum Ir {
  /** imm: index of the parameter. */
  param = 0x200,
  /** A block parameter: one operand per predecessor, in the list, in the order of the block's predecessors. */
  phi = 0x201,
  /** imm, imm2: halves. A vector's imm is its code position, or a `VectorConstant`. */
  constant = 0x202,
  /** Result number imm of call x. Follows its call without anything between. */
  result = 0x203,
  /** Call of stub imm (`Stub`), arguments in the list. */
  stub = 0x204,
  // Ends of blocks.
  /** To block imm. */
  jump = 0x208,
  /** To block imm if x is not zero, else to block imm2. */
  branch = 0x209,
  /** x: index; the list holds blocks, the default last. */
  table = 0x20a,
  /** The list holds the results. */
  return_ = 0x20b,
  /** imm: TrapCode. */
  trap = 0x20c,
  /** First and last that end a block. */
  firstEnd = 0x208,
  lastEnd = 0x20c,
}

/** What `Ir.stub` calls. */
export const enum Stub {
  memoryGrow = 0,
  memoryFill = 1,
  memoryCopy = 2,
  memoryInit = 3,
  tableGrow = 4,
  tableFill = 5,
  tableCopy = 6,
  tableInit = 7,
  // The same for tables of functions.
  functionsFill = 8,
  functionsCopy = 9,
  functionsInit = 10,
  atomicNotify = 11,
  atomicWait32 = 12,
  atomicWait64 = 13,
  memorySize = 14,
}

const firstValues = 1024;
const firstBlocks = 128;
const firstPool = 1024;

/** Units of work: a value takes some 200 bytes; the allocator has two states of all registers for each block, and compares them at each edge. */
const valueWork: i32 = 16;
const blockWork: i32 = 16;
const edgeWork: i32 = 4;

export class Graph {
  memory: MemoryBudget;
  readonly work: Work;

  // Values. Operands are values, or -1.
  values: i32 = 0;
  op: Int32Array = new Int32Array(firstValues);
  type: Int8Array = new Int8Array(firstValues);
  x: Int32Array = new Int32Array(firstValues);
  y: Int32Array = new Int32Array(firstValues);
  z: Int32Array = new Int32Array(firstValues);
  imm: Int32Array = new Int32Array(firstValues);
  imm2: Int32Array = new Int32Array(firstValues);
  /** Operands beyond three, or blocks: `count` numbers of the pool from `list` on. */
  list: Int32Array = new Int32Array(firstValues);
  count: Int32Array = new Int32Array(firstValues);
  /** Block of the instruction, -1: it is gone. */
  block: Int32Array = new Int32Array(firstValues);
  next: Int32Array = new Int32Array(firstValues);
  previous: Int32Array = new Int32Array(firstValues);
  /** Module offset of the opcode. */
  at: Int32Array = new Int32Array(firstValues);
  /** What stands in the place of a value, or -1. */
  forward: Int32Array = new Int32Array(firstValues);

  // Blocks.
  blocks: i32 = 0;
  first: Int32Array = new Int32Array(firstBlocks);
  last: Int32Array = new Int32Array(firstBlocks);
  /** The last phi, or -1. */
  #lastPhi: Int32Array = new Int32Array(firstBlocks);
  /** Predecessors as a list of edges. */
  edgeHead: Int32Array = new Int32Array(firstBlocks);
  edgeTail: Int32Array = new Int32Array(firstBlocks);
  edgeCount: Int32Array = new Int32Array(firstBlocks);
  /** Of the edges to the block's successor, which one is the block's (0 if it has several: they have no other predecessor). */
  edgeIndex: Int32Array = new Int32Array(firstBlocks);
  /** Immediate dominator, depth in the dominator tree, and a shortcut upwards. */
  idom: Int32Array = new Int32Array(firstBlocks);
  depth: Int32Array = new Int32Array(firstBlocks);
  jump: Int32Array = new Int32Array(firstBlocks);
  /** 1: a loop header. */
  header: Int8Array = new Int8Array(firstBlocks);
  /** Header of the innermost loop that the block is in (itself if it is one), or -1; number of loops around. */
  loop: Int32Array = new Int32Array(firstBlocks);
  loopDepth: Int32Array = new Int32Array(firstBlocks);

  // Edges: the block they come from, the next edge to the same block.
  edges: i32 = 0;
  edgeFrom: Int32Array = new Int32Array(firstBlocks);
  edgeNext: Int32Array = new Int32Array(firstBlocks);

  pool: Int32Array = new Int32Array(firstPool);
  poolLength: i32 = 0;

  constructor(memory: MemoryBudget, work: Work) {
    this.memory = memory;
    this.work = work;
  }

  reset(): void {
    this.values = 0;
    this.blocks = 0;
    this.edges = 0;
    this.poolLength = 0;
  }

  #growValues(): void {
    const n = this.op.length;
    this.memory.take(n * 43);
    const op = new Int32Array(2 * n);
    op.set(this.op);
    this.op = op;
    const type = new Int8Array(2 * n);
    type.set(this.type);
    this.type = type;
    this.x = doubled(this.x);
    this.y = doubled(this.y);
    this.z = doubled(this.z);
    this.imm = doubled(this.imm);
    this.imm2 = doubled(this.imm2);
    this.list = doubled(this.list);
    this.count = doubled(this.count);
    this.block = doubled(this.block);
    this.next = doubled(this.next);
    this.previous = doubled(this.previous);
    this.at = doubled(this.at);
    this.forward = doubled(this.forward);
  }

  /** A value that is in no block yet. */
  make(op: i32, type: i32, at: i32): i32 {
    this.work.spend(valueWork);
    const v = this.values;
    if (v === this.op.length) this.#growValues();
    this.values = v + 1;
    this.op[v] = op;
    this.type[v] = type;
    this.x[v] = this.y[v] = this.z[v] = -1;
    this.imm[v] = this.imm2[v] = 0;
    this.list[v] = this.count[v] = 0;
    this.block[v] = -1;
    this.next[v] = this.previous[v] = -1;
    this.at[v] = at;
    this.forward[v] = -1;
    return v;
  }

  /** At the end of the block. */
  append(v: i32, block: i32): void {
    const last = this.last[block];
    this.block[v] = block;
    this.previous[v] = last;
    this.next[v] = -1;
    if (last < 0) this.first[block] = v;
    else this.next[last] = v;
    this.last[block] = v;
  }

  insertBefore(v: i32, other: i32): void {
    const block = this.block[other];
    const previous = this.previous[other];
    this.block[v] = block;
    this.previous[v] = previous;
    this.next[v] = other;
    this.previous[other] = v;
    if (previous < 0) this.first[block] = v;
    else this.next[previous] = v;
  }

  /** At the begin of the block, behind its other phis. */
  appendPhi(v: i32, block: i32): void {
    const last = this.#lastPhi[block];
    this.#lastPhi[block] = v;
    const other = last < 0 ? this.first[block] : this.next[last];
    if (other < 0) this.append(v, block);
    else this.insertBefore(v, other);
  }

  /** At the begin of the block, before all others. */
  prepend(v: i32, block: i32): void {
    const first = this.first[block];
    if (first < 0) this.append(v, block);
    else this.insertBefore(v, first);
  }

  remove(v: i32): void {
    const block = this.block[v];
    const previous = this.previous[v];
    const next = this.next[v];
    if (previous < 0) this.first[block] = next;
    else this.next[previous] = next;
    if (next < 0) this.last[block] = previous;
    else this.previous[next] = previous;
    if (this.#lastPhi[block] === v) this.#lastPhi[block] = previous;
    this.block[v] = -1;
  }

  #growBlocks(): void {
    const n = this.first.length;
    this.memory.take(n * 49);
    this.first = doubled(this.first);
    this.last = doubled(this.last);
    this.#lastPhi = doubled(this.#lastPhi);
    this.edgeHead = doubled(this.edgeHead);
    this.edgeTail = doubled(this.edgeTail);
    this.edgeCount = doubled(this.edgeCount);
    this.edgeIndex = doubled(this.edgeIndex);
    this.idom = doubled(this.idom);
    this.depth = doubled(this.depth);
    this.jump = doubled(this.jump);
    const header = new Int8Array(2 * n);
    header.set(this.header);
    this.header = header;
    this.loop = doubled(this.loop);
    this.loopDepth = doubled(this.loopDepth);
  }

  newBlock(): i32 {
    this.work.spend(blockWork);
    const b = this.blocks;
    if (b === this.first.length) this.#growBlocks();
    this.blocks = b + 1;
    this.first[b] = this.last[b] = this.#lastPhi[b] = -1;
    this.edgeHead[b] = this.edgeTail[b] = -1;
    this.edgeCount[b] = this.edgeIndex[b] = 0;
    this.idom[b] = -1;
    this.depth[b] = 0;
    this.jump[b] = b;
    this.header[b] = 0;
    this.loop[b] = -1;
    this.loopDepth[b] = 0;
    return b;
  }

  /** Control can go from one block to another. */
  addEdge(from: i32, to: i32): void {
    this.work.spend(edgeWork);
    const e = this.edges;
    if (e === this.edgeFrom.length) {
      this.memory.take(8 * e);
      this.edgeFrom = doubled(this.edgeFrom);
      this.edgeNext = doubled(this.edgeNext);
    }
    this.edges = e + 1;
    this.edgeFrom[e] = from;
    this.edgeNext[e] = -1;
    if (this.edgeHead[to] < 0) this.edgeHead[to] = e;
    else this.edgeNext[this.edgeTail[to]] = e;
    this.edgeTail[to] = e;
    this.edgeIndex[from] = this.edgeCount[to]++;
  }

  /** Place for `n` numbers in the pool. */
  allocate(n: i32): i32 {
    this.work.spend(n);
    const at = this.poolLength;
    while (at + n > this.pool.length) {
      this.memory.take(4 * this.pool.length);
      this.pool = doubled(this.pool);
    }
    this.poolLength = at + n;
    return at;
  }

  // Dominators. The tree is known as soon as a block begins: back edges do not change it.

  setDominator(b: i32, parent: i32): void {
    this.idom[b] = parent;
    this.depth[b] = this.depth[parent] + 1;
    const shortcut = this.jump[parent];
    const far = this.jump[shortcut];
    const isEven = this.depth[parent] - this.depth[shortcut] === this.depth[shortcut] - this.depth[far];
    this.jump[b] = isEven ? far : parent;
  }

  /** Block a dominates block b: in a logarithmic number of steps. */
  dominates(a: i32, b: i32): bool {
    const depth = this.depth[a];
    while (this.depth[b] > depth) b = this.depth[this.jump[b]] >= depth ? this.jump[b] : this.idom[b];
    return a === b;
  }

  commonDominator(a: i32, b: i32): i32 {
    if (this.depth[a] > this.depth[b]) {
      const t = a;
      a = b;
      b = t;
    }
    const depth = this.depth[a];
    while (this.depth[b] > depth) b = this.depth[this.jump[b]] >= depth ? this.jump[b] : this.idom[b];
    while (a !== b) {
      if (this.jump[a] !== this.jump[b]) {
        a = this.jump[a];
        b = this.jump[b];
      } else {
        a = this.idom[a];
        b = this.idom[b];
      }
    }
    return a;
  }

  /** The value that stands for v. */
  resolve(v: i32): i32 {
    const forward = this.forward;
    if (v < 0 || forward[v] < 0) return v;
    let root = forward[v];
    while (forward[root] >= 0) root = forward[root];
    while (forward[v] !== root && v !== root) {
      const next = forward[v];
      forward[v] = root;
      v = next;
    }
    return root;
  }

  isConstant(v: i32): bool {
    return this.op[v] === Ir.constant;
  }

  isEnd(v: i32): bool {
    return this.op[v] >= Ir.firstEnd && this.op[v] <= Ir.lastEnd;
  }

  /** The list holds values (not blocks). */
  listsValues(v: i32): bool {
    return this.op[v] !== Ir.table;
  }
}

export function doubled(array: Int32Array): Int32Array {
  const grown = new Int32Array(2 * Math.max(1, array.length));
  grown.set(array);
  return grown;
}

/** Only a type of the graph: instructions that make nothing. */
export const noType: i32 = -1;

/** i64, and references, which are 64 bits in a general register. */
export function isWide(type: i32): bool {
  return type === Type.i64 || type >= Type.ref;
}
