/**
 * Calls between JS and machine code through Node-API, without a compiler at hand: an ELF file of two pages, written here
 * into a memory file and loaded as an addon. JS calls its one function `enter` in about 9 ns (koffi's native functions
 * take 18); machine code calls the dispatcher through `napi_call_function` in about 60 ns (koffi's callbacks: 70).
 *
 *     page 0, r-x: headers, symbol table, text        page 1, rw-: dynamic section, two words
 *
 * One addon per thread: it holds the thread's `napi_env` and the address of its thread record. Exceptions need no care:
 * what the dispatcher throws stays pending in the `napi_env`, and is thrown when `enter` returns.
 *
 * System V ABI, "Object Files"; Node-API documentation, "Module registration".
 */
import { randomBytes } from 'node:crypto';
import { Assembler, Reg } from '../backends/x64/assembler.js';
import { Thread } from './layout.js';
import { closeFile, memoryFile, nativeView, processSymbol, writeFile } from './os.js';
import type { ThreadRecord } from './thread.js';

/** The native side of calls in both directions. */
export interface NativeCalls {
  /** Enters the function record at `Thread.enterRecord` through the stub at `Thread.enterStub`. */
  readonly enter: () => void;
  /** Address of a C function `void f(void)` that calls the JS dispatcher; must run on the host stack. */
  readonly dispatcher: number;
}

const enum Elf {
  pageSize = 4096,
  headerSize = 64,
  segmentSize = 56,
  symbolSize = 24,
  symbols = 0x100,
  hash = 0x180,
  strings = 0x1c0,
  text = 0x300,
  dynamic = 0x1000,
  /** Words: env, reference to the dispatcher. */
  env = 0x1100,
  reference = 0x1108,
  size = 0x2000,
}

const enum Segment {
  load = 1,
  dynamic = 2,
  gnuStack = 0x6474e551,
  readExecute = 5,
  readWrite = 6,
}

const enum DynamicTag {
  end = 0,
  hash = 4,
  strings = 5,
  symbols = 6,
  stringsSize = 10,
  symbolSize = 11,
}

const apiVersion = 8;
const autoLength = -1;

/** Where things are in the text. */
interface Text {
  readonly register: number;
  readonly version: number;
  readonly enter: number;
  readonly hostCall: number;
}

/**
 * Load the thread's addon.
 * @throws Error if addons are disabled, Node-API's functions are not to be found, or the file cannot be loaded.
 */
export function openNodeApi(thread: ThreadRecord, dispatch: () => void): NativeCalls {
  const image = new Uint8Array(Elf.size);
  const loadedAt = thread.address + Thread.buffer;
  const text = writeText(image, thread.address, loadedAt);
  writeTables(image, text);
  const exports: { dispatch: () => void; enter?: () => void } = { dispatch };
  const fd = memoryFile('beamline-calls', Elf.size);
  try {
    writeFile(fd, image);
    process.dlopen({ exports } as unknown as NodeModule, uniquePath(fd));
  } finally {
    closeFile(fd);
  }
  if (exports.enter === undefined) throw new Error('Node-API refused to make a function');
  const base = Number(new BigUint64Array(nativeView(loadedAt, 8))[0]);
  return { enter: exports.enter, dispatcher: base + text.hostCall };
}

/**
 * The loader takes files of one path for one file, and descriptors are used again: so each time another way to write
 * `/proc/self/fd/N`.
 */
function uniquePath(fd: number): string {
  const steps = Array.from(randomBytes(8), (byte) => byte.toString(2).padStart(8, '0')).join('');
  return `/proc/self/${steps.replaceAll('0', './').replaceAll('1', '/')}fd/${fd}`;
}

