import { type ContextLayout, Stack, Thread, TrapCode } from '../backends/abi/layout.js';
import { SiteKind } from '../backends/code/code-map-writer.js';
import type { ModuleCode } from '../backends/code/module-code.js';
import type { CompilerTarget } from '../backends/code/target.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import type { Debug } from '../debug.js';
import type { ModuleInfo } from '../stream/module.js';
import { Op } from '../stream/op.js';
import type { BodySink } from '../stream/sink.js';
import { copyBytes } from '../support/bulk.js';
import { Math } from '../support/dialect.js';
import { Registers, Type, typeOfByte } from '../valuestack/types.js';
import * as atomic from './atomic.js';
import * as calls from './calls.js';
import { EmitContext } from './context.js';
import * as exceptions from './exceptions.js';
import { ensureReturnHelper } from './marshal.js';
import * as memory from './memory.js';
import { emitNumeric } from './numeric.js';
import * as simd from './simd/simd.js';
import * as table from './table.js';
import * as tailCalls from './tail-calls.js';
import { TryControl } from './try-control.js';
import * as variable from './variable.js';
import * as wide from './wide.js';

/**
 * The single-pass compiler: a sink of the body decoder that emits machine code for each opcode at once. One
 * compiler is one session: it compiles the functions of one module after another and can then take the next module.
 */
export class FunctionCompiler extends EmitContext implements BodySink {
  readonly #control: TryControl;
  /** Position of the imm32 of the prologue's `sub rsp, imm32`. */
  #frameField: i32 = 0;
  #localSlots: i32 = 0;

  constructor(target: CompilerTarget, debug: Debug | null) {
    super(target, debug);
    this.#control = new TryControl(this);
  }

  // Modules.

  beginModule(info: ModuleInfo, layout: ContextLayout): ModuleCode {
    return this.openModule(info, layout);
  }

  finishModule(): ModuleCode {
    const code = this.code;
    this.leaveModule();
    return code;
  }

  /** Release everything that was emitted for the module. */
  abandonModule(): void {
    const code = this.code;
    this.vs.resetAfterError();
    this.leaveModule();
    code.release();
  }

  /** Nothing more comes for the module. Not much memory is kept from one to the next. */
  protected leaveModule(): void {
    this.vs.endModule();
    this.#control.endModule();
    this.closeSpan();
    this.forgetModule();
  }

  // Functions.

  beginFunction(functionIndex: i32, typeIndex: i32, offset: i32): void {
    this.functionIndex = functionIndex;
    this.wasmOffset = offset;
    this.outgoingBytes = 0;
    this.loops = 0;
    this.handler = 0;
    this.functionMap = -1;
    if (this.referenceLocals.length > 0) this.referenceLocals.length = 0;
    const vs = this.vs;
    vs.resetStack();
    this.shape = this.shapeOf(typeIndex);
    copyBytes(vs.localType, this.shape.params);
    vs.setParameters(this.shape.paramDisp, this.shape.registerParamSlots);
    const hooks = this.hooks;
    if (hooks !== null) hooks.beginFunction(this);
  }

  locals(count: i32, type: i32): void {
    if (typeOfByte(type) === Type.externRef && count > 0) {
      this.referenceLocals.push(this.vs.localCount);
      this.referenceLocals.push(count);
    }
    this.vs.declareLocals(count, typeOfByte(type));
  }

  /** The prologue. Register parameters start as cached locals, stack parameters live where the caller put them. */
  beginCode(): void {
    const asm = this.asm;
    const vs = this.vs;
    const shape = this.shape;
    this.ensureSpace();
    if (shape.results.length > this.world.callResults) ensureReturnHelper(this, shape);
    asm.align(16);
    this.entry = asm.pos;
    asm.push(Reg.rbp);
    asm.mov_rr(1, Reg.rbp, Reg.rsp);
    this.#frameField = asm.alu_ri32(Alu.sub, 1, Reg.rsp, 0);
    // Never taken: rsp is not 0. There are processors that predict the targets of call_indirect by the conditional branches on the
    // way, and small callees have none.
    if (this.info.referencedOrdinal(this.functionIndex) >= 0) asm.jcc32(Cc.e, this.stubs.trap[TrapCode.internal]);
    const params = shape.params.length;
    const registerParams = shape.registerParams;
    const declared = vs.localCount - params;
    this.#localSlots = shape.registerParamSlots + vs.declaredSlots;
    vs.setFrame(this.#localSlots);
    for (let k = registerParams.length - 1; k >= 0; k--)
      vs.assignLocal(registerParams[k], shape.paramPlace[registerParams[k]], 1);
    // Their zeros are only written when somebody could see them; the rest are cleared in the prologue.
    const lazyZeros = this.world.lazyZeros;
    const lazy = Math.min(declared, lazyZeros);
    // int32 also for 31: a field that once held a larger number would be a heap number ever after.
    vs.zeroMask = lazy === 32 ? -1 : ((1 << lazy) - 1) | 0;
    vs.zeroReferences = this.#lazyReferences();
    if (declared > lazyZeros) this.#clearLocals(params + lazyZeros, declared - lazyZeros);
    this.#control.enterFunction();
  }

  /** Mask of the references among the locals whose zeros are only promised. */
  #lazyReferences(): i32 {
    const runs = this.referenceLocals;
    const params = this.shape.params.length;
    const lazyZeros = this.world.lazyZeros;
    let mask = 0;
    for (let i = 0; i < runs.length && runs[i] < params + lazyZeros; i += 2) {
      const first = runs[i] - params;
      const end = Math.min(first + runs[i + 1], lazyZeros);
      for (let bit = first; bit < end; bit++) mask |= 1 << bit;
    }
    return mask;
  }

