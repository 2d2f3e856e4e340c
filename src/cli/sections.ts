/** The sections of a valid module: headers only. */

/** One section. Offset and size are those of its contents, in bytes. */
export interface SectionEntry {
  readonly id: number;
  /** For custom sections `custom "name"`. */
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Number of items, of sections that are vectors. */
  readonly count?: number;
}

const names = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
];
const startSection = 8;

export function readSections(bytes: Uint8Array): SectionEntry[] {
  const sections: SectionEntry[] = [];
  let at = 8;
  const u32 = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const id = bytes[at++] as number;
    const size = u32();
    const offset = at;
    const count = u32();
    if (id === 0) {
      const name = new TextDecoder().decode(bytes.subarray(at, at + count));
      sections.push({ id, name: `custom "${name}"`, offset, size });
    } else {
      const name = names[id] ?? `section ${id}`;
      sections.push({ id, name, offset, size, ...(id === startSection ? {} : { count }) });
    }
    at = offset + size;
  }
  return sections;
}
