/**
 * Walking wasm frames by their frame pointers. Those of several activations are one below the other on a wasm stack; an
 * `ActivationFrame` leads from an activation to the one around it, a `StackLink` from one stack to another.
 */

import {
  ActivationFrame,
  Context,
  FunctionRecord,
  PausedFrame,
  StackLink,
  Thread,
  ThunkFrame,
} from '../../backends/abi/layout.js';
import { BigUint64Array, isolate, List, Math, Number, Uint32Array } from '../../support/primordials.js';
import type { CodeMemory } from './code-memory.js';
import type { CodeRegions } from './code-regions.js';
import { nativeView } from './os.js';
import type { ThreadRecord } from './thread.js';

/** One wasm frame. */
export interface StackFrame {
  /** Return address, or for the innermost frame of a trap its site: an absolute address. */
  readonly address: number;
  /** The same as an offset into the machine's own code, or -1 if it is in other code. */
  readonly pc: number;
  /** rbp of the frame. */
  readonly fp: number;
  /** Number of activations between this frame and the innermost one. */
  readonly activation: number;
}

/** Where a trap happened. */
export interface TrapPoint {
  readonly pc: number;
  readonly fp: number;
  readonly sp: number;
  /** 0: pc is a return address. */
  readonly signal: number;
}

/** Longest walk: enough for any trace that a person reads, and a bound if frames are broken. */
export const longestWalk = 1000;

/** Instructions at whose begin the frame of the function is not set up, or not there any more. */
const pushRbp = 0x55;
const ret = 0xc3;
const retN = 0xc2;
/** Number of rsp. */
const spRegister = 4;

/** A wasm stack as walks read it. */
export class StackView {
  static {
    isolate(this);
  }

  readonly low: number;
  readonly high: number;
  /** From `low` on. */
  readonly words: Uint32Array;

  constructor(low: number, high: number, words: Uint32Array) {
    this.low = low;
    this.high = high;
    this.words = words;
  }

  /** The stack that is in use now. */
  static current(thread: ThreadRecord): StackView {
    return new StackView(thread.pointer(Thread.stackLow), thread.pointer(Thread.stackHigh), thread.stackWords);
  }

  /** The stack in [low, high). */
  static at(low: number, high: number): StackView {
    return new StackView(low, high, new Uint32Array(nativeView(low, high - low)));
  }

  /** The 8-byte word at an address of the stack, 0 outside of it. */
  word(address: number): number {
    if (!(address >= this.low && address <= this.high - 8) || address % 8 !== 0) return 0;
    const i = (address - this.low) >>> 2;
    return (this.words[i] as number) + (this.words[i + 1] as number) * 4294967296;
  }
}

class Walker {
  static {
    isolate(this);
  }

  readonly frames: StackFrame[] = new List();
  readonly #thread: ThreadRecord;
  readonly #regions: CodeRegions;
  readonly #code: CodeMemory;
  #stack: StackView;
  readonly #maxFrames: number;
  activation = 0;

  constructor(thread: ThreadRecord, regions: CodeRegions, code: CodeMemory, maxFrames: number) {
    this.#regions = regions;
    this.#maxFrames = maxFrames;
    this.#thread = thread;
    this.#code = code;
    this.#stack = StackView.current(thread);
  }

