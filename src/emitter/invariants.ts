import { Place, Registers, Window } from '../valuestack/types.js';
import type { ValueStack } from '../valuestack/value-stack.js';

/**
 * Debug switch `checkInvariants`: the abstract state is consistent between opcodes. Each register holds one local or
 * some entries; the masks, the reverse map and the counts agree; the window is not exceeded.
 * @throws Error naming the violated rule.
 */
export function checkInvariants(vs: ValueStack): void {
  const uses = new Uint8Array(Registers.count);
  const refs = new Map<number, number>();
  const fail = (what: string) => {
    throw new Error(`internal error: value stack invariant violated: ${what}`);
  };
  if (vs.floor > vs.height) fail('floor above height');
  if (vs.height - vs.floor > vs.world.window + 8) fail('window exceeded');
  for (let h = vs.floor; h < vs.height; h++) {
    const i = h & Window.mask;
    if (vs.place[i] === Place.reg) uses[vs.a[i]]++;
    else if (vs.place[i] === Place.local) refs.set(vs.a[i], (refs.get(vs.a[i]) ?? 0) + 1);
    else if (vs.place[i] === Place.flags && (h !== vs.height - 1 || !vs.flagsLive)) fail('flags entry not on top');
  }
  for (const [local, count] of refs) if (vs.localRefs[local] !== count) fail(`reads of local ${local}`);
  for (let r = 0; r < Registers.count; r++) {
    const bit = 1 << r;
    const local = vs.localIn[r];
    if (uses[r] !== vs.uses[r]) fail(`register ${r} is used ${uses[r]} times, counted ${vs.uses[r]}`);
    if (local >= 0 && uses[r] !== 0) fail(`register ${r} holds a local and entries`);
    if (local >= 0 && vs.localReg[local] !== r) fail(`local ${local} and register ${r} disagree`);
    const free = (vs.free & bit) !== 0;
    const expected = (Registers.allocatable & bit) !== 0 && local < 0 && uses[r] === 0;
    if (free !== expected) fail(`register ${r} free bit is ${free}`);
    if (((vs.held & bit) !== 0) !== local >= 0) fail(`register ${r} and the mask of locals disagree`);
    if ((vs.dirty & bit) !== 0 && local < 0) fail(`register ${r} is dirty without a local`);
  }
}
