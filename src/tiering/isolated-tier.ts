/** Classes of the baseline tier, cut off from `Object.prototype` as those in runtime/compile/isolated-core.ts are. */
import { EmitContext } from '../emitter/context.js';
import { ControlFrames } from '../emitter/control-frames.js';
import { DebugHooks } from '../emitter/debug-hooks.js';
import { Address } from '../emitter/memory.js';
import { isolate, listWith } from '../support/primordials.js';
import { MoveSet } from '../valuestack/moves.js';
import { ReferenceRuns } from '../valuestack/reference-runs.js';
import { RegisterFile } from '../valuestack/register-file.js';

/** The roots: what derives from them ends there, too. */
const roots = listWith<{ readonly prototype: object }>(
  Address,
  ControlFrames,
  DebugHooks,
  EmitContext,
  MoveSet,
  ReferenceRuns,
  RegisterFile,
);

for (const root of roots) isolate(root);
