/** The modules of an engine by identity, and those that came from other threads or engines. */

import { releaseWith } from '../store/store-group.js';
import type { CompiledModule } from './module.js';
import type { ModuleIdentity } from './module-carrier.js';

export class ModuleDirectory {
  readonly #byIdentity = new Map<ModuleIdentity, WeakRef<CompiledModule>>();
  /** Objects of other engines that were used with this one. */
  readonly #adopted = new WeakMap<object, CompiledModule>();

  /** The engine's module with this identity, if it has one that is alive. */
  find(identity: ModuleIdentity): CompiledModule | undefined {
    return this.#byIdentity.get(identity)?.deref();
  }

  add(identity: ModuleIdentity, module: CompiledModule): void {
    const reference = new WeakRef(module);
    const known = this.#byIdentity;
    known.set(identity, reference);
    releaseWith(module, () => {
      if (known.get(identity) === reference) known.delete(identity);
    });
  }

  /** What stands behind the Module object of another engine here. */
  adopted(object: object): CompiledModule | undefined {
    return this.#adopted.get(object);
  }

  adopt(object: object, module: CompiledModule): void {
    this.#adopted.set(object, module);
  }
}
