/** koffi, the native addon by which the engine calls the system; an error that says what to do where it cannot be loaded. */
import { createRequire } from 'node:module';

type Koffi = typeof import('koffi');

/** koffi's addon for glibc, from where koffi itself would have it. */
const addon = '@koromix/koffi-linux-x64/linux_x64/koffi.node';

/**
 * The addon alone has all that is used here. koffi's own way to it, through a table of platforms and the headers of Node's
 * executable, takes longer than all the rest of the machine level; it is gone where the addon is elsewhere.
 */
function load(): Koffi {
  const require = createRequire(import.meta.url);
  try {
    return createRequire(require.resolve('koffi'))(addon) as Koffi;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw new Error(explain(error));
  }
  try {
    return require('koffi') as Koffi;
  } catch (error) {
    throw new Error(explain(error));
  }
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED') {
    const flag = 'permission' in process ? 'add --allow-addons to the permissions' : 'run Node without --no-addons';
    return `Beamline needs a native addon (koffi), and this process may load none: ${flag}`;
  }
  return `Beamline needs the native addon koffi, which cannot be loaded: ${message.split('\n', 1)[0]}`;
}

const koffi: Koffi = load();
export default koffi;
