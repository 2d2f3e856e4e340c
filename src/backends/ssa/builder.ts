import type { ModuleInfo } from '../../stream/module.js';
import { Op } from '../../stream/op.js';
import { BlockKind, ValType } from '../../stream/types.js';
import { type Int8Array, Int32Array, type Uint32Array } from '../../support/dialect.js';
import { Type, typeOfByte } from '../../valuestack/types.js';
import { type ContextLayout, SegmentRecord, TableField, TrapCode } from '../abi/layout.js';
import { type CallShape, noTypes, singleType } from '../code/call-shape.js';
import { doubled, type Graph, Ir, noType, Stub } from './ir.js';
import { operandsOf, resultType, Values } from './values.js';
import { Variables } from './variables.js';

/** Fields of a control frame. */
const enum F {
  kind = 0,
  /** Height of the operand stack without the block's parameters. */
  height = 1,
  blockType = 2,
  /** Header of a loop. */
  header = 3,
  /** Forward branches to the label: the last one. */
  branches = 4,
  /** The `branch` of an if whose else-side has no block yet, and its parameters in the pool. */
  branch = 5,
  params = 6,
  stride = 8,
}

/** Builds the graph of a function from the calls of a body decoder. */
export abstract class GraphBuilder extends Values {
  protected readonly variables: Variables;
  info!: ModuleInfo;
  layout!: ContextLayout;
  shape!: CallShape;
  functionTypes!: Uint32Array;
  protected functionIndex: i32 = 0;
  #stack: Int32Array = new Int32Array(256);
  #height: i32 = 0;
  #frames: Int32Array = new Int32Array(F.stride * 32);
  #top: i32 = 0;
  /** Forward branches: the jump, its values in the pool, the one before. */
  #branches: Int32Array = new Int32Array(3 * 64);
  #branchCount: i32 = 0;
  #locals: i32 = 0;
  // br_table in progress.
  #tableList: i32 = 0;
  #tableAt: i32 = 0;
  #tableIndex: i32 = 0;
  /** By depth: the block that a table's target became, valid if the stamp is the table's. */
  #tableBlock: Int32Array = new Int32Array(32);
  #tableStamp: Int32Array = new Int32Array(32);
  #tables: i32 = 0;

  constructor(graph: Graph) {
    super(graph);
    this.variables = new Variables(graph);
  }

  // Of the module.

  /** Calling convention of a type. */
  protected abstract shapeOf(typeIndex: i32): CallShape;

  /** Code position of a vector constant, or a `VectorConstant`. */
  protected abstract vectorPosition(a: i32, b: i32, c: i32, d: i32): i32;

  // Functions.

  protected beginGraph(shape: CallShape): void {
    const g = this.graph;
    g.reset();
    this.reset();
    this.variables.reset();
    this.shape = shape;
    this.#height = 0;
    this.#top = -F.stride;
    this.#branchCount = 0;
    this.variables.declareParameters(shape.params);
    this.#locals = shape.params.length;
    g.newBlock();
    this.variables.openBlock(0, true);
    this.variables.firstParameter = g.values;
    for (let i = 0; i < shape.params.length; i++) this.add(Ir.param, shape.params[i], -1, -1, -1, i, 0);
  }

