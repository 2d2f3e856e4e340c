/** koffi, the native addon by which the engine calls the system; an error that says what to do where it cannot be loaded. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Koffi = typeof import('koffi');

/** The version that package.json asks for. */
const version = '3.3.4';
/** koffi's addon for glibc, from where koffi itself would have it. */
const addon = '@koromix/koffi-linux-x64/linux_x64/koffi.node';

/** The addon where npm puts it: looking for it as a program's modules are looked for takes longer than all the rest of the machine level. */
function nearAddon(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; ) {
    const file = join(folder, 'node_modules', addon);
    if (existsSync(file)) return file;
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
}

/**
 * The addon alone has all that is used here; koffi's own way to it, through a table of platforms and the headers of Node's
 * executable, is gone where the addon is elsewhere. It is the engine's own, with its own settings, if the program uses koffi, too.
 */
function load(): Koffi {
  const require = createRequire(import.meta.url);
  try {
    const near = nearAddon();
    if (near !== undefined) {
      const module = { exports: {} };
      process.dlopen(module as NodeModule, near);
      const koffi = module.exports as Koffi;
      if (koffi.version === version) return koffi;
    }
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
