import { type ConstExpr, ConstKind, type ModuleInfo } from './module.js';
import { opcodeInfo } from './opcodes.js';
import type { Reader } from './reader.js';
import { typeName, ValType } from './types.js';

/**
 * A constant expression (Core Specification, 3.3.10): one constant instruction and `end`. Longer ones are checked to
 * their end, so that an invalid one is called invalid and a valid one names the feature that is missing.
 * @param globals number of globals that `global.get` may name.
 */
export function readConstExpr(r: Reader, info: ModuleInfo, expected: number, globals: number): ConstExpr {
  const start = r.pos;
  const stack: ConstExpr[] = [];
  let instructions = 0;
  let ownGlobal = false;
  for (;;) {
    const at = r.pos;
    const opcode = r.u8('opcode of a constant expression');
    if (opcode === 0x0b) break;
    instructions++;
    switch (opcode) {
      case 0x41:
        stack.push({ kind: ConstKind.value, type: ValType.i32, low: r.s32('i32 constant'), high: 0 });
        break;
      case 0x42:
        r.s64('i64 constant');
        stack.push({ kind: ConstKind.value, type: ValType.i64, low: r.low, high: r.high });
        break;
      case 0x43:
        stack.push({ kind: ConstKind.value, type: ValType.f32, low: r.u32le('f32 constant'), high: 0 });
        break;
      case 0x44: {
        const low = r.u32le('f64 constant');
        stack.push({ kind: ConstKind.value, type: ValType.f64, low, high: r.u32le('f64 constant') });
        break;
      }
      case 0x23: {
        const index = r.u32('global index');
        if (index >= globals) r.fail(`Invalid global index: ${index}`, at);
        const global = info.globals[index];
        if (global.mutable) r.fail('mutable globals cannot be used in constant expressions', at);
        if (!global.imported) ownGlobal = true;
        stack.push({ kind: ConstKind.globalGet, type: global.type, low: index, high: 0 });
        break;
      }
      case 0xd0: {
        const type = r.u8('reference type');
        if (type !== ValType.funcref && type !== ValType.externref) {
          r.fail(`invalid reference type 0x${type.toString(16)}`, at);
        }
        stack.push({ kind: ConstKind.refNull, type, low: type, high: 0 });
        break;
      }
      case 0xd2: {
        const index = r.u32('function index');
        if (index >= info.functionTypes.length) r.fail(`function index #${index} is out of bounds`, at);
        info.declareReference(index);
        stack.push({ kind: ConstKind.refFunc, type: ValType.funcref, low: index, high: 0 });
        break;
      }
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e: {
        const type = opcode < 0x70 ? ValType.i32 : ValType.i64;
        const b = stack.pop();
        const a = stack.pop();
        if (a?.type !== type || b?.type !== type) {
          r.fail(`type error in constant expression: ${opcodeInfo(opcode)?.name} needs two ${typeName(type)}`, at);
        }
        stack.push({ kind: ConstKind.value, type, low: 0, high: 0 });
        break;
      }
      case 0xfd:
        r.fail('v128 constant: not supported yet (SIMD)', at);
        break;
      default:
        r.fail(
          `opcode ${opcodeInfo(opcode)?.name ?? `0x${opcode.toString(16)}`} is not allowed in constant expressions`,
          at,
        );
    }
  }
  const value = stack[0];
  if (stack.length !== 1 || value === undefined) {
    r.fail(`expected 1 elements on the stack for constant expression, found ${stack.length}`, start);
  }
  if (value.type !== expected) {
    r.fail(
      `type error in constant expression[0] (expected ${typeName(expected)}, got ${typeName(value.type)})`,
      start,
    );
  }
  if (instructions > 1) {
    r.fail('constant expression of several instructions: not supported yet (extended constant expressions)', start);
  }
  if (ownGlobal) {
    r.fail('global.get of an own global in a constant expression: not supported yet (garbage collection)', start);
  }
  return value;
}
