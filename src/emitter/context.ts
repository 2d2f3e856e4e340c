import { Context, type ContextLayout, FunctionElement, TableField, TrapCode } from '../backends/abi/layout.js';
import { type CallShape, callShape } from '../backends/code/call-shape.js';
import { SiteKind } from '../backends/code/code-map-writer.js';
import type { CodeSpace } from '../backends/code/code-space.js';
import { ModuleCode } from '../backends/code/module-code.js';
import { Room } from '../backends/code/room.js';
import type { CompilerStubs, CompilerTarget, CpuFeatures } from '../backends/code/target.js';
import { Assembler } from '../backends/x64/assembler.js';
import { Alu, Cc, Reg, Shift } from '../backends/x64/registers.js';
import type { Debug } from '../debug.js';
import { ModuleInfo } from '../stream/module.js';
import { Math, newList, product, type Uint32Array } from '../support/dialect.js';
import { Cost } from '../support/memory-budget.js';
import type { World } from '../support/world.js';
import { LabelStates } from '../valuestack/labels.js';
import { Condition, Registers, Type, VectorConstant } from '../valuestack/types.js';
import { type DebugHooks, debugHooks } from './debug-hooks.js';

/** Bytes of a trap out of line. */
const largestTrap: i32 = 24;

/**
 * What every opcode family works with: the assembler, the value stack, the module's layout, and helpers for traps,
 * code spans and the code map. One object per compilation session.
 */
export class EmitContext {
  readonly space: CodeSpace;
  readonly stubs: CompilerStubs;
  readonly cpu: CpuFeatures;
  /** Accesses to memory are compared with its length. */
  readonly checksBounds: bool;
  /** Debug switches, if any is on. */
  readonly hooks: DebugHooks | null;
  readonly asm: Assembler;
  readonly vs: LabelStates;
  readonly world: World;

  // The module.
  info!: ModuleInfo;
  layout!: ContextLayout;
  code!: ModuleCode;
  importedFunctions: i32 = 0;
  /** Memory 0 has at least so many bytes (2^31 - 1 if it has more). */
  leastMemory: i32 = 0;
  /** The memory that the access which comes next is to. */
  memoryIndex: i32 = 0;
  /** Upper half of its offset, if the memory's addresses have 64 bits. */
  memoryOffsetHigh: i32 = 0;
  /** Type index per function, imported ones first. */
  functionTypes!: Uint32Array;
  /** By the ordinal of the type. */
  shapes: (CallShape | null)[] = newList<CallShape | null>();

  // The function.
  functionIndex: i32 = 0;
  shape!: CallShape;
  /** The most that the function's calls push for stack arguments and results, in bytes. */
  outgoingBytes: i32 = 0;
  /** How many loops are around the opcode. */
  loops: i32 = 0;
  /** Declared locals of type externref: first local and number, per run. */
  readonly referenceLocals: i32[] = newList<i32>();
  /** Stack map of parameters and declared locals, -1 as long as no call needed it. */
  functionMap: i32 = -1;
  /** Code position of the function's first instruction. */
  entry: i32 = 0;
  /** Module offset of the current opcode. */
  wasmOffset: i32 = 0;
  /**
   * So much code for so few bytes: only a module made for that purpose does this, by merges that load and store all
   * registers again and again. From now on nothing stays in a register across opcodes, and labels are reached
   * with everything in memory, until the expansion is back to normal.
   */
  frugal: bool = false;
  /** Who handles what the next call throws: the number of its `HandlerCells`, 0 for the function's caller. */
  handler: i32 = 0;
  /** Fields with the size of the frame, which is known when the function ends. */
  readonly #frameFields: i32[] = newList<i32>();

  /** Traps that are out of line and not written yet: the jump's field, the code, the wasm offset of each. */
  readonly #traps: i32[] = newList<i32>();

  // The code span that is being filled.
  #spanStart: i32 = 0;
  /** Where `ensureSpace` has something to do: the next check of the expansion, or the end of the span. */
  #recheck: i32 = 0;
  /** An opcode that begins behind this position has more to do than others; -1 if every one has. */
  protected limit: i32 = 0;
  #spanLimit: i32 = 0;
  #spanEnd: i32 = 0;
  #nextSpan: i32 = 0;

  /** What there is instead of a module between two modules: nothing of them is held. */
  readonly #noInfo: ModuleInfo;
  readonly #noCode: ModuleCode;

  constructor(target: CompilerTarget, debug: Debug | null) {
    this.checksBounds = target.checksBounds;
    this.space = target.code;
    this.stubs = target.stubs;
    this.cpu = target.cpu;
    this.hooks = debugHooks(debug);
    this.asm = new Assembler(target.code.bytes, 0);
    this.world = target.world;
    this.vs = new LabelStates(this.asm, this.world);
    this.#noInfo = new ModuleInfo();
    this.#noCode = new ModuleCode(this.space, 0, this.#noInfo.memory, this.world);
  }

