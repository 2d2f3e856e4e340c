/**
 * zod, loaded when the first options are validated: it takes some 50 ms, which programs that give no options need not
 * pay. (`require`, because an engine is made synchronously.)
 */
import { createRequire } from 'node:module';
import type { z } from 'zod';

let loaded: typeof z | undefined;

export function zod(): typeof z {
  loaded ??= (createRequire(import.meta.url)('zod') as { z: typeof z }).z;
  return loaded;
}
