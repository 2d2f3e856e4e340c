/** Arguments and results of exports as text. */
import type { FunctionType } from '../stream/item-lists.js';
import { typeName } from '../stream/type-names.js';
import { ValType } from '../stream/types.js';
import { ExitCode } from './exit-code.js';
import { Failure } from './failure.js';

/**
 * Arguments as JS values, converted by the parameters' types. A `--` before them may be left out.
 * @throws Failure (wrong usage) if number or form do not fit, or a type has no JS values
 */
export function parseArguments(name: string, type: FunctionType, given: readonly string[]): unknown[] {
  const types = [...type.params];
  if (types.includes(ValType.v128) || type.results.includes(ValType.v128)) {
    throw new Failure(`--invoke ${name}: values of type v128 cannot be passed from or to outside`, ExitCode.usage);
  }
  const args = given[0] === '--' && given.length === types.length + 1 ? given.slice(1) : given;
  if (args.length !== types.length) {
    const wanted = types.length === 0 ? 'no arguments' : types.map(typeName).join(', ');
    throw new Failure(`--invoke ${name}: it takes ${wanted}, not ${args.length} arguments`, ExitCode.usage);
  }
  return types.map((valueType, i) => parseValue(name, i, valueType, args[i] as string));
}

function parseValue(name: string, position: number, type: number, text: string): unknown {
  const fail = (): never => {
    throw new Failure(
      `--invoke ${name}: argument ${position + 1} must be ${typeName(type)}, not '${text}'`,
      ExitCode.usage,
    );
  };
  switch (type) {
    case ValType.i32:
    case ValType.i64: {
      const digits = /^([+-]?)(\d[\d_]*|0x[\da-f][\da-f_]*)$/i.exec(text);
      if (digits === null) return fail();
      const value = BigInt((digits[2] as string).replaceAll('_', '')) * (digits[1] === '-' ? -1n : 1n);
      const bits = type === ValType.i32 ? 32 : 64;
      if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) return fail();
      return bits === 32 ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
    }
    case ValType.f32:
    case ValType.f64: {
      const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
      if (special !== null) {
        const value = /^n/i.test(special[2] as string) ? Number.NaN : Number.POSITIVE_INFINITY;
        return special[1] === '-' ? -value : value;
      }
      const value = text.trim() === '' ? Number.NaN : Number(text);
      return Number.isNaN(value) ? fail() : value;
    }
    case ValType.externref:
      return text;
    default:
      throw new Failure(
        `--invoke ${name}: an argument of type ${typeName(type)} cannot be written here`,
        ExitCode.usage,
      );
  }
}

/** A result as text that `parseArguments` takes. */
export function formatValue(value: unknown): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return `funcref ${value.name}`;
  return String(value);
}
