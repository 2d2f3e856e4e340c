/**
 * How JS enters machine code and machine code calls JS: through Node-API, or through koffi, which is slower and always
 * works (an addon that is made at run time may be forbidden, or /proc not be there).
 */

import { Reg } from '../backends/x64/assembler.js';
import { Thread } from './layout.js';
import type { NativeCalls } from './node-api.js';
import { openNodeApi } from './node-api.js';
import { nativeFunction, registerCallback } from './os.js';
import type { StubWriter } from './stub-writer.js';
import type { ThreadRecord } from './thread.js';

/** Which way: `auto` is Node-API if it works. */
export const callWays = ['auto', 'node-api', 'koffi'] as const;
export type CallWay = (typeof callWays)[number];

let nodeApi: NativeCalls | undefined;
let nodeApiError: unknown;
let koffiDispatcher = 0;

/**
 * The thread's native calls.
 * @param writer writes the stub that koffi needs
 * @throws Error if the way is `node-api` and that does not work
 */
export function nativeCalls(
  way: CallWay,
  thread: ThreadRecord,
  dispatch: () => void,
  writer: StubWriter,
): NativeCalls & { readonly way: 'node-api' | 'koffi' } {
  if (way !== 'koffi') {
    if (nodeApi === undefined && nodeApiError === undefined) {
      try {
        nodeApi = openNodeApi(thread, dispatch);
      } catch (error) {
        nodeApiError = error;
      }
    }
    if (nodeApi !== undefined) return { way: 'node-api', ...nodeApi };
    if (way === 'node-api') throw new Error('calls through Node-API do not work here', { cause: nodeApiError });
  }
  if (koffiDispatcher === 0) koffiDispatcher = registerCallback(dispatch);
  const stub = writer.write((a) => {
    a.mov_ri64(Reg.rax, thread.address | 0, Math.floor(thread.address / 4294967296));
    a.mov_rm(1, Reg.r11, Reg.rax, Thread.enterRecord);
    a.jmp_m(Reg.rax, Thread.enterStub);
  });
  return { way: 'koffi', enter: nativeFunction(writer.code.base + stub), dispatcher: koffiDispatcher };
}
