/** Relaxed SIMD beside V8 on this processor, at the edges of each instruction; all ways in which operands can be there, both tiers. */
import { setFlagsFromString } from 'node:v8';
import test from 'ava';
import { detectCpu } from '../../src/backends/x64/cpu.js';
import { Engine, type EngineOptions } from '../../src/index.js';
import { type Opcode, opcodes } from '../../src/stream/opcodes.js';
import { leb, moduleOf, name, sized } from '../stream/harness.js';
import { v8 } from '../support/engine.js';

// Node 20 has it behind a flag, which later ones do not know any more.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');

const relaxed = opcodes.filter(({ feature }) => feature === 'relaxed-simd');

const f32 = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const f64 = (...values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Operands at which processors differ, of each kind. */
const edges: Readonly<Record<'floats' | 'doubles' | 'integers', readonly Uint8Array[]>> = {
  floats: [
    f32(0, -0, 1, -1),
    f32(-0, 0, Number.NaN, 3e38),
    f32(2147483648, -2147483648, 4294967296, -1e30),
    f32(2147483520, 4294967040, 1.5, Infinity),
    f32(-Infinity, 0.1, 1 + 2 ** -23, 16777217),
    f32(3e38, 1e-40, -0.7, -(1 + 2 ** -12)),
  ],
  doubles: [
    f64(0, -0),
    f64(-0, 0),
    f64(Number.NaN, 1.9),
    f64(2147483648, -2147483649),
    f64(4294967295.5, -1),
    f64(1e300, -Infinity),
    f64(1 + 2 ** -52, 0.1),
    f64(1 + 2 ** -30, 4294967296),
  ],
  integers: [
    bytes(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    bytes(16, 127, 128, 129, 255, 0, 144, 31, 17, 200, 64, 63, 15, 14, 13, 143),
    bytes(...Array.from({ length: 16 }, () => 255)),
    bytes(...Array.from({ length: 16 }, () => 128)),
    bytes(...Array.from({ length: 16 }, () => 127)),
    bytes(0, 128, 0, 128, 255, 127, 0, 0, 1, 0, 0, 128, 0, 0, 0, 128),
    bytes(128, 0, 128, 0, 0, 0, 0, 127, 128, 255, 255, 127, 255, 255, 255, 127),
  ],
};

const load = (at: number): number[] => [0x41, at, 0xfd, 0, 0, 0];
const loads = (count: number): number[] => Array.from({ length: count }, (_, k) => load(16 * k)).flat();

/** How operands get to the stack: from memory, from locals that stay, from slots. */
const forms: readonly ((count: number) => number[])[] = [
  loads,
  (count) => [
    ...Array.from({ length: count }, (_, k) => [...load(16 * k), 0x21, k]).flat(),
    ...Array.from({ length: count }, (_, k) => [0x20, k]).flat(),
  ],
  (count) => [...loads(count), 0x02, 0x40, 0x0b],
];

/** "memory", and per form a function that applies the opcode to vectors at 0, 16, 32; the result goes to 112, locals to 128. */
function moduleFor({ code, signature }: Opcode): Uint8Array {
  const count = signature.indexOf(':');
  const bodies = forms.map((form) => [
    ...[1, 4, 0x7b],
    ...form(count),
    ...[0xfd, ...leb(code & 0xfff), 0x21, 3],
    ...[0x41, 0, 0x20, 3, 0xfd, 11, 0, ...leb(112)],
    ...[0, 1, 2].flatMap((k) => [0x41, 0, 0x20, k, 0xfd, 11, 0, ...leb(128 + 16 * k)]),
    0x0b,
  ]);
  return moduleOf(
    [1, [1, 0x60, 0, 0]],
    [3, [forms.length, ...forms.map(() => 0)]],
    [5, [1, 0, 1]],
    [7, [forms.length + 1, ...name('memory'), 2, 0, ...forms.flatMap((_, k) => [...name(`f${k}`), 0, k])]],
    [10, [forms.length, ...bodies.flatMap((body) => sized(body))]],
  );
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Results of all forms for all triples of operands, as text; NaNs are alike. */
// biome-ignore lint/suspicious/noExplicitAny: V8 or Beamline.
function results(api: any, opcode: Opcode): string[] {
  const { exports } = new api.Instance(new api.Module(moduleFor(opcode)));
  const memory = new Uint8Array(exports.memory.buffer);
  const kind = /^f32|trunc_f32/.test(opcode.name)
    ? 'floats'
    : /^f64|trunc_f64/.test(opcode.name)
      ? 'doubles'
      : 'integers';
  const list = edges[kind];
  const count = opcode.signature.indexOf(':');
  const found: string[] = [];
  let keeps = true;
  for (let i = 0; i < list.length ** count; i++) {
    const operands = Array.from({ length: count }, (_, k) => list[Math.floor(i / list.length ** k) % list.length]!);
    operands.forEach((operand, k) => {
      memory.set(operand, 16 * k);
    });
    for (const [k] of forms.entries()) {
      exports[`f${k}`]();
      const result = memory.slice(112, 128);
      if (k === 1)
        for (const [n, operand] of operands.entries())
          keeps &&= same(memory.slice(128 + 16 * n, 144 + 16 * n), operand);
      const lanes = opcode.name.startsWith('f32')
        ? new Float32Array(result.buffer)
        : opcode.name.startsWith('f64')
          ? new Float64Array(result.buffer)
          : result;
      found.push(
        `${k}: ${operands.map((o) => Buffer.from(o).toString('hex')).join(' ')} = ${[...lanes].map((x) => (Object.is(x, -0) ? '-0' : x)).join(' ')}`,
      );
    }
  }
  if (!keeps) throw new Error(`${opcode.name} has changed an operand`);
  return found;
}

/** What a processor without FMA gives for madd and nmadd. */
function unfused({ name }: Opcode, fused: string[]): string[] {
  const round = name.startsWith('f32') ? Math.fround : (x: number) => x;
  return fused.map((line) => {
    const [form, ...operands] = line.split(' = ')[0]!.split(' ');
    const [a, b, c] = operands.map((hex) => {
      const { buffer } = Uint8Array.from(Buffer.from(hex, 'hex'));
      return [...(name.startsWith('f32') ? new Float32Array(buffer) : new Float64Array(buffer))];
    }) as [number[], number[], number[]];
    const lanes = a.map((x, k) => {
      const product = round(x * b[k]!);
      return round(name.includes('nmadd') ? c[k]! - product : product + c[k]!);
    });
    return `${form} ${operands.join(' ')} = ${lanes.map((x) => (Object.is(x, -0) ? '-0' : x)).join(' ')}`;
  });
}

/**
 * What V8 gives since it has relaxed SIMD without a flag, of the instructions that it had wrong before: lanes by their sign bits; sums of
 * products, in pairs with saturation.
 */
function reference({ name }: Opcode, lines: string[]): string[] {
  return lines.map((line) => {
    const inputs = line.split(' = ')[0]!;
    const [a, b, c] = inputs
      .split(' ')
      .slice(1)
      .map((hex) => Buffer.from(hex, 'hex')) as [Buffer, Buffer, Buffer];
    const bytes = name.endsWith('laneselect') ? selected(a, b, c, name.startsWith('i32') ? 4 : 8) : dotAdd(a, b, c);
    return `${inputs} = ${bytes.join(' ')}`;
  });
}

function selected(a: Buffer, b: Buffer, mask: Buffer, size: number): number[] {
  return [...a].map((x, k) => (mask[k | (size - 1)]! >= 0x80 ? x : b[k]!));
}

function dotAdd(a: Buffer, b: Buffer, addend: Buffer): number[] {
  const pair = (k: number): number => {
    const sum = a.readInt8(k) * b.readUInt8(k) + a.readInt8(k + 1) * b.readUInt8(k + 1);
    return Math.max(-32768, Math.min(32767, sum));
  };
  const lanes = [0, 4, 8, 12].map((k) => pair(k) + pair(k + 2) + addend.readInt32LE(k));
  return [...new Uint8Array(Int32Array.from(lanes).buffer)];
}

const levels: Readonly<Record<string, EngineOptions>> = {
  native: {},
  avx: { cpu: 'avx' },
  'sse4.1': { cpu: 'sse4.1' },
  'forced spills': { debug: { forceSpills: true, checkInvariants: true } },
  'small world, sse4.1': { cpu: 'sse4.1', debug: { smallWorld: true, checkInvariants: true } },
  optimizing: { tier: 'optimizing' },
  'optimizing, sse4.1': { tier: 'optimizing', cpu: 'sse4.1' },
};

const expected = new Map<string, string[]>();

for (const [title, options] of Object.entries(levels)) {
  test(`results are V8's (${title})`, (t) => {
    const api = new Engine({ limits: { codeMemory: 64 << 20 }, ...options }).WebAssembly;
    const hasFma = detectCpu().fma && options.cpu === undefined;
    t.is(relaxed.length, 20);
    for (const opcode of relaxed) {
      if (!expected.has(opcode.name)) expected.set(opcode.name, results(v8, opcode));
      let wanted = expected.get(opcode.name)!;
      if (/^i(32x4|64x2).relaxed_(laneselect|dot)/.test(opcode.name)) wanted = reference(opcode, wanted);
      if (opcode.name.includes('madd') && !hasFma) wanted = unfused(opcode, wanted);
      const found = results(api, opcode);
      t.deepEqual(
        found.filter((line, i) => line !== wanted[i]).slice(0, 3),
        wanted.filter((line, i) => line !== found[i]).slice(0, 3),
        opcode.name,
      );
    }
  });
}
