import type { Debug } from '../../../debug.js';
import type { ModuleInfo } from '../../../stream/module.js';
import type { BodySink } from '../../../stream/sink.js';
import { ValType } from '../../../stream/types.js';
import { newList, Uint8Array } from '../../../support/dialect.js';
import { MemoryBudget } from '../../../support/memory-budget.js';
import { Registers } from '../../../valuestack/types.js';
import type { ContextLayout } from '../../abi/layout.js';
import { type CallShape, callShape } from '../../code/call-shape.js';
import type { ModuleCode } from '../../code/module-code.js';
import type { CompilerTarget } from '../../code/target.js';
import { Allocator } from '../../ssa/allocator.js';
import { GraphBuilder } from '../../ssa/builder.js';
import { checkAllocation, checkGraph } from '../../ssa/checker.js';
import { Cleanup, Invariants, Loops } from '../../ssa/cleanup.js';
import { Graph } from '../../ssa/ir.js';
import { Machine } from '../../ssa/machine.js';
import { FunctionEmitter } from './emit.js';
import { Selector } from './select.js';

/**
 * The optimizing compiler: a sink of the body decoder that builds the graph of a function, and makes machine code of it when
 * the body ends.
 */
export class OptimizingCompiler extends GraphBuilder implements BodySink {
  readonly emitter: FunctionEmitter;
  readonly #machine: Machine;
  readonly #selector: Selector;
  readonly #cleanup: Cleanup = new Cleanup();
  readonly #loops: Loops = new Loops();
  readonly #invariants: Invariants = new Invariants();
  readonly #allocator: Allocator = new Allocator();
  /** Registers that are handed out. */
  readonly #general: i32;
  readonly #xmm: i32;
  readonly #checks: bool;

  constructor(target: CompilerTarget, debug: Debug | null) {
    const graph = new Graph(new MemoryBudget());
    super(graph);
    this.emitter = new FunctionEmitter(target, debug);
    this.#machine = new Machine(graph);
    const stubs = stubShapes();
    this.emitter.stubShapes = stubs;
    this.#selector = new Selector(this.emitter, stubs);
    this.shapes = this.emitter;
    this.#checks = debug !== null && debug.checkInvariants;
    const few = debug !== null && debug.forceSpills;
    // As many as one instruction can want: operands, registers to spare, and those that have a meaning.
    this.#general = few ? 0x034f : Registers.generalMask;
    this.#xmm = few ? 0x03ff0000 : Registers.xmmMask;
  }

  get codeBytes(): i32 {
    return this.emitter.codeBytes;
  }

  // Modules.

  beginModule(info: ModuleInfo, layout: ContextLayout): ModuleCode {
    this.info = info;
    this.layout = layout;
    this.functionTypes = info.functionTypes;
    this.graph.memory = info.memory;
    return this.emitter.open(info, layout);
  }

  finishModule(): ModuleCode {
    this.emitter.close();
    const code = this.emitter.code;
    this.emitter.forget();
    return code;
  }

  /** Release everything that was emitted for the module. */
  abandonModule(): void {
    this.emitter.vs.resetAfterError();
    this.emitter.close();
    this.emitter.code.release();
    this.emitter.forget();
  }

  // Functions.

  beginFunction(functionIndex: i32, typeIndex: i32, _offset: i32): void {
    this.functionIndex = functionIndex;
    this.beginGraph(this.emitter.shapeOf(typeIndex));
  }

  beginCode(): void {
    this.beginBody();
  }

  endFunction(): void {
    this.endGraph();
    const g = this.graph;
    this.#cleanup.run(g);
    if (this.#checks) checkGraph(g);
    this.#loops.run(g);
    this.#invariants.run(g);
    if (this.#checks) checkGraph(g);
    const m = this.#machine;
    this.#selector.run(m, this.shape);
    this.#allocator.run(m, this.#general, this.#xmm);
    if (this.#checks) checkAllocation(m, this.#allocator);
    this.emitter.emit(m, this.shape, this.functionIndex);
  }
}

/** Types of the stubs, in the order of `Stub`. */
function stubShapes(): CallShape[] {
  const i: i32 = ValType.i32;
  const f: i32 = ValType.funcref;
  const none = new Uint8Array(0);
  const shapes = newList<CallShape>();
  shapes.push(callShape(Uint8Array.of(i), Uint8Array.of(i)));
  shapes.push(callShape(Uint8Array.of(i, i, i), none));
  shapes.push(callShape(Uint8Array.of(i, i, i), none));
  shapes.push(callShape(Uint8Array.of(i, i, i, i), none));
  shapes.push(callShape(Uint8Array.of(f, i, i), Uint8Array.of(i)));
  shapes.push(callShape(Uint8Array.of(i, f, i, i), none));
  shapes.push(callShape(Uint8Array.of(i, i, i, i, i), none));
  shapes.push(callShape(Uint8Array.of(i, i, i, i, i), none));
  shapes.push(callShape(Uint8Array.of(i, f, i, i), none));
  shapes.push(callShape(Uint8Array.of(i, i, i, i, i), none));
  shapes.push(callShape(Uint8Array.of(i, i, i, i, i), none));
  return shapes;
}
