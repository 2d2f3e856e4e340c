/** References in wasm frames, found by the stack maps of the calls that the frames are in. */

import { SiteKind } from '../../backends/code/code-map-writer.js';
import type { StackMaps } from '../../backends/code/stack-maps.js';
import { List, Map } from '../../support/primordials.js';
import type { CodeRegistry } from '../errors/code-registry.js';
import type { Machine } from '../machine/machine.js';
import { type FrameVisitor, forEachFrame, forEachWaitingFrame, StackView } from '../machine/stack-walk.js';
import type { WasmStack } from '../machine/wasm-stacks.js';
import type { ReferenceSpace } from './references.js';

/** The stack map of a call. */
interface MapOfCall {
  readonly maps: StackMaps;
  readonly node: number;
}

/**
 * Every id in the wasm frames of all activations of the thread, those of other engines excepted; perhaps more, while wasm code
 * is paused where it has no stack map.
 * @param waiting the stacks of activations that are suspended, of this engine
 * @throws Error if a call has no stack map or (with `gcStress`) a wrong one, which would be a bug in the compiler.
 */
export function idsInFrames(
  machine: Machine,
  codes: CodeRegistry,
  space: ReferenceSpace,
  waiting: readonly WasmStack[],
): number[] {
  const { thread, regions } = machine;
  const ids: number[] = new List();
  // A deep stack has few different return addresses.
  const known = new Map<number, MapOfCall>();
  const visitFrame: FrameVisitor['frame'] = (pc, fp, { words, low }) => {
    let map = known.get(pc);
    if (map === undefined) {
      map = mapOfCall(codes, pc);
      known.set(pc, map);
    }
    if (map.node === 0) return;
    const at = (fp - low) >>> 2;
    map.maps.forEachSlot(map.node, (disp) => {
      const i = at + (disp >> 2);
      const id = words[i] as number;
      const isShort = words[i + 1] === 0;
      // The slots of a map hold ids, perhaps of the past. If something else should ever be in one, it must do no harm.
      if (id !== 0 && isShort) ids.push(id);
      if (space.stress && !(isShort && (id === 0 || space.isPlausible(id)))) {
        throw new Error(`internal error: the stack map of the call at ${pc} names a slot that holds no reference`);
      }
    });
  };
  const visitor: FrameVisitor = {
    frame: visitFrame,
    word: (low, high) => {
      if (high === 0 && space.isPlausible(low)) ids.push(low);
    },
  };
  forEachFrame(thread, regions, visitor);
  for (let i = 0; i < waiting.length; i++) {
    const { high, waitsAt } = waiting[i] as WasmStack;
    forEachWaitingFrame(StackView.at(waitsAt, high), waitsAt, regions, visitor);
  }
  return ids;
}

function mapOfCall(codes: CodeRegistry, pc: number): MapOfCall {
  const location = codes.locate(pc);
  if (location?.site.kind !== SiteKind.call) throw new Error(`internal error: no stack map for the call at ${pc}`);
  return { maps: location.code.stackMaps, node: location.site.aux };
}
