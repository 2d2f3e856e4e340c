/**
 * Values of a script in two forms: as the bridge passes them (f32 and f64 as the bits in an i32 or i64, v128 as two
 * i64, everything else as in the JS API), and as the script writes them.
 */
import type { Value } from './format.js';

/** A result as the bridge gives it: float bits as number or bigint, vectors as 16 bytes. */
export type Raw = unknown;

const hostValues = new Map<string, object>();

/** The host object that an `externref` with this number stands for: always the same one. */
export function hostValue(number: string): object {
  let value = hostValues.get(number);
  if (value === undefined) hostValues.set(number, (value = { externref: number }));
  return value;
}

const laneBytes: Record<string, number> = { i8: 1, i16: 2, i32: 4, f32: 4, i64: 8, f64: 8 };

/** Bytes of a vector. */
function vectorBytes(value: Value): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  const size = laneBytes[value.lane_type ?? 'i32']!;
  (value.value as string[]).forEach((lane, index) => {
    const bits = BigInt.asUintN(64, BigInt(lane));
    for (let i = 0; i < size; i++) view.setUint8(index * size + i, Number((bits >> BigInt(8 * i)) & 0xffn));
  });
  return bytes;
}

/**
 * An argument in the bridge's form.
 * @throws Error for a type that scripts of WebAssembly 2.0 do not have
 */
export function toRaw(value: Value): Raw {
  const text = value.value as string;
  switch (value.type) {
    case 'i32':
    case 'f32':
      return Number(text) | 0;
    case 'i64':
    case 'f64':
      return BigInt.asIntN(64, BigInt(text));
    case 'v128':
      return vectorBytes(value);
    case 'externref':
      return text === 'null' ? null : hostValue(text);
    case 'funcref':
    case 'refnull':
      if (text === 'null' || value.type === 'refnull') return null;
  }
  if (text === 'null') return null;
  throw new Error(`argument of type ${value.type} is not known`);
}

/** A float's bits against a literal or a class of NaN. */
function floatMatches(bits: bigint, width: 32 | 64, wanted: string): boolean {
  const mantissa = width === 32 ? 23n : 52n;
  const quiet = 1n << (mantissa - 1n);
  const magnitude = bits & ((1n << BigInt(width - 1)) - 1n);
  const infinity = (((1n << BigInt(width - 1)) - 1n) >> mantissa) << mantissa;
  if (wanted === 'nan:canonical') return magnitude === (infinity | quiet);
  if (wanted === 'nan:arithmetic') return magnitude > infinity && (magnitude & quiet) !== 0n;
  return bits === BigInt.asUintN(width, BigInt(wanted));
}

function bitsOf(actual: Raw, width: 32 | 64): bigint | null {
  if (width === 32) return typeof actual === 'number' ? BigInt(actual >>> 0) : null;
  return typeof actual === 'bigint' ? BigInt.asUintN(64, actual) : null;
}

function vectorMatches(actual: Raw, wanted: Value): boolean {
  if (!(actual instanceof Uint8Array)) return false;
  const type = wanted.lane_type ?? 'i32';
  const size = laneBytes[type]!;
  return (wanted.value as string[]).every((lane, index) => {
    let bits = 0n;
    for (let i = size - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(actual[index * size + i]!);
    if (type === 'f32') return floatMatches(bits, 32, lane);
    if (type === 'f64') return floatMatches(bits, 64, lane);
    return bits === BigInt.asUintN(size * 8, BigInt(lane));
  });
}

/** True if a result is what the script expects. */
export function matches(actual: Raw, wanted: Value): boolean {
  const text = wanted.value as string | undefined;
  switch (wanted.type) {
    case 'either':
      return wanted.values!.some((choice) => matches(actual, choice));
    case 'i32':
    case 'f32': {
      const bits = bitsOf(actual, 32);
      return bits !== null && floatMatches(bits, 32, text!);
    }
    case 'i64':
    case 'f64': {
      const bits = bitsOf(actual, 64);
      return bits !== null && floatMatches(bits, 64, text!);
    }
    case 'v128':
      return vectorMatches(actual, wanted);
    case 'refnull':
      return actual === null;
    case 'externref':
      if (text === undefined) return actual !== null && actual !== undefined;
      return text === 'null' ? actual === null : actual === hostValue(text);
    case 'funcref':
      return text === 'null' ? actual === null : typeof actual === 'function';
    default:
      if (text === 'null') return actual === null;
      return actual !== null && actual !== undefined;
  }
}

/** A result for a message. */
export function showRaw(actual: Raw): string {
  if (actual instanceof Uint8Array) return `v128 0x${Buffer.from(actual).reverse().toString('hex')}`;
  if (typeof actual === 'bigint') return `${actual} (0x${BigInt.asUintN(64, actual).toString(16)})`;
  if (typeof actual === 'number') return `${actual} (0x${(actual >>> 0).toString(16)})`;
  return typeof actual === 'function' ? 'a function' : String(actual);
}

export function showValue(value: Value): string {
  if (value.type === 'either') return value.values!.map(showValue).join(' or ');
  return `${value.type} ${Array.isArray(value.value) ? `${value.lane_type} [${value.value.join(' ')}]` : value.value}`;
}