  locals(count: i32, type: i32): void {
    this.variables.declareLocals(this.#locals, count, typeOfByte(type));
    this.#locals += count;
  }

  protected beginBody(): void {
    for (let type = 0; type <= Type.externRef; type++) this.variables.zeros[type] = this.constant(type, 0, 0);
    this.#push(BlockKind.function_, 0, -1);
    // The first block holds parameters and constants only; it ends when all of them are known.
    this.leaveBlock();
    this.#begin(this.#successor(0));
  }

  protected endGraph(): void {
    const g = this.graph;
    const jump = g.make(Ir.jump, noType, 0);
    g.imm[jump] = 1;
    g.append(jump, 0);
  }

  at(offset: i32): void {
    this.offset = offset;
    this.graph.work.at(offset);
  }

  // Exceptions: calls have no edges to handlers. Functions with these instructions are compiled in one pass.

  beginTry(_blockType: i32): void {
    this.graph.work.giveUp();
  }

  catchTag(_live: bool, _tag: i32): void {
    this.graph.work.giveUp();
  }

  catchAll(_live: bool): void {
    this.graph.work.giveUp();
  }

  delegate(_live: bool, _depth: i32): void {
    this.graph.work.giveUp();
  }

  catchClause(_kind: i32, _tag: i32, _depth: i32): void {
    this.graph.work.giveUp();
  }

  beginTryTable(_blockType: i32, _count: i32): void {
    this.graph.work.giveUp();
  }

  throwTag(_tag: i32): void {
    this.graph.work.giveUp();
  }

  rethrow(_depth: i32): void {
    this.graph.work.giveUp();
  }

  throwRef(): void {
    this.graph.work.giveUp();
  }

  // The operand stack.

  protected pushValue(v: i32): void {
    if (this.#height === this.#stack.length) {
      this.graph.memory.take(4 * this.#height);
      this.#stack = doubled(this.#stack);
    }
    this.#stack[this.#height++] = v;
  }

  protected pop(): i32 {
    return this.graph.resolve(this.#stack[--this.#height]);
  }

  /** Pop `count` values to the pool; returns where they are. */
  #popList(count: i32): i32 {
    const g = this.graph;
    const list = g.allocate(count);
    this.#height -= count;
    for (let k = 0; k < count; k++) g.pool[list + k] = g.resolve(this.#stack[this.#height + k]);
    return list;
  }

  /** The top `count` values to the pool; they stay. */
  #copyList(count: i32): i32 {
    const list = this.#popList(count);
    this.#height += count;
    return list;
  }

  #pushList(list: i32, count: i32): void {
    this.graph.work.spend(count);
    for (let k = 0; k < count; k++) this.pushValue(this.graph.pool[list + k]);
  }

  // Blocks.

  /** A block that comes after `from` only. */
  #successor(from: i32): i32 {
    const g = this.graph;
    const b = g.newBlock();
    this.variables.openBlock(b, true);
    g.addEdge(from, b);
    return b;
  }

