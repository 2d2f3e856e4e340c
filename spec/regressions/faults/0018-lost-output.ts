/**
 * A WASI program's output got lost when it went to a pipe: the command line's own stream had made the pipe non-blocking,
 * and what did not fit was refused with EAGAIN.
 *
 * @seconds 120
 * @runs 1
 * @runs 2
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, done, wat } from './support.js';

const fd = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'beamline-0018-'));
writeFileSync(
  join(folder, 'big.wasm'),
  wat(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 17)
    (func (export "_start") (local $i i32)
      (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 1048576))
      (loop $l
        (drop (call $fd_write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))))`),
);
const main = join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'main.js');
const command = `"${process.execPath}" "${main}" run big.wasm ${fd === '2' ? '2>&1 >&-' : ''} | (sleep 0.5; wc -c)`;
const child = spawn('sh', ['-c', command], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
let out = '';
child.stdout.on('data', (data) => {
  out += data;
});
await new Promise((resolve) => child.on('close', resolve));
rmSync(folder, { recursive: true });
check(Number(out) === 4 << 20, `${out.trim()} of ${4 << 20} bytes arrived`);
done();
