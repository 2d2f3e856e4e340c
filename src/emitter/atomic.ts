import { TrapCode } from '../backends/abi/layout.js';
import { callShape } from '../backends/code/call-shape.js';
import { SiteKind } from '../backends/code/code-map-writer.js';
import { Alu, Cc, LoadKind, Reg } from '../backends/x64/registers.js';
import { Op } from '../stream/op.js';
import { atomicSize } from '../stream/opcodes.js';
import { ValType } from '../stream/types.js';
import { Uint8Array } from '../support/dialect.js';
import { Registers, Type, Window } from '../valuestack/types.js';
import { callStub } from './calls.js';
import type { EmitContext } from './context.js';
import { address, placeAddress, popAddress } from './memory.js';

// Atomic accesses are sequentially consistent: loads are plain ones here, all that writes is locked. Whether memory is shared makes
// no difference. An address that is not a multiple of the size traps, before bounds are looked at.

/** Operations of the read-modify-write opcodes, in the order of the opcodes. */
const enum Rmw {
  add = 0,
  sub = 1,
  and = 2,
  or = 3,
  xor = 4,
  xchg = 5,
  cmpxchg = 6,
}

/** There are seven of each operation: two whole ones, and five of fewer bytes than the type has. */
const forms: i32 = 7;

/** All that access memory but notify and the waits. */
export function access(c: EmitContext, opcode: i32, offset: i32): void {
  const size: i32 = 1 << atomicSize[opcode & 0xff];
  if (opcode < Op.i32AtomicStore) {
    load(c, opcode === Op.i64AtomicLoad || opcode >= Op.i64AtomicLoad8U ? Type.i64 : Type.i32, size, offset);
    return;
  }
  if (opcode < Op.i32AtomicRmwAdd) {
    store(c, size, offset);
    return;
  }
  const form = (opcode - Op.i32AtomicRmwAdd) % forms;
  const type = form === 1 || form > 3 ? Type.i64 : Type.i32;
  const operation: i32 = (opcode - Op.i32AtomicRmwAdd - form) / forms;
  switch (operation) {
    case Rmw.add:
    case Rmw.sub:
    case Rmw.xchg:
      return exchange(c, operation, type, size, offset);
    case Rmw.and:
      return combine(c, Alu.and, type, size, offset);
    case Rmw.or:
      return combine(c, Alu.or, type, size, offset);
    case Rmw.xor:
      return combine(c, Alu.xor, type, size, offset);
    default:
      return compareExchange(c, type, size, offset);
  }
}

/** Pop an address as `popAddress` does; traps if it is not aligned. Clobbers r11 and the flags. */
function popAligned(c: EmitContext, offset: i32, size: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  const mask: i32 = size - 1;
  if (mask === 0) {
    popAddress(c, offset, size);
    return;
  }
  if (vs.topIsConstant() && !c.info.is64(c.memoryIndex)) {
    const sum: i32 = vs.a[(vs.height - 1) & Window.mask] + offset;
    if ((sum & mask) !== 0) c.trap(TrapCode.unalignedAccess);
    popAddress(c, offset, size);
    return;
  }
  const r = vs.popReg();
  let tested = r;
  if ((offset & mask) !== 0) {
    tested = Registers.scratch;
    asm.lea(0, tested, r, offset & mask);
  }
  asm.test_ri(0, tested, mask);
  c.trapIf(Cc.ne, TrapCode.unalignedAccess);
  placeAddress(c, r, offset, size);
}

/** The instruction that comes next accesses memory. */
function mark(c: EmitContext): void {
  c.mark(SiteKind.memory, 0);
}

/** A load of `size` bytes that zeroes the rest. */
function kindOf(size: i32): LoadKind {
  if (size === 1) return LoadKind.u8_32;
  if (size === 2) return LoadKind.u16_32;
  return size === 4 ? LoadKind.u32 : LoadKind.u64;
}

/**
 * A plain load:
 * i32.atomic.load, i32.atomic.load8_u, i32.atomic.load16_u, i64.atomic.load, i64.atomic.load8_u, i64.atomic.load16_u,
 * i64.atomic.load32_u.
 */
function load(c: EmitContext, type: Type, size: i32, offset: i32): void {
  const vs = c.vs;
  popAligned(c, offset, size);
  const index = address.index;
  const d = index >= 0 && index !== Registers.scratch && vs.owned(index) ? index : vs.allocate(type);
  mark(c);
  c.asm.loadx(kindOf(size), d, address.base, address.index, address.displacement);
  vs.pushReg(type, d);
}

/**
 * xchg, a store that later loads do not pass:
 * i32.atomic.store, i32.atomic.store8, i32.atomic.store16, i64.atomic.store, i64.atomic.store8, i64.atomic.store16,
 * i64.atomic.store32.
 */
function store(c: EmitContext, size: i32, offset: i32): void {
  const s = c.vs.popOwned();
  popAligned(c, offset, size);
  mark(c);
  c.asm.xchg_x(size, address.base, address.index, address.displacement, s);
}

/**
 * What the processor has an instruction for: xadd and xchg. A difference is a sum with the negated operand.
 * i32.atomic.rmw.add, i64.atomic.rmw.add, i32.atomic.rmw8.add_u, i32.atomic.rmw16.add_u, i64.atomic.rmw8.add_u,
 * i64.atomic.rmw16.add_u, i64.atomic.rmw32.add_u,
 * i32.atomic.rmw.sub, i64.atomic.rmw.sub, i32.atomic.rmw8.sub_u, i32.atomic.rmw16.sub_u, i64.atomic.rmw8.sub_u,
 * i64.atomic.rmw16.sub_u, i64.atomic.rmw32.sub_u,
 * i32.atomic.rmw.xchg, i64.atomic.rmw.xchg, i32.atomic.rmw8.xchg_u, i32.atomic.rmw16.xchg_u, i64.atomic.rmw8.xchg_u,
 * i64.atomic.rmw16.xchg_u, i64.atomic.rmw32.xchg_u.
 */
