/** web-tree-sitter (C, Emscripten, a grammar as a side module linked at run time): parse, query, edit, parse again. */
import { readFileSync } from 'node:fs';
import { Edit, Language, Parser, Query } from 'web-tree-sitter';
import { digest, type Program, packageFile } from '../../real/program.js';

export const program: Program<Parser> = {
  async load() {
    await Parser.init();
    const grammar = packageFile('@vscode/tree-sitter-wasm', 'wasm/tree-sitter-javascript.wasm');
    return new Parser().setLanguage(await Language.load(grammar));
  },
  work(parser) {
    const source = readFileSync(packageFile('esbuild-wasm', 'lib/main.js'), 'utf8');
    const tree = parser.parse(source);
    if (tree === null || parser.language === null) throw new Error('not parsed');
    const query = new Query(parser.language, '(function_declaration name: (identifier) @name)');
    const names = query.captures(tree.rootNode).map((capture) => capture.node.text);
    const at = source.indexOf('\nfunction') + 1;
    const position = { row: source.slice(0, at).split('\n').length - 1, column: 0 };
    const edit = new Edit({
      startIndex: at,
      oldEndIndex: at,
      newEndIndex: at + 3,
      startPosition: position,
      oldEndPosition: position,
      newEndPosition: { row: position.row, column: position.column + 3 },
    });
    tree.edit(edit);
    const edited = parser.parse(`${source.slice(0, at)}(( ${source.slice(at)}`, tree);
    const text = tree.rootNode.toString();
    return [
      digest(text),
      tree.rootNode.descendantCount,
      tree.rootNode.hasError,
      edited?.rootNode.hasError,
      edited?.rootNode.descendantCount,
      names.join(),
    ].join('\n');
  },
};
