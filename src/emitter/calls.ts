import { returnAddress } from '../backends/abi/call-layout.js';
import { Context, Frame, FunctionElement, TrapCode } from '../backends/abi/layout.js';
import { type CallShape, PlaceOf } from '../backends/code/call-shape.js';
import { Alu, Cc, Reg } from '../backends/x64/registers.js';
import { isFloat, Place, Registers, slotsOf, Window } from '../valuestack/types.js';
import type { EmitContext } from './context.js';
import { passHelper, takeHelper } from './marshal.js';

/** call: a function of the module through its slot, an import through its record. */
export function call(c: EmitContext, functionIndex: i32): void {
  const shape = c.shapeOf(c.functionTypes[functionIndex]);
  const stackMap = passArguments(c, shape);
  if (functionIndex < c.importedFunctions) {
    callImport(c, c.layout.imports + FunctionElement.size * functionIndex, stackMap, c.loops > 0);
  } else {
    c.asm.call_rip(c.code.slots + 8 * (functionIndex - c.importedFunctions));
    c.markCall(stackMap);
  }
  takeResults(c, shape);
}

/** call_indirect: the element's address goes to r10, which no argument uses, before the arguments are placed. */
export function callIndirect(c: EmitContext, typeIndex: i32, table: i32): void {
  const shape = c.shapeOf(typeIndex);
  c.vs.popInto(Reg.r10);
  findCallee(c, typeIndex, table);
  callElement(c, passArguments(c, shape));
  takeResults(c, shape);
}

/**
 * The index in r10 becomes the address of the table's element, which can be called with the type; clobbers r11. Null has the type id
 * of nothing, and outside of the table everything is null: there is one check.
 */
export function findCallee(c: EmitContext, typeIndex: i32, table: i32): void {
  const asm = c.asm;
  c.calledElement(table, Reg.r10);
  asm.mov_rm(0, Registers.scratch, Reg.r15, c.layout.typeIds + 4 * typeIndex);
  asm.alu_rm(Alu.cmp, 0, Registers.scratch, Reg.r10, FunctionElement.typeId);
  c.trapIf(Cc.ne, TrapCode.signatureMismatch);
}

/**
 * Call a machine-level stub or builtin with the wasm convention. Its shape is not the module's, so it has no marshalling code: at
 * most five arguments, one result.
 */
export function callStub(c: EmitContext, shape: CallShape, stub: i32): void {
  const stackMap = passArguments(c, shape, false);
  c.asm.call32(stub);
  c.markCall(stackMap);
  takeResults(c, shape);
}

/**
 * Call the imported function whose `FunctionElement` is at this offset of the context; the call may leave the instance.
 *
 * A thunk of a host function does not return, it leaves wasm and somebody goes on behind the call. The processor predicts each return to be
 * to the last call that has not returned: in a loop, `enter` was the last one, if only the import is not called by a call. Outside
 * of loops the function itself has usually been called since, and leaving cannot be predicted as a return either way.
 */
export function callImport(c: EmitContext, disp: i32, stackMap: i32, inLoop: bool): void {
  const asm = c.asm;
  asm.mov_mr(1, Reg.rbp, Frame.savedContext, Reg.r15);
  asm.mov_rm(1, Registers.scratch, Reg.r15, disp + FunctionElement.record);
  asm.mov_rm(1, Reg.r10, Reg.r15, disp + FunctionElement.slot);
  if (inLoop) asm.alu_mi(Alu.cmp, 0, Reg.r15, disp + FunctionElement.hostId, 0);
  asm.mov_rm(1, Reg.r15, Reg.r15, disp + FunctionElement.context);
  asm.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
  if (inLoop) {
    const isWasm = asm.jcc8_forward(Cc.l);
    const after = asm.lea_rip_forward(returnAddress);
    asm.push(returnAddress);
    asm.jmp_m(Reg.r10, 0);
    asm.bind8(isWasm);
    asm.call_m(Reg.r10, 0);
    asm.bind(after);
  } else asm.call_m(Reg.r10, 0);
  c.markCall(stackMap);
  comeBack(c);
}

/** Call through the `FunctionElement` at [r10]; the call may leave the instance. */
export function callElement(c: EmitContext, stackMap: i32): void {
  const asm = c.asm;
  asm.mov_mr(1, Reg.rbp, Frame.savedContext, Reg.r15);
  asm.mov_rm(1, Registers.scratch, Reg.r10, FunctionElement.record);
  asm.mov_rm(1, Reg.r15, Reg.r10, FunctionElement.context);
  asm.mov_rm(1, Reg.r10, Reg.r10, FunctionElement.slot);
  asm.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
  asm.call_m(Reg.r10, 0);
  c.markCall(stackMap);
  comeBack(c);
}

/** Behind a call that may have left the instance. */
function comeBack(c: EmitContext): void {
  c.asm.mov_rm(1, Reg.r15, Reg.rbp, Frame.savedContext);
  c.asm.mov_rm(1, Reg.r14, Reg.r15, Context.memoryBase);
}

/**
 * Pop the arguments into their places. Everything else that is in a register goes to memory. Returns the stack map of what is there: the
 * arguments belong to the callee.
 */
