/** 7-Zip (C++, Emscripten): pack, test, list and unpack in several formats. */
import { digest, type Program, requirePackage, sampleText } from '../program.js';

interface SevenZip {
  readonly FS: {
    writeFile(path: string, data: Uint8Array | string): void;
    readFile(path: string): Uint8Array;
    utime(path: string, access: number, modified: number): void;
    mkdir(path: string): void;
  };
  callMain(args: string[]): void;
}

interface Context {
  readonly archiver: SevenZip;
  readonly lines: string[];
}

export const program: Program<Context> = {
  async load() {
    const lines: string[] = [];
    const archiver = await requirePackage('7z-wasm', '7zz.umd.js')({ print: (line: string) => lines.push(line) });
    return { archiver, lines };
  },
  work({ archiver, lines }) {
    const { FS } = archiver;
    const binary = Uint8Array.from({ length: 60_000 }, (_, i) => (i * i) >>> (i & 7));
    FS.writeFile('text.txt', sampleText(20_000));
    FS.writeFile('binary.bin', binary);
    for (const name of ['text.txt', 'binary.bin']) FS.utime(name, 1e12, 1e12);
    const results: string[] = [];
    for (const [format, ...options] of [
      ['7z', '-mx=5'],
      ['7z', '-m0=PPMd'],
      ['zip', '-mx=9'],
      ['xz'],
      ['bzip2'],
    ] as const) {
      const archive = `archive.${results.length}.${format}`;
      const files = format === 'xz' || format === 'bzip2' ? ['text.txt'] : ['text.txt', 'binary.bin'];
      archiver.callMain(['a', `-t${format}`, ...options, '-mmt=1', archive, ...files]);
      archiver.callMain(['t', archive]);
      archiver.callMain(['x', '-y', `-oout${results.length}`, archive]);
      const packed = digest(FS.readFile(archive));
      results.push(`${format}: ${packed}`);
      if (files.length === 2) results.push(digest(FS.readFile(`out${results.length - 1}/binary.bin`)));
    }
    const ok = lines.filter((line) => line.includes('Everything is Ok')).length;
    return [...results, `${ok} times ok`].join('\n');
  },
};
