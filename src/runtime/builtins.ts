/** What wasm code asks JS to do for it: growing memories and tables. */
import { ValType } from '../stream/types.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { buffer4 } from './exported-function.js';
import type { InstanceState } from './instance.js';
import { Context, Thread } from './layout.js';
import type { Machine } from './machine.js';
import type { MemoryState } from './memory.js';
import type { TableState } from './table.js';

/** Code offsets of the builtins. */
export interface Builtins {
  /** (delta: i32) -> i32: previous pages or -1. */
  readonly memoryGrow: number;
  /** (value: funcref, delta: i32, table: i32) -> i32: previous length or -1; the table by its offset in the context. */
  readonly tableGrow: number;
}

export function defineBuiltins(engine: EngineState, machine: Machine): Builtins {
  const { thread } = machine;
  const { signatures } = engine;

  function caller(): InstanceState {
    const id = engine.heap.readU32(thread.pointer(Thread.hostContext) + Context.instanceId);
    return (engine.activeGroup as EngineStoreGroup).instance(id);
  }

  const argument = (position: number): number => thread.u32[buffer4 + 4 * position] as number;

  const growMemory = (): void => {
    const memory = caller().memories[0] as MemoryState;
    thread.i32[buffer4] = memory.grow(argument(0));
  };

  const growTable = (): void => {
    const instance = caller();
    const offset = argument(2);
    const table = instance.tables[(offset - instance.module.layout.tables) / 8] as TableState;
    thread.i32[buffer4] = table.grow(argument(1), thread.pointer(Thread.buffer));
  };

  const i32 = ValType.i32;
  return {
    memoryGrow: machine.defineBuiltin(signatures.intern([i32], [i32]), growMemory),
    tableGrow: machine.defineBuiltin(signatures.intern([ValType.funcref, i32, i32], [i32]), growTable),
  };
}
