/**
 * What the parts of one engine share. Holds no instance, module or host function strongly: they belong to store groups
 * and their JS wrappers.
 */

import { Thread, TrapCode } from '../../backends/abi/layout.js';
import { ValType } from '../../stream/types.js';
import { isolate, Math, now, Uint8Array } from '../../support/primordials.js';
import { useRandomness } from '../../support/random.js';
import { inNextTurn } from '../../support/timers.js';
import { type World, worldOf } from '../../support/world.js';
import type { ModuleCompiler } from '../../tiering/tier.js';
import { Compilers } from '../compile/compilers.js';
import { ModulesUnderway } from '../compile/known-modules.js';
import { changesCode } from '../compile/shared-code.js';
import { SliceStatistics } from '../compile/slices.js';
import type { TierUp } from '../compile/tier-up.js';
import { tierUp } from '../compile/tier-up.late.js';
import { makeUncatchable } from '../errors/catchable.js';
import { CodeRegistry } from '../errors/code-registry.js';
import { hostError, trapError } from '../errors/trap-errors.js';
import { bitsAsDouble } from '../machine/address-bits.js';
import { Machine } from '../machine/machine.js';
import { OsError, randomBytes } from '../machine/os.js';
import { isPaused, longestWalk } from '../machine/stack-walk.js';
import type { ThreadRecord } from '../machine/thread.js';
import { stubsReleaser } from '../machine/x64/stub-writer.js';
import { SignatureRegistry } from '../signature.js';
import { CollectionPressure } from '../store/collect.js';
import { idsInFrames } from '../store/frame-references.js';
import { type MemoryPlan, planMemories } from '../store/memory-plan.js';
import { NativeHeap } from '../store/native-heap.js';
import { ReferenceSpace } from '../store/references.js';
import { calm, GroupSpace, restless, StoreGroup } from '../store/store-group.js';
import type {
  GlobalConstructor,
  InstanceConstructor,
  ModuleConstructor,
  TableConstructor,
} from '../webidl/api-types.js';
import { defineBuiltins } from './builtins.js';
import type { EngineStatistics, ReferenceCollection } from './engine.js';
import { HostCalls } from './host-calls.js';
import type { HostFunction } from './host-function.js';
import type { InstanceState } from './instance.js';
import type { MemoryClass } from './memory.js';
import { ModuleDirectory } from './module-directory.js';
import type { ResolvedOptions } from './options.js';
import { checkSuspendable, type Suspension, WaitingCalls, yieldsNow } from './promising.js';
import { inRealmOf } from './realms.js';
import { TagState } from './tag.js';
import { Unwinding } from './unwinding.js';

/** errno ENOMEM. */
const outOfMemory = 12;
const activationIndex = Thread.activation >>> 3;
const trapCodeIndex = Thread.trapCode >>> 2;

useRandomness(randomBytes);

const externref = new Uint8Array(1);
externref[0] = ValType.externref;

export type EngineStoreGroup = StoreGroup<HostFunction, InstanceState>;

/** The classes of an engine's namespace, as its other parts need them. */
export interface EngineClasses {
  readonly memory: MemoryClass;
  readonly Module: ModuleConstructor;
  readonly Instance: InstanceConstructor;
  readonly Table: TableConstructor;
  readonly Global: GlobalConstructor;
  readonly Tag: new (type: object) => object;
  readonly Exception: new (tag: object, values: unknown) => object;
}

interface Totals {
  functionsCompiled: number;
  linearFunctions: number;
  bytesRead: number;
  codeEmitted: number;
  modulesShared: number;
  reuseHits: number;
}

export class EngineState {
  static {
    isolate(this);
  }

