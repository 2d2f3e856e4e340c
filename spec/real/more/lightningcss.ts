/** Lightning CSS (Rust, N-API over wasm): transform and minify a style sheet. */
import { importPackage, type Program } from '../program.js';

interface Css {
  transform(options: object): { code: Uint8Array; map?: Uint8Array; warnings: unknown[]; exports?: unknown };
}

const sheet = `
  @media (width >= 480px) { .a { color: oklch(60% 0.2 30); inset: 0 auto; .b & { margin: calc(1px + 2 * 3px) } } }
  .grid { display: grid; grid-template: "a b" 1fr "c d" 2fr / auto minmax(10px, 1fr); user-select: none }
  @supports (backdrop-filter: blur(2px)) { p::placeholder { background: linear-gradient(45deg, #ff0000, rgb(0 0 255 / 50%)) } }`;

export const program: Program<Css> = {
  load: () => importPackage('lightningcss-wasm', 'wasm-node.mjs'),
  work(css) {
    const targets = { chrome: 80 << 16, safari: 13 << 16 };
    const results = [true, false].map((minify) => {
      const options = {
        filename: 'a.css',
        code: Buffer.from(sheet.repeat(20)),
        minify,
        targets,
        sourceMap: true,
        cssModules: minify,
      };
      const { code, map, warnings, exports } = css.transform(options);
      return [Buffer.from(code), Buffer.from(map ?? []), JSON.stringify([warnings, exports])].join('\n');
    });
    try {
      css.transform({ filename: 'b.css', code: Buffer.from('a { color: ') });
      css.transform({ filename: 'b.css', code: Buffer.from('a { } }}} @media {') });
    } catch (error) {
      results.push(String(error));
    }
    return results.join('\n');
  },
};
