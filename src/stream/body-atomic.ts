import { below } from '../support/dialect.js';
import type { FailureContext } from './body-failures.js';
import { BodySimd } from './body-simd.js';
import type { ModuleInfo } from './module.js';
import { Op } from './op.js';
import { atomicSignature, atomicSize } from './opcodes.js';
import type { BodySink } from './sink.js';
import { ValType } from './types.js';

/** The opcodes behind the prefix 0xfe. All but the fence access memory, with exactly their natural alignment. */
export class BodyAtomic extends BodySimd {
  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  /** `pos` is behind the prefix, `at` where the instruction begins. */
  protected atomic(): void {
    const sub = this.u32('prefixed opcode index');
    const isKnown = below(sub, 0x100) && (atomicSignature[sub] !== 0 || sub === (Op.atomicFence & 0xff));
    if (!isKnown) {
      this.opcode = Op.prefixAtomic;
      this.failAtomicOpcode(sub);
    }
    this.opcode = (Op.prefixAtomic << 8) | sub;
    if (this.opcode === Op.atomicFence) {
      this.#fence();
      return;
    }
    this.exactAlignment(atomicSize[sub]);
    const offset = this.accessOffset();
    if (this.addressType === ValType.i64 && sub < 3) {
      this.fail('atomic wait or notify on a 64-bit memory: not supported yet (memory64)');
    }
    this.applyAccess(atomicSignature[sub]);
    if (this.live) this.sink.atomic(this.opcode, offset);
  }

  #fence(): void {
    if (this.pos >= this.end) this.fail('expected an order, reached the end of the function', this.pos);
    if (this.bytes[this.pos] !== 0) this.fail('invalid atomic operand', this.pos);
    this.pos++;
    if (this.live) this.sink.atomicFence();
  }
}
