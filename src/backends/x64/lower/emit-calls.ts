/** Calls, stubs and the return. */
import { callElement, callImport, findCallee } from '../../../emitter/calls.js';
import { Op } from '../../../stream/op.js';
import { isFloat, Registers, slotsOf } from '../../../valuestack/types.js';
import { FunctionElement } from '../../abi/layout.js';
import { type CallShape, PlaceOf } from '../../code/call-shape.js';
import { Ir, Stub } from '../../ssa/ir.js';
import { Alu, Reg } from '../registers.js';
import type { FunctionEmitter } from './emit.js';

export function calledShape(c: FunctionEmitter, v: i32): CallShape {
  const g = c.g;
  return g.op[v] === Ir.stub ? c.stubShapes[g.imm[v]] : c.shapeOf(g.imm2[v]);
}

/** Store operand k, wherever it is. */
function storeOperand(c: FunctionEmitter, v: i32, k: i32, base: i32, disp: i32): void {
  const g = c.g;
  const value = c.m.useValue[c.m.firstUse[v] + k];
  const type = g.type[value];
  let r = c.reg(v, k);
  if (r < 0 && g.op[value] === Ir.constant) {
    c.vs.storeConstant(type, base, disp, g.imm[value], g.imm2[value]);
    return;
  }
  if (r < 0) {
    r = isFloat(type) ? Registers.firstXmm + Registers.scratchXmm : Registers.scratch;
    c.load(r, value);
  }
  c.vs.store(type, base, disp, r);
}

export function emitCall(c: FunctionEmitter, v: i32, op: i32): void {
  const g = c.g;
  const m = c.m;
  const asm = c.asm;
  if (m.useCount[v] > 16) c.reserveMore(32 * m.useCount[v]);
  if (op === Ir.return_) {
    emitReturn(c, v);
    return;
  }
  const shape = calledShape(c, v);
  const area = 8 * (shape.stackParams + shape.stackResults);
  if (area > 0) asm.alu_ri(Alu.sub, 1, Reg.rsp, area);
  const top = 8 * shape.stackParams;
  for (let k = 0; k < shape.params.length; k++) {
    const item = shape.paramPlace[k] - PlaceOf.firstStack;
    if (item >= 0) storeOperand(c, v, k, Reg.rsp, top - 8 * (item + slotsOf(shape.params[k])));
  }
  c.parallelMoves(v);
  const map = stackMapOf(c, v);
  if (op === Ir.stub) {
    asm.call32(stubOf(c, g.imm[v]));
    c.markCall(map);
  } else if (op === Op.callIndirect) {
    findCallee(c, g.imm2[v], g.imm[v]);
    callElement(c, map);
  } else if (g.imm[v] < c.importedFunctions) {
    callImport(c, c.layout.imports + FunctionElement.size * g.imm[v], map, g.loopDepth[g.block[v]] > 0);
  } else {
    asm.call_rip(c.code.slots + 8 * (g.imm[v] - c.importedFunctions));
    c.markCall(map);
  }
  if (shape.stackResults > 0) takeStackResults(c, v, shape);
}

function stubOf(c: FunctionEmitter, stub: i32): i32 {
  const stubs = c.stubs;
  switch (stub) {
    case Stub.memoryGrow:
      return stubs.memoryGrow;
    case Stub.memoryFill:
      return stubs.memoryFill;
    case Stub.memoryCopy:
      return stubs.memoryCopy;
    case Stub.memoryInit:
      return stubs.memoryInit;
    case Stub.tableGrow:
      return stubs.tableGrow;
    case Stub.tableFill:
      return stubs.tableFill;
    case Stub.tableCopy:
      return stubs.tableCopy;
    case Stub.functionsFill:
      return stubs.functionsFill;
    case Stub.functionsCopy:
      return stubs.functionsCopy;
    case Stub.functionsInit:
      return stubs.functionsInit;
    case Stub.atomicNotify:
      return stubs.atomicNotify;
    case Stub.atomicWait32:
      return stubs.atomicWait32;
    case Stub.atomicWait64:
      return stubs.atomicWait64;
    case Stub.memorySize:
      return stubs.memorySize;
    default:
      return stubs.tableInit;
  }
}

/** Results on the stack go to the places of their values. */
function takeStackResults(c: FunctionEmitter, call: i32, shape: CallShape): void {
  const g = c.g;
  const asm = c.asm;
  const top = 8 * shape.stackResults;
  c.reserveMore(32 * shape.results.length);
  for (let v = g.next[call]; v >= 0 && g.op[v] === Ir.result; v = g.next[v]) {
    const item = g.imm2[v] - PlaceOf.firstStack;
    if (item < 0 || c.m.spilled[v] === 0) continue;
    const slots = slotsOf(g.type[v]);
    for (let k = 0; k < slots; k++) {
      // Results in registers are live: only the scratch register is free.
      asm.mov_rm(1, Registers.scratch, Reg.rsp, top - 8 * (item + slots) + 8 * k);
      asm.mov_mr(1, Reg.rbp, c.m.slot[v] + 8 * k, Registers.scratch);
    }
  }
  asm.lea(1, Reg.rsp, Reg.rsp, top);
}

/** Which slots hold references that live through the call. */
function stackMapOf(c: FunctionEmitter, call: i32): i32 {
  const m = c.m;
  const maps = c.code.stackMaps;
  let map = 0;
  const first = m.firstReference[call];
  for (let k = 0; k < m.referenceCount[call]; k++) map = maps.add(0, m.slot[m.liveReferences[first + k]], 1, map);
  return map;
}

function emitReturn(c: FunctionEmitter, v: i32): void {
  const asm = c.asm;
  const shape = c.shape;
  const top = 16 + 8 * (shape.stackParams + shape.stackResults);
  for (let k = 0; k < shape.results.length; k++) {
    const item = shape.resultPlace[k] - PlaceOf.firstStack;
    if (item >= 0) storeOperand(c, v, k, Reg.rbp, top - 8 * (item + slotsOf(shape.results[k])));
  }
  c.parallelMoves(v);
  if (c.frame > 0) asm.leave();
  else asm.pop(Reg.rbp);
  asm.ret_n(8 * shape.stackParams);
}
