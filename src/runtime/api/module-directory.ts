/** The modules of an engine that are alive: by their bytes, and by the objects that came from other threads or engines. */

import { isolate, Map, WeakMap, WeakRef } from '../../support/primordials.js';
import type { ContentHash } from '../compile/known-modules.js';
import { releaseWith } from '../store/store-group.js';
import type { CompiledModule } from './module.js';
import type { ModuleIdentity } from './module-carrier.js';

type References<Key> = Map<Key, WeakRef<CompiledModule>>;

export class ModuleDirectory {
  static {
    isolate(this);
  }

  readonly #byContent: References<ContentHash> = new Map();
  /** What carriers say: anybody can make one with wrong bytes. */
  readonly #byIdentity: References<ModuleIdentity> = new Map();
  /** Objects of other engines that were used with this one. */
  readonly #adopted = new WeakMap<object, CompiledModule>();
  /** How many modules with content have a length. */
  readonly #lengths = new Map<number, number>();
  /** Bytes of the modules that are found by their content. */
  bytes = 0;

  /** How many modules are found by their content. */
  get size(): number {
    return this.#byContent.size;
  }

  /** The engine's module with this content, if it has one that is alive. */
  find(content: ContentHash): CompiledModule | undefined {
    return this.#byContent.get(content)?.deref();
  }

  /** False: no module of so many bytes is found by its content. */
  hasLength(bytes: number): boolean {
    return this.#lengths.has(bytes);
  }

  add(content: ContentHash, module: CompiledModule): void {
    const { length } = module.info.wire;
    this.bytes += length;
    this.#lengths.set(length, (this.#lengths.get(length) ?? 0) + 1);
    enter(this.#byContent, content, module, () => {
      this.bytes -= length;
      const others = (this.#lengths.get(length) as number) - 1;
      if (others === 0) this.#lengths.delete(length);
      else this.#lengths.set(length, others);
    });
  }

  /** The module that a carrier with this identity has led to before. */
  carried(identity: ModuleIdentity): CompiledModule | undefined {
    return this.#byIdentity.get(identity)?.deref();
  }

  addCarried(identity: ModuleIdentity, module: CompiledModule): void {
    enter(this.#byIdentity, identity, module, () => {});
  }

  /** What stands behind the Module object of another engine here. */
  adopted(object: object): CompiledModule | undefined {
    return this.#adopted.get(object);
  }

  adopt(object: object, module: CompiledModule): void {
    this.#adopted.set(object, module);
  }
}

/** A later module takes the place of one that is gone, whose finalizer may not have run. */
function enter<Key>(map: References<Key>, key: Key, module: CompiledModule, left: () => void): void {
  const reference = new WeakRef(module);
  map.set(key, reference);
  releaseWith(module, () => {
    left();
    if (map.get(key) === reference) map.delete(key);
  });
}
