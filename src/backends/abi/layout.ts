/**
 * Every offset that machine code knows. This file is a leaf: it imports nothing, all parts may read it,
 * and `spec/runtime/layout.test.ts` pins it. Pictures of the structures are in docs/CONTRACTS.md.
 * All offsets are in bytes. "ptr" is an 8-byte absolute address.
 */

/** The thread record: one per JS thread, page aligned native memory. */
export const enum Thread {
  /** ptr: host rsp of the native call that runs wasm now: whoever leaves wasm returns through it. */
  savedRsp = 0,
  /** ptr: where the next activation's wasm frames begin (grows down). */
  wasmSp = 8,
  /** ptr: lowest usable address of the wasm stack (the guard ends here). */
  stackLow = 16,
  /** ptr: one past the highest address of the wasm stack. */
  stackHigh = 24,
  /** ptr: `ActivationFrame` of the innermost activation; 0 if there is none. */
  activation = 32,
  /** ptr: lowest address and end of the stack that the thread was started with, where V8 and JS run. */
  hostStackLow = 40,
  hostStackHigh = 48,
  /** u64: the earliest deadline of the scopes that are open, in nanoseconds of the monotonic clock; `noDeadline`. */
  deadline = 56,
  /** u32: why wasm was left: `TrapCode`, 0 after a normal return. */
  trapCode = 68,
  /** u32: `Interrupt` marks; entry, host-call return and long bulk copies look at them. */
  interrupt = 72,
  /** ptr: where the trap happened (rip). */
  trapPc = 80,
  /** ptr: faulting address of SIGSEGV/SIGBUS. */
  trapAddress = 88,
  /** u32: signal number, 0 if the trap was raised by code. */
  trapSignal = 96,
  /** u32: kernel thread id. */
  tid = 100,
  /** ptr: rbp at the trap, for the wasm stack trace. */
  trapFp = 104,
  /** i32: id of the host function, or builtin, that a host call asks for. */
  hostId = 112,
  /** ptr: instance context of the caller of the host function. */
  hostContext = 120,
  /** 16 u64: general registers at a fault, by the numbers that instructions use. */
  trapRegisters = 128,
  /** ptr: array of `CodeRange`, the code regions that this thread runs. */
  ranges = 312,
  /** u32: number of entries in `ranges`. */
  rangeCount = 320,
  /** u32: 1 when the record is complete, its timers included. */
  isReady = 324,
  /** ptr: lowest address of the guard below `stackLow`. */
  guardLow = 328,
  /** ptr: lowest address and size of the mapping of the wasm stack, for whoever reaps a dead thread. */
  stackMapping = 336,
  stackMappingSize = 344,
  /** ptr: the alternate signal stack; its first 16 bytes are the record's address and `altStackMagic`. */
  altStack = 352,
  altStackSize = 360,
  /** u32: node's thread id (0 is the main thread). */
  threadId = 368,
  /** u32: bytes of the array behind `ranges`. */
  rangeBytes = 372,
  /** i32: the kernel's ids of the timers for deadlines and for the watch. */
  deadlineTimer = 376,
  watchTimer = 380,
  /** ptr: function record for `Machine.enter`. */
  enterRecord = 384,
  /** ptr: address of the shared entry stub for `Machine.enter`. */
  enterStub = 392,
  /** ptr: a table of the addresses of the thread's other stacks, 0 as long as there was none; see `wasm-stacks.ts`. */
  stackTable = 400,
  /** ptr: frame pointer of the wasm function that the last host call has returned to. */
  resumedFp = 408,
  /** ptr: C function `void f(void)` that runs what the scope of a deadline is for. */
  scopeRun = 416,
  /** u64: the time that a new scope has, in nanoseconds. */
  scopeTime = 424,
  /** A `PausedFrame`, where the wasm stack has no room for it. */
  paused = 432,
  /**
   * Where a caught exception goes on, for the landing stub: rsp (the exception's values are there), rbp, the address of the code, the
   * exception's id and that of its tag (u32 each). Nothing can come between the JS that writes them and the stub.
   */
  landingSp = 832,
  landingFp = 840,
  landingPc = 848,
  landingException = 856,
  landingTag = 860,
  /** V8's description of `Machine.enter` for optimised code: a `CFunctionInfo`, and the `CTypeInfo`s of its receiver and its result. */
  enterInfo = 864,
  enterReceiver = 896,
  enterResult = 904,
  /** Free for the runtime's own use up to `buffer`. */
  private_ = 912,
  /** 16 bytes per argument or result of an entry or a host call, at most 1,000. */
  buffer = 1024,
  size = 20480,
}