  protected openModule(info: ModuleInfo, layout: ContextLayout): ModuleCode {
    const functions = info.functionTypes.length - info.importedFunctions;
    const code = new ModuleCode(this.space, functions, info.memory, this.world);
    this.joinModule(info, layout, code);
    return code;
  }

  /** Emit code of a module, in spans of its own: one context at a time has one open. */
  protected joinModule(info: ModuleInfo, layout: ContextLayout, code: ModuleCode): void {
    this.info = info;
    this.vs.memory = info.memory;
    this.layout = layout;
    this.importedFunctions = info.importedFunctions;
    this.leastMemory = info.leastPages < 32768 ? info.leastPages << 16 : 0x7fffffff;
    this.functionTypes = info.functionTypes;
    this.shapes = newList<CallShape | null>();
    this.code = code;
    this.vs.references.maps = this.code.stackMaps;
    this.#spanStart = this.#spanEnd = 0;
    this.limit = this.#recheck = this.#spanLimit = -1;
    this.frugal = false;
    this.#traps.length = 0;
    this.#frameFields.length = 0;
    this.asm.forget();
    this.#nextSpan = this.world.firstSpan;
  }

  /** Give back what the last span does not need; what follows begins a new one. */
  protected closeSpan(): void {
    const asm = this.asm;
    const code = this.code;
    if (this.#spanEnd === 0) return;
    const used = (asm.pos + 15) & ~15;
    if (used < this.#spanEnd) {
      this.#trim(used);
      if (used === this.#spanStart) code.spans.length -= 2;
    }
    code.codeBytes += asm.pos - this.#spanStart;
    this.#spanEnd = 0;
    this.limit = this.#recheck = this.#spanLimit = -1;
    asm.forget();
  }

  /** Give back the end of the span, from `used` on. */
  #trim(used: i32): void {
    const spans = this.code.spans;
    this.space.trimCode(used, this.#spanEnd);
    spans[spans.length - 1] = used;
    this.info.memory.give(this.#spanEnd - used);
  }

  /** The module is done, or given up: hold nothing of it. */
  protected forgetModule(): void {
    const info = this.#noInfo;
    this.info = info;
    this.code = this.#noCode;
    this.functionTypes = info.functionTypes;
    this.shapes = newList<CallShape | null>();
    this.vs.memory = info.memory;
    this.vs.references.maps = this.#noCode.stackMaps;
  }

  /** Machine-code bytes so far. */
  get codeBytes(): i32 {
    return this.#spanEnd === 0 ? this.code.codeBytes : this.code.codeBytes + this.asm.pos - this.#spanStart;
  }

  /** At an opcode boundary: make sure that the next opcode's code fits, else go on in a new span. */
  ensureSpace(): void {
    if (this.asm.pos <= this.#recheck) return;
    if (this.asm.pos > this.#spanLimit) this.reserve(Room.opcode);
    this.frugal = this.codeBytes > product(this.world.frugalExpansion, this.wasmOffset);
    this.#setLimit(this.asm.pos);
  }

  #setLimit(start: i32): void {
    this.#recheck = Math.min(this.#spanLimit, start + this.world.checkInterval);
    this.limit = this.frugal || this.hooks !== null ? -1 : this.#recheck;
  }

  /** Room for `bytes` contiguous bytes of code (and a jump); what else the opcode emits may need more. */
  reserve(bytes: i32): void {
    const asm = this.asm;
    asm.checkRoom();
    if (this.#spanEnd !== 0 && asm.pos + bytes <= this.#spanEnd - Room.jump) return;
    const wanted = Math.max(this.#nextSpan, bytes + Room.jump + this.world.spareSpan);
    this.info.memory.take(wanted);
    const start = this.space.openSpan(wanted);
    const end = this.space.spanEnd;
    if (this.#nextSpan < this.world.largestSpan) this.#nextSpan *= 2;
    const code = this.code;
    if (this.#spanEnd !== 0) {
      // Function bodies go on by a jump; between functions nobody runs into it.
      asm.jmp32(start);
      code.codeBytes += asm.pos - this.#spanStart;
      const used = (asm.pos + 15) & ~15;
      if (used < this.#spanEnd) this.#trim(used);
    }
    this.#spanStart = start;
    this.#spanEnd = end;
    this.#spanLimit = end - Room.opcode - Room.jump;
    this.#setLimit(start);
    asm.open(start, end);
    code.spans.push(start);
    code.spans.push(end);
    code.map.beginSpan(start, end);
  }

  /** Room for `bytes` more than the rest of the opcode may need. */
  reserveMore(bytes: i32): void {
    this.reserve(bytes + Room.opcode);
  }

  /** Calling convention of a type of the module. */
  shapeOf(typeIndex: i32): CallShape {
    const shapes = this.shapes;
    const type = this.info.types.at(typeIndex);
    const ordinal = type.ordinal;
    while (shapes.length <= ordinal) shapes.push(null);
    const known = shapes[ordinal];
    if (known !== null) return known;
    this.info.memory.take(Cost.callShape + Cost.valueInCallShape * (type.params.length + type.results.length));
    const shape = callShape(type.params, type.results);
    shapes[ordinal] = shape;
    return shape;
  }

  // Vector constants: four 32-bit lanes.

  /** Code position of a constant in memory, 16-byte aligned: a rip-relative operand. */
  vectorConstant(a: i32, b: i32, c: i32, d: i32): i32 {
    return this.code.vectors.add(a, b, c, d);
  }

  /** Code position of a constant in memory, or a `VectorConstant` if it needs none. */
  vectorPosition(a: i32, b: i32, c: i32, d: i32): i32 {
    if ((a | b | c | d) === 0) return VectorConstant.zero;
    if ((a & b & c & d) === -1) return VectorConstant.ones;
    return this.vectorConstant(a, b, c, d);
  }

  /** Push a constant of type v128. */
  pushVector(a: i32, b: i32, c: i32, d: i32): void {
    this.vs.pushConstant(Type.v128, this.vectorPosition(a, b, c, d), 0);
  }

  // Code map.

  /** The instruction that comes next can fault. */
  mark(kind: SiteKind, aux: i32): void {
    this.code.map.add(this.asm.pos, this.wasmOffset, kind, aux);
  }

  /** A call was just emitted. */
  markReturn(kind: SiteKind): void {
    this.code.map.add(this.asm.pos, this.wasmOffset, kind, 0);
  }

  /** A call was just emitted that can reach the host: `stackMap` names the references in the frame. */
  markCall(stackMap: i32): void {
    this.code.map.add(this.asm.pos, this.wasmOffset, SiteKind.call, stackMap);
    if (this.handler !== 0) this.code.map.add(this.asm.pos, this.wasmOffset, SiteKind.handler, this.handler);
  }

  /** The stack map of the parameters, the declared locals, and the operands below `height`. */
  stackMapBelow(height: i32): i32 {
    if (this.functionMap < 0) this.functionMap = this.#makeFunctionMap();
    return this.vs.references.nodeBelow(height, this.functionMap);
  }

  #makeFunctionMap(): i32 {
    const shape = this.shape;
    const vs = this.vs;
    const maps = this.code.stackMaps;
    if (shape.paramMap < 0) shape.paramMap = maps.addValues(shape.params, shape.paramDisp);
    let map = shape.paramMap;
    const runs = this.referenceLocals;
    for (let i = 0; i < runs.length; i += 2) map = maps.add(0, vs.localDisp(runs[i]), runs[i + 1], map);
    return map;
  }

  /** rsp as it is between opcodes, when the function goes on where a call has thrown. */
  restoreStackPointer(): void {
    // In one instruction: what interrupts code writes below rsp.
    this.asm.lea(1, Reg.rsp, Reg.rbp, -0x40000000);
    this.#frameFields.push(this.asm.pos - 4);
  }

  /** The function's frame has so many bytes. */
  protected closeFrame(bytes: i32): void {
    const fields = this.#frameFields;
    for (let i = 0; i < fields.length; i++) this.asm.patch32(fields[i], -bytes);
    fields.length = 0;
  }

  // Traps.

  trap(code: TrapCode): void {
    this.asm.call32(this.stubs.trap[code]);
    this.markReturn(SiteKind.trap);
  }

  /** Trap if the condition holds, by code out of line: the usual way takes no jump. */
  trapIf(cc: Cc, code: TrapCode): void {
    const traps = this.#traps;
    if (traps.length >= 3 * this.world.pendingTraps) {
      this.reserveMore(largestTrap * this.world.pendingTraps + 5);
      const over = this.asm.jmp_forward();
      this.#emitTraps();
      this.asm.bind(over);
    }
    traps.push(this.asm.jcc_forward(cc));
    traps.push(code);
    traps.push(this.wasmOffset);
  }

  /** Trap if the condition (a `Cc` or `Condition`) holds. */
  trapOn(condition: i32, code: TrapCode): void {
    if (condition < Condition.floatEqual) this.trapIf(condition, code);
    else if (condition === Condition.floatEqual) {
      const over = this.asm.jcc_forward(Cc.p);
      this.trapIf(Cc.e, code);
      this.asm.bind(over);
    } else {
      this.trapIf(Cc.p, code);
      this.trapIf(Cc.ne, code);
    }
  }

  /** The traps out of line of the function: where its code ends. */
  protected closeTraps(): void {
    const traps = this.#traps;
    if (traps.length === 0) return;
    this.reserveMore((traps.length / 3) * largestTrap);
    this.#emitTraps();
  }

  #emitTraps(): void {
    const traps = this.#traps;
    const asm = this.asm;
    for (let i = 0; i < traps.length; i += 3) {
      const code = traps[i + 1];
      const offset = traps[i + 2];
      asm.bind(traps[i]);
      if (code === TrapCode.signatureMismatch) {
        // r10 = what was called.
        asm.alu_rm(Alu.cmp, 1, Reg.r10, Reg.r15, Context.outsideElement);
        const inside = asm.jcc8_forward(Cc.ne);
        this.#trapAt(TrapCode.undefinedElement, offset);
        asm.bind8(inside);
      }
      this.#trapAt(code, offset);
    }
    traps.length = 0;
  }

  #trapAt(code: i32, offset: i32): void {
    this.asm.call32(this.stubs.trap[code]);
    this.code.map.add(this.asm.pos, offset, SiteKind.trap, 0);
  }

  /** Trap unless the condition holds. */
  trapUnless(cc: Cc, code: TrapCode): void {
    const over = this.asm.jcc8_forward(cc);
    this.trap(code);
    this.asm.bind8(over);
  }

  /** Offset of a field of the table in the context. */
  tableField(table: i32, field: TableField): i32 {
    return this.layout.tables + TableField.size * table + field;
  }

  /**
   * Trap unless the index in `r` is below the table's length. A mispredicted check must not read beyond the table: out of bounds
   * becomes index 0. Clobbers r11.
   */
  checkTable(table: i32, r: i32, code: TrapCode): void {
    const asm = this.asm;
    asm.alu_rm(Alu.cmp, 1, r, Reg.r15, this.tableField(table, TableField.length));
    this.trapIf(Cc.ae, code);
    asm.alu_rr(Alu.sbb, 1, Registers.scratch, Registers.scratch);
    asm.alu_rr(Alu.and, 1, r, Registers.scratch);
  }

  /** The index in `r` becomes the address of that element, which may be outside of the table. */
  elementAddress(table: i32, r: i32, shift: i32): void {
    this.asm.shift_i(Shift.shl, 1, r, shift);
    this.asm.alu_rm(Alu.add, 1, r, Reg.r15, this.tableField(table, TableField.elements));
  }

  /**
   * The index in `r` becomes the address of that `FunctionElement`, or that of a null one if it is outside of the table. No branch
   * is taken, so none can be mispredicted. Clobbers r11.
   */
  calledElement(table: i32, r: i32): void {
    const asm = this.asm;
    asm.mov_rr(this.info.tables.is64(table) ? 1 : 0, Registers.scratch, r);
    this.elementAddress(table, r, FunctionElement.shift);
    asm.alu_rm(Alu.cmp, 1, Registers.scratch, Reg.r15, this.tableField(table, TableField.length));
    asm.cmov_rm(Cc.ae, 1, r, Reg.r15, Context.outsideElement);
  }

  loadMemoryRecord(d: i32): void {
    this.asm.mov_rm(1, d, Reg.r15, Context.memory);
  }

  // Jumps. Chains of forward jumps are linked through their rel32 fields; 0 ends a chain.

  jumpForward(chain: i32): i32 {
    const at = this.asm.jmp_forward();
    this.asm.patch32(at, chain);
    return at;
  }

  /** Jump if the condition (a `Cc` or `Condition`) holds. */
  jumpIf(condition: i32, chain: i32): i32 {
    const asm = this.asm;
    let at: i32;
    if (condition < Condition.floatEqual) at = asm.jcc_forward(condition);
    else if (condition === Condition.floatEqual) {
      const over = asm.jcc8_forward(Cc.p);
      at = asm.jcc_forward(Cc.e);
      asm.bind8(over);
    } else {
      at = asm.jcc_forward(Cc.p);
      asm.patch32(at, chain);
      chain = at;
      at = asm.jcc_forward(Cc.ne);
    }
    asm.patch32(at, chain);
    return at;
  }

  jumpBackIf(condition: i32, target: i32): void {
    const asm = this.asm;
    if (condition < Condition.floatEqual) asm.jcc(condition, target);
    else if (condition === Condition.floatEqual) {
      const over = asm.jcc8_forward(Cc.p);
      asm.jcc(Cc.e, target);
      asm.bind8(over);
    } else {
      asm.jcc(Cc.p, target);
      asm.jcc(Cc.ne, target);
    }
  }

  bindChain(chain: i32): void {
    const asm = this.asm;
    const code = asm.memory;
    let at = chain;
    if (chain !== 0) this.vs.forgetZeroFlag();
    while (at !== 0) {
      const next = code[at] | (code[at + 1] << 8) | (code[at + 2] << 16) | (code[at + 3] << 24);
      asm.bind(at);
      at = next;
    }
  }
}
