import { EmitContext } from '../emitter/context';

/** Debug switches need the other build; the core has none. */
export class Debug {
  checkInvariants: bool = false;
  forceSpills: bool = false;
}

export class DebugHooks {
  forceSpills: bool = false;
  checkUpperHalves: bool = false;
  beginFunction(c: EmitContext): void {}
  at(c: EmitContext, offset: i32): void {}
  endFunction(c: EmitContext): void {}
}

export function debugHooks(debug: Debug | null): DebugHooks | null {
  return null;
}
