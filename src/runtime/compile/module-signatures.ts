import type { TypeList } from '../../stream/item-lists.js';
import { Cost, type MemoryBudget } from '../../support/memory-budget.js';
import { isolate, List } from '../../support/primordials.js';
import type { Signature, SignatureRegistry } from '../signature.js';

/** The canonical signatures of a module's types, as far as something uses them: by the ordinal of the type. */
export class ModuleSignatures {
  static {
    isolate(this);
  }

  readonly #registry: SignatureRegistry;
  readonly #types: TypeList;
  readonly #memory: MemoryBudget;
  readonly #signatures: Signature[] = new List();

  constructor(registry: SignatureRegistry, types: TypeList, memory: MemoryBudget) {
    this.#registry = registry;
    this.#types = types;
    this.#memory = memory;
  }

  /** The signature of the type with this index. */
  at(typeIndex: number): Signature {
    const { ordinal } = this.#types.at(typeIndex);
    if (ordinal >= this.#signatures.length) this.internUsed();
    return this.#signatures[ordinal] as Signature;
  }

  /** The signature of the type with this index, if something has used the type. */
  known(typeIndex: number): Signature | undefined {
    const type = this.#types.known(typeIndex);
    return type === undefined ? undefined : this.#signatures[type.ordinal];
  }

  /** Signatures of the types that were used since the last time: not all at once at the end, there can be a million. */
  internUsed(): void {
    const { used } = this.#types;
    for (let i = this.#signatures.length; i < used.length; i++) {
      const { params, results } = used[i];
      const known = this.#registry.size;
      const cost = Cost.signature + Cost.typeInSignature * (params.length + results.length);
      this.#memory.take(cost);
      this.#signatures.push(this.#registry.intern(params, results));
      if (this.#registry.size === known) this.#memory.give(cost);
    }
  }

  /** Nobody needs them any more. */
  release(): void {
    for (const signature of this.#signatures) this.#registry.release(signature);
    this.#signatures.length = 0;
  }
}
