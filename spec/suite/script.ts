/** Runs the commands of one script against an engine. */
import { isUnsupported, type Namespace } from '../support/engine.js';
import { findExport, functionType, type ModuleShape, readModule } from '../support/reader.js';
import { Kind } from '../support/wasm-types.js';
import { Bridge } from './bridge.js';
import { type Feature, moduleFeatures, valueFeatures } from './features.js';
import { type Action, type Command, moduleBytes, type Script } from './format.js';
import { makeSpectest } from './spectest.js';
import { type EngineChoice, Threads } from './threads.js';
import { matches, type Raw, showRaw, showValue, toRaw } from './values.js';

/** `ok`, or what went wrong. */
export interface Outcome {
  ok: boolean;
  message?: string;
  /** The engine said that it does not have a feature yet. */
  unsupported: boolean;
  features: Set<Feature>;
}

interface Compiled {
  module: InstanceType<Namespace['Module']>;
  shape: ModuleShape | null;
  features: Set<Feature>;
}

interface Instantiated extends Compiled {
  exports: Record<string, unknown>;
}

/** Thrown for an outcome that is not the expected one. */
class Mismatch extends Error {}

const errorNames = ['CompileError', 'LinkError', 'RuntimeError', 'RangeError', 'TypeError', 'SyntaxError'] as const;

export class ScriptRunner {
  readonly #engine: Namespace;
  readonly #script: Script;
  readonly #path: string;
  readonly #bridge: Bridge;
  readonly #imports: Record<string, Record<string, unknown>> = Object.create(null);
  readonly #importFeatures = new Map<string, Set<Feature>>();
  readonly #definitions = new Map<string, Compiled>();
  readonly #instances = new Map<string, Instantiated>();
  #lastDefinition: Compiled | undefined;
  #current: Instantiated | undefined;
  /** Features of modules that should be there but failed: what uses them needs the same. Key '' is the current one. */
  readonly #failed = new Map<string, Set<Feature>>();
  /** Of the command that runs: filled as its modules become known. */
  #features = new Set<Feature>();

  readonly #threads: Threads;

  /**
   * @param path of the script's file: modules of wast2json's form lie beside it
   * @param choice how threads load the engine
   */
  constructor(engine: Namespace, script: Script, path: string, choice: EngineChoice = { engine: 'v8', options: '' }) {
    this.#engine = engine;
    this.#script = script;
    this.#path = path;
    this.#bridge = new Bridge(engine);
    this.#imports.spectest = makeSpectest(engine);
    this.#threads = new Threads(choice, path);
  }

  /** An instance of the thread that has started this one. */
  share(name: string, exports: Record<string, unknown>): void {
    this.#instances.set(name, { exports, module: undefined as never, shape: null, features: new Set() });
  }

