/** Scenarios that may kill the process, or must: each runs in a child process, chosen by name. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Thread, TrapCode } from '../../../src/backends/abi/layout.js';
import { Alu, Cc, Reg } from '../../../src/backends/x64/assembler.js';
import type { Machine } from '../../../src/runtime/machine/machine.js';
import {
  gettid,
  mapAnonymous,
  nativeFunction,
  nativeView,
  Prot,
  protect,
  sigaltstack,
  tgkill,
} from '../../../src/runtime/machine/os.js';
import { reapDeadThreads } from '../../../src/runtime/machine/registry.js';
import { Harness, i32 } from './harness.js';

const h = new Harness({ codeMemory: 16 << 20, stackSize: 1 << 20 });
const { machine } = h;

function assert(condition: unknown, what: string): void {
  if (!condition) throw new Error(`failed: ${what}`);
}

/** As much of V8's namespace as is used here. */
interface V8 {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { f: (x: number) => number } };
  RuntimeError: new () => Error;
}
const v8 = (globalThis as unknown as { WebAssembly: V8 }).WebAssembly;

/** (module (memory 1) (func (export "f") (param i32) (result i32) local.get 0 i32.load)) */
const v8Module = new v8.Module(
  Uint8Array.of(
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    6,
    1,
    96,
    1,
    127,
    1,
    127,
    3,
    2,
    1,
    0,
    5,
    3,
    1,
    0,
    1,
    7,
    5,
    1,
    1,
    102,
    0,
    0,
    10,
    9,
    1,
    7,
    0,
    32,
    0,
    40,
    2,
    0,
    11,
  ),
);

function v8Trap(): void {
  const { f } = new v8.Instance(v8Module).exports;
  assert(f(8) === 0, 'V8 runs');
  for (let i = 0; i < 100; i++) {
    try {
      f(1 << 30);
      assert(false, 'V8 traps');
    } catch (error) {
      assert(error instanceof v8.RuntimeError && /out of bounds/.test(String(error)), String(error));
    }
  }
}

const faulting = h.define([], [], (a) => {
  h.prologue(a);
  a.mov_rm(0, Reg.rax, Reg.r14, 64);
});

function ownTrap(): void {
  h.setMemory(0, 0);
  faulting.entry();
  assert(machine.takeTrap()?.code === TrapCode.memoryOutOfBounds, 'own trap');
}

const spinning = h.define([], [], (a, start) => {
  h.prologue(a);
  const loop = a.pos;
  a.jmp(loop);
  assert(start > 0, 'start');
});

/** Run machine code that is nobody's: in no code range. */
function foreignCode(...code: number[]): void {
  const page = mapAnonymous(4096);
  new Uint8Array(nativeView(page, 4096)).set(code);
  protect(page, 4096, Prot.readExec);
  nativeFunction(page)();
}

const here = fileURLToPath(import.meta.url);

function worker(scenario: string): Worker {
  return new Worker(here, { argv: [scenario], stdout: false });
}

function message(from: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    from.once('message', resolve);
    from.once('error', reject);
  });
}

function exit(from: Worker): Promise<number> {
  return new Promise((resolve) => from.once('exit', resolve));
}

