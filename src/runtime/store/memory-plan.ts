/** Where the linear memories of an engine are, and who finds accesses outside of them: decided once per engine. */
import type { Bounds } from '../../backends/code/target.js';
import type { ResolvedOptions } from '../api/options.js';
import { reserve, unmap } from '../machine/native-memory.js';
import { isAddressSpaceScarce } from '../machine/os.js';
import { guardedBytes } from './memory-limits.js';
import { v8Memories } from './memory-v8.js';

export interface MemoryPlan {
  readonly storage: 'v8' | 'mmap';
  readonly bounds: Bounds;
}

const guardAdvice = "use bounds: 'check', or lift the limit (ulimit -v)";

/** @throws Error that says what to do if the options demand what is not to be had */
export function planMemories(memory: ResolvedOptions['memory'], bounds: ResolvedOptions['bounds']): MemoryPlan {
  const wantsCheck = bounds === 'check' || (bounds === 'auto' && isAddressSpaceScarce());
  if (memory === 'mmap') return { storage: 'mmap', bounds: wantsCheck ? 'check' : mappedBounds(bounds) };
  // V8 reserves guard pages for each of its memories, whether code checks or not.
  const isScarce = memory === 'auto' && isAddressSpaceScarce();
  const own = isScarce && bounds !== 'guard' ? 'none' : v8Memories();
  if (memory === 'v8' && own === 'none') {
    throw new Error("memory: 'v8' does not work: V8 has no WebAssembly or no address space here; use memory: 'mmap'");
  }
  if (own === 'guarded') return { storage: 'v8', bounds: wantsCheck ? 'check' : 'guard' };
  if (memory === 'v8') {
    if (bounds === 'guard') {
      throw new Error(
        "memory: 'v8' has no guard pages: V8's trap handler is off; use memory: 'mmap' or bounds: 'check'",
      );
    }
    return { storage: 'v8', bounds: 'check' };
  }
  if (!wantsCheck && mappedBounds(bounds) === 'guard') return { storage: 'mmap', bounds: 'guard' };
  return { storage: own === 'unguarded' ? 'v8' : 'mmap', bounds: 'check' };
}

/** Whether a mapping with guard pages can be had. @throws Error if it cannot, but must */
function mappedBounds(bounds: ResolvedOptions['bounds']): Bounds {
  try {
    unmap(reserve(guardedBytes), guardedBytes);
    return 'guard';
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (bounds !== 'guard') return 'check';
    throw new Error(`bounds: 'guard' needs 8 GiB of address space per memory: ${guardAdvice}`, { cause: error });
  }
}
