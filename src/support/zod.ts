/**
 * zod, loaded when the first options are validated: it takes some 50 ms, which programs that give no options need not
 * pay. (`require`, because an engine is made synchronously.)
 */
import type { z } from 'zod';

let loaded: typeof z | undefined;

export function zod(): typeof z {
  const { createRequire } = process.getBuiltinModule('node:module');
  loaded ??= (createRequire(import.meta.url)('zod') as { z: typeof z }).z;
  return loaded;
}
