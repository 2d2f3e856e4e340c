/**
 * Classes of the compiler core that the runtime uses, too, cut off from `Object.prototype`: the constructor of each assigns fields, and a
 * setter of such a name would be given the object. The core itself is written in a language without this notion. Those of the
 * baseline tier: tiering/isolated-tier.ts.
 */
import { ContextLayout, ContextShape } from '../../backends/abi/layout.js';
import { CallShape } from '../../backends/code/call-shape.js';
import { CodeMapWriter } from '../../backends/code/code-map-writer.js';
import { HandlerCells } from '../../backends/code/handler-cells.js';
import { ModuleCode } from '../../backends/code/module-code.js';
import { ReferenceList, StackMapWriter } from '../../backends/code/stack-map-writer.js';
import { VectorPool } from '../../backends/code/vector-pool.js';
import { Emit } from '../../backends/x64/emit.js';
import { SpanSet } from '../../backends/x64/span-set.js';
import { BodyFailures } from '../../stream/body-failures.js';
import { isolate, listWith } from '../../support/primordials.js';
import { World } from '../../support/world.js';

/** The roots: what derives from them ends there, too. */
const roots = listWith<{ readonly prototype: object }>(
  BodyFailures,
  CallShape,
  CodeMapWriter,
  ContextLayout,
  ContextShape,
  Emit,
  HandlerCells,
  ModuleCode,
  ReferenceList,
  SpanSet,
  StackMapWriter,
  VectorPool,
  World,
);

for (const root of roots) isolate(root);