/** Reap until `count` threads are reaped: one that has just ended can still be there for a moment. */
async function reap(count: number): Promise<void> {
  for (let i = 0; i < 200 && count > 0; i++) {
    count -= reapDeadThreads();
    if (count > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert(count === 0, `${count} threads are not reaped`);
}

/** Address space of the process in pages. */
function pages(): number {
  return Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[0]);
}

/** Handlers run on the alternate stack: what wasm code has left of its own, down to nothing, is not theirs. */
async function signalsWithLittleRoom(seen: () => number): Promise<void> {
  const SIGUSR2 = 12;
  const f = h.define([], [i32], (a) => {
    h.prologue(a, 0);
    for (const r of [Reg.rdi, Reg.rsi]) a.mov_ri(r, r === Reg.rdi ? process.pid : gettid());
    a.mov_ri(Reg.rdx, SIGUSR2);
    a.mov_ri(Reg.rax, 234);
    a.syscall();
    h.epilogue(a);
  });
  const low = machine.thread.pointer(Thread.stackLow);
  const high = machine.thread.pointer(Thread.stackHigh);
  // The kernel's frame of a signal takes up to 4 KiB: around that the handler would have found some room, but not enough.
  for (let room = 64; room < 12000; room += 8) {
    machine.thread.setPointer(Thread.wasmSp, low + room);
    f.entry();
    const trap = machine.takeTrap();
    // Too little even for the entry.
    assert(
      trap === null || (trap.code === TrapCode.stackOverflow && room < 512),
      `trap ${trap?.code} with ${room} bytes`,
    );
  }
  machine.thread.setPointer(Thread.wasmSp, high);
  ownTrap();
  // Node's watcher thread tells the event loop: on a busy machine that takes a while.
  for (let wait = 0; wait < 200 && seen() === 0; wait++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert(seen() > 0, 'Node has seen the signals');
}

const scenarios: Record<string, () => void | Promise<void>> = {
  'v8 traps work beside own traps': () => {
    for (let i = 0; i < 3; i++) {
      v8Trap();
      ownTrap();
    }
  },
  'v8 traps in a host call below wasm': () => {
    const host = h.host([], [], () => v8Trap());
    const f = h.define([], [], (a) => {
      h.prologue(a);
      h.callRecord(a, host.record);
      h.epilogue(a);
    });
    f.entry();
    assert(machine.takeTrap() === null, 'no trap');
    ownTrap();
  },
  'somebody replaces the signal stack': () => {
    const stack = mapAnonymous(65536);
    const words = new BigUint64Array(nativeView(machine.thread.address + Thread.private_, 24));
    words.set([BigInt(stack), 0n, 65536n]);
    sigaltstack(machine.thread.address + Thread.private_);
    for (let i = 0; i < 10; i++) ownTrap();
    v8Trap();
    machine.withDeadline(5, () => spinning.entry());
    assert(machine.takeTrap()?.code === TrapCode.interrupted, 'deadline');
  },
  // The following die by the signal that is their name's first word.
  'SIGSEGV in foreign code': () => {
    ownTrap();
    // mov eax, [0]
    foreignCode(0x8b, 0x04, 0x25, 0, 0, 0, 0, 0xc3);
  },
  'SIGFPE in foreign code': () => {
    // xor ecx, ecx; div ecx
    foreignCode(0x31, 0xc9, 0xf7, 0xf1, 0xc3);
  },
  'SIGILL in foreign code': () => foreignCode(0x0f, 0x0b),
  'SIGSEGV in foreign code called from a host call': () => {
    const host = h.host([], [], () => foreignCode(0x8b, 0x04, 0x25, 0, 0, 0, 0, 0xc3));
    const f = h.define([], [], (a) => {
      h.prologue(a);
      h.callRecord(a, host.record);
    });
    f.entry();
  },
  'SIGSEGV sent by kill': () => {
    tgkill(gettid(), 11);
  },
  'SIGBUS sent by kill': () => {
    tgkill(gettid(), 7);
  },
  'a second copy of the package in one thread': async () => {
    const source = join(dirname(here), '../../..');
    const directory = mkdtempSync(join(source, 'copy-'));
    try {
      cpSync(join(source, 'src'), join(directory, 'src'), { recursive: true });
      cpSync(join(source, 'spec/runtime/machine'), join(directory, 'spec/runtime/machine'), { recursive: true });
      const url = pathToFileURL(join(directory, 'spec/runtime/machine/harness.js')).href;
      const other = (await import(url)) as { Harness: new (options: object) => Harness };
      const second = new other.Harness({ codeMemory: 16 << 20, stackSize: 1 << 20 });
      assert((second.machine.constructor as unknown) !== h.machine.constructor, 'two copies');
      assert(second.machine.thread.address === machine.thread.address, 'one thread record');
      const fault = second.define([], [], (a) => a.mov_rm(0, Reg.rax, Reg.r14, 64));
      second.setMemory(0, 0);
      let calls = 0;
      const inner = h.host([], [], () => {
        calls++;
        fault.entry();
        assert((second.machine as Machine).takeTrap()?.code === TrapCode.memoryOutOfBounds, 'trap of the second');
      });
      const f = h.define([], [], (a) => {
        h.prologue(a);
        h.callRecord(a, inner.record);
        a.call32(machine.stubs.trap[TrapCode.unreachable] as number);
      });
      const outer = second.host([], [], () => {
        calls++;
        f.entry();
        assert(machine.takeTrap()?.code === TrapCode.unreachable, 'trap of the first');
        throw new Error('through both');
      });
      const g = second.define([], [], (a) => {
        second.prologue(a);
        second.callRecord(a, outer.record);
      });
      let caught = '';
      try {
        g.entry();
      } catch (error) {
        caught = (error as Error).message;
      }
      assert(caught === 'through both' && calls === 2, `${caught} ${calls}`);
      ownTrap();
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
  'workers have records of their own': async () => {
    const workers = [0, 1, 2].map(() => worker('in a worker'));
    const addresses = await Promise.all(workers.map(message));
    assert(new Set([...addresses, machine.thread.address]).size === 4, 'four records');
    const ends = Promise.all(workers.map(exit));
    for (const w of workers) w.postMessage('end');
    const codes = await ends;
    assert(
      codes.every((code) => code === 0),
      `exit codes ${codes}`,
    );
    ownTrap();
    // Workers have ended: what they left can be reaped, and traps go on working.
    await reap(3);
    ownTrap();
    v8Trap();
  },
  'a spinning worker is terminated': async () => {
    for (let i = 0; i < 3; i++) {
      const w = worker('spin in a worker');
      await message(w);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await w.terminate();
    }
    await reap(1);
    ownTrap();
  },
  'a worker that spins below a host call below wasm is terminated': async () => {
    const w = worker('spin deep in a worker');
    await message(w);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await w.terminate();
    ownTrap();
  },
  'the process exits while a worker spins': async () => {
    const w = worker('spin in a worker');
    await message(w);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.exit(0);
  },
  'many workers one after the other leave nothing behind': async () => {
    const cycle = async (): Promise<void> => {
      const w = worker('in a worker');
      const ended = exit(w);
      await message(w);
      w.postMessage('end');
      assert((await ended) === 0, 'exit code');
      await reap(1);
    };
    for (let i = 0; i < 3; i++) await cycle();
    const before = pages();
    for (let i = 0; i < 6; i++) await cycle();
    // One worker's code memory, stack and record are 8,700 pages. koffi itself leaves its stack of 4,100 pages behind.
    assert(pages() - before < 6 * 6000, `${pages() - before} pages more`);
  },
  // Node's own signal handlers run on the stack that is in use: on the wasm stack, as long as there is room.
  'signals with handlers of Node, however little room wasm has': async () => {
    let signals = 0;
    process.on('SIGUSR2', () => {
      signals++;
    });
    await signalsWithLittleRoom(() => signals);
  },
  // `--import` has installed one before anything of the engine was loaded.
  'signals with a handler of Node that was there before': async () => {
    await signalsWithLittleRoom(() => Reflect.get(globalThis, 'signals') as number);
  },
  'with a CPU profiler': () => {
    const host = h.host([], [], () => {
      let x = 0;
      for (let i = 0; i < 1000; i++) x += Math.sqrt(i);
      if (x < 0) throw new Error('no');
    });
    const f = h.define([], [], (a) => {
      h.prologue(a);
      const loop = a.pos;
      h.callRecord(a, host.record);
      a.mov_ri(Reg.rax, 10000);
      const wait = a.pos;
      a.alu_ri(Alu.sub, 0, Reg.rax, 1);
      a.jcc(Cc.ne, wait);
      a.jmp(loop);
    });
    machine.withDeadline(1500, () => f.entry());
    assert(machine.takeTrap()?.code === TrapCode.interrupted, 'deadline');
  },
  'process.exit in a host call': () => {
    const host = h.host([], [], () => process.exit(0));
    const f = h.define([], [], (a) => {
      h.prologue(a);
      h.callRecord(a, host.record);
    });
    f.entry();
  },
  'process.exit in a host call in a worker': async () => {
    const w = worker('process.exit in a host call');
    assert((await exit(w)) === 0, 'exit code');
    await reap(1);
    ownTrap();
  },
  'a worker is terminated in a host call': async () => {
    const w = worker('wait in a host call');
    await message(w);
    await w.terminate();
    await reap(1);
    ownTrap();
  },
  'wait in a host call': async () => {
    const { parentPort } = await import('node:worker_threads');
    const host = h.host([], [], () => {
      parentPort?.postMessage('waits');
      for (;;);
    });
    const f = h.define([], [], (a) => {
      h.prologue(a);
      h.callRecord(a, host.record);
    });
    f.entry();
  },
  'machines that are dropped are freed': async () => {
    const collect = globalThis.gc as () => void;
    const use = (): void => {
      const other = new Harness({ codeMemory: 64 << 20 });
      const host = other.host([], [i32], () => other.setI32(0, 5));
      const f = other.define([], [i32], (a) => {
        other.prologue(a);
        other.callRecord(a, host.record);
        other.epilogue(a);
      });
      f.entry();
      assert(other.machine.takeTrap() === null && other.getI32(0) === 5, 'works');
    };
    const before = pages();
    for (let i = 0; i < 200; i++) {
      use();
      if (i % 10 !== 9) continue;
      collect();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // What was dropped last: its memory of V8 takes 10 GiB of address space until V8 has swept.
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // 200 machines that stay would be 500,000,000 pages.
    assert(pages() - before < 10_000_000, `${pages() - before} pages more`);
    const ranges = machine.thread.u32[Thread.rangeCount >>> 2] as number;
    assert(ranges < 30, `${ranges} code ranges`);
    ownTrap();
  },
  'in a worker': async () => {
    const { parentPort } = await import('node:worker_threads');
    for (let i = 0; i < 100; i++) ownTrap();
    v8Trap();
    const overflow = h.define([], [], (a, start) => {
      h.prologue(a);
      a.call32(start);
    });
    overflow.entry();
    assert(machine.takeTrap()?.code === TrapCode.stackOverflow, 'overflow');
    const thrower = h.host([i32], [], () => {
      throw new RangeError('x');
    });
    const f = h.define([i32], [], (a) => {
      h.prologue(a);
      h.callRecord(a, thrower.record);
    });
    let caught = false;
    try {
      f.entry();
    } catch (error) {
      caught = error instanceof RangeError;
    }
    assert(caught, 'exception');
    parentPort?.once('message', () => {});
    parentPort?.postMessage(machine.thread.address);
  },
  'spin in a worker': async () => {
    const { parentPort } = await import('node:worker_threads');
    parentPort?.postMessage('spins');
    spinning.entry();
    parentPort?.postMessage('goes on');
  },
  'spin deep in a worker': async () => {
    const { parentPort } = await import('node:worker_threads');
    const host = h.host([], [], () => {
      spinning.entry();
    });
    const f = h.define([], [], (a) => {
      h.prologue(a);
      const loop = a.pos;
      h.callRecord(a, host.record);
      a.jmp(loop);
    });
    parentPort?.postMessage('spins');
    f.entry();
    parentPort?.postMessage('goes on');
  },
};

const scenario = scenarios[process.argv.at(-1) ?? ''];
if (scenario === undefined) throw new Error(`no scenario ${process.argv.at(-1)}`);
await scenario();