function exchange(c: EmitContext, operation: i32, type: Type, size: i32, offset: i32): void {
  const asm = c.asm;
  const r = c.vs.popOwned();
  popAligned(c, offset, size);
  if (operation === Rmw.sub) asm.neg(size === 8 ? 1 : 0, r);
  mark(c);
  if (operation === Rmw.xchg) asm.xchg_x(size, address.base, address.index, address.displacement, r);
  else asm.lock_xadd_x(size, address.base, address.index, address.displacement, r);
  if (size === 1) asm.movzx8(r, r);
  else if (size === 2) asm.movzx16(r, r);
  c.vs.pushReg(type, r);
}

/**
 * A loop, until nobody has written between the load and the cmpxchg:
 * i32.atomic.rmw.and, i64.atomic.rmw.and, i32.atomic.rmw8.and_u, i32.atomic.rmw16.and_u, i64.atomic.rmw8.and_u,
 * i64.atomic.rmw16.and_u, i64.atomic.rmw32.and_u,
 * i32.atomic.rmw.or, i64.atomic.rmw.or, i32.atomic.rmw8.or_u, i32.atomic.rmw16.or_u, i64.atomic.rmw8.or_u,
 * i64.atomic.rmw16.or_u, i64.atomic.rmw32.or_u,
 * i32.atomic.rmw.xor, i64.atomic.rmw.xor, i32.atomic.rmw8.xor_u, i32.atomic.rmw16.xor_u, i64.atomic.rmw8.xor_u,
 * i64.atomic.rmw16.xor_u, i64.atomic.rmw32.xor_u.
 */
function combine(c: EmitContext, op: Alu, type: Type, size: i32, offset: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  vs.vacate(Reg.rax);
  vs.pinned |= 1 << Reg.rax;
  const s = vs.popReg();
  popAligned(c, offset, size);
  const base = address.base;
  const index = address.index;
  const displacement = address.displacement;
  const sum = vs.allocate(type);
  mark(c);
  asm.loadx(kindOf(size), Reg.rax, base, index, displacement);
  const again = asm.pos;
  asm.mov_rr(1, sum, Reg.rax);
  asm.alu_rr(op, 1, sum, s);
  mark(c);
  asm.lock_cmpxchg_x(size, base, index, displacement, sum);
  asm.jcc(Cc.ne, again);
  vs.pushReg(type, Reg.rax);
}

/**
 * Of the expected value only as many bytes are compared as the access has:
 * i32.atomic.rmw.cmpxchg, i64.atomic.rmw.cmpxchg, i32.atomic.rmw8.cmpxchg_u, i32.atomic.rmw16.cmpxchg_u,
 * i64.atomic.rmw8.cmpxchg_u, i64.atomic.rmw16.cmpxchg_u, i64.atomic.rmw32.cmpxchg_u.
 */
function compareExchange(c: EmitContext, type: Type, size: i32, offset: i32): void {
  const asm = c.asm;
  const vs = c.vs;
  let replacement = vs.popReg();
  if (replacement === Reg.rax) {
    replacement = vs.allocate(type);
    asm.mov_rr(1, replacement, Reg.rax);
    vs.pinned |= 1 << replacement;
    if (vs.owned(Reg.rax)) vs.pinned &= ~(1 << Reg.rax);
  }
  vs.popInto(Reg.rax);
  popAligned(c, offset, size);
  mark(c);
  asm.lock_cmpxchg_x(size, address.base, address.index, address.displacement, replacement);
  if (size === 1) asm.movzx8(Reg.rax, Reg.rax);
  else if (size === 2) asm.movzx16(Reg.rax, Reg.rax);
  else if (size === 4) asm.mov_rr(0, Reg.rax, Reg.rax);
  vs.pushReg(type, Reg.rax);
}

/** atomic.fence: a locked instruction that changes nothing. */
export function fence(c: EmitContext): void {
  c.asm.lock_alu_mi(Alu.or, 0, Reg.rsp, 0, 0);
}

const int32: i32 = ValType.i32;
const int64: i32 = ValType.i64;
const notifyShape = callShape(Uint8Array.of(int32, int32, int32, int32), Uint8Array.of(int32));
const wait32Shape = callShape(Uint8Array.of(int32, int32, int64, int32, int32), Uint8Array.of(int32));
const wait64Shape = callShape(Uint8Array.of(int32, int64, int64, int32, int32), Uint8Array.of(int32));

/** memory.atomic.notify, wait32, wait64: JS does it, checks of the address included, whose last part and memory are two operands more. */
export function waitOrNotify(c: EmitContext, opcode: i32, offset: i32): void {
  c.vs.pushConstant(Type.i32, offset, offset >> 31);
  c.vs.pushConstant(Type.i32, c.memoryIndex, 0);
  c.memoryIndex = 0;
  if (opcode === Op.memoryAtomicNotify) callStub(c, notifyShape, c.stubs.atomicNotify);
  else if (opcode === Op.memoryAtomicWait32) callStub(c, wait32Shape, c.stubs.atomicWait32);
  else callStub(c, wait64Shape, c.stubs.atomicWait64);
}
