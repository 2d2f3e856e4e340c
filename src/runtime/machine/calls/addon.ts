/**
 * An addon of two pages, written at run time without a compiler at hand: an ELF file in a memory file, with text from an
 * assembler and the two functions that Node looks for.
 *
 *     page 0, r-x: headers, symbol table, text        page 1, rw-: dynamic section, words
 *
 * One addon per thread: its text holds addresses of the thread. System V ABI, "Object Files"; Node-API documentation,
 * "Module registration".
 */

import { Thread } from '../../../backends/abi/layout.js';
import { Alu, Assembler, Cc, Reg } from '../../../backends/x64/assembler.js';
import { BigInt, charCodeAt, DataView, isolate, listWith, Uint8Array, viewOf } from '../../../support/primordials.js';
import { closeFile, findSymbol, memoryFile, randomBytes, writeFile } from '../os.js';
import type { ThreadRecord } from '../thread.js';
import { emitAddress } from '../x64/address.js';

/** The native side of calls in both directions. */
export interface NativeCalls {
  /** Goes to the stub at `Thread.enterStub`, see `emitEnter`. */
  readonly enter: () => void;
  /** The same, to a stub that may call JS. */
  readonly enterScope: () => void;
  /** Address of a C function `void f(void)` that calls `serve` of scoped-calls.ts; swallows exceptions, but no termination. */
  readonly call: number;
}

/** The JS function that machine code calls. */
export interface NativeCallees {
  readonly serve: () => void;
}

/** What `AddonWriter.load` makes. */
export interface FunctionMakers {
  readonly enter: () => void;
  readonly enterScope?: () => void;
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
  words = 0x1100,
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

/** Writes the text of one addon. Offsets are those of the file, which is also how it lies in memory. */
export class AddonWriter {
  static {
    isolate(this);
  }

  readonly #image = new Uint8Array(Elf.size);
  readonly a: Assembler = new Assembler(this.#image, Elf.text);
  #words = 0;
  /** Word: the `napi_env`, stored when the addon is loaded. */
  readonly env: number = this.word();
  readonly enterName: number = this.name('enter');
  readonly #enterScopeName: number = this.name('enterScope');

  /** Offset of a new word of data, zero at first; `rip`-relative operands reach it. */
  word(): number {
    return Elf.words + 8 * this.#words++;
  }

  /** Offset of so many, one behind the other. */
  words(count: number): number {
    const first = this.word();
    this.#words += count - 1;
    return first;
  }

  /** Offset of a zero-terminated name. */
  name(text: string): number {
    const at = this.a.pos;
    for (let i = 0; i < text.length; i++) this.a.byte(charCodeAt(text, i));
    this.a.byte(0);
    return at;
  }

  /**
   * The text of a C function `void f(void)` that calls the JS function behind the `napi_ref` at `reference`, and forgets what it
   * throws. The scope frees the handles of the call.
   */
  #emitCall(reference: number): number {
    const { a } = this;
    a.align(16);
    const start = a.pos;
    a.push(Reg.rbx);
    a.alu_ri(Alu.sub, 1, Reg.rsp, 32);
    a.mov_rm_rip(1, Reg.rbx, this.env);
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rr(1, Reg.rsi, Reg.rsp);
    this.call('napi_open_handle_scope');
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rm_rip(1, Reg.rsi, reference);
    a.lea(1, Reg.rdx, Reg.rsp, 8);
    this.call('napi_get_reference_value');
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.lea(1, Reg.rsi, Reg.rsp, 16);
    this.call('napi_get_undefined');
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rm(1, Reg.rsi, Reg.rsp, 16);
    a.mov_rm(1, Reg.rdx, Reg.rsp, 8);
    a.zero(Reg.rcx);
    a.zero(Reg.r8);
    a.zero(Reg.r9);
    this.call('napi_call_function');
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.lea(1, Reg.rsi, Reg.rsp, 8);
    this.call('napi_get_and_clear_last_exception');
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rm(1, Reg.rsi, Reg.rsp, 0);
    this.call('napi_close_handle_scope');
    a.alu_ri(Alu.add, 1, Reg.rsp, 32);
    a.pop(Reg.rbx);
    a.ret();
    return start;
  }

  /** Call a function of Node by its address: the first of these names that there is. @throws Error if there is none */
  call(...names: readonly string[]): void {
    emitAddress(this.a, Reg.rax, requireSymbol(names));
    this.a.call_r(Reg.rax);
  }