function passArguments(c: EmitContext, shape: CallShape, isOfModule: bool = true): i32 {
  const vs = c.vs;
  const base = vs.height - shape.params.length;
  if (shape.results.length > c.world.callResults) vs.flushBelow(base);
  else vs.spillBelow(base);
  vs.cleanLocals();
  if ((vs.zeroMask & vs.zeroReferences) !== 0) vs.writeZeros();
  const stackMap = c.stackMapBelow(base);
  placeArguments(c, shape, 8 * (shape.stackParams + shape.stackResults), isOfModule);
  return stackMap;
}

/**
 * Pop the arguments into their places, those on the stack to rsp, which goes down by `area` bytes; through the type's marshalling code if
 * that is shorter and the type is the module's. No register holds anything else afterwards.
 */
export function placeArguments(c: EmitContext, shape: CallShape, area: i32, isOfModule: bool): void {
  const asm = c.asm;
  const vs = c.vs;
  const count = shape.params.length;
  const base = vs.height - count;
  if (area > c.outgoingBytes) c.outgoingBytes = area;
  if (area > 0) asm.alu_ri(Alu.sub, 1, Reg.rsp, area);
  if (isOfModule && passesThroughSlots(c, shape, base)) {
    vs.flushBelow(vs.height);
    const helper = passHelper(c, shape);
    asm.lea(1, Registers.scratch, Reg.rbp, vs.slotTop(base));
    asm.call32(helper);
    vs.dropSlots(count);
    vs.dropRegisters();
    return;
  }
  if (shape.stackParams > 0) storeStackArguments(c, shape, base);
  const moves = vs.moves;
  moves.clear();
  for (let i = 0; i < count; i++) {
    const place = shape.paramPlace[i];
    if (place >= PlaceOf.firstStack) continue;
    const h = base + i;
    const type = shape.params[i];
    const j = h & Window.mask;
    switch (vs.placeAt(h)) {
      case Place.reg:
        moves.move(type, place, vs.a[j]);
        break;
      case Place.local: {
        const local = vs.a[j];
        const r = vs.localReg[local];
        if (r >= 0) moves.move(type, place, r);
        else moves.load(type, place, vs.localDisp(local));
        break;
      }
      case Place.constant:
        moves.constant(type, place, vs.a[j], vs.b[j]);
        break;
      default:
        moves.load(type, place, vs.slotDisp(h));
    }
  }
  moves.emit();
  for (let i = 0; i < count; i++) vs.drop();
  vs.dropRegisters();
}

/**
 * Arguments that were made in registers have paid for their way to memory and back with the bytes of the opcodes that
 * made them; those that a call has left in slots by the hundred have not.
 */
function passesThroughSlots(c: EmitContext, shape: CallShape, base: i32): bool {
  const count = shape.params.length;
  if (count > c.world.directParams) return true;
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    if (c.vs.placeAt(base + i) === Place.slot) bytes += shape.paramPlace[i] < PlaceOf.firstStack ? 9 : 18;
  }
  return bytes > c.world.directBytes;
}

function storeStackArguments(c: EmitContext, shape: CallShape, base: i32): void {
  const count = shape.params.length;
  const top = 8 * shape.stackParams;
  for (let i = 0; i < count; i++) {
    const k = shape.paramPlace[i] - PlaceOf.firstStack;
    if (k >= 0) storeEntry(c, base + i, Reg.rsp, top - 8 * (k + slotsOf(shape.params[i])));
  }
}

/** Store the entry at height `h` to memory; it stays where it is. */
export function storeEntry(c: EmitContext, h: i32, base: i32, disp: i32): void {
  const vs = c.vs;
  const i = h & Window.mask;
  const type = vs.type[h];
  const place = vs.placeAt(h);
  if (place === Place.constant) {
    vs.storeConstant(type, base, disp, vs.a[i], vs.b[i]);
    return;
  }
  let r: i32;
  if (place === Place.reg) r = vs.a[i];
  else {
    r = place === Place.local ? vs.localReg[vs.a[i]] : -1;
    if (r < 0) {
      r = isFloat(type) ? Registers.firstXmm + Registers.scratchXmm : Registers.scratch;
      vs.load(type, r, Reg.rbp, place === Place.local ? vs.localDisp(vs.a[i]) : vs.slotDisp(h));
    }
  }
  vs.store(type, base, disp, r);
}

/** Push the results: a few are in registers, many go to their slots. */
function takeResults(c: EmitContext, shape: CallShape): void {
  const asm = c.asm;
  const vs = c.vs;
  const results = shape.results;
  const count = results.length;
  if (count <= c.world.callResults) {
    for (let i = 0; i < count; i++) vs.pushReg(results[i], shape.resultPlace[i]);
    return;
  }
  const helper = takeHelper(c, shape);
  asm.lea(1, Registers.scratch, Reg.rbp, vs.slotTop(vs.height));
  asm.call32(helper);
  vs.pushSlots(results);
  if (shape.stackResults > 0) asm.alu_ri(Alu.add, 1, Reg.rsp, 8 * shape.stackResults);
}
