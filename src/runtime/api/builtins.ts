/** What wasm code asks JS to do for it: growing memories and tables. */

import { Context, TableField, Thread } from '../../backends/abi/layout.js';
import { BigInt, Number } from '../../support/primordials.js';
import type { Machine } from '../machine/machine.js';
import type { EngineState, EngineStoreGroup } from './engine-state.js';
import { buffer4, buffer8 } from './exported-function.js';
import type { InstanceState } from './instance.js';
import type { MemoryState } from './memory.js';
import type { TableState } from './table.js';
import { defineWaiting } from './waiting.js';

/** Install the JS side of the machine's builtins. */
export function defineBuiltins(engine: EngineState, machine: Machine): void {
  const { thread } = machine;

  function caller(): InstanceState {
    const id = engine.heap.readU32(thread.pointer(Thread.hostContext) + Context.instanceId);
    return (engine.activeGroup as EngineStoreGroup).instance(id);
  }

  const argument = (position: number): number => thread.u32[buffer4 + 4 * position] as number;

  machine.onBuiltin('memoryGrow', () => {
    const memory = caller().memories[argument(1)] as MemoryState;
    thread.i32[buffer4] = memory.grow(argument(0));
  });

  machine.onBuiltin('wideGrow', () => {
    const memory = caller().memories[argument(1)] as MemoryState;
    const delta = thread.i64[buffer8] as bigint;
    const isPossible = delta >= 0n && delta <= 0xffffffffn;
    thread.i64[buffer8] = isPossible ? BigInt(memory.grow(Number(delta))) : -1n;
  });

  // Arguments: value, delta, and the table by its offset in the context.
  function growTable(delta: number): number {
    const instance = caller();
    const index = (argument(2) - instance.module.layout.tables) / TableField.size;
    return (instance.tables[index] as TableState).grow(delta, thread.pointer(Thread.buffer));
  }
  machine.onBuiltin('tableGrow', () => {
    thread.i32[buffer4] = growTable(argument(1));
  });
  machine.onBuiltin('wideTableGrow', () => {
    const delta = thread.i64[buffer8 + 2] as bigint;
    const isPossible = delta >= 0n && delta <= 0xffffffffn;
    thread.i64[buffer8] = isPossible ? BigInt(growTable(Number(delta))) : -1n;
  });

  const { unwinding } = engine;
  machine.onBuiltin('throwTag', () => {
    unwinding.throwTag(engine.activeGroup as EngineStoreGroup, argument(0), argument(1) | 0);
  });
  machine.onBuiltin('throwRef', () => unwinding.throwRef(engine.activeGroup as EngineStoreGroup, argument(0)));
  machine.onBuiltin('memorySize', () => {
    const memory = caller().memories[argument(0)] as MemoryState;
    memory.refresh();
    thread.i32[buffer4] = memory.pages;
  });

  defineWaiting(machine, (index) => caller().memories[index] as MemoryState);

  machine.onBuiltin('refreshMemories', () => {
    const { memories } = caller();
    for (let i = 0; i < memories.length; i++) (memories[i] as MemoryState).refresh();
  });
}
