/** swc (Rust, wasm-bindgen): transform, minify, and report an error. */
import { readFileSync } from 'node:fs';
import { digest, type Program, packageFile, requirePackage } from '../program.js';

interface Swc {
  transformSync(source: string, options: object): { code: string; map?: string };
  minifySync(source: string, options: object): { code: string };
}

export const program: Program<Swc> = {
  load: () => requirePackage('@swc/wasm', 'wasm.js'),
  work(swc) {
    const source = `enum E { A = 1, B = A << 2 } export class C<T> { constructor(private readonly x: T) {} async *walk() { yield* [E.B, this.x?.y ?? 0]; } }`;
    const options = { jsc: { parser: { syntax: 'typescript' }, target: 'es2017' }, sourceMaps: true };
    const transformed = swc.transformSync(source, options);
    const long = readFileSync(packageFile('esbuild-wasm', 'lib/main.js'), 'utf8');
    const minified = swc.minifySync(long, { compress: true, mangle: true });
    let problem = '';
    try {
      swc.transformSync('let x: = 1', options);
    } catch (error) {
      problem = String(error);
    }
    return [transformed.code, transformed.map, digest(minified.code), problem].join('\n');
  },
};
