/**
 * Says which function of a module makes Beamline's result differ from V8's; see spec/differential/bisect-cli.ts.
 *
 *     node scripts/bisect.mjs .cache/fuzz/generated-1000089.wasm
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, install } from './prepare.mjs';

install();
await build();
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, 'dist/spec/differential/bisect-cli.js');
const { status } = spawnSync(process.execPath, ['--enable-source-maps', cli, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
