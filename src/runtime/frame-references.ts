/** References in wasm frames, found by the stack maps of the calls that the frames are in. */
import { SiteKind } from '../emitter/code-map.js';
import type { StackMaps } from '../valuestack/stack-maps.js';
import type { CodeRegistry } from './code-registry.js';
import { Thread } from './layout.js';
import type { Machine } from './machine.js';
import type { ReferenceTable } from './references.js';
import { forEachFrame } from './stack-walk.js';

/** The stack map of a call. */
interface MapOfCall {
  readonly maps: StackMaps;
  readonly node: number;
}

/**
 * Mark every reference in the wasm frames of all activations of the thread, those of other engines excepted.
 * @throws Error if a call has no stack map, which would be a bug in the compiler.
 */
export function markFrames(machine: Machine, codes: CodeRegistry, table: ReferenceTable): void {
  const { thread, code } = machine;
  const words = thread.stackWords;
  const low = thread.pointer(Thread.stackLow);
  // A deep stack has few different return addresses.
  const known = new Map<number, MapOfCall>();
  forEachFrame(thread, code, (pc, fp) => {
    let map = known.get(pc);
    if (map === undefined) {
      map = mapOfCall(codes, pc);
      known.set(pc, map);
    }
    if (map.node === 0) return;
    const at = (fp - low) >>> 2;
    map.maps.forEachSlot(map.node, (disp) => table.markRange(words, at + (disp >> 2), 1));
  });
}

function mapOfCall(codes: CodeRegistry, pc: number): MapOfCall {
  const location = codes.locate(pc);
  if (location?.site.kind !== SiteKind.call) throw new Error(`internal error: no stack map for the call at ${pc}`);
  return { maps: location.code.stackMaps, node: location.site.aux };
}