  /** Zero the slots of `count` locals from `first` on, 16 bytes at a time (an odd number takes the slot before, too). */
  #clearLocals(first: i32, count: i32): void {
    const asm = this.asm;
    const vs = this.vs;
    const lowest = vs.localDisp(first + count - 1);
    const exact = (vs.localDisp(first - 1) - lowest) >> 3;
    const slots = exact + (exact & 1);
    asm.xorp_xx(Registers.scratchXmm, Registers.scratchXmm);
    asm.mov_ri(Registers.scratch, 8 * slots);
    asm.lea_x(1, Registers.scratch, Reg.rbp, Registers.scratch, 0, lowest);
    const loop = asm.pos;
    this.mark(SiteKind.frame, 0);
    asm.movups_mx(Registers.scratch, -16, Registers.scratchXmm);
    asm.alu_ri(Alu.sub, 1, Registers.scratch, 16);
    // Until the lowest slot is reached: the end address needs a register, so compare with a distance from rbp.
    asm.push(Reg.rax);
    asm.lea(1, Reg.rax, Reg.rbp, lowest);
    asm.alu_rr(Alu.cmp, 1, Registers.scratch, Reg.rax);
    asm.pop(Reg.rax);
    asm.jcc(Cc.ne, loop);
  }

  endFunction(): void {
    const asm = this.asm;
    const vs = this.vs;
    const frame = 8 + 8 * (this.#localSlots + vs.slotsUsed);
    this.closeFrame(frame);
    if (frame + this.outgoingBytes <= Stack.guard - Stack.reserve) asm.patch32(this.#frameField, frame);
    else this.#checkLargeFrame(frame);
    vs.resetStack();
    this.closeTraps();
    const hooks = this.hooks;
    if (hooks !== null) hooks.endFunction(this);
    asm.checkRoom();
    this.code.publish(this.functionIndex - this.importedFunctions, this.entry);
  }

  /** The prologue's `sub rsp, imm32` becomes a jump to a check against the end of the stack, out of line. */
  #checkLargeFrame(frame: i32): void {
    const asm = this.asm;
    this.ensureSpace();
    const sub = this.#frameField - 3;
    asm.bind(asm.patch_jmp(sub));
    asm.push(Reg.rax);
    asm.mov_rm(1, Reg.rax, Reg.r15, 0);
    asm.lea(1, Registers.scratch, Reg.rbp, -frame - this.outgoingBytes);
    asm.alu_rm(Alu.cmp, 1, Registers.scratch, Reg.rax, Thread.stackLow);
    asm.pop(Reg.rax);
    this.trapUnless(Cc.a, TrapCode.stackOverflow);
    asm.lea(1, Reg.rsp, Reg.rbp, -frame);
    asm.jmp32(sub + 7);
  }

  at(offset: i32): void {
    this.wasmOffset = offset;
    this.vs.pinned = 0;
    if (this.asm.pos > this.limit) this.#beyondLimit(offset);
  }

  /** What the usual opcode needs not: a look at the room that is left, debug hooks, frugal mode. */
  #beyondLimit(offset: i32): void {
    this.ensureSpace();
    const hooks = this.hooks;
    if (hooks !== null) {
      hooks.at(this, offset);
      if (hooks.forceSpills) this.#spillAll();
    }
    if (this.frugal) this.#spillAll();
  }

  /** Nothing survives in a register from one opcode to the next. */
  #spillAll(): void {
    const vs = this.vs;
    vs.settleFlags();
    vs.flushBelow(vs.height);
    vs.writeZeros();
    vs.cleanLocals();
    vs.dropRegisters();
  }

  // Control.

  /** unreachable */
  unreachable(): void {
    this.vs.settleFlags();
    this.trap(TrapCode.unreachable);
    this.vs.kill();
  }

  /** The usual way takes no jump, and nothing is moved to where a label would want it. */
  unreachableIf(offset: i32): void {
    const condition = this.vs.popCondition();
    this.wasmOffset = offset;
    this.trapOn(condition, TrapCode.unreachable);
    this.vs.flagsLive = false;
  }

  block(blockType: i32): void {
    this.vs.settleFlags();
    this.#control.block(blockType);
  }

  loop(blockType: i32): void {
    this.vs.settleFlags();
    this.#control.loop(blockType);
  }

  if(blockType: i32): void {
    this.#control.if(blockType);
  }

  else(live: bool): void {
    if (live) this.vs.settleFlags();
    this.#control.else(live);
  }

  end(live: bool): void {
    if (live) this.vs.settleFlags();
    if (this.#control.isFunctionLevel) this.#control.endFunction(live);
    else this.#control.end(live);
  }

  br(depth: i32): void {
    this.vs.settleFlags();
    this.#control.br(depth);
  }

  brIf(depth: i32): void {
    this.#control.brIf(depth);
  }

  brTableBegin(count: i32): void {
    this.vs.settleFlags();
    this.#control.brTableBegin(count);
  }

  brTableTarget(depth: i32): void {
    this.#control.brTableTarget(depth);
  }

  brTableDefault(depth: i32): void {
    this.#control.brTableDefault(depth);
  }

  return(): void {
    this.vs.settleFlags();
    this.#control.return();
  }

  call(functionIndex: i32): void {
    this.vs.settleFlags();
    calls.call(this, functionIndex);
  }

  callIndirect(typeIndex: i32, tableIndex: i32): void {
    this.vs.settleFlags();
    calls.callIndirect(this, typeIndex, tableIndex);
  }

  returnCall(functionIndex: i32): void {
    this.vs.settleFlags();
    tailCalls.returnCall(this, functionIndex);
  }

  returnCallIndirect(typeIndex: i32, tableIndex: i32): void {
    this.vs.settleFlags();
    tailCalls.returnCallIndirect(this, typeIndex, tableIndex);
  }

  // Exceptions.

  beginTry(blockType: i32): void {
    this.vs.settleFlags();
    this.#control.beginTry(blockType);
  }

  catchTag(live: bool, tag: i32): void {
    if (live) this.vs.settleFlags();
    this.#control.catchTag(live, tag);
  }

  catchAll(live: bool): void {
    if (live) this.vs.settleFlags();
    this.#control.catchAll(live);
  }

  delegate(live: bool, depth: i32): void {
    if (live) this.vs.settleFlags();
    this.#control.delegate(live, depth);
  }

  catchClause(kind: i32, tag: i32, depth: i32): void {
    this.#control.catchClause(kind, tag, depth);
  }

  beginTryTable(blockType: i32, count: i32): void {
    this.vs.settleFlags();
    this.#control.beginTryTable(blockType, count);
  }

  throwTag(tag: i32): void {
    this.vs.settleFlags();
    exceptions.throwTag(this, tag);
  }

  throwRef(): void {
    this.vs.settleFlags();
    exceptions.throwRef(this);
  }

  rethrow(depth: i32): void {
    this.vs.settleFlags();
    this.#control.rethrow(depth);
  }

  // Parametric and variables.

  /** drop */
  drop(): void {
    this.vs.drop();
  }

  select(): void {
    variable.select(this);
  }

  /** local.get */
  localGet(index: i32): void {
    this.vs.settleFlags();
    this.vs.pushLocal(index);
  }

  /** local.set */
  localSet(index: i32): void {
    this.vs.settleFlags();
    this.vs.setLocal(index);
  }

  /** local.tee */
  localTee(index: i32): void {
    this.vs.settleFlags();
    this.vs.setLocal(index);
    this.vs.pushLocal(index);
  }

  globalGet(index: i32): void {
    this.vs.settleFlags();
    variable.globalGet(this, index);
  }

  globalSet(index: i32): void {
    this.vs.settleFlags();
    variable.globalSet(this, index);
  }

  // Constants.

  /** i32.const */
  i32Const(value: i32): void {
    this.vs.settleFlags();
    this.vs.pushConstant(Type.i32, value, value >> 31);
  }

  /** i64.const */
  i64Const(low: i32, high: i32): void {
    this.vs.settleFlags();
    this.vs.pushConstant(Type.i64, low, high);
  }

  /** f32.const */
  f32Const(bits: i32): void {
    this.vs.settleFlags();
    this.vs.pushConstant(Type.f32, bits, 0);
  }

  /** f64.const */
  f64Const(low: i32, high: i32): void {
    this.vs.settleFlags();
    this.vs.pushConstant(Type.f64, low, high);
  }

  // Numbers and memory.

  numeric(opcode: i32): void {
    // Only i32.eqz can use a pending condition as it is.
    if (opcode !== Op.i32Eqz) this.vs.settleFlags();
    emitNumeric(this, opcode);
  }

  wide(opcode: i32): void {
    this.vs.settleFlags();
    if (opcode === Op.i64Add128) wide.add(this);
    else if (opcode === Op.i64Sub128) wide.subtract(this);
    else wide.multiply(this, opcode === Op.i64MulWideS);
  }

  useMemory(index: i32, offsetHigh: i32): void {
    this.memoryIndex = index;
    this.memoryOffsetHigh = offsetHigh;
  }

  load(opcode: i32, offset: i32): void {
    this.vs.settleFlags();
    memory.load(this, opcode, offset);
  }

  store(opcode: i32, offset: i32): void {
    this.vs.settleFlags();
    memory.store(this, opcode, offset);
  }

  // Vectors.

  v128Const(a: i32, b: i32, c: i32, d: i32): void {
    this.vs.settleFlags();
    simd.v128Const(this, a, b, c, d);
  }

  simd(opcode: i32): void {
    this.vs.settleFlags();
    simd.simd(this, opcode);
  }

  simdLane(opcode: i32, lane: i32): void {
    this.vs.settleFlags();
    simd.simdLane(this, opcode, lane);
  }

  simdShuffle(a: i32, b: i32, c: i32, d: i32): void {
    this.vs.settleFlags();
    simd.simdShuffle(this, a, b, c, d);
  }

  simdLoad(opcode: i32, offset: i32): void {
    this.vs.settleFlags();
    simd.simdLoad(this, opcode, offset);
  }

  simdStore(opcode: i32, offset: i32): void {
    this.vs.settleFlags();
    simd.simdStore(this, opcode, offset);
  }

  simdLoadLane(opcode: i32, offset: i32, lane: i32): void {
    this.vs.settleFlags();
    simd.simdLoadLane(this, opcode, offset, lane);
  }

  simdStoreLane(opcode: i32, offset: i32, lane: i32): void {
    this.vs.settleFlags();
    simd.simdStoreLane(this, opcode, offset, lane);
  }

  // Memory as a whole.

  memorySize(index: i32): void {
    this.vs.settleFlags();
    memory.memorySize(this, index);
  }

  memoryGrow(index: i32): void {
    this.vs.settleFlags();
    memory.memoryGrow(this, index);
  }

  atomic(opcode: i32, offset: i32): void {
    this.vs.settleFlags();
    if (opcode <= Op.memoryAtomicWait64) atomic.waitOrNotify(this, opcode, offset);
    else atomic.access(this, opcode, offset);
  }

  atomicFence(): void {
    this.vs.settleFlags();
    atomic.fence(this);
  }

  memoryInit(dataIndex: i32, index: i32): void {
    this.vs.settleFlags();
    memory.memoryInit(this, dataIndex, index);
  }

  dataDrop(dataIndex: i32): void {
    memory.dataDrop(this, dataIndex);
  }

  memoryCopy(destination: i32, source: i32): void {
    this.vs.settleFlags();
    memory.memoryCopy(this, destination, source);
  }

  memoryFill(index: i32): void {
    this.vs.settleFlags();
    memory.memoryFill(this, index);
  }

  // Tables and references.

  tableGet(index: i32): void {
    this.vs.settleFlags();
    table.tableGet(this, index);
  }

  tableSet(index: i32): void {
    this.vs.settleFlags();
    table.tableSet(this, index);
  }

  tableInit(elementIndex: i32, index: i32): void {
    this.vs.settleFlags();
    table.tableInit(this, elementIndex, index);
  }

  elemDrop(elementIndex: i32): void {
    table.elemDrop(this, elementIndex);
  }

  tableCopy(destination: i32, source: i32): void {
    this.vs.settleFlags();
    table.tableCopy(this, destination, source);
  }

  tableGrow(index: i32): void {
    this.vs.settleFlags();
    table.tableGrow(this, index);
  }

  tableSize(index: i32): void {
    this.vs.settleFlags();
    table.tableSize(this, index);
  }

  tableFill(index: i32): void {
    this.vs.settleFlags();
    table.tableFill(this, index);
  }

  refNull(type: i32): void {
    this.vs.settleFlags();
    table.refNull(this, type);
  }

  refIsNull(): void {
    this.vs.settleFlags();
    table.refIsNull(this);
  }

  refFunc(functionIndex: i32): void {
    this.vs.settleFlags();
    table.refFunc(this, functionIndex);
  }
}
