/** Modules with all instructions that access memory, for tests that compare one kind of memory with another. */
import { opcodes } from '../../src/stream/opcodes.js';

const typeOf: Readonly<Record<string, string>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128' };
const constantOf: Readonly<Record<string, string>> = {
  i32: '(i32.const 0x12345678)',
  i64: '(i64.const 0x0123456789abcdef)',
  f32: '(f32.const 1.5)',
  f64: '(f64.const -2.25)',
  v128: '(v128.const i32x4 0x01020304 0x15161718 0x292a2b2c 0x3d3e3f40)',
};

/** All instructions that access memory, but waits and notify; as functions of an address that stores what they give at 4096. */
export function accesses(memory: number, is64 = false): { names: string[]; text: string } {
  const names: string[] = [];
  const functions: string[] = [];
  for (const { name, signature } of opcodes) {
    const isAccess = /^(i32|i64|f32|f64|v128)\.(atomic\.)?(load|store|rmw)/.test(name);
    if (!isAccess || !signature.startsWith('i')) continue;
    const [params, results] = signature.split(':') as [string, string];
    const operands = [...params.slice(1)].map((letter) => constantOf[typeOf[letter] as string]);
    const lane = /_lane$/.test(name) ? ' 1' : '';
    const addresses = is64
      ? ['(i64.extend_i32_u (local.get 0))', '(i64.const 512)']
      : ['(local.get 0)', '(i32.const 512)'];
    for (const [k, address] of addresses.entries()) {
      const offset = k === 0 ? ' offset=16' : '';
      const code = `(${name} ${memory}${offset}${lane} ${address} ${operands.join(' ')})`;
      const type = typeOf[results];
      const body = type === undefined ? code : `(${type}.store ${memory} (${is64 ? 'i64' : 'i32'}.const 4096) ${code})`;
      functions.push(`(func (export "${name} ${k}") (param i32) ${body})`);
      names.push(`${name} ${k}`);
    }
  }
  return { names, text: functions.join('\n') };
}

/** The whole contents of a memory. */
export const contents = (memory: { buffer: ArrayBuffer }): Uint8Array => new Uint8Array(memory.buffer);

/** Some bytes at the begin. */
export function fill(memory: { buffer: ArrayBuffer }, seed: number): void {
  const bytes = contents(memory);
  for (let i = 0; i < 8192; i++) bytes[i] = Math.imul(i + seed, 2654435761) >>> 24;
}

/** The message of what a call throws, or nothing. */
export const message = (call: () => unknown): string => {
  try {
    call();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
