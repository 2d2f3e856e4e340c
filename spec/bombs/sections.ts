/** Hostile sections: as many entries as fit. */
import { FUNCREF, I32, Kind, Section } from '../support/wasm-types.js';
import { ByteWriter } from '../support/writer.js';
import type { Bomb } from './bomb.js';

function sections(name: string, scale: number, write: (w: ByteWriter, n: number) => void, most = 1_000_000): Bomb {
  return {
    name,
    scale,
    most,
    build(n) {
      const w = new ByteWriter(1 << 16);
      w.header();
      write(w, n);
      return w.finish();
    },
  };
}

function functionsOf(w: ByteWriter, count: number): void {
  w.section(Section.type, (s) => s.u32(1).byte(0x60, 0, 0));
  w.section(Section.function, (s) => {
    s.u32(count);
    for (let i = 0; i < count; i++) s.byte(0);
  });
}

function codeOf(w: ByteWriter, count: number): void {
  w.section(Section.code, (s) => {
    s.u32(count);
    for (let i = 0; i < count; i++) s.byte(2, 0, 0x0b);
  });
}

export const sectionBombs: Bomb[] = [
  sections('types', 33_000, (w, n) => {
    w.section(Section.type, (s) => {
      s.u32(n);
      for (let i = 0; i < n; i++) s.byte(0x60, 0, 0);
    });
  }),
  sections('types, all different', 10_000, (w, n) => {
    w.section(Section.type, (s) => {
      s.u32(n);
      for (let i = 0; i < n; i++) {
        s.byte(0x60, 16);
        for (let k = 0; k < 16; k++) s.byte(0x7c + ((i >> k) & 1));
        s.byte(0);
      }
    });
  }),
  sections('imports', 15_000, (w, n) => {
    w.section(Section.type, (s) => s.u32(1).byte(0x60, 0, 0));
    w.section(Section.import, (s) => {
      s.u32(n);
      for (let i = 0; i < n; i++) s.name('a').name('b').byte(Kind.function, 0);
    });
  }),
  sections('exports', 12_000, (w, n) => {
    functionsOf(w, 1);
    w.section(Section.export, (s) => {
      s.u32(n);
      for (let i = 0; i < n; i++) s.name(i.toString(36)).byte(Kind.function, 0);
    });
    codeOf(w, 1);
  }),
  sections('globals', 18_000, (w, n) => {
    w.section(Section.global, (s) => {
      s.u32(n);
      for (let i = 0; i < n; i++) s.byte(I32, 1, 0x41, 0, 0x0b);
    });
  }),
  sections(
    'table entries',
    90_000,
    (w, n) => {
      functionsOf(w, 1);
      w.section(Section.table, (s) => s.u32(1).byte(FUNCREF).limits(10));
      w.section(Section.element, (s) => {
        s.u32(1).byte(0, 0x41, 0, 0x0b).u32(n);
        for (let i = 0; i < n; i++) s.byte(0);
      });
      codeOf(w, 1);
    },
    10_000_000,
  ),
  sections(
    'element segments',
    16_000,
    (w, n) => {
      functionsOf(w, 1);
      w.section(Section.table, (s) => s.u32(1).byte(FUNCREF).limits(10));
      w.section(Section.element, (s) => {
        s.u32(n);
        for (let i = 0; i < n; i++) s.byte(0, 0x41, 0, 0x0b, 1, 0);
      });
      codeOf(w, 1);
    },
    10_000_000,
  ),
  sections('element expressions', 30_000, (w, n) => {
    functionsOf(w, 1);
    w.section(Section.element, (s) => {
      s.u32(1).byte(5, FUNCREF).u32(n);
      for (let i = 0; i < n; i++) s.byte(0xd2, 0, 0x0b);
    });
    codeOf(w, 1);
  }),
  sections(
    'data segments',
    12_500,
    (w, n) => {
      w.section(Section.memory, (s) => s.u32(1).limits(1));
      w.section(Section.data, (s) => {
        s.u32(n);
        for (let i = 0; i < n; i++) s.byte(0, 0x41, 0, 0x0b, 1, 7);
      });
    },
    100_000,
  ),
  sections(
    'one data segment',
    100_000,
    (w, n) => {
      w.section(Section.memory, (s) => s.u32(1).limits(100));
      w.section(Section.data, (s) => s.u32(1).byte(0, 0x41, 0, 0x0b).u32(n).bytes(new Uint8Array(n)));
    },
    6_500_000,
  ),
  sections(
    'custom sections',
    25_000,
    (w, n) => {
      for (let i = 0; i < n; i++) w.byte(0, 2, 1, 0x61);
    },
    10_000_000,
  ),
  sections('function names', 10_000, (w, n) => {
    functionsOf(w, n);
    codeOf(w, n);
    w.section(Section.custom, (s) => {
      s.name('name')
        .byte(1)
        .sized((names) => {
          names.u32(n);
          for (let i = 0; i < n; i++) names.u32(i).name('x');
        });
    });
  }),
];
