/** ruff (Rust, wasm-bindgen with externref): lint, format and parse Python, with settings as JS objects, and errors. */
import { digest, type Program, requirePackage } from '../program.js';

interface Workspace {
  check(source: string): { code: string | null; message: string; fix: unknown }[];
  format(source: string): string;
  parse(source: string): string;
  tokens(source: string): string;
  comments(source: string): string;
  format_ir(source: string): string;
  free(): void;
}

interface Ruff {
  readonly Workspace: { new (options: unknown, encoding: number): Workspace; defaultSettings(): unknown };
  readonly PositionEncoding: Record<'Utf8' | 'Utf16' | 'Utf32', number>;
}

const sources = [
  `import os, sys
from typing import List
def f(x: List[int], y = []) :
    '''Doc.'''
    try:
        return {k: v for k, v in [(1, 2)] if not k == None}
    except:
        lambda: (yield)
    print(f"{x!r:>{10}} {'nested' + f'{y}'}", "ünïcödé 🎉" ); l = 1; assert (l, "always")
`,
  'match x:\n    case [1, *rest] if rest: pass\n    case {"a": 1, **kw}: ...\n    case Point(x=0) | None as p: p = x @ y\n',
  'async def g():\n  async with a as b, c: await b\n  x = (yield)\n  # comment\n  return [i async for i in c]\n',
  'x = (\n',
  'def f(:\n  pass',
  '',
];

export const program: Program<Ruff> = {
  load: () => requirePackage('@astral-sh/ruff-wasm-nodejs') as Ruff,
  work({ Workspace, PositionEncoding }) {
    const settings = Workspace.defaultSettings();
    const lines = [digest(JSON.stringify(settings))];
    const options = [settings, { lint: { select: ['ALL'] }, 'line-length': 60, format: { 'quote-style': 'single' } }];
    const attempt = (name: string, work: () => string): void => {
      try {
        lines.push(`${name}: ${work()}`);
      } catch (error) {
        lines.push(`${name}: ${error}`);
      }
    };
    for (const option of options) {
      for (const encoding of [PositionEncoding.Utf8, PositionEncoding.Utf16]) {
        const workspace = new Workspace(option, encoding);
        for (const source of [...sources, sources.slice(0, 3).join('\n').repeat(20)]) {
          attempt('check', () => {
            const found = workspace.check(source);
            return `${found.length} ${found.slice(0, 8).map(({ code }) => code)} ${digest(JSON.stringify(found))}`;
          });
          attempt('format', () => digest(workspace.format(source)));
          attempt('format_ir', () => digest(workspace.format_ir(source)));
          attempt('parse', () => digest(workspace.parse(source)));
          attempt('tokens', () => digest(workspace.tokens(source)));
          attempt('comments', () => digest(workspace.comments(source)));
        }
        workspace.free();
      }
    }
    attempt('unknown rule', () => String(new Workspace({ lint: { select: ['NOPE'] } }, PositionEncoding.Utf8)));
    attempt('a number as options', () => String(new Workspace(5, PositionEncoding.Utf8)));
    attempt('a cyclic object', () => {
      const cyclic: Record<string, unknown> = {};
      cyclic['extend'] = cyclic;
      return String(new Workspace(cyclic, PositionEncoding.Utf8));
    });
    return lines.join('\n');
  },
};
