/** V8's engine with a known defect: what the harnesses must find. */
import type { Namespace } from './engine.js';
import { newInstruction, readInstruction, readLocals } from './instructions.js';
import { ByteReader, readModule } from './reader.js';

/**
 * `result`: exported functions return i32 results of more than 1000 with the lowest bit flipped;
 * `code`: `i32.rotl` rotates to the right;
 * `verdict`: modules whose length is a multiple of three are called invalid;
 * `crash`: the process dies (SIGSEGV) when a module of more than eight functions is instantiated;
 * `hang`: the same, but it never comes back;
 * `trap`: traps in exported functions become a result of undefined.
 */
export const sabotageKinds = ['result', 'code', 'verdict', 'crash', 'hang', 'trap'] as const;
export type SabotageKind = (typeof sabotageKinds)[number];

type Callable = (...args: unknown[]) => unknown;

/** An engine that works as `engine` apart from one defect. */
export function sabotage(engine: Namespace, kind: SabotageKind): Namespace {
  const Module = function (bytes: Uint8Array) {
    if (kind === 'verdict' && bytes.byteLength % 3 === 0) throw new engine.CompileError('sabotaged verdict');
    return new engine.Module(kind === 'code' ? miscompile(bytes) : bytes);
  };
  Object.assign(Module, {
    exports: engine.Module.exports,
    imports: engine.Module.imports,
    customSections: engine.Module.customSections,
  });
  const Instance = function (module: InstanceType<Namespace['Module']>, imports?: object) {
    const functions = engine.Module.exports(module).filter((entry) => entry.kind === 'function').length;
    if (functions > 8 && kind === 'crash') process.kill(process.pid, 'SIGSEGV');
    if (functions > 8 && kind === 'hang') for (;;);
    const instance = new engine.Instance(module, imports);
    if (kind !== 'result' && kind !== 'trap') return instance;
    const exports: Record<string, unknown> = { __proto__: null } as never;
    for (const [name, value] of Object.entries(instance.exports)) {
      exports[name] = typeof value === 'function' ? damage(value as Callable, kind, engine) : value;
    }
    return { exports };
  };
  return {
    ...Object.fromEntries(Object.getOwnPropertyNames(engine).map((name) => [name, engine[name as keyof Namespace]])),
    validate: (bytes: Uint8Array) =>
      kind === 'verdict' && bytes.byteLength % 3 === 0 ? false : engine.validate(bytes),
    Module,
    Instance,
  } as unknown as Namespace;
}

/** A copy in which every `i32.rotl` is an `i32.rotr`. */
function miscompile(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const instruction = newInstruction();
  for (const { start, end } of readModule(bytes).bodies) {
    const reader = new ByteReader(bytes, start, end);
    readLocals(reader);
    while (reader.position < end) {
      readInstruction(reader, instruction);
      if (instruction.opcode === 0x77) copy[instruction.start] = 0x78;
    }
  }
  return copy;
}

/** Functions cannot be imported as themselves once wrapped, so only what matters for a defect is wrapped. */
function damage(original: Callable, kind: SabotageKind, engine: Namespace): Callable {
  if (kind === 'result') {
    return (...args) => {
      const result = original(...args);
      return typeof result === 'number' && Number.isInteger(result) && result > 1000 ? result ^ 1 : result;
    };
  }
  if (kind === 'trap') {
    return (...args) => {
      try {
        return original(...args);
      } catch (error) {
        if (error instanceof engine.RuntimeError) return undefined;
        throw error;
      }
    };
  }
  return original;
}
