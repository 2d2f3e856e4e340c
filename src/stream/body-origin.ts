import { Map } from '../support/primordials.js';
import { BodyDecoder } from './body.js';
import type { BodyAt, FailureContext } from './body-failures.js';
import type { ModuleInfo } from './module.js';
import type { BodySink } from './sink.js';

/** What a body becomes when it is only read again. */
const nowhere = new Proxy({}, { get: () => () => {} }) as BodySink;

/** A decoder that remembers where operands were pushed. */
class OriginDecoder extends BodyDecoder {
  readonly origins: Map<number, number> = new Map();

  constructor(info: ModuleInfo, sink: BodySink, context: FailureContext) {
    super(info, sink, context);
  }

  protected override push(type: number): void {
    super.push(type);
    this.origins.set(this.height - 1, this.opcodeAt);
  }

  protected override pushAll(types: Uint8Array): void {
    super.pushAll(types);
    for (let i = 1; i <= types.length; i++) this.origins.set(this.height - i, this.opcodeAt);
  }
}

/** Offset of the instruction that pushed the operand at `height`, when the one at `body.at` is reached; -1 if there is none. */
export function originOf(body: BodyAt, height: number): number {
  const again = new OriginDecoder(body.info, nowhere, { functionName: () => undefined });
  again.begin(body.functionIndex, body.start, body.end);
  for (let limit = body.start; again.pos < body.at; limit++) again.run(body.bytes, limit + 1);
  return again.origins.get(height) ?? -1;
}
