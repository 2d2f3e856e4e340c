/** What the programs of this folder share. */
import { wat as toBytes } from '../../api/wat.js';

export { Engine, WebAssembly } from '../../../src/index.js';

/** The bytes of a module in text form. */
export const wat: typeof toBytes = toBytes;

/** End the program with a failure unless the condition holds. */
export function check(condition: boolean, text: string): void {
  if (condition) return;
  console.log(`FAULT: ${text}`);
  process.exit(1);
}

/** The last line of a program that found nothing. */
export function done(): void {
  console.log('ok');
}
