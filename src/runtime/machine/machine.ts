/**
 * The machine level behind one object per engine and thread: code memory, stubs, entries, host calls, traps and
 * interruption. Everything above it is JS that writes machine code into `code` and records into native memory.
 */

import { Interrupt, Thread, TrapCode } from '../../backends/abi/layout.js';
import { Reg } from '../../backends/x64/assembler.js';
import { type CpuFeatures, type CpuLevel, cpuFeatures } from '../../backends/x64/cpu.js';
import { ValType } from '../../stream/types.js';
import { BigUint64Array, FinalizationRegistry, isolate, List, Map, Math, Number } from '../../support/primordials.js';
import { CodeSharing } from '../compile/shared-code.js';
import { type Signature, SignatureRegistry } from '../signature.js';
import { emitSettle } from './abandoned.js';
import type { CallWay } from './calls/call-ways.js';
import { checkPlace, nativeCalls, slack } from './calls/native-calls.js';
import { runScope, serve } from './calls/scoped-calls.js';
import { CodeMemory, type CodeRegion } from './code-memory.js';
import { CodeRegions } from './code-regions.js';
import { viewByAddon } from './native-buffer.js';
import { SharedCodeTable } from './shared-code-table.js';
import { processState } from './signals/trap-handler.js';
import { isActive, longestWalk, type StackFrame, walkStack } from './stack-walk.js';
import { defaultStackSize, ThreadRecord } from './thread.js';
import { type BulkStubs, writeBulkStubs } from './x64/bulk-stubs.js';
import { EntryStubs } from './x64/entry-stubs.js';
import { emitExit } from './x64/exit-stub.js';
import { HostThunks } from './x64/host-thunks.js';
import { StubWriter } from './x64/stub-writer.js';
import { writeTailCallStub } from './x64/tail-call-stub.js';
import { writeTrapStubs } from './x64/trap-stubs.js';

export interface MachineOptions {
  /** Bytes of address space for code, stubs and data. */
  readonly codeMemory?: number;
  /** Bytes of freed code, at most, whose pages stay for a while. */
  readonly retainedCode?: number;
  /** Usable bytes of the thread's wasm stack; the largest that any engine of the thread asked for counts. */
  readonly stackSize?: number;
  /** Instruction-set level of the code. */
  readonly cpu?: CpuLevel;
  /** How calls between JS and machine code are made. */
  readonly calls?: CallWay;
}

/** Code offsets of the stubs that compiled code calls with the wasm convention. */
export interface Stubs extends BulkStubs {
  /** By TrapCode, for `call rel32`. */
  readonly trap: Int32Array;
  /** (delta i32, memory i32) -> i32 */
  readonly memoryGrow: number;
  /** (delta i64, memory i32) -> i64, of memories with 64-bit addresses */
  readonly wideGrow: number;
  /** (value ref, delta i32, context offset of the table's fields i32) -> i32 */
  readonly tableGrow: number;
  /** (value ref, delta i64, context offset of the table's fields i32) -> i64, of tables with 64-bit indices */
  readonly wideTableGrow: number;
  /** Jumped to: see tail-call-stub.ts. */
  readonly tailCall: number;
  /** (tag index i32, displacement of its values from rbp i32): does not return */
  readonly throwTag: number;
  /** (exception exnref): does not return */
  readonly throwRef: number;
  /** (address i32, count i32, offset i32, memory i32) -> i32 */
  readonly atomicNotify: number;
  /** (address i32, expected i32, timeout i64, offset i32, memory i32) -> i32 */
  readonly atomicWait32: number;
  /** (address i32, expected i64, timeout i64, offset i32, memory i32) -> i32 */
  readonly atomicWait64: number;
  /** (memory i32) -> i32: pages of a shared memory, which others can grow */
  readonly memorySize: number;
}

/**
 * Builtins that JS implements: they find arguments and results in `Thread.buffer`, as host functions do, and the calling
 * instance by `Thread.hostContext`. `refreshMemories` brings the byte lengths in the records of its memories up to date.
 */
