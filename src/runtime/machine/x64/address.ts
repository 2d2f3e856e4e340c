import type { Assembler, Reg } from '../../../backends/x64/assembler.js';
import { Math } from '../../../support/primordials.js';

/** Load an absolute address into a register. */
export function emitAddress(a: Assembler, to: Reg, address: number): void {
  a.mov_ri64(to, address | 0, Math.floor(address / 4294967296));
}
