import { below } from '../support/dialect.js';
import { BodyBulk } from './body-bulk.js';
import type { FailureContext } from './body-failures.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import { Immediate, simdAlignment, simdImmediate, simdLanes, simdSignature } from './opcodes.js';
import type { BodySink } from './sink.js';

/** All four bytes of a shuffle's int32 are below 32. */
const shuffleMask: i32 = -0x1f1f1f20;

/**
 * The opcodes behind the prefix 0xfd. Operands are popped by a table of signatures; what differs is the immediates.
 */
export class BodySimd extends BodyBulk {
  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  /** `pos` is behind the prefix, `at` where the instruction begins. */
  protected simd(): void {
    const sub = this.u32('prefixed opcode index');
    if (!below(sub, 0x100)) {
      this.#relaxed(sub);
      return;
    }
    this.opcode = (Op.prefixSimd << 8) | sub;
    const signature = simdSignature[sub];
    if (signature === 0) this.fail('invalid simd opcode');
    const immediate = simdImmediate[sub];
    if (immediate === Immediate.none) {
      this.applySignature(signature);
      if (this.live) this.sink.simd(this.opcode);
    } else if (immediate === Immediate.memory) this.#access(sub, signature);
    else if (immediate === Immediate.lane) this.#lane(sub, signature);
    else if (immediate === Immediate.memoryLane) this.#accessLane(sub, signature);
    else this.#bytes(immediate, signature);
  }

  /** Numbers from 0x100 on: none has immediates. */
  #relaxed(sub: u32): void {
    if (!below(sub, (Op.i32x4RelaxedDotI8x16I7x16AddS & 0xfff) + 1)) {
      this.opcode = Op.prefixSimd;
      this.failVectorOpcode(sub);
    }
    this.opcode = (Op.prefixSimd << 12) | sub;
    this.applySignature(simdSignature[sub]);
    if (this.live) this.sink.simd(this.opcode);
  }

  /** Pop the operands, push the result. */
  protected applySignature(signature: i32): void {
    const third = (signature >> 16) & 0xff;
    const second = (signature >> 8) & 0xff;
    const first = signature & 0xff;
    if (third !== 0) this.pop(third, 2);
    if (second !== 0) this.pop(second, 1);
    if (first !== 0) this.pop(first, 0);
    const result = signature >>> 24;
    if (result !== 0) this.push(result);
  }

  /** The same for an access: its first operand is an address. */
  protected applyAccess(signature: i32): void {
    this.applySignature((signature & ~0xff) | this.addressType);
  }

  /** Alignment and offset. */
  #memory(sub: i32): i32 {
    this.alignment(simdAlignment[sub]);
    return this.accessOffset();
  }

  #laneNumber(sub: i32): i32 {
    const pos = this.pos;
    if (pos >= this.end) this.fail('expected a lane, reached the end of the function', pos);
    const lane = this.bytes[pos];
    if (lane >= simdLanes[sub]) this.fail('invalid lane index', pos);
    this.pos = pos + 1;
    return lane;
  }

  #access(sub: i32, signature: i32): void {
    const offset = this.#memory(sub);
    this.applyAccess(signature);
    if (!this.live) return;
    if (signature >>> 24 === 0) this.sink.simdStore(this.opcode, offset);
    else this.sink.simdLoad(this.opcode, offset);
  }

  #accessLane(sub: i32, signature: i32): void {
    const offset = this.#memory(sub);
    const lane = this.#laneNumber(sub);
    this.applyAccess(signature);
    if (!this.live) return;
    if (signature >>> 24 === 0) this.sink.simdStoreLane(this.opcode, offset, lane);
    else this.sink.simdLoadLane(this.opcode, offset, lane);
  }

  #lane(sub: i32, signature: i32): void {
    const lane = this.#laneNumber(sub);
    this.applySignature(signature);
    if (this.live) this.sink.simdLane(this.opcode, lane);
  }

  /** v128.const, i8x16.shuffle. */
  #bytes(immediate: Immediate, signature: i32): void {
    const lanes = this.pos;
    const a = this.u32le();
    const b = this.u32le();
    const c = this.u32le();
    const d = this.u32le();
    const shuffle = immediate === Immediate.shuffle;
    if (shuffle && ((a | b | c | d) & shuffleMask) !== 0) this.fail('invalid shuffle mask', lanes);
    this.applySignature(signature);
    if (!this.live) return;
    if (shuffle) this.sink.simdShuffle(a, b, c, d);
    else this.sink.v128Const(a, b, c, d);
  }
}
