/** tiktoken (Rust, wasm-bindgen): encode and decode texts with two vocabularies. */
import { digest, type Program, requirePackage, sampleText } from '../program.js';

interface Tokenizer {
  encode(text: string): Uint32Array;
  decode(tokens: Uint32Array): Uint8Array;
  free(): void;
}

export const program: Program<{ get_encoding(name: string): Tokenizer }> = {
  load: () => requirePackage('tiktoken', 'tiktoken.cjs'),
  work(tiktoken) {
    const text = `${sampleText(5000)} äöü 漢字 🙂 function f(x) { return x ** 2; }`;
    const results = ['cl100k_base', 'p50k_base'].map((name) => {
      const tokenizer = tiktoken.get_encoding(name);
      const tokens = tokenizer.encode(text);
      if (Buffer.from(tokenizer.decode(tokens)).toString() !== text) throw new Error('it does not decode');
      tokenizer.free();
      return `${name}: ${tokens.slice(0, 20)} ${digest(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength))}`;
    });
    return results.join('\n');
  },
};
