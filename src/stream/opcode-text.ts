import { Op } from './op.js';
import { Immediate, opcodeInfo, prefixedOpcode } from './opcodes.js';
import { catchesTag } from './types.js';

/** Reads numbers and bytes of one instruction that is known to be valid; beyond the end are zeros, so that each read ends. */
class InstructionReader {
  readonly #bytes: Uint8Array;
  pos: number;

  constructor(bytes: Uint8Array, pos: number) {
    this.#bytes = bytes;
    this.pos = pos;
  }

  byte(): number {
    return this.#bytes[this.pos++] ?? 0;
  }

  u32(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const b = this.byte();
      value += (b & 0x7f) * scale;
      if (b < 0x80) return value;
    }
  }

  signed(): bigint {
    let value = 0n;
    for (let shift = 0n; ; ) {
      const b = this.byte();
      value |= BigInt(b & 0x7f) << shift;
      shift += 7n;
      if (b < 0x80) return (b & 0x40) !== 0 ? value - (1n << shift) : value;
    }
  }

  /** 32-bit numbers, lowest byte first. */
  hexWords(count: number): string {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.pos, 4 * count);
    this.pos += 4 * count;
    const words = Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
    return words.map((word) => `0x${word.toString(16).padStart(8, '0')}`).join(' ');
  }

  f32(): string {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.pos, 4);
    this.pos += 4;
    return floatText(view.getFloat32(0, true), view.getUint32(0, true).toString(16));
  }

  f64(): string {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.pos, 8);
    this.pos += 8;
    return floatText(view.getFloat64(0, true), view.getBigUint64(0, true).toString(16));
  }
}

function floatText(value: number, bits: string): string {
  if (Number.isNaN(value)) return `nan 0x${bits}`;
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? `${value}` : value > 0 ? 'inf' : '-inf';
}

const typeNames: Readonly<Record<number, string>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
  123: 'v128',
  112: 'funcref',
  111: 'externref',
  105: 'exnref',
};

const heapTypeNames: Readonly<Record<number, string>> = { 112: 'func', 111: 'extern', 105: 'exn' };

/** By `CatchKind`. */
const clauseNames: readonly string[] = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'];

export interface OpcodeTextNames {
  /** Name of a function, without `$`. */
  readonly functionName?: (index: number) => string | undefined;
}

/**
 * The instruction at `offset` in text format, nested blocks without their contents.
 * @param bytes the module; the instruction must have been validated
 */
export function opcodeText(bytes: Uint8Array, offset: number, names: OpcodeTextNames = {}): string {
  const r = new InstructionReader(bytes, offset);
  let code = r.byte();
  if (code === Op.prefixBulk || code === Op.prefixSimd || code === Op.prefixAtomic)
    code = prefixedOpcode(code, r.u32());
  const info = opcodeInfo(code);
  if (info === undefined) return `0x${code.toString(16)}`;
  const rest = immediateText(r, info.immediate, names);
  return rest === '' ? info.name : `${info.name} ${rest}`;
}

function immediateText(r: InstructionReader, immediate: Immediate, names: OpcodeTextNames): string {
  switch (immediate) {
    case Immediate.blockType:
      return blockTypeText(Number(r.signed()));
    case Immediate.labelTable: {
      const count = r.u32();
      const targets: number[] = [];
      for (let i = 0; i <= count; i++) targets.push(r.u32());
      return targets.join(' ');
    }
    case Immediate.functionIndex: {
      const index = r.u32();
      const name = names.functionName?.(index);
      return name === undefined ? `${index}` : `$${name}`;
    }
    case Immediate.callIndirect: {
      const type = r.u32();
      const table = r.u32();
      return table === 0 ? `(type ${type})` : `${table} (type ${type})`;
    }
    case Immediate.memory:
      return accessText(r);
    case Immediate.memoryLane: {
      const access = accessText(r);
      return `${access === '' ? '' : `${access} `}${r.byte()}`;
    }
    case Immediate.memoryIndex: {
      const memory = r.u32();
      return memory === 0 ? '' : `${memory}`;
    }
    case Immediate.memoryInit: {
      const segment = r.u32();
      const memory = r.u32();
      return memory === 0 ? `${segment}` : `${memory} ${segment}`;
    }
    case Immediate.memoryCopy: {
      const destination = r.u32();
      const source = r.u32();
      return (destination | source) === 0 ? '' : `${destination} ${source}`;
    }
    case Immediate.v128:
      return `i32x4 ${r.hexWords(4)}`;
    case Immediate.shuffle:
      return Array.from({ length: 16 }, () => r.byte()).join(' ');
    case Immediate.lane:
      return `${r.byte()}`;
    case Immediate.i32:
    case Immediate.i64:
      return `${r.signed()}`;
    case Immediate.f32:
      return r.f32();
    case Immediate.f64:
      return r.f64();
    case Immediate.selectTypes:
      r.u32();
      return `(result ${typeNames[r.byte()]})`;
    case Immediate.refType:
      return heapTypeNames[r.byte()] ?? '';
    case Immediate.tableInit: {
      const segment = r.u32();
      const table = r.u32();
      return table === 0 ? `${segment}` : `${table} ${segment}`;
    }
    case Immediate.tableCopy:
      return `${r.u32()} ${r.u32()}`;
    case Immediate.tryTable: {
      const type = blockTypeText(Number(r.signed()));
      let text = type;
      for (let count = r.u32(); count > 0; count--) {
        const kind = r.byte();
        const tag = catchesTag(kind) ? ` ${r.u32()}` : '';
        text += `${text === '' ? '' : ' '}(${clauseNames[kind]}${tag} ${r.u32()})`;
      }
      return text;
    }
    case Immediate.tagIndex:
    case Immediate.label:
    case Immediate.localIndex:
    case Immediate.globalIndex:
    case Immediate.tableIndex:
    case Immediate.dataIndex:
    case Immediate.elementIndex:
      return `${r.u32()}`;
    default:
      return '';
  }
}

/** Memory and offset of an access, where they are not 0. */
function accessText(r: InstructionReader): string {
  const memory = (r.u32() & 0x40) === 0 ? 0 : r.u32();
  const offset = r.u32();
  const text = offset === 0 ? '' : `offset=${offset}`;
  if (memory === 0) return text;
  return text === '' ? `${memory}` : `${memory} ${text}`;
}

function blockTypeText(type: number): string {
  if (type >= 0) return `(type ${type})`;
  return type === -64 ? '' : `(result ${typeNames[type + 128]})`;
}
