/** Memory and globals. */
import { address, checkAddress } from '../../../emitter/memory.js';
import { Op } from '../../../stream/op.js';
import { Registers } from '../../../valuestack/types.js';
import { SiteKind } from '../../code/code-map-writer.js';
import { LoadKind, Reg } from '../registers.js';
import type { FunctionEmitter } from './emit.js';
import { isShortAddress, isStoredConstant } from './select.js';

const x = Registers.firstXmm;

/** Where an access is: sets `address`. `k` is the operand of the address, if it has one. */
export function accessAddress(c: FunctionEmitter, v: i32, k: i32, access: i32, size: i32): void {
  const g = c.g;
  const base = g.x[access];
  const offset = g.imm[access];
  if (isShortAddress(g, base, access)) {
    const sum = (g.imm[base] + offset) | 0;
    address.index = -1;
    address.displacement = sum;
    if (!c.checksBounds || sum <= c.leastMemory - size) return;
    c.asm.mov_ri(Registers.scratch, sum);
    checkAddress(c, Registers.scratch, 0, size);
    return;
  }
  const r = c.reg(v, k);
  if (!c.checksBounds && offset >= 0) {
    address.index = r;
    address.displacement = offset;
  } else checkAddress(c, r, offset, size);
}

export function markAccess(c: FunctionEmitter, access: i32): void {
  const offset = c.wasmOffset;
  c.wasmOffset = c.g.at[access];
  c.mark(SiteKind.memory, 0);
  c.wasmOffset = offset;
}

export function emitLoad(c: FunctionEmitter, v: i32, op: i32): void {
  const d = c.m.reg[v];
  accessAddress(c, v, 0, v, accessSize(op));
  c.mark(SiteKind.memory, 0);
  if (op === Op.f32Load || op === Op.f64Load) {
    c.asm.floadx(op === Op.f32Load ? 0 : 1, d - x, Reg.r14, address.index, address.displacement);
  } else c.asm.loadx(loadKind(op), d, Reg.r14, address.index, address.displacement);
}

export function emitStore(c: FunctionEmitter, v: i32, op: i32): void {
  const g = c.g;
  const asm = c.asm;
  const size = accessSize(op);
  accessAddress(c, v, 0, v, size);
  c.mark(SiteKind.memory, 0);
  const value = g.y[v];
  if (isStoredConstant(g, value)) {
    asm.storex_i(size, Reg.r14, address.index, address.displacement, g.imm[value]);
    return;
  }
  const s = c.reg(v, isShortAddress(g, g.x[v], v) ? 0 : 1);
  if (op === Op.f32Store || op === Op.f64Store) {
    asm.fstorex(op === Op.f32Store ? 0 : 1, Reg.r14, address.index, address.displacement, s - x);
  } else asm.storex(size, Reg.r14, address.index, address.displacement, s);
}

function isIndirectGlobal(c: FunctionEmitter, index: i32): bool {
  return index < c.info.importedGlobals && c.info.globals.mutable(index);
}

export function emitGlobalGet(c: FunctionEmitter, v: i32): void {
  const index = c.g.imm[v];
  const d = c.m.reg[v];
  const offset = c.layout.globals + 16 * index;
  if (!isIndirectGlobal(c, index)) c.vs.load(c.g.type[v], d, Reg.r15, offset);
  else {
    c.asm.mov_rm(1, Registers.scratch, Reg.r15, offset);
    c.vs.load(c.g.type[v], d, Registers.scratch, 0);
  }
}

export function emitGlobalSet(c: FunctionEmitter, v: i32): void {
  const index = c.g.imm[v];
  const s = c.reg(v, 0);
  const type = c.g.type[c.g.x[v]];
  const offset = c.layout.globals + 16 * index;
  if (!isIndirectGlobal(c, index)) c.vs.store(type, Reg.r15, offset, s);
  else {
    c.asm.mov_rm(1, Registers.scratch, Reg.r15, offset);
    c.vs.store(type, Registers.scratch, 0, s);
  }
}

function accessSize(op: i32): i32 {
  switch (op) {
    case Op.i32Load8S:
    case Op.i32Load8U:
    case Op.i64Load8S:
    case Op.i64Load8U:
    case Op.i32Store8:
    case Op.i64Store8:
      return 1;
    case Op.i32Load16S:
    case Op.i32Load16U:
    case Op.i64Load16S:
    case Op.i64Load16U:
    case Op.i32Store16:
    case Op.i64Store16:
      return 2;
    case Op.i64Load:
    case Op.f64Load:
    case Op.i64Store:
    case Op.f64Store:
      return 8;
    default:
      return 4;
  }
}

function loadKind(op: i32): LoadKind {
  switch (op) {
    case Op.i64Load:
      return LoadKind.u64;
    case Op.i32Load8S:
      return LoadKind.s8_32;
    case Op.i32Load8U:
    case Op.i64Load8U:
      return LoadKind.u8_32;
    case Op.i32Load16S:
      return LoadKind.s16_32;
    case Op.i32Load16U:
    case Op.i64Load16U:
      return LoadKind.u16_32;
    case Op.i64Load8S:
      return LoadKind.s8_64;
    case Op.i64Load16S:
      return LoadKind.s16_64;
    case Op.i64Load32S:
      return LoadKind.s32_64;
    default:
      return LoadKind.u32;
  }
}
