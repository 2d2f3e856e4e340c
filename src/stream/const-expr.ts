import { type ConstExpr, ConstKind, type ModuleInfo } from './module.js';
import { opcodeInfo } from './opcodes.js';
import type { Reader } from './reader.js';
import { typeName, ValType } from './types.js';

/**
 * A constant expression: one constant instruction and `end` (Core Specification, 3.3.10).
 * @param globals number of globals that `global.get` may name.
 */
export function readConstExpr(r: Reader, info: ModuleInfo, expected: number, globals: number): ConstExpr {
  const at = r.pos;
  const opcode = r.u8('opcode of a constant expression');
  let kind: ConstKind = ConstKind.value;
  let type = 0;
  let low = 0;
  let high = 0;
  switch (opcode) {
    case 0x41:
      type = ValType.i32;
      low = r.s32('i32 constant');
      break;
    case 0x42:
      type = ValType.i64;
      r.s64('i64 constant');
      low = r.low;
      high = r.high;
      break;
    case 0x43:
      type = ValType.f32;
      low = r.u32le('f32 constant');
      break;
    case 0x44:
      type = ValType.f64;
      low = r.u32le('f64 constant');
      high = r.u32le('f64 constant');
      break;
    case 0x23: {
      kind = ConstKind.globalGet;
      low = r.u32('global index');
      if (low >= globals) r.fail(`Invalid global index: ${low}`, at);
      const global = info.globals[low];
      if (global.mutable) r.fail('mutable globals cannot be used in constant expressions', at);
      if (!global.imported) r.fail('global.get of a non-imported global in a constant expression: not supported yet (garbage collection)', at);
      type = global.type;
      break;
    }
    case 0xd0:
      kind = ConstKind.refNull;
      low = r.u8('reference type');
      if (low !== ValType.funcref && low !== ValType.externref) r.fail(`invalid reference type 0x${low.toString(16)}`, at);
      type = low;
      break;
    case 0xd2:
      kind = ConstKind.refFunc;
      low = r.u32('function index');
      if (low >= info.functionTypes.length) r.fail(`function index #${low} is out of bounds`, at);
      info.declareReference(low);
      type = ValType.funcref;
      break;
    case 0x0b:
      r.fail(`expected 1 elements on the stack for constant expression, found 0`, at);
      break;
    default: {
      const known = opcodeInfo(opcode);
      if (known !== undefined && /^(i32|i64)\.(add|sub|mul)$/.test(known.name)) {
        r.fail(`${known.name} in a constant expression: not supported yet (extended constant expressions)`, at);
      }
      r.fail(`opcode ${known?.name ?? `0x${opcode.toString(16)}`} is not allowed in constant expressions`, at);
    }
  }
  const end = r.u8('end of a constant expression');
  if (end !== 0x0b) {
    const known = opcodeInfo(end);
    r.fail(`constant expression is missing 'end'${known === undefined ? '' : ` (found ${known.name})`}: not supported yet (extended constant expressions) or invalid`, r.pos - 1);
  }
  if (type !== expected) {
    r.fail(`type error in constant expression[0] (expected ${typeName(expected)}, got ${typeName(type)})`, at);
  }
  return { kind, type, low, high };
}
