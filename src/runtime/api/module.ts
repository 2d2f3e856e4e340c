/** Compiled modules and the class `WebAssembly.Module`. */

import type { ContextLayout } from '../../backends/abi/layout.js';
import type { OwnedCode } from '../../backends/code/module-code.js';
import type { ImportKind } from '../../stream/item-lists.js';
import type { ModuleInfo } from '../../stream/module.js';
import { bare, Function, isolate, List, Object, Reflect, toArray, WeakRef } from '../../support/primordials.js';
import { compileSync } from '../compile/compilation.js';
import type { ContentHash } from '../compile/known-modules.js';
import type { ModuleSignatures } from '../compile/module-signatures.js';
import { AdoptedCode, codeKey, type DescriptionWriter } from '../compile/shared-code.js';
import type { CodeEntry, FrameNames } from '../errors/code-registry.js';
import type { CodeHold, CodeKey } from '../machine/shared-code-table.js';
import { releaseWith } from '../store/store-group.js';
import type {
  ImportExportKind,
  ModuleConstructor,
  ModuleExportDescriptor,
  ModuleImportDescriptor,
  Module as ModuleObject,
} from '../webidl/api-types.js';
import { bufferSourceView, toDomString } from '../webidl/convert.js';
import { brand, type Constructor, finishClass, platformObject } from '../webidl/shape.js';
import type { EngineState } from './engine-state.js';
import {
  bytesIn,
  copyCarrier,
  identityIn,
  type ModuleIdentity,
  makeCarrier,
  newIdentity,
  repairPrototype,
} from './module-carrier.js';

/** By ImportKind; exports have the same kinds. */
const kindNames: Record<ImportKind, ImportExportKind> = ['function', 'table', 'memory', 'global', 'tag'];

/**
 * A module and its machine code: one for all objects of an engine that are made of the same bytes. The code is released
 * when these objects and all instances are unreachable.
 */
export class CompiledModule {
  static {
    isolate(this);
  }

  readonly engine: EngineState;
  readonly info: ModuleInfo;
  readonly layout: ContextLayout;
  readonly code: OwnedCode | AdoptedCode;
  readonly signatures: ModuleSignatures;
  /** The same in all threads. */
  identity!: ModuleIdentity;
  /** What the machine notes when other threads can run the code, or when it is theirs. */
  readonly #usage: { hold: CodeHold | undefined };
  /** What others will find of the code, until it is written. */
  #description: DescriptionWriter | undefined;
  #key: CodeKey | undefined;
  /** One of the objects: the next ones are made after it. */
  #carrier: WeakRef<object> | undefined;

  constructor(
    engine: EngineState,
    info: ModuleInfo,
    layout: ContextLayout,
    code: OwnedCode | AdoptedCode,
    signatures: ModuleSignatures,
    hold?: CodeHold,
  ) {
    this.engine = engine;
    this.info = info;
    this.layout = layout;
    this.code = code;
    this.signatures = signatures;
    const names = framesOf(info, engine.codes.nextName());
    const { codes, machine, tierUp } = engine;
    const tiered = code instanceof AdoptedCode ? undefined : tierUp?.add(code, names, info);
    const entry: CodeEntry = { code, names, entries: tiered?.entries };
    const usage: { hold: CodeHold | undefined } = { hold };
    this.#usage = usage;
    codes.add(entry);
    releaseWith(this, () => {
      codes.delete(entry);
      if (tiered !== undefined) tierUp?.release(tiered);
      if (code instanceof AdoptedCode) machine.sharing.giveBack(usage.hold as CodeHold);
      else if (usage.hold === undefined) code.release();
      else machine.sharing.retire(usage.hold, code);
      signatures.release();
    });
  }

  /** A new JS object for the module. */
  newObject(): ModuleObject {
    return new this.engine.classes.Module(this as never);
  }

  /** What a new JS object is made of: something that can be cloned. Undefined where V8 makes no such thing. */
  newCarrier(newTarget: Constructor, own: Constructor): object | undefined {
    const other = this.#carrier?.deref();
    const carrier =
      (other === undefined ? undefined : copyCarrier(other, newTarget, own)) ??
      makeCarrier(this.identity, this.info.wire, newTarget, own);
    if (other === undefined && carrier !== undefined) this.#carrier = new WeakRef(carrier);
    return carrier;
  }

  /**
   * The module is complete: let others find it, and other threads its code.
   * @param content the hash of its bytes, undefined if it is only to be found by its own objects.
   */
  share(content: ContentHash | undefined): void {
    this.beginSharing(content);
    while (!this.shareMore());
  }

  /** The begin of `share`. */
  beginSharing(content: ContentHash | undefined): void {
    const { code, engine, info } = this;
    this.identity = content ?? newIdentity();
    if (content === undefined) {
      engine.directory.addCarried(this.identity, this);
      return;
    }
    engine.directory.add(content, this);
    if (code instanceof AdoptedCode) return;
    this.#key = codeKey(engine.options, engine.machine, engine.memoryPlan.bounds, content, info.wire.length);
    if (this.#key !== undefined) {
      this.#description = engine.machine.sharing.describe(code, info.types.usedIndices());
    }
  }

