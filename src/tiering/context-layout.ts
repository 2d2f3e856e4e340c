import { ContextLayout } from '../backends/abi/layout.js';
import type { ModuleInfo } from '../stream/module.js';
import { Math } from '../support/primordials.js';

/** What contexts of a module look like: known when the sections before the code are. */
export function layoutOf(info: ModuleInfo): ContextLayout {
  return new ContextLayout({
    importedFunctions: info.importedFunctions,
    globals: info.globals.length,
    tables: info.tables.length,
    memories: info.memories.length,
    types: info.types.length,
    tags: info.tags.length,
    referencedFunctions: info.referencedFunctions.length,
    dataSegments: Math.max(0, info.dataCount),
    elementSegments: info.elements.length,
  });
}