  #begin(b: i32): void {
    this.enterBlock(b);
  }

  #end(op: i32, x: i32, imm: i32, imm2: i32): i32 {
    const v = this.add(op, noType, x, -1, -1, imm, imm2);
    this.leaveBlock();
    return v;
  }

  // Control.

  #push(kind: i32, height: i32, blockType: i32): i32 {
    const f = this.#top + F.stride;
    if (f + F.stride > this.#frames.length) {
      this.graph.memory.take(4 * this.#frames.length);
      this.#frames = doubled(this.#frames);
    }
    this.#top = f;
    const frames = this.#frames;
    frames[f + F.kind] = kind;
    frames[f + F.height] = height;
    frames[f + F.blockType] = blockType;
    frames[f + F.branches] = -1;
    return f;
  }

  #params(blockType: i32): Int8Array {
    return blockType >= 256 ? this.shapeOf(blockType - 256).params : noTypes;
  }

  #results(blockType: i32): Int8Array {
    if (blockType >= 256) return this.shapeOf(blockType - 256).results;
    return blockType < 0 ? noTypes : singleType(blockType);
  }

  block(blockType: i32): void {
    this.#push(BlockKind.block, this.#height - this.#params(blockType).length, blockType);
  }

  loop(blockType: i32): void {
    const g = this.graph;
    const types = this.#params(blockType);
    const count = types.length;
    const list = this.#popList(count);
    const f = this.#push(BlockKind.loop, this.#height, blockType);
    const b = g.newBlock();
    g.header[b] = 1;
    this.variables.openBlock(b, false);
    const from = this.current;
    g.addEdge(from, b);
    this.#end(Ir.jump, -1, b, 0);
    this.#begin(b);
    this.#frames[f + F.header] = b;
    // The values of the way in stand at `params`; those of back edges are kept with the branches.
    this.#frames[f + F.params] = list;
    for (let k = 0; k < count; k++) {
      const phi = g.make(Ir.phi, types[k], 0);
      g.appendPhi(phi, b);
      this.pushValue(phi);
    }
    this.#frames[f + F.branch] = this.#height;
    if (count > 0) this.#frames[f + F.branch] = g.first[b];
  }

  if(blockType: i32): void {
    const condition = this.condition(this.pop());
    const negated = this.isNegated;
    const count = this.#params(blockType).length;
    const f = this.#push(BlockKind.if_, this.#height - count, blockType);
    this.#frames[f + F.params] = this.#copyList(count);
    const then = this.#successor(this.current);
    // Of the two blocks one is known; `branch` remembers in which field the other belongs.
    const v = this.#end(Ir.branch, condition, negated ? -1 : then, negated ? then : -1);
    this.#frames[f + F.branch] = v;
    this.#begin(then);
  }

  /** The block where an if's condition does not hold. */
  #otherSide(f: i32): i32 {
    const g = this.graph;
    const branch = this.#frames[f + F.branch];
    const b = this.#successor(g.block[branch]);
    if (g.imm[branch] < 0) g.imm[branch] = b;
    else g.imm2[branch] = b;
    return b;
  }

  else(live: bool): void {
    const f = this.#top;
    const frames = this.#frames;
    const blockType = frames[f + F.blockType];
    if (live) this.#branchTo(f, this.#popList(this.#results(blockType).length));
    this.#height = frames[f + F.height];
    this.#pushList(frames[f + F.params], this.#params(blockType).length);
    frames[f + F.kind] = BlockKind.else_;
    this.#begin(this.#otherSide(f));
  }

  end(live: bool): void {
    const frames = this.#frames;
    const f = this.#top;
    const kind = frames[f + F.kind];
    if (kind === BlockKind.function_) {
      if (live) this.return();
      this.#top -= F.stride;
      return;
    }
    const blockType = frames[f + F.blockType];
    if (kind === BlockKind.loop) {
      this.#sealLoop(f);
      this.#top -= F.stride;
      return;
    }
    const count = this.#results(blockType).length;
    if (live && (frames[f + F.branches] >= 0 || kind === BlockKind.if_)) this.#branchTo(f, this.#popList(count));
    else if (live) {
      // Nothing branches here: the block goes on.
      this.#top -= F.stride;
      return;
    }
    if (kind === BlockKind.if_) {
      this.#begin(this.#otherSide(f));
      this.#branchTo(f, frames[f + F.params]);
    }
    this.#top -= F.stride;
    this.#height = frames[f + F.height];
    if (frames[f + F.branches] >= 0) this.#join(frames[f + F.branches], this.#results(blockType));
  }

  /** The label at the end of a block: here its branches meet. */
  #join(last: i32, types: Int8Array): void {
    const g = this.graph;
    const branches = this.#branches;
    const count = types.length;
    const b = g.newBlock();
    let edges = 0;
    for (let k = last; k >= 0; k = branches[k + 2]) {
      const jump = branches[k];
      g.imm[jump] = b;
      g.addEdge(g.block[jump], b);
      edges++;
    }
    this.variables.openBlock(b, true);
    this.#begin(b);
    g.work.spend(count);
    for (let i = 0; i < count; i++) {
      if (edges === 1) {
        this.pushValue(g.resolve(g.pool[branches[last + 1] + i]));
        continue;
      }
      const list = g.allocate(edges);
      let n = 0;
      let same = -1;
      let isSame = true;
      for (let k = last; k >= 0; k = branches[k + 2]) {
        const value = g.resolve(g.pool[branches[k + 1] + i]);
        g.pool[list + n++] = value;
        if (same < 0) same = value;
        else if (same !== value) isSame = false;
      }
      if (isSame) {
        this.pushValue(same);
        continue;
      }
      const phi = g.make(Ir.phi, types[i], 0);
      g.list[phi] = list;
      g.count[phi] = edges;
      g.appendPhi(phi, b);
      this.pushValue(phi);
    }
  }

  /** All back edges are known. */
  #sealLoop(f: i32): void {
    const g = this.graph;
    const frames = this.#frames;
    const b = frames[f + F.header];
    const types = this.#params(frames[f + F.blockType]);
    // Branches are linked from the last to the first, edges the other way round.
    let edges = 1;
    for (let k = frames[f + F.branches]; k >= 0; k = this.#branches[k + 2]) edges++;
    let phi = types.length > 0 ? frames[f + F.branch] : -1;
    for (let i = 0; i < types.length; i++) {
      const list = g.allocate(edges);
      let n = edges - 1;
      for (let k = frames[f + F.branches]; k >= 0; k = this.#branches[k + 2]) {
        g.pool[list + n--] = g.pool[this.#branches[k + 1] + i];
      }
      g.pool[list] = g.pool[frames[f + F.params] + i];
      g.list[phi] = list;
      g.count[phi] = edges;
      phi = g.next[phi];
    }
    this.variables.seal(b);
  }

  #frameAt(depth: i32): i32 {
    return this.#top - F.stride * depth;
  }

  #arity(f: i32): i32 {
    const frames = this.#frames;
    const kind = frames[f + F.kind];
    if (kind === BlockKind.function_) return this.shape.results.length;
    const blockType = frames[f + F.blockType];
    return kind === BlockKind.loop ? this.#params(blockType).length : this.#results(blockType).length;
  }

  /** End the current block by a jump to the label, with the values of the list. */
  #branchTo(f: i32, list: i32): void {
    const g = this.graph;
    const frames = this.#frames;
    if (frames[f + F.kind] === BlockKind.function_) {
      this.#return(list);
      return;
    }
    const at = 3 * this.#branchCount++;
    while (at + 3 > this.#branches.length) {
      g.memory.take(4 * this.#branches.length);
      this.#branches = doubled(this.#branches);
    }
    const isLoop = frames[f + F.kind] === BlockKind.loop;
    const header = frames[f + F.header];
    if (isLoop) g.addEdge(this.current, header);
    this.#branches[at] = this.#end(Ir.jump, -1, isLoop ? header : -1, 0);
    this.#branches[at + 1] = list;
    this.#branches[at + 2] = frames[f + F.branches];
    frames[f + F.branches] = at;
  }

  br(depth: i32): void {
    const f = this.#frameAt(depth);
    this.#branchTo(f, this.#popList(this.#arity(f)));
  }

  brIf(depth: i32): void {
    const condition = this.condition(this.pop());
    const negated = this.isNegated;
    const f = this.#frameAt(depth);
    const list = this.#copyList(this.#arity(f));
    const from = this.current;
    const edge = this.#successor(from);
    const next = this.#successor(from);
    this.#end(Ir.branch, condition, negated ? next : edge, negated ? edge : next);
    this.#begin(edge);
    this.#branchTo(f, list);
    this.#begin(next);
  }

  brTableBegin(count: i32): void {
    const g = this.graph;
    this.#tableIndex = this.pop();
    this.#tableList = g.allocate(count + 1);
    this.#tableAt = 0;
    this.#tables++;
    const v = this.#end(Ir.table, this.#tableIndex, 0, 0);
    g.list[v] = this.#tableList;
    g.count[v] = count + 1;
  }

  brTableTarget(depth: i32): void {
    while (depth >= this.#tableBlock.length) {
      this.graph.memory.take(8 * this.#tableBlock.length);
      this.#tableBlock = doubled(this.#tableBlock);
      this.#tableStamp = doubled(this.#tableStamp);
    }
    if (this.#tableStamp[depth] !== this.#tables) {
      this.#tableStamp[depth] = this.#tables;
      const from = this.current;
      const edge = this.#successor(from);
      this.#tableBlock[depth] = edge;
      const f = this.#frameAt(depth);
      const list = this.#copyList(this.#arity(f));
      this.#begin(edge);
      this.#branchTo(f, list);
      this.current = from;
    }
    this.graph.pool[this.#tableList + this.#tableAt++] = this.#tableBlock[depth];
  }

  brTableDefault(depth: i32): void {
    this.brTableTarget(depth);
  }

  return(): void {
    this.#return(this.#popList(this.shape.results.length));
  }

  #return(list: i32): void {
    const g = this.graph;
    const v = this.#end(Ir.return_, -1, 0, 0);
    g.list[v] = list;
    g.count[v] = this.shape.results.length;
  }

  unreachableIf(offset: i32): void {
    this.if(-1);
    this.at(offset);
    this.unreachable();
    this.end(false);
  }

  unreachable(): void {
    this.#end(Ir.trap, -1, TrapCode.unreachable, 0);
  }

  // Calls.

  #call(op: i32, imm: i32, imm2: i32, shape: CallShape, list: i32, count: i32): void {
    const g = this.graph;
    const v = this.add(op, noType, -1, -1, -1, imm, imm2);
    g.list[v] = list;
    g.count[v] = count;
    for (let k = 0; k < shape.results.length; k++) {
      this.pushValue(this.add(Ir.result, shape.results[k], v, -1, -1, k, shape.resultPlace[k]));
    }
    this.changeAll();
  }

  call(functionIndex: i32): void {
    const shape = this.shapeOf(this.functionTypes[functionIndex]);
    const count = shape.params.length;
    this.#call(Op.call, functionIndex, this.functionTypes[functionIndex], shape, this.#popList(count), count);
  }

  /** The index is the last of the operands. */
  callIndirect(typeIndex: i32, tableIndex: i32): void {
    this.#onlyNarrow(tableIndex);
    const shape = this.shapeOf(typeIndex);
    const count = shape.params.length + 1;
    this.#call(Op.callIndirect, tableIndex, typeIndex, shape, this.#popList(count), count);
  }

  // Tail calls too.

  returnCall(_functionIndex: i32): void {
    this.graph.work.giveUp();
  }

  returnCallIndirect(_typeIndex: i32, _tableIndex: i32): void {
    this.graph.work.giveUp();
  }

  /** Call of a stub with the top `count` operands, and one or two numbers. */
  #stub(stub: Stub, count: i32, extra: i32, a: i32, b: i32, result: i32): void {
    if (extra > 0) this.pushValue(this.i32Constant(a));
    if (extra > 1) this.pushValue(this.i32Constant(b));
    const g = this.graph;
    const v = this.add(Ir.stub, noType, -1, -1, -1, stub, 0);
    g.list[v] = this.#popList(count + extra);
    g.count[v] = count + extra;
    // The first result place is rax.
    if (result >= 0) this.pushValue(this.add(Ir.result, result, v, -1, -1, 0, 0));
    this.changeAll();
  }

  // Parametric and variables.

  drop(): void {
    this.#height--;
  }

  select(): void {
    const condition = this.pop();
    const y = this.pop();
    const x = this.pop();
    this.pushValue(this.choose(x, y, condition));
  }

  localGet(index: i32): void {
    this.pushValue(this.variables.read(this.current, index));
  }

  localSet(index: i32): void {
    this.variables.write(this.current, index, this.pop());
  }

  localTee(index: i32): void {
    this.variables.write(this.current, index, this.graph.resolve(this.#stack[this.#height - 1]));
  }

  globalGet(index: i32): void {
    const globals = this.info.globals;
    const type = typeOfByte(globals.type(index));
    this.pushValue(this.global(type, index, globals.mutable(index) ? this.globalState : 0));
  }

  globalSet(index: i32): void {
    const type = typeOfByte(this.info.globals.type(index));
    const value = this.pop();
    this.add(Op.globalSet, noType, value, -1, -1, index, 0);
    this.changeGlobals();
    this.knowGlobal(type, index, value);
  }

  tableGet(table: i32): void {
    this.#onlyNarrow(table);
    const x = this.pop();
    this.pushValue(this.add(Op.tableGet, typeOfByte(this.info.tables.element(table)), x, -1, -1, table, 0));
  }

  tableSet(table: i32): void {
    this.#onlyNarrow(table);
    const value = this.pop();
    const index = this.pop();
    this.add(Op.tableSet, noType, index, value, -1, table, 0);
  }

  tableSize(table: i32): void {
    this.#onlyNarrow(table);
    this.pushValue(this.add(Op.tableSize, Type.i32, -1, -1, -1, table, 0));
  }

  i32Const(value: i32): void {
    this.pushValue(this.i32Constant(value));
  }

  i64Const(low: i32, high: i32): void {
    this.pushValue(this.constant(Type.i64, low | 0, high | 0));
  }

  f32Const(bits: i32): void {
    this.pushValue(this.constant(Type.f32, bits | 0, 0));
  }

  f64Const(low: i32, high: i32): void {
    this.pushValue(this.constant(Type.f64, low | 0, high | 0));
  }

  // Memory. Functions that use others than memory 0, addresses of 64 bits or pages of single bytes, are compiled in one pass.

  useMemory(_index: i32, _offsetHigh: i32): void {
    this.graph.work.giveUp();
  }

  /** Functions that use tables with indices of 64 bits are compiled in one pass. */
  #onlyNarrow(table: i32): void {
    if (this.info.tables.is64(table)) this.graph.work.giveUp();
  }

  #onlyFirst(memory: i32): void {
    if (memory !== 0 || this.info.is64(0) || this.info.hasBytePages(0)) this.graph.work.giveUp();
  }

  load(opcode: i32, offset: i32): void {
    const x = this.pop();
    this.pushValue(this.loadAt(opcode, resultType(opcode), x, offset | 0));
  }

  store(opcode: i32, offset: i32): void {
    const value = this.pop();
    const x = this.pop();
    this.add(opcode, noType, x, value, -1, offset | 0, 0);
    this.changeMemory();
    const load = loadOf(opcode);
    if (load >= 0) this.knowLoad(load, resultType(load), x, offset | 0, value);
  }

  memorySize(index: i32): void {
    this.#onlyFirst(index);
    if (this.info.isShared(0)) return this.#stub(Stub.memorySize, 0, 1, 0, 0, Type.i32);
    this.pushValue(this.number(Op.memorySize, Type.i32, -1, -1, -1, 0, this.globalState));
  }

  /** What others write in the meantime is read after it: no load goes on with what was known before. */
  atomic(opcode: i32, offset: i32): void {
    if (opcode === Op.memoryAtomicNotify) return this.#stub(Stub.atomicNotify, 2, 2, offset | 0, 0, Type.i32);
    if (opcode === Op.memoryAtomicWait32) return this.#stub(Stub.atomicWait32, 3, 2, offset | 0, 0, Type.i32);
    if (opcode === Op.memoryAtomicWait64) return this.#stub(Stub.atomicWait64, 3, 2, offset | 0, 0, Type.i32);
    const count = operandsOf(opcode);
    const z = count > 2 ? this.pop() : -1;
    const y = count > 1 ? this.pop() : -1;
    const x = this.pop();
    const isStore = opcode >= Op.i32AtomicStore && opcode <= Op.i64AtomicStore32;
    const v = this.add(opcode, isStore ? noType : resultType(opcode), x, y, z, offset | 0, 0);
    this.changeMemory();
    if (!isStore) this.pushValue(v);
  }

  atomicFence(): void {
    this.add(Op.atomicFence, noType, -1, -1, -1, 0, 0);
    this.changeMemory();
  }

  /** Stubs are told tables by their offsets in the instance context. */
  #elementsField(table: i32): i32 {
    return this.layout.tables + TableField.size * table + TableField.elements;
  }

  #holdsFunctions(table: i32): bool {
    return this.info.tables.element(table) === ValType.funcref;
  }

  memoryGrow(index: i32): void {
    this.#onlyFirst(index);
    this.#stub(Stub.memoryGrow, 1, 1, 0, 0, Type.i32);
  }

  memoryInit(segment: i32, index: i32): void {
    this.#onlyFirst(index);
    this.#stub(Stub.memoryInit, 3, 1, this.layout.dataSegments + SegmentRecord.size * segment, 0, -1);
  }

  memoryCopy(destination: i32, source: i32): void {
    this.#onlyFirst(destination | source);
    this.#stub(Stub.memoryCopy, 3, 0, 0, 0, -1);
  }

  memoryFill(index: i32): void {
    this.#onlyFirst(index);
    this.#stub(Stub.memoryFill, 3, 0, 0, 0, -1);
  }

  dataDrop(segment: i32): void {
    this.add(Op.dataDrop, noType, -1, -1, -1, segment, 0);
  }

  tableInit(segment: i32, table: i32): void {
    this.#onlyNarrow(table);
    const record = this.layout.elementSegments + SegmentRecord.size * segment;
    this.#stub(
      this.#holdsFunctions(table) ? Stub.functionsInit : Stub.tableInit,
      3,
      2,
      this.#elementsField(table),
      record,
      -1,
    );
  }

  elemDrop(segment: i32): void {
    this.add(Op.elemDrop, noType, -1, -1, -1, segment, 0);
  }

  tableCopy(destination: i32, source: i32): void {
    this.#onlyNarrow(destination);
    this.#onlyNarrow(source);
    this.#stub(
      this.#holdsFunctions(destination) ? Stub.functionsCopy : Stub.tableCopy,
      3,
      2,
      this.#elementsField(destination),
      this.#elementsField(source),
      -1,
    );
  }

  tableGrow(table: i32): void {
    this.#onlyNarrow(table);
    this.#stub(Stub.tableGrow, 2, 1, this.#elementsField(table), 0, Type.i32);
  }

  tableFill(table: i32): void {
    this.#onlyNarrow(table);
    this.#stub(
      this.#holdsFunctions(table) ? Stub.functionsFill : Stub.tableFill,
      3,
      1,
      this.#elementsField(table),
      0,
      -1,
    );
  }

  // References.

  refNull(type: i32): void {
    this.pushValue(this.constant(typeOfByte(type), 0, 0));
  }

  refIsNull(): void {
    this.pushValue(this.unary(Op.i64Eqz, this.pop()));
  }

  refFunc(functionIndex: i32): void {
    const type = typeOfByte(ValType.funcref);
    this.pushValue(this.number(Op.refFunc, type, -1, -1, -1, functionIndex, 0));
  }

  // Numbers.

  numeric(opcode: i32): void {
    const y = this.pop();
    if (operandsOf(opcode) === 1) this.pushValue(this.unary(opcode, y));
    else {
      const x = this.pop();
      this.pushValue(this.binary(opcode, x, y));
    }
  }

  /** Of operations on 64 bits: carries are comparisons, the upper half of a product comes from products of halves. */
  wide(opcode: i32): void {
    if (opcode >= Op.i64MulWideS) {
      const y = this.pop();
      const x = this.pop();
      this.pushValue(this.binary(Op.i64Mul, x, y));
      this.pushValue(this.#upperProduct(x, y, opcode === Op.i64MulWideS));
      return;
    }
    const upperRight = this.pop();
    const lowerRight = this.pop();
    const upperLeft = this.pop();
    const lowerLeft = this.pop();
    const op = opcode === Op.i64Add128 ? Op.i64Add : Op.i64Sub;
    const lower = this.binary(op, lowerLeft, lowerRight);
    // A sum is below an operand exactly if it has wrapped; a difference wraps if the left one is below the right one.
    const wraps =
      opcode === Op.i64Add128
        ? this.binary(Op.i64LtU, lower, lowerLeft)
        : this.binary(Op.i64LtU, lowerLeft, lowerRight);
    const upper = this.binary(op, upperLeft, upperRight);
    this.pushValue(lower);
    this.pushValue(this.binary(op, upper, this.unary(Op.i64ExtendI32U, wraps)));
  }

  /** Bits 64 to 127 of the product, by halves of 32 bits; the upper ones of signed numbers are signed. */
  #upperProduct(x: i32, y: i32, signed: bool): i32 {
    const shift = signed ? Op.i64ShrS : Op.i64ShrU;
    const bits = this.constant(Type.i64, 32, 0);
    const mask = this.constant(Type.i64, -1, 0);
    const x0 = this.binary(Op.i64And, x, mask);
    const y0 = this.binary(Op.i64And, y, mask);
    const x1 = this.binary(shift, x, bits);
    const y1 = this.binary(shift, y, bits);
    const low = this.binary(Op.i64ShrU, this.binary(Op.i64Mul, x0, y0), bits);
    const middle = this.binary(Op.i64Add, this.binary(Op.i64Mul, x1, y0), low);
    const other = this.binary(Op.i64Add, this.binary(Op.i64Mul, x0, y1), this.binary(Op.i64And, middle, mask));
    const high = this.binary(Op.i64Add, this.binary(Op.i64Mul, x1, y1), this.binary(shift, middle, bits));
    return this.binary(Op.i64Add, high, this.binary(shift, other, bits));
  }

  // Vectors.

  v128Const(a: i32, b: i32, c: i32, d: i32): void {
    this.pushValue(this.constant(Type.v128, this.vectorPosition(a, b, c, d), 0));
  }

  simd(opcode: i32): void {
    const count = operandsOf(opcode);
    const z = count > 2 ? this.pop() : -1;
    const y = count > 1 ? this.pop() : -1;
    const x = this.pop();
    this.pushValue(this.number(opcode, resultType(opcode), x, y, z, 0, 0));
  }

  simdLane(opcode: i32, lane: i32): void {
    const y = operandsOf(opcode) > 1 ? this.pop() : -1;
    const x = this.pop();
    this.pushValue(this.number(opcode, resultType(opcode), x, y, -1, lane, 0));
  }

  simdShuffle(a: i32, b: i32, c: i32, d: i32): void {
    const y = this.pop();
    const x = this.pop();
    const g = this.graph;
    const v = this.add(Op.i8x16Shuffle, Type.v128, x, y, -1, 0, 0);
    const list = g.allocate(4);
    g.pool[list] = a | 0;
    g.pool[list + 1] = b | 0;
    g.pool[list + 2] = c | 0;
    g.pool[list + 3] = d | 0;
    g.list[v] = list;
    this.pushValue(v);
  }

  simdLoad(opcode: i32, offset: i32): void {
    const x = this.pop();
    this.pushValue(this.loadAt(opcode, Type.v128, x, offset | 0));
  }

  simdStore(opcode: i32, offset: i32): void {
    const value = this.pop();
    const x = this.pop();
    this.add(opcode, noType, x, value, -1, offset | 0, 0);
    this.changeMemory();
    this.knowLoad(Op.v128Load, Type.v128, x, offset | 0, value);
  }

  simdLoadLane(opcode: i32, offset: i32, lane: i32): void {
    const y = this.pop();
    const x = this.pop();
    const v = this.add(opcode, Type.v128, x, y, -1, offset | 0, 0);
    this.graph.imm2[v] = lane;
    this.pushValue(v);
  }

  simdStoreLane(opcode: i32, offset: i32, lane: i32): void {
    const value = this.pop();
    const x = this.pop();
    this.add(opcode, noType, x, value, -1, offset | 0, lane);
    this.changeMemory();
  }
}

/** The load that gives just what the store has stored, or -1. */
function loadOf(store: i32): i32 {
  switch (store) {
    case Op.i32Store:
      return Op.i32Load;
    case Op.i64Store:
      return Op.i64Load;
    case Op.f32Store:
      return Op.f32Load;
    case Op.f64Store:
      return Op.f64Load;
    default:
      return -1;
  }
}