/** Marks of `Thread.interrupt`, a bit each. */
export const enum Interrupt {
  /** A deadline has passed: wasm code that runs is left, none is entered, until the scope of that deadline ends. */
  deadline = 1,
  /** The watch rests, because no wasm is active: whoever enters wakes it. Never set while wasm is active. */
  rest = 2,
  /** The watch has met a stub, where nobody can be paused: stubs that run long pause the thread at their end. */
  tick = 4,
}

/** One code region of a thread, as the signal handler sees it. */
export const enum CodeRange {
  /** ptr: fault range: stubs and function code. */
  start = 0,
  end = 8,
  /** ptr: the interrupt range begins here and ends at `end`: function code only. */
  functions = 16,
  /** ptr and size of the two mappings, for whoever reaps a dead thread. */
  alias = 24,
  mappedSize = 32,
  /** ptr: stubs that run long, and can be interrupted like function code. */
  loops = 40,
  loopsEnd = 48,
  /** u32: 1 + the region's number in the table of shared code, or 0. Both it and the size are 0 for a region of others. */
  region = 56,
  size = 64,
}

/** What the entry stub leaves on the wasm stack, above an activation's frames. */
export const enum ActivationFrame {
  /** ptr: that of the activation around this one, or 0. */
  previous = 0,
  /** ptr: function record of the function that was entered. */
  record = 8,
  /** ptr: somewhat above the JS frame that entered or resumed last: once the host's stack is above that, nobody goes on. */
  hostSp = 16,
  /** ptr each: the instruction at which a pause has interrupted the activation, rbp there, a `PausedFrame`; pc is 0 otherwise. */
  pausedPc = 24,
  pausedFp = 32,
  pausedAt = 40,
  size = 48,
}

/** What a pause has interrupted. */
export const enum PausedFrame {
  /** 16 general registers, by the numbers that instructions use. */
  registers = 0,
  rip = 128,
  flags = 136,
  /** 16 vector registers. */
  vectors = 144,
  size = 400,
}

/**
 * At the top of each wasm stack but the thread's first: where the activation around those on this stack is. The first
 * activation on such a stack lies directly below, as none on the thread's first stack can.
 */
export const enum StackLink {
  /** ptr each: wasmSp, stackLow, stackHigh, guardLow of that time. */
  wasmSp = 0,
  stackLow = 8,
  stackHigh = 16,
  guardLow = 24,
  size = 64,
}

/** What a thunk leaves at `Thread.wasmSp` during a host call. */
export const enum ThunkFrame {
  /** ptr: where to go on. */
  resume = 0,
  /** ptr: instance context of the caller. */
  context = 8,
  /** ptr: rbp of the caller, then the return address into it. */
  fp = 16,
  pc = 24,
}

