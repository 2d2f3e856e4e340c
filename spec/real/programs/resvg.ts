/** resvg (Rust, wasm-bindgen): render an SVG with gradients, a blur, clipping and paths to PNG. */
import { readFileSync } from 'node:fs';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { digest, type Program, packageFile } from '../program.js';

const petals = Array.from({ length: 24 }, (_, i) => {
  const transform = `rotate(${15 * i} 200 150)`;
  return `<path transform="${transform}" d="M200 150 C 230 60, 260 90, 200 20 S 170 60, 200 150" stroke="#${i % 10}a3" fill="none"/>`;
}).join('');

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">
  <defs>
    <radialGradient id="g"><stop offset="0" stop-color="red"/><stop offset="1" stop-color="blue"/></radialGradient>
    <filter id="f"><feGaussianBlur stdDeviation="6"/></filter>
    <clipPath id="c"><rect x="40" y="40" width="320" height="220" rx="30"/></clipPath>
    <pattern id="p" width="12" height="12" patternUnits="userSpaceOnUse"><circle cx="6" cy="6" r="4" fill="gold"/></pattern>
  </defs>
  <g clip-path="url(#c)"><circle cx="200" cy="150" r="130" fill="url(#g)" filter="url(#f)" opacity="0.8"/></g>
  <rect x="10" y="10" width="80" height="60" fill="url(#p)" stroke="black" stroke-dasharray="5 3"/>${petals}
</svg>`;

export const program: Program<void> = {
  load: () => initWasm(readFileSync(packageFile('@resvg/resvg-wasm', 'index_bg.wasm'))),
  work() {
    const small = new Resvg(svg).render();
    const large = new Resvg(svg, { fitTo: { mode: 'width', value: 700 }, background: '#eee' }).render();
    let problem = '';
    try {
      new Resvg('<svg');
    } catch (error) {
      problem = String(error);
    }
    return [digest(small.asPng()), digest(large.pixels), `${large.width}x${large.height}`, problem].join('\n');
  },
};