function writeText(image: Uint8Array, thread: number, loadedAt: number): Text {
  const a = new Assembler(image, Elf.text);
  const name = (text: string): number => {
    const at = a.pos;
    for (const byte of Buffer.from(`${text}\0`, 'latin1')) a.byte(byte);
    return at;
  };
  /** Call a function of Node by its address. */
  const call = (symbol: string): void => {
    const address = processSymbol(symbol);
    a.mov_ri64(Reg.rax, address | 0, Math.floor(address / 4294967296));
    a.call_r(Reg.rax);
  };
  const enterName = name('enter');
  const dispatchName = name('dispatch');

  // napi_value enter(napi_env, napi_callback_info): the shared entry stub of the signature does the rest.
  a.align(16);
  const enter = a.pos;
  a.alu_ri(5 /* sub */, 1, Reg.rsp, 8);
  a.mov_ri64(Reg.rax, thread | 0, Math.floor(thread / 4294967296));
  a.mov_rm(1, Reg.r11, Reg.rax, Thread.enterRecord);
  a.call_m(Reg.rax, Thread.enterStub);
  a.zero(Reg.rax);
  a.alu_ri(0 /* add */, 1, Reg.rsp, 8);
  a.ret();

  // void hostCall(void). The scope frees the handles of the call: one entry can make millions of calls.
  a.align(16);
  const hostCall = a.pos;
  a.push(Reg.rbx);
  a.alu_ri(5 /* sub */, 1, Reg.rsp, 32);
  a.mov_rm_rip(1, Reg.rbx, Elf.env);
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rr(1, Reg.rsi, Reg.rsp);
  call('napi_open_handle_scope');
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rm_rip(1, Reg.rsi, Elf.reference);
  a.lea(1, Reg.rdx, Reg.rsp, 8);
  call('napi_get_reference_value');
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.lea(1, Reg.rsi, Reg.rsp, 16);
  call('napi_get_undefined');
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rm(1, Reg.rsi, Reg.rsp, 16);
  a.mov_rm(1, Reg.rdx, Reg.rsp, 8);
  a.zero(Reg.rcx);
  a.zero(Reg.r8);
  a.zero(Reg.r9);
  call('napi_call_function');
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rm(1, Reg.rsi, Reg.rsp, 0);
  call('napi_close_handle_scope');
  a.alu_ri(0 /* add */, 1, Reg.rsp, 32);
  a.pop(Reg.rbx);
  a.ret();

  // napi_value napi_register_module_v1(napi_env, napi_value exports)
  a.align(16);
  const register = a.pos;
  a.push(Reg.rbx);
  a.push(Reg.r12);
  a.alu_ri(5 /* sub */, 1, Reg.rsp, 24);
  a.mov_rr(1, Reg.rbx, Reg.rdi);
  a.mov_rr(1, Reg.r12, Reg.rsi);
  a.mov_mr_rip(1, Elf.env, Reg.rdi);
  a.lea_rip(Reg.rax, 0);
  a.mov_ri64(Reg.rcx, loadedAt | 0, Math.floor(loadedAt / 4294967296));
  a.mov_mr(1, Reg.rcx, 0, Reg.rax);
  a.lea_rip(Reg.rdx, dispatchName);
  a.mov_rr(1, Reg.rcx, Reg.rsp);
  call('napi_get_named_property');
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rm(1, Reg.rsi, Reg.rsp, 0);
  a.mov_ri(Reg.rdx, 1);
  a.lea_rip(Reg.rcx, Elf.reference);
  call('napi_create_reference');
  a.test_rr(0, Reg.rax, Reg.rax);
  const noReference = a.jcc_forward(5 /* ne */);
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.lea_rip(Reg.rsi, enterName);
  a.mov_ri64(Reg.rdx, autoLength, autoLength);
  a.lea_rip(Reg.rcx, enter);
  a.zero(Reg.r8);
  a.mov_rr(1, Reg.r9, Reg.rsp);
  call('napi_create_function');
  a.test_rr(0, Reg.rax, Reg.rax);
  const noFunction = a.jcc_forward(5 /* ne */);
  a.mov_rr(1, Reg.rdi, Reg.rbx);
  a.mov_rr(1, Reg.rsi, Reg.r12);
  a.lea_rip(Reg.rdx, enterName);
  a.mov_rm(1, Reg.rcx, Reg.rsp, 0);
  call('napi_set_named_property');
  a.bind(noReference);
  a.bind(noFunction);
  a.mov_rr(1, Reg.rax, Reg.r12);
  a.alu_ri(0 /* add */, 1, Reg.rsp, 24);
  a.pop(Reg.r12);
  a.pop(Reg.rbx);
  a.ret();

  // int32_t node_api_module_get_api_version_v1(void)
  a.align(16);
  const version = a.pos;
  a.mov_ri(Reg.rax, apiVersion);
  a.ret();
  if (a.pos > Elf.pageSize) throw new Error('internal error: the addon does not fit its page');
  return { register, version, enter, hostCall };
}

function writeTables(image: Uint8Array, text: Text): void {
  const view = new DataView(image.buffer);
  const u16 = (at: number, value: number) => view.setUint16(at, value, true);
  const u32 = (at: number, value: number) => view.setUint32(at, value, true);
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);

  image.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const segments = 4;
  u16(16, 3); // shared object
  u16(18, 62); // x86-64
  u32(20, 1);
  u64(32, Elf.headerSize);
  u16(52, Elf.headerSize);
  u16(54, Elf.segmentSize);
  u16(56, segments);
  u16(58, 64);
  const segment = (index: number, type: Segment, flags: Segment, at: number, size: number, alignment: number): void => {
    const p = Elf.headerSize + index * Elf.segmentSize;
    u32(p, type);
    u32(p + 4, flags);
    u64(p + 8, at);
    u64(p + 16, at);
    u64(p + 24, at);
    u64(p + 32, size);
    u64(p + 40, size);
    u64(p + 48, alignment);
  };
  const names = '\0napi_register_module_v1\0node_api_module_get_api_version_v1\0';
  const tags = [
    [DynamicTag.hash, Elf.hash],
    [DynamicTag.strings, Elf.strings],
    [DynamicTag.symbols, Elf.symbols],
    [DynamicTag.stringsSize, names.length],
    [DynamicTag.symbolSize, Elf.symbolSize],
    [DynamicTag.end, 0],
  ] as const;
  segment(0, Segment.load, Segment.readExecute, 0, Elf.pageSize, Elf.pageSize);
  segment(1, Segment.load, Segment.readWrite, Elf.dynamic, Elf.pageSize, Elf.pageSize);
  segment(2, Segment.dynamic, Segment.readWrite, Elf.dynamic, 16 * tags.length, 8);
  segment(3, Segment.gnuStack, Segment.readWrite, 0, 0, 16);
  for (const [i, [tag, value]] of tags.entries()) {
    u64(Elf.dynamic + 16 * i, tag);
    u64(Elf.dynamic + 16 * i + 8, value);
  }
  image.set(Buffer.from(names, 'latin1'), Elf.strings);
  const symbol = (index: number, name: string, value: number): void => {
    const p = Elf.symbols + index * Elf.symbolSize;
    u32(p, names.indexOf(name));
    image[p + 4] = 0x12; // global function
    u16(p + 6, 1);
    u64(p + 8, value);
    u64(p + 16, 16);
  };
  symbol(1, 'napi_register_module_v1', text.register);
  symbol(2, 'node_api_module_get_api_version_v1', text.version);
  // A hash table of one bucket: a list of both symbols.
  for (const [i, word] of [1, 3, 1, 0, 2, 0].entries()) u32(Elf.hash + 4 * i, word);
}