  /** Run one command; never throws. */
  run(command: Command): Outcome {
    this.#features = valueFeatures(command);
    try {
      this.#execute(command);
      return { ok: true, unsupported: false, features: this.#features };
    } catch (error) {
      const message = error instanceof Mismatch ? error.message : `unexpected ${this.#describe(error)}`;
      return { ok: false, message, unsupported: message.includes('not supported yet'), features: this.#features };
    }
  }

  #execute(command: Command): void {
    switch (command.type) {
      case 'module':
        this.#expect(command.name);
        this.#current = this.#instantiate(this.#define(command), command.name);
        return;
      case 'module_definition':
        this.#define(command);
        return;
      case 'module_instance':
        this.#expect(command.instance);
        this.#current = this.#instantiate(this.#definition(command.module), command.instance);
        return;
      case 'register': {
        this.#importFeatures.set(command.as!, this.#failed.get(command.name ?? '') ?? new Set());
        const instance = this.#instance(command.name);
        this.#imports[command.as!] = instance.exports;
        this.#importFeatures.set(command.as!, instance.features);
        return;
      }
      case 'action':
        this.#act(command.action!);
        return;
      case 'assert_return':
        this.#assertReturn(command);
        return;
      case 'assert_trap':
        this.#expectError(() => this.#act(command.action!), 'RuntimeError', command);
        return;
      case 'assert_exhaustion':
        this.#expectError(() => this.#act(command.action!), 'RangeError', command);
        return;
      case 'assert_exception':
        this.#expectError(() => this.#act(command.action!), 'Exception', command);
        return;
      case 'assert_malformed':
      case 'assert_invalid':
      case 'assert_malformed_custom':
      case 'assert_invalid_custom':
        this.#assertInvalid(command);
        return;
      case 'assert_unlinkable':
        this.#assertUnlinkable(command);
        return;
      case 'assert_uninstantiable':
        this.#assertUninstantiable(command);
        return;
      case 'thread':
        this.#startThread(command);
        return;
      case 'wait': {
        const problems = this.#threads.wait(command.thread!);
        if (problems.length > 0) throw new Mismatch(`in the thread: ${problems.join('; ')}`);
        return;
      }
      default:
        throw new Mismatch(`command ${command.type} is not known to the runner`);
    }
  }

  /** Only memories are shared: of all exports they alone can be. */
  #startThread(command: Command): void {
    const shared: Record<string, Record<string, unknown>> = {};
    for (const name of command.shared_modules ?? []) {
      const exports = Object.entries(this.#instance(name).exports);
      shared[name] = Object.fromEntries(exports.filter(([, value]) => value instanceof this.#engine.Memory));
    }
    this.#threads.start(command.name!, command.commands ?? [], shared);
  }

  /** The command is about to make the current instance, with a name or without: until then there is none. */
  #expect(name: string | undefined): void {
    this.#current = undefined;
    this.#failed.set('', this.#features);
    if (name !== undefined) {
      this.#instances.delete(name);
      this.#failed.set(name, this.#features);
    }
  }

  #bytes(command: Command): Uint8Array {
    return moduleBytes(this.#script, this.#path, command.filename!);
  }

  #compile(command: Command): Compiled {
    const bytes = this.#bytes(command);
    const features = moduleFeatures(bytes, true);
    let shape: ModuleShape | null = null;
    try {
      shape = readModule(bytes);
    } catch {
      // Types newer than 2.0: calls go without the bridge.
    }
    for (const entry of shape?.imports ?? []) {
      for (const feature of this.#importFeatures.get(entry.module) ?? []) features.add(feature);
    }
    this.#uses(features);
    const module = new this.#engine.Module(bytes);
    if (!this.#engine.validate(bytes)) throw new Mismatch('validate() is false for a module that compiles');
    return { module, shape, features };
  }

  #define(command: Command): Compiled {
    this.#lastDefinition = undefined;
    this.#failed.set(command.name ?? '', this.#features);
    const compiled = this.#compile(command);
    this.#lastDefinition = compiled;
    if (command.name !== undefined) this.#definitions.set(command.name, compiled);
    return compiled;
  }

  #definition(name: string | undefined): Compiled {
    const compiled = name === undefined ? this.#lastDefinition : this.#definitions.get(name);
    if (compiled === undefined) this.#uses(this.#failed.get(name ?? '') ?? []);
    if (compiled === undefined) throw new Mismatch(`no module ${name ?? 'before this command'}`);
    this.#uses(compiled.features);
    return compiled;
  }

  #instantiate(compiled: Compiled, name?: string): Instantiated {
    const { exports } = new this.#engine.Instance(compiled.module, this.#imports);
    const instance = { ...compiled, exports };
    if (name !== undefined) this.#instances.set(name, instance);
    return instance;
  }

