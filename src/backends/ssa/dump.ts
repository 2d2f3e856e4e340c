import { opcodeName } from '../../stream/opcodes.js';
import { type Graph, Ir } from './ir.js';
import type { Machine } from './machine.js';

const names: Readonly<Record<number, string>> = {
  [Ir.param]: 'param',
  [Ir.phi]: 'phi',
  [Ir.constant]: 'constant',
  [Ir.result]: 'result',
  [Ir.stub]: 'stub',
  [Ir.jump]: 'jump',
  [Ir.branch]: 'branch',
  [Ir.table]: 'br_table',
  [Ir.return_]: 'return',
  [Ir.trap]: 'trap',
};
const types = ['i32', 'i64', 'f32', 'f64', 'v128', 'ref', 'externref'];

/**
 * The graph as text, a line per instruction. With a `machine` that was allocated, each line says where its value and its
 * operands are.
 */
export function describeGraph(g: Graph, machine?: Machine): string {
  const lines: string[] = [];
  for (let b = 0; b < g.blocks; b++) {
    const from: number[] = [];
    for (let e = g.edgeHead[b] as number; e >= 0; e = g.edgeNext[e] as number) from.push(g.edgeFrom[e] as number);
    const loop = g.header[b] !== 0 ? ' loop' : '';
    lines.push(`block ${b}${loop} (depth ${g.loopDepth[b]}) from ${from.join(', ') || 'nowhere'}`);
    for (let v = g.first[b] as number; v >= 0; v = g.next[v] as number) lines.push(`  ${describeValue(g, v, machine)}`);
  }
  return `${lines.join('\n')}\n`;
}

function describeValue(g: Graph, v: number, machine: Machine | undefined): string {
  const op = g.op[v] as number;
  const type = types[g.type[v] as number];
  const operands = [g.x[v], g.y[v], g.z[v]].filter((operand) => (operand as number) >= 0).map((x) => `v${x}`);
  const list = Array.from(g.pool.slice(g.list[v], (g.list[v] as number) + (g.count[v] as number)));
  const listed = op === Ir.table ? list.map((b) => `block ${b}`) : list.map((x) => `v${x}`);
  const numbers = g.imm[v] !== 0 || g.imm2[v] !== 0 || op === Ir.constant ? ` #${g.imm[v]}:${g.imm2[v]}` : '';
  const name = names[op] ?? opcodeName(op);
  const text = `${type === undefined ? '' : `v${v}:${type} = `}${name}${numbers} ${[...operands, ...listed].join(' ')}`;
  return machine === undefined ? text.trimEnd() : `${text.trimEnd()}${describePlaces(machine, v)}`;
}

function describePlaces(m: Machine, v: number): string {
  if (m.folded[v] !== 0) return '  ; part of its users';
  const places: string[] = [];
  const uses = m.firstUse[v] as number;
  for (let u = uses; u < uses + (m.useCount[v] as number); u++) {
    places.push(`v${m.useValue[u]} in ${(m.useReg[u] as number) < 0 ? 'memory' : `r${m.useReg[u]}`}`);
  }
  if ((m.reg[v] as number) >= 0) places.push(`to r${m.reg[v]}`);
  if (m.spilled[v] !== 0) places.push('stored');
  if ((m.moveCount[v] as number) > 0) places.push(`${m.moveCount[v]} moves`);
  return places.length === 0 ? '' : `  ; ${places.join(', ')}`;
}