export type BuiltinName =
  | 'memoryGrow'
  | 'wideGrow'
  | 'memorySize'
  | 'tableGrow'
  | 'wideTableGrow'
  | 'refreshMemories'
  | 'throwTag'
  | 'throwRef'
  | 'atomicNotify'
  | 'atomicWait32'
  | 'atomicWait64';

/** Why the activation that just ended was left. */
export interface Trap {
  readonly code: TrapCode;
  /**
   * The site as a code offset: the faulting instruction (`signal` is not 0), the return address of the call of a trap
   * stub, of a bulk stub or of a host function (`signal` is 0), or -1 if it is not in this machine's code.
   */
  readonly pc: number;
  /** The same as an absolute address, in whatever code. */
  readonly site: number;
  /** Faulting address of a memory access, else 0. */
  readonly address: number;
  /** Signal number, 0 if code raised the trap. */
  readonly signal: number;
  /** General registers at a fault, by `Reg` number; zeros if code raised the trap. */
  readonly registers: BigUint64Array;
  /** The wasm frames of the activation and of those around it, innermost first. */
  readonly frames: readonly StackFrame[];
  /** Other activations are around the one that ended. */
  readonly isNested: boolean;
}

const noRegisters = new BigUint64Array(16);
const i32 = ValType.i32;
const i64 = ValType.i64;
const funcref = ValType.funcref;
const exnref = ValType.exnref;
const trapCodeIndex = Thread.trapCode >>> 2;
/** What is left of a machine that was collected. */
interface Remains {
  readonly place: CodeRegion;
  /** The region's number in the table of shared code, or -1. */
  readonly region: number;
}

const collected = new FinalizationRegistry<Remains>(free);

function free({ place, region }: Remains): void {
  ThreadRecord.current().removeRange(place);
  if (region >= 0) SharedCodeTable.current().closeRegion(region);
  else CodeMemory.unmap(place);
}

/** The number of the last machine of this thread and copy of the package. */
let lastId = 0;

export class Machine {
  static {
    isolate(this);
  }

  readonly code: CodeMemory;
  readonly thread: ThreadRecord;
  readonly stubs: Stubs;
  /** What the processor can do. */
  readonly cpu: CpuFeatures;
  /** How calls between JS and machine code are made. */
  readonly calls: Exclude<CallWay, 'auto'>;
  /**
   * Goes to the stub at `Thread.enterStub`, which enters the function record at `Thread.enterRecord` or resumes. Afterwards
   * `Thread.trapCode` says whether wasm is done, or wants a host call.
   */
  readonly enter: () => void;
  /** Address of the C function that calls `serve`. */
  readonly #call: number;
  readonly #enterScope: () => void;
  readonly #settle: number;
  /** The number by which contexts name this machine, among those of the thread. */
  readonly id: number;
  /** Where frames can be. */
  readonly regions: CodeRegions;
  /** Code that other machines run, and theirs that this one runs. */
  readonly sharing: CodeSharing;
  readonly #entries: EntryStubs;
  readonly #thunks: HostThunks;
  readonly #builtins: (() => void)[] = new List();
  readonly #builtinIds = new Map<BuiltinName, number>();
  #disposed = false;

