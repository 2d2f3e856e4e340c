import { copyBytes, fillBytes } from '../../support/bulk.js';
import { Int8Array, Int32Array, Math, unreachable } from '../../support/dialect.js';
import type { MemoryBudget } from '../../support/memory-budget.js';
import { fillWords } from './arrays.js';
import { doubled, type Graph, Ir } from './ir.js';

const firstDefinitions = 4096;

/**
 * Which value a local has where: SSA construction on the fly (Braun et al., "Simple and Efficient Construction of Static
 * Single Assignment Form", 2013). A block whose predecessors are not all known (a loop header before its last back edge)
 * gets phis without operands, which `seal` fills in. Nothing recurs: phis that wait for operands are a list.
 */
export class Variables {
  readonly #graph: Graph;
  /** Open addressing by block and local. */
  #keyBlock: Int32Array = new Int32Array(firstDefinitions);
  #keyLocal: Int32Array = new Int32Array(firstDefinitions);
  #value: Int32Array = new Int32Array(firstDefinitions);
  #definitions: i32 = 0;
  /** 1: all predecessors are known. */
  #sealed: Int32Array = new Int32Array(128);
  /** Phis of blocks that are not sealed: phi, local, next, as lists by block. */
  #incomplete: Int32Array = new Int32Array(3 * 64);
  #incompleteCount: i32 = 0;
  #incompleteHead: Int32Array = new Int32Array(128);
  /** Phis that wait for operands: phi, local. */
  #queue: Int32Array = new Int32Array(2 * 64);
  #queued: i32 = 0;
  /** Type per local; first value of parameters. */
  types: Int8Array = new Int8Array(64);
  /** Value of each parameter at the begin, of zero for declared locals by type. */
  parameters: i32 = 0;
  firstParameter: i32 = 0;
  readonly zeros: Int32Array = new Int32Array(8);

