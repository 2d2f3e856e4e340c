/**
 * Real programs beside V8, with their times.
 *
 *     npm run real                      those whose packages are devDependencies
 *     npm run real -- --all             the larger ones too; their packages are put into .cache/real (280 MB)
 *     npm run real -- NAME...           some of them
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareProgram } from './harness.js';
import { small } from './list.js';
import { packagesFolder } from './program.js';

/** The packages of each of the larger programs. */
const packages: Record<string, Record<string, string>> = {
  dprint: { '@dprint/formatter': '0.6.0', '@dprint/typescript': '0.96.1' },
  jxl: { '@jsquash/jxl': '1.3.0' },
  lightningcss: { 'lightningcss-wasm': '1.33.0' },
  pdfium: { '@hyzyla/pdfium': '2.1.13' },
  pffft: { '@echogarden/pffft-wasm': '0.4.2' },
  rapier2d: { '@dimforge/rapier2d-compat': '0.21.0' },
  rapier3d: { '@dimforge/rapier3d-simd-compat': '0.20.0' },
  rollup: { '@rollup/wasm-node': '4.68.4' },
  ruby: { '@ruby/3.3-wasm-wasi': '2.10.1' },
  ruff: { '@astral-sh/ruff-wasm-nodejs': '0.17.3' },
  sqlite3: { '@sqlite.org/sqlite-wasm': '3.41.2' },
  swc: { '@swc/wasm': '1.16.18' },
  tiktoken: { tiktoken: '1.0.22' },
  typst: { '@myriaddreamin/typst-ts-web-compiler': '0.7.0' },
  yosys: { '@yowasp/yosys': '0.55.944' },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false } },
});
const large = Object.keys(packages);
const names = positionals.length > 0 ? positionals : values.all ? [...small, ...large] : small;
const unknown = names.filter((name) => !small.includes(name) && !large.includes(name));
if (unknown.length > 0) {
  console.error(`real: unknown ${unknown.join(', ')}; there are ${[...small, ...large].join(', ')}`);
  process.exit(2);
}

function install(): void {
  const wanted = Object.assign({}, ...names.map((name) => packages[name] ?? {})) as Record<string, string>;
  const missing = Object.entries(wanted).filter(([name, version]) => {
    const manifest = join(packagesFolder, 'node_modules', name, 'package.json');
    return !existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== version;
  });
  if (missing.length === 0) return;
  mkdirSync(packagesFolder, { recursive: true });
  const manifest = join(packagesFolder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  const wishes = missing.map(([name, version]) => `${name}@${version}`);
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', ...wishes];
  if (spawnSync('npm', args, { cwd: packagesFolder, stdio: 'inherit' }).status !== 0) {
    throw new Error('npm could not install the packages');
  }
}

install();
let failed = 0;
console.log('milliseconds, V8 / Beamline; compile and start: load, and in V8 part of the work too\n');
console.log(`${'program'.padEnd(14)}${'functions'.padStart(9)}${'load'.padStart(16)}${'work'.padStart(16)}`);
for (const name of names) {
  const file = join(import.meta.dirname, small.includes(name) ? 'programs' : 'more', `${name}.js`);
  try {
    const { v8, beamline, functionsCompiled } = await compareProgram(file);
    const equal = v8.output === beamline.output;
    const pair = (a: number, b: number): string => `${a.toFixed(0)} / ${b.toFixed(0)}`.padStart(16);
    const times = `${pair(v8.loadMs, beamline.loadMs)}${pair(v8.workMs, beamline.workMs)}`;
    console.log(`${name.padEnd(14)}${String(functionsCompiled).padStart(9)}${times}  ${equal ? 'equal' : 'DIFFERENT'}`);
    if (equal) continue;
    console.log(`V8: ${v8.output.slice(0, 2000)}\nBeamline: ${beamline.output.slice(0, 2000)}`);
  } catch (error) {
    console.log(`${name.padEnd(14)}FAILED: ${(error as Error).message}`);
  }
  failed++;
}
console.log(`\n${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