  /**
   * Load the addon into the process: finish its text with the function that Node calls, which makes `enter`, and `enterScope`
   * if that is another one.
   * @param makers write code that leaves a function (a napi_value) in rax, or 0. It finds the environment in rbx and at `env`, has 24
   * bytes at [rsp], and may change all but rbx, r12 and rbp.
   * @throws Error if addons are disabled, or the file cannot be loaded.
   */
  load(thread: ThreadRecord, callees: NativeCallees, makers: FunctionMakers): NativeCalls {
    const { a } = this;
    const serveName = this.name('serve');
    const serve = this.word();
    const call = this.#emitCall(serve);

    // napi_value napi_register_module_v1(napi_env, napi_value exports)
    a.align(16);
    const register = a.pos;
    const preserved = listWith(Reg.rbx, Reg.r12, Reg.r13, Reg.r14);
    for (let i = 0; i < preserved.length; i++) a.push(preserved[i] as Reg);
    a.alu_ri(Alu.sub, 1, Reg.rsp, 24);
    a.mov_rr(1, Reg.rbx, Reg.rdi);
    a.mov_rr(1, Reg.r12, Reg.rsi);
    a.mov_mr_rip(1, this.env, Reg.rdi);
    a.lea_rip(Reg.rax, call);
    emitAddress(this.a, Reg.rcx, thread.address + Thread.buffer);
    a.mov_mr(1, Reg.rcx, 0, Reg.rax);
    a.lea_rip(Reg.rdx, serveName);
    a.mov_rr(1, Reg.rcx, Reg.rsp);
    this.call('napi_get_named_property');
    a.mov_rr(1, Reg.rdi, Reg.rbx);
    a.mov_rm(1, Reg.rsi, Reg.rsp, 0);
    a.mov_ri(Reg.rdx, 1);
    a.lea_rip(Reg.rcx, serve);
    this.call('napi_create_reference');
    a.test_rr(0, Reg.rax, Reg.rax);
    const failures = listWith(a.jcc_forward(Cc.ne));
    const define = (name: number, make: () => void): void => {
      make();
      a.test_rr(1, Reg.rax, Reg.rax);
      failures.push(a.jcc_forward(Cc.e));
      a.mov_rr(1, Reg.rdi, Reg.rbx);
      a.mov_rr(1, Reg.rsi, Reg.r12);
      a.lea_rip(Reg.rdx, name);
      a.mov_rr(1, Reg.rcx, Reg.rax);
      this.call('napi_set_named_property');
    };
    define(this.enterName, makers.enter);
    if (makers.enterScope !== undefined) define(this.#enterScopeName, makers.enterScope);
    for (const jump of failures) a.bind(jump);
    a.mov_rr(1, Reg.rax, Reg.r12);
    a.alu_ri(Alu.add, 1, Reg.rsp, 24);
    for (let i = preserved.length - 1; i >= 0; i--) a.pop(preserved[i] as Reg);
    a.ret();

    const exports: NativeCallees & { enter?: () => void; enterScope?: () => void } = { ...callees };
    this.open(register, exports);
    const { enter } = exports;
    const enterScope = makers.enterScope === undefined ? enter : exports.enterScope;
    if (enter === undefined || enterScope === undefined) throw new Error('Node refused to make a function');
    return { enter, enterScope, call: thread.pointer(Thread.buffer) };
  }

  /**
   * Load an addon.
   * @param register offset of the C function `napi_value (napi_env, napi_value exports)` that Node calls
   * @param exports what that gets
   * @throws Error if addons are disabled, or the file cannot be loaded.
   */
  open(register: number, exports: object): void {
    const { a } = this;
    // int32_t node_api_module_get_api_version_v1(void)
    a.align(16);
    const version = a.pos;
    a.mov_ri(Reg.rax, apiVersion);
    a.ret();
    if (a.pos > Elf.pageSize) throw new Error('internal error: the addon does not fit its page');
    writeTables(this.#image, register, version);
    const fd = memoryFile('beamline-calls', Elf.size);
    try {
      writeFile(fd, this.#image);
      process.dlopen({ exports } as unknown as NodeModule, uniquePath(fd));
    } finally {
      closeFile(fd);
    }
  }
}

function requireSymbol(names: readonly string[]): number {
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const address = findSymbol(name);
    if (address !== undefined) return address;
  }
  throw new Error(`Node has no function ${names[0]}`);
}

/**
 * The loader takes files of one path for one file, and descriptors are used again: so each time another way to write
 * `/proc/self/fd/N`.
 */
function uniquePath(fd: number): string {
  const random = viewOf(randomBytes(8));
  let steps = '';
  for (let i = 0; i < 64; i++) steps += (((random[i >> 3] as number) >> (i & 7)) & 1) === 0 ? './' : '/';
  return `/proc/self/${steps}fd/${fd}`;
}

function writeTables(image: Uint8Array, register: number, version: number): void {
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
  const registerName = 'napi_register_module_v1';
  const names = `\0${registerName}\0node_api_module_get_api_version_v1\0`;
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
  for (let i = 0; i < 2 * tags.length; i++)
    u64(Elf.dynamic + 8 * i, (tags[i >>> 1] as (typeof tags)[0])[i & 1] as number);
  for (let i = 0; i < names.length; i++) image[Elf.strings + i] = charCodeAt(names, i);
  const symbol = (index: number, nameAt: number, value: number): void => {
    const p = Elf.symbols + index * Elf.symbolSize;
    u32(p, nameAt);
    image[p + 4] = 0x12; // global function
    u16(p + 6, 1);
    u64(p + 8, value);
    u64(p + 16, 16);
  };
  symbol(1, 1, register);
  symbol(2, 1 + registerName.length + 1, version);
  // A hash table of one bucket: a list of both symbols.
  const words = [1, 3, 1, 0, 2, 0];
  for (let i = 0; i < words.length; i++) u32(Elf.hash + 4 * i, words[i] as number);
}
