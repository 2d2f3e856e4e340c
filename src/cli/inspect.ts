/** `beamline inspect`: what is in a module. */
import { type CpuLevel, cpuFeatures } from '../backends/x64/cpu.js';
import { measureModule } from '../explore/listing.js';
import { ExportKind, ImportKind } from '../stream/item-lists.js';
import { exportKindNames, importKindNames, type ModuleInfo } from '../stream/module.js';
import { typeName } from '../stream/type-names.js';
import { usedFeatures } from './features.js';
import { readAll } from './input.js';
import { print } from './output.js';
import { formatBytes } from './progress.js';
import { readSections, type SectionEntry } from './sections.js';
import { formatTable } from './table.js';

export interface InspectOptions {
  readonly json?: boolean;
  readonly functions?: boolean;
  readonly cpu: CpuLevel;
}

/** Functions listed without `--functions`: the largest. */
const listedFunctions = 15;

/** What `--json` prints. Sizes and offsets are in bytes; the indexes count imports. */
export interface Inspection {
  readonly bytes: number;
  readonly codeBytes: number;
  readonly sections: readonly SectionEntry[];
  readonly imports: readonly { module: string; name: string; kind: string; type: string }[];
  readonly exports: readonly { name: string; kind: string; index: number; type: string }[];
  readonly functions: readonly { index: number; name?: string; offset: number; bytes: number; codeBytes: number }[];
  readonly start?: number;
  readonly features: readonly string[];
}

export async function inspect(source: string, options: InspectOptions): Promise<void> {
  const bytes = await readAll(source);
  const result = inspectModule(bytes, options.cpu);
  if (options.json) print(`${JSON.stringify(result, undefined, 2)}\n`);
  else print(`${formatInspection(source, result, options.functions === true).join('\n')}\n`);
}

/** @throws WasmDecodeError if the module is not valid */
export function inspectModule(bytes: Uint8Array, cpu: CpuLevel): Inspection {
  const { info, sizes } = measureModule(bytes, cpuFeatures(cpu));
  const functions = sizes.map((codeBytes, own) => {
    const index = info.importedFunctions + own;
    const name = info.functionName(index);
    return {
      index,
      ...(name === undefined ? {} : { name }),
      offset: info.bodyOffset.at(own),
      bytes: info.bodySize.at(own),
      codeBytes,
    };
  });
  return {
    bytes: bytes.length,
    codeBytes: sizes.reduce((sum, size) => sum + size, 0),
    sections: readSections(bytes),
    imports: info.imports.toArray().map(({ module, name, kind, index }) => ({
      module,
      name,
      kind: importKindNames[kind] as string,
      type: typeOf(info, kind, index),
    })),
    exports: info.exports.toArray().map(({ name, kind, index }) => ({
      name,
      kind: exportKindNames[kind] as string,
      index,
      type: typeOf(info, kind as number as ImportKind, index),
    })),
    functions,
    ...(info.start < 0 ? {} : { start: info.start }),
    features: usedFeatures(bytes, info),
  };
}

function limits(initial: number, maximum: number | undefined): string {
  return maximum === undefined ? `${initial}` : `${initial}..${maximum}`;
}

/** A type in the words of the text format. */
function typeOf(info: ModuleInfo, kind: ImportKind, index: number): string {
  switch (kind) {
    case ImportKind.function: {
      const { params, results } = info.types.at(info.functionTypes[index] as number);
      const list = (types: Uint8Array): string => Array.from(types, typeName).join(', ');
      return `(${list(params)}) -> (${list(results)})`;
    }
    case ImportKind.table: {
      const { tables } = info;
      return `${limits(tables.initial(index), tables.maximum(index))} ${typeName(tables.element(index))}`;
    }
    case ImportKind.memory: {
      const memory = info.memories[index];
      if (memory === undefined) return '';
      const { initial, maximum, is64, bytePages } = memory;
      return `${limits(initial, maximum)} ${bytePages ? 'bytes' : 'pages'}${is64 ? ', 64-bit addresses' : ''}`;
    }
    default:
      return `${info.globals.mutable(index) ? 'mut ' : ''}${typeName(info.globals.type(index))}`;
  }
}

function formatInspection(source: string, result: Inspection, allFunctions: boolean): string[] {
  const { functions, imports, exports } = result;
  const bodies = functions.reduce((sum, { bytes }) => sum + bytes, 0);
  const ratio = bodies === 0 ? '' : `, ${(result.codeBytes / bodies).toFixed(2)} per byte of code`;
  const lines = [
    `${source}: ${formatBytes(result.bytes)}, ${functions.length} functions, machine code ${formatBytes(result.codeBytes)}${ratio}`,
    `features: ${result.features.length === 0 ? 'WebAssembly 1.0' : result.features.join(', ')}`,
    '',
    'Sections',
    ...formatTable(
      ['section', 'offset', 'bytes', 'items'],
      result.sections.map(({ name, offset, size, count }) => [
        name,
        `0x${offset.toString(16)}`,
        `${size}`,
        count === undefined ? '' : `${count}`,
      ]),
      'lrrr',
    ),
  ];
  if (imports.length > 0) {
    const rows = imports.map((item) => [item.kind, `"${item.module}" "${item.name}"`, item.type]);
    lines.push('', `Imports (${imports.length})`, ...formatTable(['kind', 'name', 'type'], rows, 'lll'));
  }
  if (exports.length > 0) {
    const rows = exports.map((item) => [item.kind, `"${item.name}"`, `${item.index}`, item.type]);
    lines.push('', `Exports (${exports.length})`, ...formatTable(['kind', 'name', 'index', 'type'], rows, 'llrl'));
  }
  if (functions.length > 0) {
    const exported = new Map<number, string>();
    for (const item of exports)
      if (item.kind === exportKindNames[ExportKind.function]) exported.set(item.index, item.name);
    const sorted = allFunctions
      ? functions
      : [...functions].sort((a, b) => b.bytes - a.bytes).slice(0, listedFunctions);
    const rows = sorted.map((item) => [
      `${item.index}`,
      item.name ?? exported.get(item.index) ?? '',
      `0x${item.offset.toString(16)}`,
      `${item.bytes}`,
      `${item.codeBytes}`,
    ]);
    const title =
      sorted.length < functions.length ? `the ${sorted.length} largest of ${functions.length}` : `${functions.length}`;
    lines.push(
      '',
      `Functions (${title})`,
      ...formatTable(['index', 'name', 'offset', 'bytes', 'machine code'], rows, 'rlrrr'),
    );
  }
  if (result.start !== undefined) lines.push('', `start function: ${result.start}`);
  return lines;
}
