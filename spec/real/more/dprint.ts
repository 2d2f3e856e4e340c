/** dprint's TypeScript formatter (Rust, plain exports). */
import { readFileSync } from 'node:fs';
import { digest, type Program, packageFile, requirePackage } from '../program.js';

interface Formatter {
  formatText(request: { filePath: string; fileText: string }): string;
  setConfig(general: object, plugin: object): void;
}

export const program: Program<Formatter> = {
  load() {
    const { createFromBuffer } = requirePackage('@dprint/formatter', 'script/mod.js');
    return createFromBuffer(readFileSync(packageFile('@dprint/typescript', 'plugin.wasm')));
  },
  work(formatter) {
    formatter.setConfig({ lineWidth: 70, indentWidth: 2 }, { quoteStyle: 'preferSingle' });
    const source =
      'class   A<T>extends B{ #x=1;get y(){return this.#x+"text"} async*z(a:number,b?:string,...c:T[]){} }\n';
    const long = readFileSync(packageFile('esbuild-wasm', 'lib/main.js'), 'utf8');
    const results = [
      formatter.formatText({ filePath: 'a.ts', fileText: source.repeat(3) }),
      digest(formatter.formatText({ filePath: 'long.js', fileText: long })),
    ];
    try {
      formatter.formatText({ filePath: 'a.ts', fileText: 'let x: = 1' });
    } catch (error) {
      results.push(String(error));
    }
    return results.join('\n');
  },
};
