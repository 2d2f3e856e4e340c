import { Allocator } from '../backends/ssa/allocator';
import { Graph } from '../backends/ssa/ir';
import { Machine } from '../backends/ssa/machine';

/** Checks are for the other build: the core has no debug switches. */
export function checkGraph(g: Graph): void {}

export function checkAllocation(m: Machine, allocator: Allocator): void {}