  /** @throws OsError if memory or signal handlers cannot be had */
  constructor(options: MachineOptions = {}) {
    if (options.calls !== 'koffi') viewByAddon();
    const thread = ThreadRecord.current();
    this.thread = thread;
    this.cpu = cpuFeatures(options.cpu ?? 'native');
    thread.ensureStack(options.stackSize ?? defaultStackSize);
    this.code = new CodeMemory(options.codeMemory, options.retainedCode);
    this.regions = new CodeRegions(this.code);
    this.id = ++lastId;
    const writer = new StubWriter(this.code);
    this.#writeSerializer(writer);
    const exit = writer.write((a) => emitExit(a));
    const calls = nativeCalls(options.calls ?? 'auto', thread, { serve }, writer);
    this.#settle = this.code.base + writer.write((a) => emitSettle(a, slack[calls.way]));
    this.calls = calls.way;
    this.enter = calls.enter;
    checkPlace(calls.enter, thread, writer);
    this.#enterScope = calls.enterScope;
    this.#call = calls.call;
    const { wake, pauseAtReturn } = processState();
    this.#entries = new EntryStubs(writer, wake);
    this.#thunks = new HostThunks(writer, exit, wake);
    const trap = writeTrapStubs(writer, exit);
    const types = new SignatureRegistry();
    const refresh = this.#defineBuiltin('refreshMemories', types.intern([], []));
    this.stubs = {
      trap,
      memoryGrow: this.#defineBuiltin('memoryGrow', types.intern([i32, i32], [i32])),
      wideGrow: this.#defineBuiltin('wideGrow', types.intern([i64, i32], [i64])),
      tableGrow: this.#defineBuiltin('tableGrow', types.intern([funcref, i32, i32], [i32])),
      wideTableGrow: this.#defineBuiltin('wideTableGrow', types.intern([funcref, i64, i32], [i64])),
      tailCall: writeTailCallStub(writer),
      throwTag: this.#defineBuiltin('throwTag', types.intern([i32, i32], [])),
      throwRef: this.#defineBuiltin('throwRef', types.intern([exnref], [])),
      atomicNotify: this.#defineBuiltin('atomicNotify', types.intern([i32, i32, i32, i32], [i32])),
      atomicWait32: this.#defineBuiltin('atomicWait32', types.intern([i32, i32, i64, i32, i32], [i32])),
      atomicWait64: this.#defineBuiltin('atomicWait64', types.intern([i32, i64, i64, i32, i32], [i32])),
      memorySize: this.#defineBuiltin('memorySize', types.intern([i32], [i32])),
      ...writeBulkStubs(writer, trap, refresh, pauseAtReturn),
    };
    this.sharing = new CodeSharing(this);
    this.code.collect = () => this.sharing.collect();
    const { region } = this.sharing;
    thread.addRange(this.code, this.stubs.loops, region);
    // Whoever can write into the region holds its buffer.
    const { base, alias, limit } = this.code;
    collected.register(this.code.bytes.buffer, { place: { base, alias, limit }, region }, this);
  }

  /** For `Thread.enterStub`: the stub that `enter` goes through for functions of this signature. @throws CodeMemoryError */
  entryStub(signature: Signature): number {
    return this.#entries.address(signature);
  }

  /** For `Thread.enterStub`: goes on after a host call, with the results in `Thread.buffer`. */
  get resumeStub(): number {
    return this.code.base + this.#thunks.resume;
  }

  /** Address for `ThunkFrame.resume`: goes on where an exception is caught, see `Thread.landingSp`. */
  get landingStub(): number {
    return this.code.base + this.#thunks.landing;
  }

  /** Code offset of the thunk that host function records of this signature point to. */
  hostThunk(signature: Signature): number {
    return this.#thunks.thunk(signature);
  }

  /** Address of the slot for `FunctionRecord.slot` of host functions of this signature. */
  hostSlot(signature: Signature): number {
    const { stubs } = signature;
    if (stubs.hostSlot === 0) {
      const thunk = this.hostThunk(signature);
      const slot = this.code.allocateData(16);
      this.#setWord(slot, this.code.base + thunk);
      stubs.hostSlot = slot;
    }
    return this.code.base + stubs.hostSlot;
  }

  /** The JS side of a builtin. */
  onBuiltin(name: BuiltinName, handler: () => void): void {
    this.#builtins[this.#builtinIds.get(name) as number] = handler;
  }