/** Why wasm code was left. Negative results of builtins do not exist: traps travel in `Thread.trapCode`. */
export const enum TrapCode {
  none = 0,
  unreachable = 1,
  memoryOutOfBounds = 2,
  divideByZero = 3,
  integerOverflow = 4,
  invalidConversion = 5,
  tableOutOfBounds = 6,
  /** call_indirect: index outside of the table. */
  undefinedElement = 7,
  /** throw_ref of null. */
  nullReference = 8,
  /** call_indirect: another type, or null. */
  signatureMismatch = 9,
  stackOverflow = 10,
  interrupted = 11,
  /** No trap: JS is to call a host function, and to resume. */
  hostCall = 12,
  /** A fault in generated code that no trap site explains: a bug in the engine, reported, never hidden. */
  internal = 13,
  /** table.init: outside of the element segment. */
  elementOutOfBounds = 14,
  /** No trap: interrupted between two instructions, so that V8 can see to its requests. JS is to resume. */
  paused = 15,
  /** An atomic access whose address is not a multiple of its size. */
  unalignedAccess = 16,
  count = 17,
}

/** The instance context (r15): fixed part; the variable part is laid out by `ContextLayout`. */
export const enum Context {
  /** ptr: thread record. */
  thread = 0,
  /** ptr: base of memory 0 (also in r14 while wasm runs). */
  memoryBase = 8,
  /** ptr: memory record of memory 0. */
  memory = 16,
  /** i32: id of the instance in its engine (for builtins). */
  instanceId = 24,
  /** u32: the machine among those of the thread: code does not know it, threads share code. */
  machineId = 28,
  /** u64: length of memory 0 in bytes. */
  memoryLength = 32,
  /** u64: what a checked address becomes that is out of bounds: added to any base it is no address, and faults. */
  outOfBounds = 40,
  /** ptr: `nullElement` of this context: what call_indirect finds outside of the table. */
  outsideElement = 48,
  /** A `FunctionElement` that is null. */
  nullElement = 64,
  /** First byte of the variable part. */
  variable = 96,
}

/**
 * What an instance context has of a memory, relative to its begin: of memory 0 at `Context.memoryBase`, of the others at
 * `ContextLayout.memories`. Written to all contexts that use it whenever it grows or moves.
 */
export const enum MemoryField {
  /** ptr: base. */
  base = 0,
  /** ptr: memory record. */
  record = 8,
  /** u64: length in bytes. */
  length = 24,
  size = 32,
}

/** A linear memory's native record, shared by all instances that use the memory. */
export const enum MemoryRecord {
  base = 0,
  /** u64: current length in bytes; updated before wasm code runs, whoever has grown the memory. */
  byteLength = 8,
  size = 16,
}

/** What an instance context has of a table: written to all contexts that use it when it is made, and when it grows. */
export const enum TableField {
  /** ptr: elements: `FunctionElement`s, or ids of values of the host, 8 bytes each. */
  elements = 0,
  /** u32 (zero-extended u64): current length in elements. */
  length = 8,
  size = 16,
}

/**
 * An element of a table of functions, and what a context has of an imported function: all that a call needs. The first 24 bytes
 * are a copy of the function record's. Null is all zeros: no type has id 0.
 */
export const enum FunctionElement {
  /** ptr: see `FunctionRecord`. */
  slot = 0,
  context = 8,
  /** u32 */
  typeId = 16,
  /** i32: -1 for functions that are machine code. */
  hostId = 20,
  /** ptr: the function record, which is the reference as a value. */
  record = 24,
  size = 32,
  /** log2 of the size. */
  shift = 5,
}

/** A function record: what a funcref points to. */
export const enum FunctionRecord {
  /** ptr: address of the 8-byte slot that holds the current entry. */
  slot = 0,
  /** ptr: instance context to load into r15 (for host functions: the importing thread's host context). */
  context = 8,
  /** u32: canonical type id, not 0. */
  typeId = 16,
  /** i32: host function id for host functions, else -1. */
  hostId = 20,
  /** u32: function index in its module, u32 id of the record for JS wrappers. */
  index = 24,
  recordId = 28,
  size = 32,
}

/** A data or element segment as seen by memory.init/table.init: dropped means length 0. */
export const enum SegmentRecord {
  address = 0,
  /** u32 zero-extended: length in bytes (data) or elements (element). */
  length = 8,
  size = 16,
}

