/** PFFFT with SIMD (C, Emscripten): transforms of real and complex signals, checked by their sums, and a convolution. */
import { readFileSync } from 'node:fs';
import { digest, importPackage, type Program, packageFile } from '../program.js';

interface Pffft {
  getValue(at: number, type: 'float'): number;
  setValue(at: number, value: number, type: 'float'): void;
  _pffft_simd_size(): number;
  _pffft_aligned_malloc(bytes: number): number;
  _pffft_aligned_free(at: number): void;
  _pffft_new_setup(size: number, complex: 0 | 1): number;
  _pffft_destroy_setup(setup: number): void;
  _pffft_transform(setup: number, from: number, to: number, work: number, direction: 0 | 1): void;
  _pffft_transform_ordered(setup: number, from: number, to: number, work: number, direction: 0 | 1): void;
  _pffft_zconvolve_accumulate(setup: number, a: number, b: number, sum: number, scaling: number): void;
}

const name = '@echogarden/pffft-wasm';

export const program: Program<Pffft> = {
  async load() {
    const { default: factory } = await importPackage(name, 'dist/simd/pffft.js');
    return factory({ wasmBinary: readFileSync(packageFile(name, 'dist/simd/pffft.wasm')) });
  },
  work(pffft) {
    if (pffft._pffft_simd_size() !== 4) throw new Error('not the build with SIMD');
    const lines: string[] = [];
    for (const complex of [0, 1] as const) {
      for (const size of [32, 96, 160, 480, 1024, 4096]) {
        const setup = pffft._pffft_new_setup(size, complex);
        const floats = size << complex;
        const [signal, spectrum, sum, work] = Array.from({ length: 4 }, () => pffft._pffft_aligned_malloc(4 * floats));
        if (setup === 0 || !signal || !spectrum || !sum || !work) throw new Error(`no setup for ${size}`);
        const values = Float32Array.from({ length: floats }, (_, i) => Math.fround(Math.sin(i * i) + (i % 7) / 3));
        const write = (at: number, floats32: Float32Array): void => {
          for (const [i, value] of floats32.entries()) pffft.setValue(at + 4 * i, value, 'float');
        };
        const read = (at: number): Float32Array =>
          Float32Array.from({ length: floats }, (_, i) => pffft.getValue(at + 4 * i, 'float'));
        const show = (what: string, of: Float32Array): void => {
          lines.push(`${complex} ${size} ${what}: ${of[0]} ${of[5]} ${digest(new Uint8Array(of.buffer))}`);
        };
        write(signal, values);
        pffft._pffft_transform_ordered(setup, signal, spectrum, work, 0);
        const transformed = read(spectrum);
        show('spectrum', transformed);
        // Its first number is the sum of the signal's (real) numbers.
        const total = values.reduce((all, value, i) => (complex && i & 1 ? all : all + value), 0);
        if (Math.abs(total - (transformed[0] ?? 0)) > 1e-2) throw new Error(`sum of ${size}: ${transformed[0]}`);
        pffft._pffft_transform_ordered(setup, spectrum, signal, work, 1);
        const back = read(signal);
        if (back.some((value, i) => Math.abs(value / size - (values[i] ?? 0)) > 1e-4)) throw new Error(`back ${size}`);
        show('back', back);
        write(signal, values);
        write(sum, values);
        pffft._pffft_transform(setup, signal, spectrum, work, 0);
        pffft._pffft_zconvolve_accumulate(setup, spectrum, spectrum, sum, 1 / size);
        show('convolved', read(sum));
        for (const at of [signal, spectrum, sum, work]) pffft._pffft_aligned_free(at);
        pffft._pffft_destroy_setup(setup);
      }
    }
    return lines.join('\n');
  },
};
