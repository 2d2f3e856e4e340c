import { SiteKind } from '../../backends/code/code-map-writer.js';
import { LoadKind } from '../../backends/x64/registers.js';
import { V } from '../../backends/x64/vector-ops.js';
import { Registers } from '../../valuestack/types.js';
import type { EmitContext } from '../context.js';
import { address, popAddress } from '../memory.js';
import { broadcast8, broadcast16 } from './lanes.js';
import { fresh, op2i, pop, push, target } from './shapes.js';

// Each access is one instruction that can fault, and reads or writes exactly the bytes that the opcode names. No
// instruction here wants aligned memory.

/** The instruction that comes next accesses memory. */
function mark(c: EmitContext): void {
  c.mark(SiteKind.memory, 0);
}

/** A load into a new register by one instruction that reads `size` bytes: movups, pmovsx, movss, movddup ... */
export function load(c: EmitContext, op: V, size: i32, offset: i32): void {
  popAddress(c, offset, size);
  const d = fresh(c);
  mark(c);
  c.asm.sse_xmx(op, d, address.base, address.index, address.displacement);
  push(c, d);
}

/** An instruction that exists only in VEX form. */
function loadVex(c: EmitContext, op: V): i32 {
  const d = fresh(c);
  mark(c);
  c.asm.vex_xxmx(op, d, 0, address.base, address.index, address.displacement);
  push(c, d);
  return d;
}

/** One or two bytes through r11. */
function loadGeneral(c: EmitContext, kind: LoadKind): i32 {
  const asm = c.asm;
  const d = fresh(c);
  mark(c);
  asm.loadx(kind, Registers.scratch, address.base, address.index, address.displacement);
  asm.movd_xr(0, d, Registers.scratch);
  return d;
}

export function loadSplat8(c: EmitContext, offset: i32): void {
  popAddress(c, offset, 1);
  if (c.cpu.avx2) {
    loadVex(c, V.vpbroadcastb);
    return;
  }
  const d = loadGeneral(c, LoadKind.u8_32);
  broadcast8(c, d);
  push(c, d);
}

export function loadSplat16(c: EmitContext, offset: i32): void {
  popAddress(c, offset, 2);
  if (c.cpu.avx2) {
    loadVex(c, V.vpbroadcastw);
    return;
  }
  const d = loadGeneral(c, LoadKind.u16_32);
  broadcast16(c, d);
  push(c, d);
}

export function loadSplat32(c: EmitContext, offset: i32): void {
  popAddress(c, offset, 4);
  if (c.cpu.avx) {
    loadVex(c, V.vbroadcastss);
    return;
  }
  const d = fresh(c);
  mark(c);
  c.asm.sse_xmx(V.movss, d, address.base, address.index, address.displacement);
  op2i(c, V.shufps, d, d, d, 0);
  push(c, d);
}

export function store(c: EmitContext, offset: i32): void {
  const s = pop(c);
  popAddress(c, offset, 16);
  mark(c);
  c.asm.sse_xmx(V.movupsStore, s, address.base, address.index, address.displacement);
}

/** pinsrb, pinsrw, pinsrd from memory; `size` bytes. */
export function loadLane(c: EmitContext, op: V, size: i32, offset: i32, lane: i32): void {
  const asm = c.asm;
  const s = pop(c);
  popAddress(c, offset, size);
  const d = target(c, s);
  if (c.cpu.avx) {
    mark(c);
    asm.vpinsr_mx(op, 0, d, s, address.base, address.index, address.displacement, lane);
  } else {
    if (d !== s) asm.movs_xx(1, d, s);
    mark(c);
    asm.sse_xmxi(op, 0, d, address.base, address.index, address.displacement, lane);
  }
  push(c, d);
}

/** movlps, movhps. */
export function loadLane64(c: EmitContext, offset: i32, lane: i32): void {
  const asm = c.asm;
  const s = pop(c);
  popAddress(c, offset, 8);
  const d = target(c, s);
  const op = lane === 0 ? V.movlps : V.movhps;
  if (c.cpu.avx) {
    mark(c);
    asm.vex_xxmx(op, d, s, address.base, address.index, address.displacement);
  } else {
    if (d !== s) asm.movs_xx(1, d, s);
    mark(c);
    asm.sse_xmx(op, d, address.base, address.index, address.displacement);
  }
  push(c, d);
}

/** pextrb, pextrw, pextrd to memory. */
export function storeLane(c: EmitContext, op: V, size: i32, offset: i32, lane: i32): void {
  const s = pop(c);
  popAddress(c, offset, size);
  mark(c);
  c.asm.sse_xmxi(op, 0, s, address.base, address.index, address.displacement, lane);
}

/** movlps, movhps. */
export function storeLane64(c: EmitContext, offset: i32, lane: i32): void {
  const s = pop(c);
  popAddress(c, offset, 8);
  mark(c);
  c.asm.sse_xmx(lane === 0 ? V.movlpsStore : V.movhpsStore, s, address.base, address.index, address.displacement);
}
