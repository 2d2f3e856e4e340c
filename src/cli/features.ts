/** Which features beyond WebAssembly 1.0 a valid module uses. */
import { ModuleDecoder } from '../stream/decoder.js';
import { ElementMode, ExportKind } from '../stream/item-lists.js';
import type { ModuleInfo } from '../stream/module.js';
import { Op } from '../stream/op.js';
import { opcodeInfo, prefixedOpcode } from '../stream/opcodes.js';
import { ignoringSink } from '../stream/sink.js';
import { ValType } from '../stream/types.js';
import { WireCursor } from '../stream/wire-cursor.js';

/** Names as the proposals have them, in order of the standard's versions. Code that cannot be reached is not looked at. */
export function usedFeatures(bytes: Uint8Array, info: ModuleInfo): string[] {
  const found = new Set<string>();
  const type = (value: number): void => {
    if (value === ValType.v128) found.add('simd');
    if (value === ValType.externref) found.add('reference-types');
    if (value === ValType.exnref) found.add('exceptions');
  };
  const constant = (expression: WireCursor): void => {
    if (expression.skipExpression() > 1) found.add('extended-const');
  };
  const { types, globals, tables, elements, data, wire } = info;
  for (let i = 0; i < types.length; i++) {
    const { params, results } = types.at(i);
    for (const value of [...params, ...results]) {
      type(value);
      if (value === ValType.funcref) found.add('reference-types');
    }
    if (results.length > 1) found.add('multi-value');
  }
  const exported = new Set<number>();
  for (const { kind, index } of info.exports.toArray()) if (kind === ExportKind.global) exported.add(index);
  for (let i = 0; i < globals.length; i++) {
    type(globals.type(i));
    if (globals.type(i) === ValType.funcref) found.add('reference-types');
    const isShared = i < info.importedGlobals || exported.has(i);
    if (globals.mutable(i) && isShared) found.add('mutable-globals');
    if (i >= info.importedGlobals) constant(globals.initial(i));
  }
  for (let i = 0; i < tables.length; i++) type(tables.element(i));
  if (info.tags.length > 0) found.add('exceptions');
  if (tables.length > 1) found.add('reference-types');
  if (info.memories.length > 1) found.add('multi-memory');
  for (let i = 0; i < info.memories.length; i++) if (info.is64(i)) found.add('memory64');
  for (let i = 0; i < info.memories.length; i++) if (info.hasBytePages(i)) found.add('custom-page-sizes');
  if (info.dataCount >= 0) found.add('bulk-memory');
  for (let i = 0; i < elements.length; i++) {
    const { mode, offset } = elements.read(i).header;
    if (mode === ElementMode.active) constant(new WireCursor(wire, offset));
    if (mode === ElementMode.passive) found.add('bulk-memory');
    if (mode === ElementMode.declarative) found.add('reference-types');
  }
  for (let i = 0; i < data.length; i++) {
    const { active, offset } = data.read(i);
    if (active) constant(new WireCursor(wire, offset));
  }
  const decoder = new ModuleDecoder({
    ...ignoringSink,
    at(offset) {
      const prefix = bytes[offset] as number;
      const opcode =
        prefix === Op.prefixBulk || prefix === Op.prefixSimd || prefix === Op.prefixAtomic
          ? prefixedOpcode(prefix, secondByte(bytes, offset + 1))
          : prefix;
      const feature = opcodeInfo(opcode)?.feature ?? 'mvp';
      if (feature !== 'mvp') found.add(feature.toLowerCase());
      // A block type that is a type index.
      if (prefix >= 2 && prefix <= 4 && isTypeIndex(bytes[offset + 1] as number)) found.add('multi-value');
    },
  });
  decoder.finish(bytes, bytes.length);
  return [...found].sort();
}

/** The number behind a prefix: of two bytes at most, if it is not padded. */
function secondByte(bytes: Uint8Array, at: number): number {
  const low = bytes[at] as number;
  return low < 0x80 ? low : (low & 0x7f) | ((bytes[at + 1] as number) << 7);
}

/** Value types and "empty" are negative numbers of one byte. */
function isTypeIndex(byte: number): boolean {
  return (byte & 0x80) !== 0 || (byte & 0x40) === 0;
}