  #instance(name: string | undefined): Instantiated {
    const instance = name === undefined ? this.#current : this.#instances.get(name);
    if (instance === undefined) this.#uses(this.#failed.get(name ?? '') ?? []);
    if (instance === undefined) throw new Mismatch(`no instance ${name ?? 'before this command'}`);
    this.#uses(instance.features);
    return instance;
  }

  #uses(features: Iterable<Feature>): void {
    for (const feature of features) this.#features.add(feature);
  }

  #act(action: Action): Raw[] {
    const instance = this.#instance(action.module);
    const target = instance.exports[action.field];
    if (target === undefined) throw new Mismatch(`no export ${JSON.stringify(action.field)}`);
    const entry = instance.shape === null ? undefined : findExport(instance.shape, action.field);
    if (action.type === 'get') {
      const global = target as { value: unknown };
      if (entry?.kind !== Kind.global) return [global.value];
      const { type, mutable } = instance.shape!.globals[entry.index]!;
      return [this.#bridge.readGlobal(global, type, mutable)];
    }
    const args = (action.args ?? []).map(toRaw);
    const call = target as (...args: unknown[]) => unknown;
    if (entry?.kind === Kind.function) {
      return this.#bridge.call(call, functionType(instance.shape!, entry.index), args);
    }
    const result = call(...args);
    return Array.isArray(result) ? result : result === undefined ? [] : [result];
  }

  #assertReturn(command: Command): void {
    const actual = this.#act(command.action!);
    const expected = command.expected ?? [];
    const same = actual.length === expected.length && expected.every((wanted, i) => matches(actual[i], wanted));
    if (same) return;
    throw new Mismatch(
      `${command.action!.field}: got ${actual.map(showRaw).join(', ') || 'nothing'}, ` +
        `expected ${expected.map(showValue).join(', ') || 'nothing'}`,
    );
  }

  #assertInvalid(command: Command): void {
    const bytes = this.#bytes(command);
    this.#uses(moduleFeatures(bytes, false));
    if (this.#engine.validate(bytes)) throw new Mismatch(`validate() is true, expected: ${command.text}`);
    this.#expectError(() => new this.#engine.Module(bytes), 'CompileError', command);
  }

  #assertUnlinkable(command: Command): void {
    const compiled = command.filename === undefined ? this.#definition(command.module) : this.#compile(command);
    // A module name that is not there at all is read as a property of undefined: TypeError, by the JS API.
    const missing = compiled.shape?.imports.some((entry) => this.#imports[entry.module] === undefined);
    this.#expectError(() => this.#instantiate(compiled), missing ? 'TypeError' : 'LinkError', command);
  }

  #assertUninstantiable(command: Command): void {
    const compiled = command.filename === undefined ? this.#definition(command.module) : this.#compile(command);
    this.#expectError(() => this.#instantiate(compiled), 'RuntimeError', command);
  }

  /** @param wanted name of the error's class */
  #expectError(work: () => unknown, wanted: string, command: Command): void {
    let result: unknown;
    try {
      result = work();
    } catch (error) {
      if (error instanceof Mismatch || isUnsupported(error)) throw error;
      if (this.#className(error) === wanted) return;
      throw new Mismatch(`got ${this.#describe(error)}, expected ${wanted}: ${command.text}`);
    }
    const shown = Array.isArray(result) ? result.map(showRaw).join(', ') : 'success';
    throw new Mismatch(`got ${shown || 'no error'}, expected ${wanted}: ${command.text}`);
  }

  #className(error: unknown): string {
    const { Exception } = this.#engine;
    if (typeof Exception === 'function' && error instanceof Exception) return 'Exception';
    for (const name of errorNames) {
      const type = (this.#engine as unknown as Record<string, unknown>)[name] ?? Reflect.get(globalThis, name);
      if (typeof type === 'function' && error instanceof type) return name;
    }
    return error instanceof Error ? error.constructor.name : typeof error;
  }

  #describe(error: unknown): string {
    return error instanceof Error ? `${this.#className(error)}: ${error.message}` : `exception ${String(error)}`;
  }
}
