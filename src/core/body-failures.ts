import { Uint8Array } from '../support/dialect';
import { ModuleInfo } from '../stream/module';

/** Nothing: the words are the other build's. */
export class FailureContext {}

/**
 * The twin of `src/stream/body-failures.ts`. Wherever something is wrong the core stops (its methods that end in an error are
 * calls of `unreachable` here); the other build then reads the body again and says what it is.
 */
export class BodyFailures {
  protected readonly info: ModuleInfo;
  protected bytes: Uint8Array = new Uint8Array(0);
  protected start: i32 = 0;
  protected end: i32 = 0;
  protected functionIndex: i32 = 0;
  protected opcode: i32 = -1;
  protected opcodeAt: i32 = 0;

  constructor(info: ModuleInfo, context: FailureContext) {
    this.info = info;
  }
}