  constructor(graph: Graph) {
    this.#graph = graph;
    fillWords(this.#keyBlock, -1);
  }

  reset(): void {
    // What a large function needed is not cleared for each small one after it.
    if (this.#keyBlock.length > firstDefinitions) {
      this.#keyBlock = new Int32Array(firstDefinitions);
      this.#keyLocal = new Int32Array(firstDefinitions);
      this.#value = new Int32Array(firstDefinitions);
      fillWords(this.#keyBlock, -1);
    } else if (this.#definitions > 0) fillWords(this.#keyBlock, -1);
    this.#definitions = 0;
    this.#incompleteCount = 0;
    this.#queued = 0;
  }

  get budget(): MemoryBudget {
    return this.#graph.memory;
  }

  /** `count` locals from `first` on have the type. */
  declareLocals(first: i32, count: i32, type: i32): void {
    this.#reserveTypes(first + count);
    fillBytes(this.types, type, first, first + count);
  }

  declareParameters(types: Int8Array): void {
    this.#reserveTypes(types.length);
    copyBytes(this.types, types);
    this.parameters = types.length;
  }

  #reserveTypes(count: i32): void {
    while (count > this.types.length) {
      this.budget.take(this.types.length);
      const types = new Int8Array(2 * this.types.length);
      copyBytes(types, this.types);
      this.types = types;
    }
  }

  /** A block begins. */
  openBlock(b: i32, sealed: bool): void {
    while (b >= this.#sealed.length) {
      this.budget.take(8 * this.#sealed.length);
      this.#sealed = doubled(this.#sealed);
      this.#incompleteHead = doubled(this.#incompleteHead);
    }
    this.#sealed[b] = sealed ? 1 : 0;
    this.#incompleteHead[b] = -1;
  }

  #find(block: i32, local: i32): i32 {
    const mask = this.#keyBlock.length - 1;
    let i = (Math.imul(block, 0x9e3779b1 | 0) ^ Math.imul(local, 0x85ebca6b | 0)) >>> 7;
    for (;;) {
      i &= mask;
      const b = this.#keyBlock[i];
      if (b < 0 || (b === block && this.#keyLocal[i] === local)) return i;
      i++;
    }
    // biome-ignore lint/correctness/noUnreachable: AssemblyScript wants a value where a loop ends that never does.
    return unreachable();
  }

  write(block: i32, local: i32, value: i32): void {
    const i = this.#find(block, local);
    if (this.#keyBlock[i] < 0) {
      this.#keyBlock[i] = block;
      this.#keyLocal[i] = local;
      this.#definitions++;
    }
    this.#value[i] = value;
    if (2 * this.#definitions > this.#keyBlock.length) this.#rehash();
  }

  #rehash(): void {
    const blocks = this.#keyBlock;
    const locals = this.#keyLocal;
    const values = this.#value;
    const n = blocks.length;
    this.budget.take(12 * n);
    this.#keyBlock = new Int32Array(2 * n);
    this.#keyLocal = new Int32Array(2 * n);
    this.#value = new Int32Array(2 * n);
    fillWords(this.#keyBlock, -1);
    for (let k = 0; k < n; k++) {
      if (blocks[k] < 0) continue;
      const i = this.#find(blocks[k], locals[k]);
      this.#keyBlock[i] = blocks[k];
      this.#keyLocal[i] = locals[k];
      this.#value[i] = values[k];
    }
  }

  /** The value of the local at the end of the block, as far as that is built. */
  read(block: i32, local: i32): i32 {
    const value = this.#lookUp(block, local);
    if (this.#queued > 0) {
      this.#fillAll();
      return this.#graph.resolve(value);
    }
    return value;
  }

  /** May leave phis in the queue. */
  #lookUp(start: i32, local: i32): i32 {
    const g = this.#graph;
    let b = start;
    let value = -1;
    for (;;) {
      g.work.spend(1);
      const i = this.#find(b, local);
      if (this.#keyBlock[i] >= 0) {
        value = g.resolve(this.#value[i]);
        break;
      }
      if (this.#sealed[b] === 0) {
        value = this.#newPhi(b, local);
        const at = 3 * this.#incompleteCount++;
        if (at + 3 > this.#incomplete.length) {
          this.budget.take(4 * this.#incomplete.length);
          this.#incomplete = doubled(this.#incomplete);
        }
        this.#incomplete[at] = value;
        this.#incomplete[at + 1] = local;
        this.#incomplete[at + 2] = this.#incompleteHead[b];
        this.#incompleteHead[b] = at;
        break;
      }
      if (g.edgeCount[b] === 0) {
        value = local < this.parameters ? this.firstParameter + local : this.zeros[this.types[local]];
        break;
      }
      if (g.edgeCount[b] > 1) {
        value = this.#newPhi(b, local);
        this.#enqueue(value, local);
        break;
      }
      b = g.edgeFrom[g.edgeHead[b]];
    }
    if (b !== start) this.write(start, local, value);
    return value;
  }

  #newPhi(b: i32, local: i32): i32 {
    const g = this.#graph;
    const phi = g.make(Ir.phi, this.types[local], 0);
    g.appendPhi(phi, b);
    this.write(b, local, phi);
    return phi;
  }

  #enqueue(phi: i32, local: i32): void {
    if (2 * this.#queued + 2 > this.#queue.length) {
      this.budget.take(4 * this.#queue.length);
      this.#queue = doubled(this.#queue);
    }
    this.#queue[2 * this.#queued] = phi;
    this.#queue[2 * this.#queued + 1] = local;
    this.#queued++;
  }

  #fillAll(): void {
    while (this.#queued > 0) {
      const k = --this.#queued;
      this.#fill(this.#queue[2 * k], this.#queue[2 * k + 1]);
    }
  }

  #fill(phi: i32, local: i32): void {
    const g = this.#graph;
    const b = g.block[phi];
    const count = g.edgeCount[b];
    const list = g.allocate(count);
    g.list[phi] = list;
    g.count[phi] = count;
    let k = 0;
    for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e]) g.pool[list + k++] = -1;
    k = 0;
    for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e]) {
      const value = this.#lookUp(g.edgeFrom[e], local);
      g.pool[list + k++] = value;
    }
    replaceTrivial(g, phi);
  }

  /** All predecessors of the block are known. */
  seal(b: i32): void {
    this.#sealed[b] = 1;
    for (let at = this.#incompleteHead[b]; at >= 0; at = this.#incomplete[at + 2]) {
      this.#enqueue(this.#incomplete[at], this.#incomplete[at + 1]);
    }
    this.#incompleteHead[b] = -1;
    this.#fillAll();
  }
}

/** A phi whose operands are one value, or itself, is that value. Returns whether it was. */
export function replaceTrivial(g: Graph, phi: i32): bool {
  let same = -1;
  const list = g.list[phi];
  for (let k = 0; k < g.count[phi]; k++) {
    const value = g.resolve(g.pool[list + k]);
    // An operand that is not there yet: too early to tell.
    if (value < 0) return false;
    if (value === phi || value === same) continue;
    if (same >= 0) return false;
    same = value;
  }
  if (same < 0) return false;
  g.forward[phi] = same;
  g.remove(phi);
  return true;
}
