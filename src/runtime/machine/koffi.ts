/** koffi, the native addon by which the engine calls the system; an error that says what to do where it cannot be loaded. */
import { createRequire } from 'node:module';

type Koffi = typeof import('koffi');

function load(): Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (error) {
    throw new Error(explain(error as NodeJS.ErrnoException));
  }
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED') {
    const flag = 'permission' in process ? 'add --allow-addons to the permissions' : 'run Node without --no-addons';
    return `Beamline needs a native addon (koffi), and this process may load none: ${flag}`;
  }
  return `Beamline needs the native addon koffi, which cannot be loaded: ${message.split('\n', 1)[0]}`;
}

const koffi: Koffi = load();
export default koffi;
