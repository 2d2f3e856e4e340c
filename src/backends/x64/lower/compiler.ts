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
import { Work } from '../../ssa/work.js';
import { FunctionEmitter } from './emit.js';
import { LinearCompiler } from './linear.js';
import { Selector } from './select.js';

/** Values that there is room for in a compiler that is kept for the next module: 150 bytes each. */
const mostKept: i32 = 1 << 17;

/**
 * The optimizing compiler: a sink of the body decoder that builds the graph of a function, and makes machine code of it when
 * the body ends. A function that takes too much work, or has instructions for which there is no lowering, is given up in the middle (`Work`); its body then goes to `linear`.
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
  /** For bodies between `beginLinear` and `endLinear`. */
  readonly linear: LinearCompiler;
  #inLinear: bool = false;
  /** How many of the module's were there. */
  linearFunctions: i32 = 0;

  constructor(target: CompilerTarget, debug: Debug | null) {
    const graph = new Graph(new MemoryBudget(), new Work(target.world));
    super(graph);
    this.linear = new LinearCompiler(target, debug);
    this.emitter = new FunctionEmitter(target, debug);
    this.#machine = new Machine(graph);
    const stubs = stubShapes();
    this.emitter.stubShapes = stubs;
    this.#selector = new Selector(this.emitter, stubs);
    this.#checks = debug !== null && debug.checkInvariants;
    const few = debug !== null && debug.forceSpills;
    // As many as one instruction can want: operands, registers to spare, and those that have a meaning.
    this.#general = few ? 0x034f : Registers.generalMask;
    this.#xmm = few ? 0x03ff0000 : Registers.xmmMask;
  }

  protected shapeOf(typeIndex: i32): CallShape {
    return this.emitter.shapeOf(typeIndex);
  }

  protected vectorPosition(a: i32, b: i32, c: i32, d: i32): i32 {
    return this.emitter.vectorPosition(a, b, c, d);
  }

  get codeBytes(): i32 {
    return this.#inLinear ? this.linear.codeBytes : this.emitter.codeBytes;
  }

  // Modules.

  beginModule(info: ModuleInfo, layout: ContextLayout): ModuleCode {
    this.info = info;
    this.linearFunctions = 0;
    this.layout = layout;
    this.functionTypes = info.functionTypes;
    this.graph.memory = info.memory;
    return this.emitter.open(info, layout);
  }

  finishModule(): ModuleCode {
    this.linear.leave();
    this.emitter.close();
    const code = this.emitter.code;
    this.emitter.forget();
    return code;
  }

  /** Release everything that was emitted for the module. */
  abandonModule(): void {
    this.#inLinear = false;
    this.linear.leave();
    this.emitter.vs.resetAfterError();
    this.emitter.close();
    this.emitter.code.release();
    this.emitter.forget();
  }

  // Functions.

  /** Arrays have grown for a function of some hundred kilobytes. */
  get isBulky(): bool {
    return this.graph.op.length > mostKept;
  }

  /** The function at hand has met the limit of its work, or an instruction that only the compiler in one pass has. */
  get hasGivenUp(): bool {
    return this.graph.work.isGivenUp;
  }

  /** The body goes to `linear` from its begin on. */
  beginLinear(): void {
    this.emitter.pause();
    this.linear.enter(this.info, this.layout, this.emitter.code);
    this.#inLinear = true;
    this.linearFunctions++;
  }

  endLinear(): void {
    this.linear.pause();
    this.#inLinear = false;
  }

  beginFunction(functionIndex: i32, typeIndex: i32, offset: i32): void {
    this.graph.work.begin(offset);
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
    g.work.emits(m.estimatedBytes());
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
  shapes.push(callShape(Uint8Array.of(i, i), Uint8Array.of(i)));
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
  // Of shared memories.
  const l: i32 = ValType.i64;
  shapes.push(callShape(Uint8Array.of(i, i, i, i), Uint8Array.of(i)));
  shapes.push(callShape(Uint8Array.of(i, i, l, i, i), Uint8Array.of(i)));
  shapes.push(callShape(Uint8Array.of(i, l, l, i, i), Uint8Array.of(i)));
  shapes.push(callShape(Uint8Array.of(i), Uint8Array.of(i)));
  return shapes;
}