  /** A step of `share`. Returns true when all is done. */
  shareMore(): boolean {
    const description = this.#description;
    if (description === undefined) return true;
    if (!description.advance()) return false;
    this.#description = undefined;
    this.#usage.hold = this.engine.machine.sharing.publish(this.#key as CodeKey, description);
    return true;
  }

  /** No other thread will find the code. */
  stopSharing(): void {
    this.#description?.free();
    this.#description = undefined;
  }

  /** Address of the slot with the entry of own function `index` (imports counted). */
  slotAddress(index: number): number {
    const { code, info } = this;
    return code.base + code.slots + 8 * (index - info.importedFunctions);
  }
}

function framesOf(info: ModuleInfo, moduleName: string): FrameNames {
  return {
    moduleName,
    functionName: (index) => info.functionName(index),
    functionAt: (offset) => info.functionAtOffset(offset),
    bodyAt: (own) => info.bodyOffset.at(own),
    opcodeAt: (offset) => info.wire[offset] as number,
  };
}

const modules = brand<CompiledModule>();

/**
 * The compiled module behind a Module object, else undefined. Each engine has its own: an object of another engine, or one
 * that came from another thread, is compiled when it is first used here.
 * @throws CompileError if the engine's limits do not allow the module; RangeError if the code memory is used up.
 */
export function moduleOf(engine: EngineState, value: unknown, who: string): CompiledModule | undefined {
  const found = modules.get(value);
  if (found?.engine === engine) return found;
  const identity = found === undefined ? identityIn(value) : found.identity;
  if (identity === undefined) return undefined;
  const object = value as object;
  const { directory } = engine;
  let module = directory.adopted(object) ?? directory.find(identity) ?? directory.carried(identity);
  if (module === undefined) {
    const bytes = found === undefined ? bytesIn(object) : found.info.wire;
    if (bytes === undefined) return undefined;
    module = compileSync(engine, bytes, who, true);
    directory.addCarried(identity, module);
  }
  if (found === undefined) {
    repairPrototype(object, engine.classes.Module.prototype);
    modules.stamp(object, module);
  } else directory.adopt(object, module);
  return module;
}

const hasInstanceKey: typeof Symbol.hasInstance = Symbol.hasInstance;
const ordinaryHasInstance = Function.prototype[hasInstanceKey];

/** The class `WebAssembly.Module` of an engine. */
export function defineModule(engine: EngineState): ModuleConstructor {
  const who = 'WebAssembly.Module()';

  function argument(value: unknown, what: string): CompiledModule {
    const found = moduleOf(engine, value, what);
    if (found === undefined) throw new TypeError(`${what}: Argument 0 must be a WebAssembly.Module`);
    return found;
  }

  function create(bytes: unknown): CompiledModule {
    const view = bufferSourceView(bytes);
    if (view === undefined) throw new TypeError(`${who}: Argument 0 must be a buffer source`);
    return compileSync(engine, view, who, true);
  }

  const { [hasInstanceKey]: hasInstance } = {
    /** What came from another thread has V8's prototype until it is looked at. Subclasses inherit this. */
    [hasInstanceKey](this: unknown, value: unknown): boolean {
      const { prototype } = Module;
      const isOwn = typeof this === 'function' && this.prototype === prototype;
      if (isOwn && modules.get(value) === undefined && identityIn(value) !== undefined) {
        repairPrototype(value as object, prototype);
      }
      return Reflect.apply(ordinaryHasInstance, this, [value]);
    },
  };

  class Module {
    constructor(bytes: unknown) {
      const compiled = bytes instanceof CompiledModule ? bytes : create(bytes);
      const object = compiled.newCarrier(new.target, Module) ?? platformObject(new.target, Module);
      modules.stamp(object, compiled);
      // biome-ignore lint/correctness/noConstructorReturn: an object of another kind than classes make.
      return object as Module;
    }

    static imports(module: unknown): ModuleImportDescriptor[] {
      const { info } = argument(module, 'WebAssembly.Module.imports()');
      const descriptors = info.imports
        .toArray()
        .map((item) => ({ module: item.module, name: item.name, kind: kindNames[item.kind] }));
      return toArray(descriptors);
    }

    static exports(module: unknown): ModuleExportDescriptor[] {
      const { info } = argument(module, 'WebAssembly.Module.exports()');
      return toArray(info.exports.toArray().map((item) => ({ name: item.name, kind: kindNames[item.kind] })));
    }

    static customSections(module: unknown, sectionName: unknown): ArrayBuffer[] {
      const what = 'WebAssembly.Module.customSections()';
      const { info } = argument(module, what);
      if (sectionName === undefined) throw new TypeError(`${what}: Argument 1 is required`);
      const wanted = toDomString(sectionName);
      const { customSections } = info;
      const found: ArrayBuffer[] = new List();
      for (let i = 0; i < customSections.length; i++) {
        if (customSections.name(i) === wanted) found.push(customSections.bytes(i).slice().buffer);
      }
      return toArray(found);
    }
  }
  finishClass(Module, 'WebAssembly.Module', 1);
  Object.defineProperty(Module, hasInstanceKey, bare({ value: hasInstance, configurable: true }));
  return Module as unknown as ModuleConstructor;
}