/** Frame of a wasm function, relative to rbp. See the picture in docs/CONTRACTS.md. */
export const enum Frame {
  /** Return address. */
  returnAddress = 8,
  /** The last stack-passed argument; earlier ones lie above it. */
  stackArguments = 16,
  /** r15 saved around calls that can leave the instance. */
  savedContext = -8,
  /** Locals begin below this: local k is at `localsBase - 8 * (k + 1)`. */
  localsBase = -8,
}

/** Adapter frame of a tail call that leaves the instance, relative to rbp; `Frame` has the rest. See tail-call-stub.ts. */
export const enum TailAdapter {
  /** i64: bytes of stack results that the callee leaves. */
  resultBytes = -16,
  /** What it needs below the arguments that a function has on the stack, besides stack results and the callee's arguments. */
  room = 32,
  /** What stands where its callee returns to: `nop [rax + rax + name]`. */
  mark = 0x00841f0f,
  name = 0x7461696c,
}

/** Sizes that prologues and stubs agree on. */
export const enum Stack {
  /** Bytes of PROT_NONE below the wasm stack. A frame larger than `guard - reserve` needs a limit check. */
  guard = 262144,
  /** What a stub may push without a check. */
  reserve = 4096,
}

/** What a module needs to lay out its instance contexts: all known before the code section. */
export class ContextShape {
  importedFunctions: i32 = 0;
  globals: i32 = 0;
  tables: i32 = 0;
  memories: i32 = 0;
  /** Number of types in the type section. */
  types: i32 = 0;
  tags: i32 = 0;
  /** Number of functions that can be referenced (exported, in element segments, in global initialisers, ref.func). */
  referencedFunctions: i32 = 0;
  dataSegments: i32 = 0;
  elementSegments: i32 = 0;
}

/** Offsets of the variable part of an instance context. */
export class ContextLayout {
  /** FunctionElement per imported function. */
  readonly imports: i32;
  /** 16 bytes per global: the value of an own global, or (imported mutable ones) a ptr to the value cell. */
  readonly globals: i32;
  /** TableField per table. */
  readonly tables: i32;
  /** MemoryField per memory but the first. */
  readonly memories: i32;
  /** u32 per type: canonical type id. */
  readonly typeIds: i32;
  /** u32 per tag: its id. */
  readonly tags: i32;
  /** FunctionRecord per referenced own function. */
  readonly functionRecords: i32;
  /** SegmentRecord per data segment. */
  readonly dataSegments: i32;
  /** SegmentRecord per element segment. */
  readonly elementSegments: i32;
  /** Size of the whole context in bytes. */
  readonly size: i32;

  constructor(shape: ContextShape) {
    let offset: i32 = Context.variable;
    this.imports = offset;
    offset += FunctionElement.size * shape.importedFunctions;
    this.globals = offset;
    offset += 16 * shape.globals;
    this.tables = offset;
    offset += TableField.size * shape.tables;
    this.memories = offset;
    if (shape.memories > 1) offset += MemoryField.size * (shape.memories - 1);
    this.typeIds = offset;
    offset += 4 * shape.types;
    this.tags = offset;
    offset += 4 * shape.tags;
    offset = (offset + 15) & ~15;
    this.functionRecords = offset;
    offset += FunctionRecord.size * shape.referencedFunctions;
    this.dataSegments = offset;
    offset += SegmentRecord.size * shape.dataSegments;
    this.elementSegments = offset;
    offset += SegmentRecord.size * shape.elementSegments;
    this.size = offset;
    // Code names all of it by displacements of 32 bits. The limits of modules keep it below 2^28.
    if (offset < 0 || offset > 0x7fffffff) throw new RangeError(`an instance context of ${offset} bytes`);
  }

  /** Where the context has the fields of a memory. */
  memory(index: i32): i32 {
    return index === 0 ? Context.memoryBase : this.memories + MemoryField.size * (index - 1);
  }
}
