import { Int32Array, Math } from '../../support/dialect.js';
import { Registers } from '../../valuestack/types.js';
import type { Allocator } from './allocator.js';
import { type Graph, Ir } from './ir.js';
import { Def, type Machine, Use } from './machine.js';

/**
 * Runs the allocated code on names instead of numbers: every register holds the name of a value. Whatever reads a register
 * or a place in memory must find the value that the graph says, on every path.
 * @throws Error that names the instruction
 */
export function checkAllocation(m: Machine, allocator: Allocator): void {
  const g = m.graph;
  for (let b = 0; b < g.blocks; b++) checkBlock(m, allocator, b);
}

function fail(g: Graph, v: i32, what: string): never {
  throw new Error(`internal error: register allocation: ${what} at instruction ${v} of block ${g.block[v]}`);
}

/** Memory holds the value here: it is stored where it is made, or in a block that dominates this one. */
function checkMemory(m: Machine, v: i32, value: i32): void {
  const g = m.graph;
  const d = m.storeBlock[value];
  if (d >= 0 && !g.dominates(d, g.block[v])) fail(g, v, `value ${value} is stored in block ${d} only`);
  if (m.graph.op[value] !== Ir.constant && m.spilled[value] === 0) fail(m.graph, v, `value ${value} was never stored`);
}

function checkBlock(m: Machine, allocator: Allocator, b: i32): void {
  const g = m.graph;
  const registers = new Int32Array(Registers.count).fill(-1);
  for (let r = 0; r < Registers.count; r++) registers[r] = allocator.entryOf(b, r);
  for (let v = m.storeHead[b]; v >= 0; v = m.storeNext[v]) {
    if (registers[m.storeReg[v]] !== v)
      fail(g, v, `block ${b} stores register ${m.storeReg[v]}, which holds something else`);
  }
  for (let v = g.first[b]; v >= 0; v = g.next[v]) {
    if (g.op[v] === Ir.phi) {
      if (m.reg[v] >= 0 && registers[m.reg[v]] !== v) fail(g, v, `phi ${v} is not in its register`);
      if (m.reg[v] < 0 && m.spilled[v] === 0) fail(g, v, `phi ${v} is nowhere`);
      continue;
    }
    if (m.folded[v] !== 0) continue;
    if (g.op[v] === Ir.jump) {
      checkEdge(m, allocator, v, registers, g.imm[v]);
      continue;
    }
    if (m.isCall[v] !== 0) checkCall(m, v, registers);
    else checkInstruction(m, v, registers);
  }
  const last = g.last[b];
  if (g.op[last] === Ir.branch) {
    checkInherited(m, allocator, last, registers, g.imm[last]);
    checkInherited(m, allocator, last, registers, g.imm2[last]);
  } else if (g.op[last] === Ir.table) {
    for (let k = 0; k < g.count[last]; k++) checkInherited(m, allocator, last, registers, g.pool[g.list[last] + k]);
  }
}

function checkInherited(m: Machine, allocator: Allocator, v: i32, registers: Int32Array, b: i32): void {
  for (let r = 0; r < Registers.count; r++) {
    const value = allocator.entryOf(b, r);
    if (value >= 0 && registers[r] !== value) fail(m.graph, v, `block ${b} expects value ${value} in register ${r}`);
  }
}

/** One move, reading the state `before`. */
function checkMove(m: Machine, v: i32, k: i32, before: Int32Array): void {
  const value = m.moveValue[k];
  const from = m.moveFrom[k];
  if (from < 0) checkMemory(m, v, value);
  else if (before[from] !== value) fail(m.graph, v, `register ${from} holds ${before[from]}, not ${value}`);
}

function checkEdge(m: Machine, allocator: Allocator, jump: i32, registers: Int32Array, b: i32): void {
  const g = m.graph;
  const before = registers.slice();
  const written: i32[] = [];
  for (let k = m.firstMove[jump]; k < m.firstMove[jump] + m.moveCount[jump]; k++) {
    checkMove(m, jump, k, before);
    if (m.moveTo[k] >= 0) registers[m.moveTo[k]] = m.moveValue[k];
    else written.push(m.movePhi[k], m.moveValue[k]);
  }
  let index = 0;
  for (let e = g.edgeHead[b]; g.edgeFrom[e] !== g.block[jump]; e = g.edgeNext[e]) index++;
  for (let r = 0; r < Registers.count; r++) {
    const value = allocator.entryOf(b, r);
    if (value < 0) continue;
    const isPhi = g.op[value] === Ir.phi && g.block[value] === b;
    const wanted = isPhi ? g.pool[g.list[value] + index] : value;
    if (registers[r] !== wanted)
      fail(g, jump, `block ${b} expects value ${wanted} in register ${r}, there is ${registers[r]}`);
  }
  for (let v = g.first[b]; v >= 0 && g.op[v] === Ir.phi; v = g.next[v]) {
    if (m.reg[v] >= 0) continue;
    const wanted = g.pool[g.list[v] + index];
    if (wanted === v) continue;
    let isWritten = false;
    for (let k = 0; k < written.length; k += 2) if (written[k] === v && written[k + 1] === wanted) isWritten = true;
    if (!isWritten && isInEntry(allocator, b, v) === false) fail(g, jump, `phi ${v} in memory is not written`);
  }
}