  #defineBuiltin(name: BuiltinName, signature: Signature): number {
    const id = this.#builtins.length;
    this.#builtinIds.set(name, id);
    this.#builtins.push(() => {
      throw new Error(`builtin ${name} is called, but nobody implements it`);
    });
    return this.#thunks.builtin(~id, signature);
  }

  /** Wasm was left for the builtin with this id, below 0. */
  callBuiltin(hostId: number): void {
    (this.#builtins[~hostId] as () => void)();
  }

  /**
   * When wasm is done: why it ended, or null if it returned normally.
   * @param maxFrames most frames that anybody wants.
   */
  takeTrap(maxFrames: number = longestWalk): Trap | null {
    const t = this.thread;
    const code = t.u32[trapCodeIndex] as TrapCode;
    if (code === TrapCode.none) return null;
    t.u32[trapCodeIndex] = TrapCode.none;
    const pc = t.pointer(Thread.trapPc);
    const signal = t.u32[Thread.trapSignal >>> 2] as number;
    let registers = noRegisters;
    if (signal !== 0) {
      registers = new BigUint64Array(t.u8.slice(Thread.trapRegisters, Thread.trapRegisters + 128).buffer);
    }
    const point = { pc, fp: t.pointer(Thread.trapFp), sp: Number(registers[Reg.rsp]), signal };
    const trap: Trap = {
      code,
      pc: this.code.offsetOf(pc),
      site: pc,
      address: t.pointer(Thread.trapAddress),
      signal,
      registers,
      frames: walkStack(t, this.regions, this.code, point, maxFrames),
      isNested: t.pointer(Thread.activation) !== 0,
    };
    if (code === TrapCode.stackOverflow && !trap.isNested) t.trimStack();
    return trap;
  }

  /** The wasm frames below the host call that is active now, innermost first; none if there is none. */
  callers(maxFrames: number = longestWalk): StackFrame[] {
    return walkStack(this.thread, this.regions, this.code, undefined, Math.min(maxFrames, longestWalk));
  }

  /** Forget activations of the thread that V8 has ended. They go by themselves when V8 runs other JS; see `abandoned.ts`. */
  settle(): void {
    if (this.thread.pointer(Thread.activation) === 0) return;
    this.thread.setPointer(Thread.enterStub, this.#settle);
    this.enter();
  }

  /** True in a host call of this machine's instances, however many calls of other machines are in between. */
  isActive(): boolean {
    if (!this.#disposed) this.settle();
    return !this.#disposed && isActive(this.thread, this.id);
  }

  /** True while an interruption is on its way: wasm code is left when the active host call returns. */
  get isInterrupted(): boolean {
    return ((this.thread.u32[Thread.interrupt >>> 2] as number) & Interrupt.deadline) !== 0;
  }

  /**
   * Run a function within a deadline: wasm code of this thread that runs after `milliseconds` is left with the trap
   * `interrupted`, and none is entered until the function ends. Within other deadlines of the thread the earliest counts.
   * @throws what the function throws
   */
  withDeadline<T>(milliseconds: number, run: () => T): T {
    return runScope(this.#call, this.#enterScope, milliseconds, run);
  }

  /**
   * Free everything now; otherwise that happens when the machine and its code memory are unreachable. No wasm of this
   * machine is active or is entered again, and nobody touches its code memory.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    collected.unregister(this);
    this.thread.removeRange(this.code);
    this.code.dispose();
    this.sharing.end();
    if (this.sharing.region >= 0) SharedCodeTable.current().closeRegion(this.sharing.region);
    else CodeMemory.unmap(this.code);
  }

  /** What synchronises this core, for systems without membarrier. */
  #writeSerializer(writer: StubWriter): void {
    this.code.serializeStub = writer.write((a) => {
      a.push(Reg.rbx);
      a.zero(Reg.rax);
      a.cpuid();
      a.pop(Reg.rbx);
      a.ret();
    });
  }

  #setWord(offset: number, value: number): void {
    this.code.i32[offset >>> 2] = value;
    this.code.i32[(offset >>> 2) + 1] = Math.floor(value / 4294967296);
  }
}
