/**
 * How JS enters machine code and machine code calls JS: through V8's own API, which is the fastest way, through Node-API,
 * or through koffi, which is slower and always works (an addon that is made at run time may be forbidden, or /proc not be
 * there).
 */

import { nativeFunction, registerCallback } from '../os.js';
import type { ThreadRecord } from '../thread.js';
import { emitEnter, type StubWriter } from '../x64/stub-writer.js';
import type { NativeCallees, NativeCalls } from './addon.js';
import type { CallWay } from './call-ways.js';
import { openNodeApi } from './node-api.js';
import { openV8Api } from './v8-api.js';

/** What became of the ways that need an addon; each is tried once per thread. */
const addons = {
  v8: { open: openV8Api, calls: undefined as NativeCalls | undefined, error: undefined as unknown },
  'node-api': { open: openNodeApi, calls: undefined as NativeCalls | undefined, error: undefined as unknown },
};
const addonWays = ['v8', 'node-api'] as const;
let koffiCallbacks: { dispatcher: number; call: number } | undefined;

/**
 * The thread's native calls.
 * @param writer writes the stub that koffi needs
 * @throws Error if the way is not `auto` and does not work
 */
export function nativeCalls(
  way: CallWay,
  thread: ThreadRecord,
  callees: NativeCallees,
  writer: StubWriter,
): NativeCalls & { readonly way: Exclude<CallWay, 'auto'> } {
  for (let i = 0; i < addonWays.length; i++) {
    const name = addonWays[i] as (typeof addonWays)[number];
    if (way !== 'auto' && way !== name) continue;
    const addon = addons[name];
    if (addon.calls === undefined && addon.error === undefined) {
      try {
        addon.calls = addon.open(thread, callees);
      } catch (error) {
        addon.error = error;
      }
    }
    if (addon.calls !== undefined) return { way: name, ...addon.calls };
    if (way === name) throw new Error(`calls: '${name}' does not work here`, { cause: addon.error });
  }
  koffiCallbacks ??= { dispatcher: registerCallback(callees.dispatch), call: registerCallback(callees.serve) };
  const stub = writer.write((a) => emitEnter(a, thread));
  return { way: 'koffi', enter: nativeFunction(writer.code.base + stub), ...koffiCallbacks };
}
