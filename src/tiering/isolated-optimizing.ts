/** Classes of the optimizing tier, cut off from `Object.prototype` as those of the baseline tier are. */
import { Allocator } from '../backends/ssa/allocator.js';
import { Cleanup, Invariants, Loops } from '../backends/ssa/cleanup.js';
import { Folded, NumberTable } from '../backends/ssa/fold.js';
import { Graph } from '../backends/ssa/ir.js';
import { Liveness } from '../backends/ssa/liveness.js';
import { Machine } from '../backends/ssa/machine.js';
import { Values } from '../backends/ssa/values.js';
import { Variables } from '../backends/ssa/variables.js';
import { Work } from '../backends/ssa/work.js';
import { Layout } from '../backends/x64/lower/layout.js';
import { Selector } from '../backends/x64/lower/select.js';
import { isolate, listWith } from '../support/primordials.js';
import './isolated-tier.js';

/** The roots: what derives from them ends there, too. */
const roots = listWith<{ readonly prototype: object }>(
  Allocator,
  Cleanup,
  Folded,
  Graph,
  Invariants,
  Layout,
  Liveness,
  Loops,
  Machine,
  NumberTable,
  Selector,
  Values,
  Variables,
  Work,
);

for (const root of roots) isolate(root);
