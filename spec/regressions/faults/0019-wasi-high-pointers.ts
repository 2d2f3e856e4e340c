/**
 * node:wasi answered EINVAL to addresses and descriptors of 2^31 and more: they came with a sign, which V8's calls of its
 * functions do not have.
 *
 * @flags --no-warnings
 * @seconds 120
 */
import { WASI } from 'node:wasi';
import { check, done, WebAssembly, wat } from './support.js';

const bytes = wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "own" "fd_write" (func $own (param i32 i32 i32 i32) (result i32)))
  (import "own" "bound" (func $bound (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 32769)
  (func (export "_start"))
  (func (export "descriptor") (result i32) (call $fd_write (i32.const -31337) (i32.const 0) (i32.const 0) (i32.const 16)))
  (func (export "address") (result i32) (call $random_get (i32.const 0x80000000) (i32.const 16)))
  (func (export "filled") (result i64) (i64.or (i64.load (i32.const 0x80000000)) (i64.load (i32.const 0x80000008))))
  (func (export "own") (result i32) (call $own (i32.const -1) (i32.const 0x80000000) (i32.const 0) (i32.const 0)))
  (func (export "bound") (result i32) (call $bound (i32.const -1) (i32.const 0x80000000) (i32.const 0) (i32.const 0))))`);
const wasi = new WASI({ version: 'preview1' });
// Whoever implements WASI gets the numbers that other functions get, by whatever name, and bound to whatever.
const own = {
  seen: [] as number[],
  fd_write(...args: number[]): number {
    this.seen.push(...args);
    return -7;
  },
};
const imports = {
  ...wasi.getImportObject(),
  own: { fd_write: (...args: number[]) => own.fd_write(...args), bound: own.fd_write.bind(own) },
};
const { instance } = await WebAssembly.instantiate(bytes, imports);
wasi.start(instance);
const exports = instance.exports as Record<string, () => number | bigint>;
const badDescriptor = 8;
check(exports['descriptor']?.() === badDescriptor, `a descriptor that is not there: ${exports['descriptor']?.()}`);
check(exports['address']?.() === 0, `an address over 2 GiB: ${exports['address']?.()}`);
check(exports['filled']?.() !== 0n, 'nothing was written there');
for (const name of ['own', 'bound']) {
  own.seen = [];
  check(exports[name]?.() === -7, `${name}: the result`);
  check(String(own.seen) === '-1,-2147483648,0,0', `${name}: ${own.seen}`);
}
done();
