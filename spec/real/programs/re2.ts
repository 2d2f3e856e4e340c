/** RE2 (C++, Emscripten): search and replace in a text. */
import { digest, type Program, requirePackage, sampleText } from '../program.js';

interface Context {
  readonly RE2: new (pattern: string, flags: string) => RegExp;
}

export const program: Program<Context> = {
  load: () => requirePackage('re2-wasm', 'build/src/re2.js'),
  work({ RE2 }) {
    const text = sampleText(4000);
    const words = text.match(new RE2('\\b(?:qua|stra)\\w*(?:son|mel)\\b', 'gu'));
    const replaced = text.replace(new RE2('(\\w+)\\.\\n(\\w)', 'gu'), '$2<$1>');
    const named = new RE2('(?<year>\\d{4})-(?<month>\\d\\d)', 'u').exec('on 2024-05-17, at noon');
    const split = 'a1b22c333'.split(new RE2('\\d+', 'u'));
    let problem = '';
    try {
      new RE2('(a(b)', 'u');
    } catch (error) {
      problem = (error as Error).message;
    }
    const unicode = new RE2('^\\p{Greek}+$', 'u').test('αβγ');
    return JSON.stringify([words, digest(replaced), named?.index, named?.groups, split, problem, unicode]);
  },
};
