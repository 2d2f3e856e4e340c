/** Machine code is emitted as soon as an opcode's bytes are here, and does not depend on how they were cut. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'ava';
import { wat } from '../api/wat.js';
import { Random } from '../support/random.js';
import { BareCompiler } from './bare-compiler.js';

/** Lightbeam's example: a recursive call inside a loop, as rustc compiles `n < 2 ? 1 : fib(n - 1) + fib(n - 2)`. */
const fib = wat(`(module (func $fib (param i32) (result i32) (local i32)
  i32.const 1 local.set 1
  block
    local.get 0 i32.const 2 i32.lt_u br_if 0
    i32.const 0 local.set 1
    loop
      local.get 0 i32.const -1 i32.add call $fib local.get 1 i32.add local.set 1
      local.get 0 i32.const -2 i32.add local.tee 0 i32.const 1 i32.gt_u br_if 0
    end
    local.get 1 i32.const 1 i32.add local.set 1
  end
  local.get 1))`);

test('fed one byte at a time, the code grows in the middle of a body, opcode by opcode', (t) => {
  const bytes = wat(`(module (func (param i32 i32) (result i32)
    local.get 0 local.get 1 i32.add local.get 0 i32.mul local.get 1 i32.sub
    local.get 0 i32.xor local.get 1 i32.or))`);
  const bare = new BareCompiler();
  let growths = 0;
  let before = 0;
  for (let end = 1; end <= bytes.length; end++) {
    // What has not come yet cannot be looked at.
    const arrived = new Uint8Array(bytes.length).fill(0xff);
    arrived.set(bytes.subarray(0, end));
    bare.decoder.push(arrived, end);
    const at = bare.compiler.asm.pos;
    if (at !== before && before !== 0) growths++;
    before = at;
  }
  t.true(growths >= 6, `the code grew ${growths} times`);
  t.is(bare.decoder.functionsDone, 1);
});

test('an opcode is code before the next byte is here', (t) => {
  const bytes = wat(
    '(module (memory 1) (func (param i32) local.get 0 i32.const 7 i32.store offset=4 local.get 0 drop))',
  );
  const bare = new BareCompiler();
  // i32.store is 36, alignment 02, offset 04.
  const store = bytes.findIndex((b, i) => b === 0x36 && bytes[i + 1] === 2 && bytes[i + 2] === 4);
  bare.decoder.push(bytes, store + 2);
  const before = bare.compiler.asm.pos;
  bare.decoder.push(bytes, store + 3);
  t.true(bare.compiler.asm.pos > before);
});

const require = createRequire(import.meta.url);

test('real modules cut at random places give the same machine code, byte for byte', (t) => {
  const random = new Random(7);
  for (const path of ['sql.js/dist/sql-wasm.wasm', 'source-map/lib/mappings.wasm']) {
    const bytes = new Uint8Array(readFileSync(require.resolve(path)));
    const whole = BareCompiler.compile(bytes);
    t.true(whole.length > bytes.length / 2);
    for (let round = 0; round < 3; round++) {
      const cuts: number[] = [];
      for (let at = 0; at < bytes.length; at += 1 + random.below(round === 0 ? 40 : 9000)) cuts.push(at);
      t.is(Buffer.compare(BareCompiler.compile(bytes, cuts), whole), 0, `${path}, round ${round}`);
    }
  }
});

test('the same bytes give the same code', (t) => {
  t.deepEqual(BareCompiler.compile(fib), BareCompiler.compile(fib));
  const bytes = Uint8Array.from(fib.keys(), (i) => fib[i]);
  t.deepEqual(BareCompiler.compile(fib), BareCompiler.compile(bytes, fib.keys()));
});

test("Lightbeam's fib: locals stay in registers across the back edge, the call goes through its slot", async (t) => {
  t.deepEqual(await BareCompiler.listing(fib), [
    'push rbp',
    'mov rbp, rsp',
    'sub rsp, 0x18',
    'mov ecx, 1',
    'cmp eax, 2',
    'jb 0x1045',
    'xor ecx, ecx',
    'lea edx, [rax-1]',
    'mov [rbp-0x18], ecx',
    'mov [rbp-0x10], eax',
    'mov eax, edx',
    'call qword ptr [slot]',
    'mov ecx, [rbp-0x18]',
    'add eax, ecx',
    'mov ecx, [rbp-0x10]',
    'lea edx, [rcx-2]',
    'cmp edx, 1',
    'mov ecx, eax',
    'mov eax, edx',
    'ja 0x101b',
    'lea edx, [rcx+1]',
    'mov ecx, edx',
    'mov eax, ecx',
    'leave',
    'ret',
  ]);
});