  add(address: number, fp: number): void {
    // An entry that was refused has no site.
    if (address === 0) return;
    // Frames of stubs are no wasm frames.
    if (this.#regions.find(address) !== undefined && !this.#regions.isFunction(address)) return;
    this.frames.push({ address, pc: this.#code.offsetOf(address), fp, activation: this.activation });
  }

  /** The frame at `fp`, in which `address` is the current instruction or return address, and its callers. */
  walk(address: number, fp: number): void {
    for (let last = 0; this.frames.length < this.#maxFrames; ) {
      this.add(address, fp);
      // Frame pointers only grow towards the entry; the entry stub calls with 0.
      if (fp <= last) return;
      last = fp;
      address = this.#stack.word(fp + 8);
      fp = this.#stack.word(fp);
      if (fp === 0) return;
    }
  }

  /** From the instruction that faulted or was interrupted. */
  walkFault(point: TrapPoint): void {
    const area = this.#regions.find(point.pc);
    const offset = area === undefined ? -1 : point.pc - area.base;
    const byte = area?.bytes[offset];
    if (byte === pushRbp || byte === ret || byte === retN) {
      this.add(point.pc, point.fp);
      if (point.fp !== 0) this.walk(this.#stack.word(point.sp), point.fp);
    } else if (area !== undefined && isMoveToRbp(area.bytes, offset)) {
      this.add(point.pc, point.fp);
      if (point.fp !== 0) this.walk(this.#stack.word(point.sp + 8), point.fp);
    } else {
      this.walk(point.pc, point.fp);
    }
  }

  /** The activations that are active now, from the innermost one. */
  walkActivations(): void {
    forEachActivation(this.#thread, ({ pc, fp, stack }) => {
      if (this.frames.length >= this.#maxFrames) return false;
      this.#stack = stack;
      this.walk(pc, fp);
      this.activation++;
      return true;
    });
  }
}

interface Activation {
  readonly stack: StackView;
  /** Where it is: a return address, or where a pause has interrupted it. */
  readonly pc: number;
  /** rbp there. */
  readonly fp: number;
  /** Address of its frame. */
  readonly frame: number;
  readonly isPaused: boolean;
}

/** @param sp where the host call that it makes has left its `ThunkFrame` */
function activationAt(stack: StackView, sp: number, frame: number): Activation {
  const paused = stack.word(frame + ActivationFrame.pausedPc);
  const isPaused = paused !== 0;
  const pc = isPaused ? paused : stack.word(sp + ThunkFrame.pc);
  const fp = stack.word(isPaused ? frame + ActivationFrame.pausedFp : sp + ThunkFrame.fp);
  return { stack, pc, fp, frame, isPaused };
}

/** Call `visit` with each activation that is active now, from the innermost one, until that returns false. */
function forEachActivation(thread: ThreadRecord, visit: (activation: Activation) => boolean): void {
  const first = thread.firstStackHigh;
  let stack = StackView.current(thread);
  let sp = thread.pointer(Thread.wasmSp);
  let frame = thread.pointer(Thread.activation);
  while (frame !== 0) {
    if (stack.high !== first && sp === stack.high - StackLink.size) {
      sp = stack.word(sp + StackLink.wasmSp);
      const low = stack.word(stack.high - StackLink.size + StackLink.stackLow);
      stack = StackView.at(low, stack.word(stack.high - StackLink.size + StackLink.stackHigh));
      continue;
    }
    if (!visit(activationAt(stack, sp, frame))) return;
    sp = frame + ActivationFrame.size;
    frame = stack.word(frame + ActivationFrame.previous);
  }
}

/** mov rbp, rsp, in either encoding: the second instruction of a prologue. */
function isMoveToRbp(b: Uint8Array, offset: number): boolean {
  return (
    b[offset] === 0x48 &&
    ((b[offset + 1] === 0x89 && b[offset + 2] === 0xe5) || (b[offset + 1] === 0x8b && b[offset + 2] === 0xec))
  );
}

/** What looks for references in wasm frames. */
export interface FrameVisitor {
  /** A wasm frame in function code: its return address, which has a stack map, its frame pointer, the stack that it is on. */
  frame(address: number, fp: number, stack: StackView): void;
  /** A word of which nobody knows what it is. */
  word(low: number, high: number): void;
}

/**
 * Visit the wasm frames in function code of these regions, in all activations that are active now: JS code runs in a
 * host call of the innermost one. However many frames there are.
 */
export function forEachFrame(thread: ThreadRecord, regions: CodeRegions, visitor: FrameVisitor): void {
  forEachActivation(thread, (activation) => {
    visitFrames(activation, regions, visitor);
    return true;
  });
}

/**
 * The same for the one activation that waits on its stack.
 * @param sp its `Thread.wasmSp`
 */
export function forEachWaitingFrame(stack: StackView, sp: number, regions: CodeRegions, visitor: FrameVisitor): void {
  visitFrames(activationAt(stack, sp, stack.high - StackLink.size - ActivationFrame.size), regions, visitor);
}

function visitFrames(activation: Activation, regions: CodeRegions, visitor: FrameVisitor): void {
  const { stack, pc, fp } = activation;
  if (!activation.isPaused) {
    walkFrames(pc, fp, stack, regions, visitor);
    return;
  }
  visitInterrupted(activation, visitor);
  const caller = stack.word(fp);
  if (caller !== 0) walkFrames(stack.word(fp + 8), caller, stack, regions, visitor);
}

/**
 * Code that was interrupted between two instructions has no stack map: all that its registers and its frame hold may be
 * references, and so may the arguments that it was given, which lie above. Where rbp is the caller's yet, that frame is
 * the caller's.
 */
function visitInterrupted({ stack, fp, frame }: Activation, visitor: FrameVisitor): void {
  const at = stack.word(frame + ActivationFrame.pausedAt);
  const inRecord = !(at >= stack.low && at < stack.high);
  const saved = inRecord ? StackView.at(at, at + PausedFrame.size) : stack;
  const visit = (view: StackView, address: number): void => {
    const i = (address - view.low) >>> 2;
    visitor.word(view.words[i] as number, view.words[i + 1] as number);
  };
  for (let r = 0; r < 16; r++) visit(saved, at + PausedFrame.registers + 8 * r);
  const rsp = saved.word(at + PausedFrame.registers + 8 * spRegister);
  const end = stack.word(fp) || frame;
  for (let address = Math.max(stack.low, Math.ceil(rsp / 8) * 8); address < end; address += 8) visit(stack, address);
}

function walkFrames(pc: number, top: number, stack: StackView, regions: CodeRegions, visitor: FrameVisitor): void {
  let address = pc;
  // The entry stub calls with rbp = 0.
  for (let fp = top; fp !== 0; fp = stack.word(fp)) {
    if (regions.isFunction(address)) visitor.frame(address, fp, stack);
    address = stack.word(fp + 8);
  }
}

/** True if one of the activations of the thread entered an instance of this machine, wherever its code is. */
export function isActive(thread: ThreadRecord, machineId: number): boolean {
  let found = false;
  forEachActivation(thread, ({ frame, stack }) => {
    const record = stack.word(frame + ActivationFrame.record);
    const context = Number(new BigUint64Array(nativeView(record, FunctionRecord.size))[FunctionRecord.context / 8]);
    found = new Uint32Array(nativeView(context, Context.variable))[Context.machineId >>> 2] === machineId;
    return !found;
  });
  return found;
}

/** True if an activation waits between two instructions: wasm code was paused for V8, and goes on after the JS that runs now. */
export function isPaused(thread: ThreadRecord): boolean {
  let found = false;
  forEachActivation(thread, (activation) => {
    found = activation.isPaused;
    return !found;
  });
  return found;
}

/** The instruction at which the innermost activation was paused, 0 if it is not. */
export function pausedAt(thread: ThreadRecord): number {
  const frame = thread.pointer(Thread.activation);
  return frame === 0 ? 0 : StackView.current(thread).word(frame + ActivationFrame.pausedPc);
}

/**
 * The wasm frames of a trap's activation (if one is given) and of all activations that are active now, innermost first; `maxFrames`
 * of them at most.
 */
export function walkStack(
  thread: ThreadRecord,
  regions: CodeRegions,
  code: CodeMemory,
  trap: TrapPoint | undefined,
  maxFrames: number,
): StackFrame[] {
  const walker = new Walker(thread, regions, code, maxFrames);
  if (trap !== undefined) {
    if (trap.signal !== 0) walker.walkFault(trap);
    else walker.walk(trap.pc, trap.fp);
    walker.activation++;
  }
  walker.walkActivations();
  return walker.frames;
}