  readonly options: ResolvedOptions;
  readonly heap: NativeHeap;
  readonly world: World;
  readonly signatures: SignatureRegistry;
  /** Which module a piece of code belongs to. */
  readonly codes: CodeRegistry = new CodeRegistry();
  readonly tablePressure: CollectionPressure;
  readonly groups: GroupSpace = new GroupSpace();
  /** Modules that other threads and engines may know, too. */
  readonly directory: ModuleDirectory = new ModuleDirectory();
  readonly underway: ModulesUnderway = new ModulesUnderway();
  /** Modules are found by their bytes. */
  readonly reusesCode: boolean;
  /** Ids of references of the host, and their collector's state. */
  readonly references: ReferenceSpace;
  /** Since the engine began. */
  readonly totals: Totals = {
    functionsCompiled: 0,
    linearFunctions: 0,
    bytesRead: 0,
    codeEmitted: 0,
    modulesShared: 0,
    reuseHits: 0,
  };
  /** The most that a compilation has held so far, in bytes. */
  compileMemoryPeak = 0;
  /** Slices of asynchronous compilations. */
  readonly slices: SliceStatistics = new SliceStatistics();
  /** The machine's thread record: there once the first module was compiled. */
  thread!: ThreadRecord;
  /** The machine's entry. */
  enter!: () => void;
  /** The machine's `resumeStub`, as a double of the same bits. A double from the beginning. */
  resumeBits = -0;
  /** Set once, by the namespace. */
  classes!: EngineClasses;
  /**
   * The group of the innermost active entry: finds host functions and instances, and is kept alive by it. After the
   * outermost entry it stays for a while: most calls come from the same group as the one before.
   */
  activeGroup: EngineStoreGroup | undefined = undefined;
  /** The same: the one group whose code can be entered at once, as long as its watch says so. */
  #quickGroup: EngineStoreGroup | undefined = undefined;
  #willRest = false;
  #suspension: Suspension | undefined;
  /** Calls whose activations wait for promises. */
  readonly waiting: WaitingCalls = new WaitingCalls();
  #machine: Machine | undefined;
  readonly compilers: Compilers;
  /** Only with `tier: 'auto'`. */
  readonly tierUp: TierUp | undefined;
  readonly unwinding: Unwinding = new Unwinding(this);
  #jsTag: TagState | undefined;
  #memoryPlan: MemoryPlan | undefined;
  #disposed = false;
  #instanceIds: number;
  #hostIds: number;

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.compilers = new Compilers(options.tier, options.core, options.debug);
    this.reusesCode = options.reuseCode && !changesCode(options.debug);
    this.heap = new NativeHeap(options.limits.nativeMemory);
    this.tablePressure = new CollectionPressure(options.limits.tableElements / 4);
    const world = worldOf(options.debug.smallWorld);
    this.world = world;
    this.signatures = new SignatureRegistry(world.firstTypeId);
    this.#instanceIds = this.#hostIds = world.firstId;
    this.references = new ReferenceSpace(options.debug.gcStress, world.firstReferenceBlock);
    this.tierUp = options.tier === 'auto' ? new (tierUp().TierUp)(this) : undefined;
    this.groups.onChange = () => this.#forgetQuickGroup();
  }

  /** The machine level, made when the first module is compiled. */
  get machine(): Machine {
    this.checkUsable();
    this.#machine ??= this.#makeMachine();
    return this.#machine;
  }

  #makeMachine(): Machine {
    const { codeMemory, stackSize } = this.options.limits;
    let machine: Machine;
    try {
      const { cpu, calls } = this.options;
      const { retainedCode } = this.world;
      machine = new Machine({ codeMemory, retainedCode, stackSize, cpu, calls });
    } catch (error) {
      if (!(error instanceof OsError && error.errno === outOfMemory)) throw error;
      const sizes = `${codeMemory >> 20} MiB twice, and ${stackSize >> 20} MiB`;
      throw new RangeError(
        `no address space for machine code and stack (${sizes}): lower limits.codeMemory and limits.stackSize, or lift the process's limit (ulimit -v)`,
        { cause: error },
      );
    }
    this.thread = machine.thread;
    this.enter = machine.enter;
    this.resumeBits = bitsAsDouble(machine.resumeStub);
    defineBuiltins(this, machine);
    this.signatures.onReleased = stubsReleaser(machine.code);
    this.references.idsInFrames = () => idsInFrames(machine, this.codes, this.references, this.waiting.stacks());
    return machine;
  }

  /** An entry of another group than the active one begins; returns what `endActivity` wants. */
  beginActivity(group: EngineStoreGroup): EngineStoreGroup | undefined {
    const isOutermost = this.thread.f64[activationIndex] === 0;
    const previous = isOutermost ? undefined : this.activeGroup;
    this.activeGroup = group;
    this.#lookAt(group);
    // Here, too: V8 may end the entry without a word.
    if (isOutermost) this.#restSoon();
    return previous;
  }

  /** Its end. */
  endActivity(previous: EngineStoreGroup | undefined): void {
    if (previous !== undefined) {
      this.activeGroup = previous;
      this.#lookAt(previous);
    } else if (this.#quickGroup === undefined) this.activeGroup = undefined;
    else this.#restSoon();
  }

  /** The host calls of entries into a group. */
  hostCallsOf(group: EngineStoreGroup): HostCalls {
    group.calls ??= new HostCalls(this, group);
    return group.calls as HostCalls;
  }

  /**
   * An error, or whatever else, that a host function threw leaves wasm: it gets the wasm frames. Does nothing where the JS stack is
   * full.
   * @param below hide this function and what it called from the JS part of the stack.
   */
  leaveHost(error: unknown, below: (...args: never[]) => unknown): void {
    hostError(error, this.machine, this.codes, below);
  }

  /**
   * Call a host function whose result its activation waits for.
   * @throws SuspendError if that cannot wait, before the call; what the function throws
   */
  suspend(host: HostFunction): void {
    checkSuspendable(this.thread);
    this.#suspension = { host, value: host.callWithArguments() };
  }

  /** The one that has just begun. */
  takeSuspension(): Suspension {
    const suspension = this.#suspension;
    if (suspension === undefined) throw new Error('internal error: nothing is suspended');
    this.#suspension = undefined;
    return suspension;
  }

  /** The watch has interrupted wasm code. True if that waits for its next turn now. */
  yieldsNow(group: EngineStoreGroup): boolean {
    this.tierUp?.sample();
    return yieldsNow(this.thread, group);
  }

  /** Wasm code is paused so that V8 can see to its requests, and goes on after this JS. */
  get isPolling(): boolean {
    return this.#machine !== undefined && isPaused(this.thread);
  }

  /**
   * JS has run in a host call of this group, which becomes the active one again (entries that V8 has ended below could not put
   * it back): see who has grown what it can reach.
   */
  resumeActivity(group: EngineStoreGroup): void {
    this.activeGroup = group;
    this.#lookAt(group);
  }

  #lookAt(group: EngineStoreGroup): void {
    this.#forgetQuickGroup();
    let watch = calm;
    group.reach().forEach((memory) => {
      if (memory.watch[0] === undefined) memory.refresh();
      if (memory.watch !== calm) watch = watch === calm ? memory.watch : restless;
    });
    // One memory can be watched at no cost.
    group.watch = watch;
    this.#quickGroup = group;
  }

  #forgetQuickGroup(): void {
    if (this.#quickGroup !== undefined) this.#quickGroup.watch = restless;
    this.#quickGroup = undefined;
  }

  #restSoon(): void {
    if (this.#willRest) return;
    this.#willRest = true;
    inNextTurn(this.#rest);
  }

  /** Nothing keeps a group alive between two turns of the event loop. */
  readonly #rest = (): void => {
    this.#willRest = false;
    this.#machine?.settle();
    if (this.thread.f64[activationIndex] !== 0) return;
    this.activeGroup = undefined;
    this.#forgetQuickGroup();
  };

  /** @throws Error if the engine is disposed: its code memory is not there any more. */
  checkUsable(): void {
    if (this.#disposed) throw new Error('the engine is disposed');
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Give code memory back. @throws Error if wasm of this engine is active: it called the host function that calls this. */
  dispose(): void {
    if (this.#machine?.isActive() === true) {
      throw new Error('the engine cannot be disposed while its code runs');
    }
    if (this.#disposed) return;
    this.#disposed = true;
    this.compilers.clear();
    this.tierUp?.dispose();
    this.activeGroup = undefined;
    this.#forgetQuickGroup();
    this.enter = () => {
      throw new Error('the engine is disposed');
    };
    this.#machine?.dispose();
  }

  /** A compiler that no compilation uses; making one costs more than compiling a small module. */
  takeCompiler(): ModuleCompiler {
    return this.compilers.take(() => {
      const { code, stubs, cpu } = this.machine;
      const { limits, debug } = this.options;
      const { stackSize } = limits;
      const checksBounds = this.memoryPlan.bounds === 'check';
      return { code, stubs, cpu, checksBounds, smallWorld: debug.smallWorld, world: this.world, stackSize };
    });
  }

  /**
   * The error for the trap that ended the last entry, or what its code has thrown.
   * @param below hide this function and what it called from the JS part of the stack.
   */
  takeTrapError(below: (...args: never[]) => unknown): unknown {
    const { leaving } = this.unwinding;
    // A builtin was the last that the code has asked for.
    if (leaving !== undefined && this.thread.u32[trapCodeIndex] === TrapCode.hostCall) {
      this.unwinding.leaving = undefined;
      return leaving.value;
    }
    const limit: unknown = Error.stackTraceLimit;
    const trap = this.machine.takeTrap(Math.min(longestWalk, typeof limit === 'number' ? limit : 0));
    if (trap === null) throw new Error('no trap to take');
    return makeUncatchable(inRealmOf(below, trapError(trap, this.codes, below)));
  }

  /** Where memories are and who checks accesses. @throws Error if what the options demand is not to be had. */
  get memoryPlan(): MemoryPlan {
    this.#memoryPlan ??= planMemories(this.options.memory, this.options.bounds);
    return this.#memoryPlan;
  }

  newGroup(): EngineStoreGroup {
    return new StoreGroup<HostFunction, InstanceState>(this.heap, this.groups, this.references);
  }

  /** The tag of what JS throws. */
  get jsTag(): TagState {
    this.#jsTag ??= new TagState(this, externref);
    return this.#jsTag;
  }

  nextInstanceId(): number {
    return this.#next(this.#instanceIds++, 'instances');
  }

  nextHostId(): number {
    return this.#next(this.#hostIds++, 'host functions');
  }

  /** Ids are positive int32. */
  #next(id: number, what: string): number {
    if (id > 0x7fffffff) throw new RangeError(`the engine has made 2^31 ${what}`);
    return id;
  }

  /** Release the references that no wasm code holds, in all groups. */
  collectReferences(): ReferenceCollection {
    const start = now();
    const freed = this.references.collectAll();
    return { freed, live: this.references.live, pauseMs: now() - start };
  }

  statistics(): EngineStatistics {
    const { reuseHits, ...totals } = this.totals;
    return {
      codeMemory: this.#machine?.code.statistics.inUse ?? 0,
      nativeHeap: this.heap.inUse,
      nativeHeapReserved: this.heap.reserved,
      modules: this.codes.size,
      storeGroups: this.groups.live,
      ...totals,
      core: this.compilers.report(),
      tiering: this.tierUp?.statistics(),
      reuse: { hits: reuseHits, entries: this.directory.size, bytes: this.directory.bytes },
      compileMemoryPeak: this.compileMemoryPeak,
      slices: this.slices.read(),
      references: {
        live: this.references.live,
        allocated: this.references.allocated,
        collections: this.references.collections,
        lastPauseMs: this.references.lastPauseMs,
      },
    };
  }
}