function isInEntry(allocator: Allocator, b: i32, v: i32): bool {
  for (let r = 0; r < Registers.count; r++) if (allocator.entryOf(b, r) === v) return true;
  return false;
}

function checkCall(m: Machine, v: i32, registers: Int32Array): void {
  const before = registers.slice();
  for (let k = m.firstMove[v]; k < m.firstMove[v] + m.moveCount[v]; k++) {
    checkMove(m, v, k, before);
    registers[m.moveTo[k]] = m.moveValue[k];
  }
  for (let u = m.firstUse[v]; u < m.firstUse[v] + m.useCount[v]; u++) {
    const value = m.useValue[u];
    if (m.useKind[u] >= Use.fixed) {
      const r = m.useKind[u] - Use.fixed;
      if (registers[r] !== value) fail(m.graph, v, `argument ${value} is not in register ${r}`);
    } else if (m.useReg[u] < 0) checkMemory(m, v, value);
    else if (before[m.useReg[u]] !== value) fail(m.graph, v, `argument ${value} is not in register ${m.useReg[u]}`);
  }
  registers.fill(-1);
}

function checkInstruction(m: Machine, v: i32, registers: Int32Array): void {
  const g = m.graph;
  for (let k = m.firstMove[v]; k < m.firstMove[v] + m.moveCount[v]; k++) {
    checkMove(m, v, k, registers);
    registers[m.moveTo[k]] = m.moveValue[k];
  }
  let operands = 0;
  for (let u = m.firstUse[v]; u < m.firstUse[v] + m.useCount[v]; u++) {
    const value = m.useValue[u];
    const r = m.useReg[u];
    if (r < 0) {
      if (m.useKind[u] !== Use.any) fail(g, v, `operand ${value} has no register`);
      checkMemory(m, v, value);
      continue;
    }
    if (registers[r] !== value) fail(g, v, `operand ${value} is not in register ${r}, which holds ${registers[r]}`);
    operands |= 1 << r;
  }
  const temps = m.tempMask[v];
  if ((temps & operands) !== 0) fail(g, v, 'an operand is in a register to spare');
  for (let lost = temps | m.clobbers[v]; lost !== 0; lost &= lost - 1) registers[31 - Math.clz32(lost & -lost)] = -1;
  const d = m.reg[v];
  if (d < 0) return;
  if (((temps >>> d) & 1) !== 0) fail(g, v, 'the result is in a register to spare');
  if (m.def[v] === Def.apart && ((operands >>> d) & 1) !== 0 && ((m.dying[v] >>> d) & 1) === 0) {
    fail(g, v, 'the result overwrites an operand');
  }
  registers[d] = v;
}

/**
 * The rules of the graph: operands are made before they are used on every path, phis have an operand per predecessor, blocks
 * end once, at their end.
 * @throws Error that names the instruction
 */
export function checkGraph(g: Graph): void {
  const seen = new Int32Array(g.values);
  for (let b = 0; b < g.blocks; b++) {
    for (let v = g.first[b]; v >= 0; v = g.next[v]) {
      if (g.block[v] !== b) failGraph(v, 'is in another block');
      if (g.isEnd(v) !== (v === g.last[b])) failGraph(v, 'ends its block in the middle');
      if (g.op[v] === Ir.phi) {
        let index = 0;
        if (g.count[v] !== g.edgeCount[b])
          failGraph(v, `has ${g.count[v]} operands for ${g.edgeCount[b]} predecessors`);
        for (let e = g.edgeHead[b]; e >= 0; e = g.edgeNext[e]) {
          const value = g.pool[g.list[v] + index++];
          if (g.block[value] < 0 || !g.dominates(g.block[value], g.edgeFrom[e]))
            failGraph(v, `reads ${value} too early`);
          if (g.type[value] !== g.type[v]) failGraph(v, `has another type than ${value}`);
        }
      } else {
        checkOperand(g, seen, v, g.x[v]);
        checkOperand(g, seen, v, g.y[v]);
        checkOperand(g, seen, v, g.z[v]);
        if (g.op[v] !== Ir.table) for (let k = 0; k < g.count[v]; k++) checkOperand(g, seen, v, g.pool[g.list[v] + k]);
      }
      seen[v] = 1;
    }
  }
}

function failGraph(v: i32, what: string): never {
  throw new Error(`internal error: graph: instruction ${v} ${what}`);
}

function checkOperand(g: Graph, seen: Int32Array, v: i32, value: i32): void {
  if (value < 0) return;
  const home = g.block[value];
  if (home < 0 || g.forward[value] >= 0) failGraph(v, `reads ${value}, which is gone`);
  if (home === g.block[v] ? seen[value] === 0 : !g.dominates(home, g.block[v]))
    failGraph(v, `reads ${value} too early`);
}
