/** Typst (Rust, wasm-bindgen): parse a document, and evaluate the program in it. */
import { readFileSync } from 'node:fs';
import { digest, importPackage, type Program, packageFile } from '../program.js';

interface Compiler {
  add_source(path: string, text: string): boolean;
  get_ast(path: string): string;
  query(path: string, inputs: undefined, selector: string, field: string): string;
}

const name = '@myriaddreamin/typst-ts-web-compiler';
// Without a font there is no text on the page: the program part is evaluated, the text part is only parsed.
const code = `
#let fib(n) = if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
#let words = "the quick brown fox".split(" ").map(upper).rev()
#metadata((fib: range(18).map(fib), words: words, angle: calc.sin(30deg), year: datetime(year: 2024, month: 2, day: 29).display()))
#grid(columns: 3, ..range(12).map(i => rect(width: 1cm * i, height: 3pt)))`;
const text = `${code}
= Title <title>
Text with *strong* and _emphasis_, $ sum_(k=0)^n k = (n(n+1)) / 2 $`;

export const program: Program<Compiler> = {
  async load() {
    const typst = await importPackage(name, 'pkg/typst_ts_web_compiler.mjs');
    await typst.default(readFileSync(packageFile(name, 'pkg/typst_ts_web_compiler_bg.wasm')));
    const builder = new typst.TypstCompilerBuilder();
    builder.set_dummy_access_model();
    return builder.build();
  },
  work(compiler) {
    compiler.add_source('/main.typ', code);
    const values = compiler.query('/main.typ', undefined, 'metadata', 'value');
    compiler.add_source('/long.typ', text.repeat(40));
    return [values, digest(compiler.get_ast('/long.typ'))].join('\n');
  },
};
