/**
 * How JS enters machine code and machine code calls JS: through V8's own API, which is the fastest way, through Node-API,
 * or through koffi, which is slower and always works (an addon that is made at run time may be forbidden, or /proc not be
 * there).
 */

import { Thread } from '../../../backends/abi/layout.js';
import { Reg } from '../../../backends/x64/assembler.js';
import { nativeFunction, registerCallback } from '../os.js';
import type { ThreadRecord } from '../thread.js';
import { emitEnter, type StubWriter } from '../x64/stub-writer.js';
import type { NativeCallees, NativeCalls } from './addon.js';
import type { CallWay } from './call-ways.js';
import { nodeApiSlack, openNodeApi } from './node-api.js';
import { frameSlack, openV8Api } from './v8-api.js';

/** What became of the ways that need an addon; each is tried once per thread. */
const addons = {
  v8: { open: openV8Api, calls: undefined as NativeCalls | undefined, error: undefined as unknown },
  'node-api': { open: openNodeApi, calls: undefined as NativeCalls | undefined, error: undefined as unknown },
};
const addonWays = ['v8', 'node-api'] as const;
let koffiCall = 0;
/** Bytes of stack, at most, between a JS frame and what koffi keeps in rbp: 3,400 to 3,900 were measured. */
const koffiSlack = 4608;

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
  if (koffiCall === 0) koffiCall = registerCallback(callees.serve);
  // koffi calls on a stack of its own, and keeps the host's in rbp.
  const stub = writer.write((a) => emitEnter(a, thread, () => a.lea(1, Reg.r10, Reg.rbp, slack.koffi)));
  const enter = nativeFunction(writer.code.base + stub);
  const calls = { enter, enterScope: enter, call: koffiCall };
  return { way: 'koffi', ...calls };
}

/**
 * Each way knows about where the JS frame is that calls, and says an address above it. All addresses of a frame and its later
 * shapes are less than this apart.
 */
export const slack = { v8: frameSlack, 'node-api': nodeApiSlack, koffi: koffiSlack };

/**
 * See whether what `emitEnter` says is a place on the thread's stack.
 * @throws Error if it is not
 */
export function checkPlace(enter: () => void, thread: ThreadRecord, writer: StubWriter): void {
  const stub = writer.write((a) => {
    a.mov_mr(1, Reg.rax, Thread.buffer, Reg.r10);
    a.ret();
  });
  thread.setPointer(Thread.enterStub, writer.code.base + stub);
  enter();
  const place = thread.pointer(Thread.buffer);
  const low = thread.pointer(Thread.hostStackLow);
  const high = thread.pointer(Thread.hostStackHigh);
  if (low !== 0 && !(place > low && place < high + koffiSlack)) {
    throw new Error(`internal error: ${place}, where a native function was called from, is not in ${low} to ${high}`);
  }
}
