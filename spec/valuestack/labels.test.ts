/**
 * Label states: two ways lead to a label, each after random steps of its own. What the code at the label believes is true
 * whichever way was taken.
 */
import test from 'ava';
import fc from 'fast-check';
import { type Command, command, Harness } from './harness.js';

const commands = fc.array(command, { maxLength: 40, size: 'max' });
const valueTypes = fc.int8Array({ minLength: 0, maxLength: 4, min: 0, max: 3 });

/** The top entries get registers of their own, as at the first branch to a label. */
function capture(harness: Harness, count: number): number {
  const { vs } = harness;
  vs.writeZeros();
  for (let k = 0; k < count; k++) vs.ensureOwnReg(vs.height - count + k);
  vs.pinned = 0;
  return vs.captureState(count);
}

/** Go on at a label, with nothing known but its state. */
function adopt(harness: Harness, state: number, types: Int8Array): void {
  const { vs } = harness;
  vs.kill();
  vs.height = vs.floor = harness.base;
  vs.adoptState(state, types, types.length);
}

/** `if`, a branch to the label at the end of the first arm, the end of the second. */
function forward(
  before: readonly Command[],
  first: readonly Command[],
  second: readonly Command[],
  types: Int8Array,
  choices: readonly [number, number],
): void {
  const harness = new Harness();
  const { vs } = harness;
  for (const each of before) harness.step(each);
  harness.beginBlock();
  const elseState = vs.captureState(0);
  const fork = harness.snapshot();
  for (const each of first) harness.step(each);
  harness.pushValues(types, choices[0]);
  const state = capture(harness, types.length);
  harness.snapshot();
  harness.leaveBlock(types.length);
  const one = harness.snapshot();
  adopt(harness, elseState, new Int8Array(0));
  harness.restore(fork);
  for (const each of second) harness.step(each);
  harness.pushValues(types, choices[1]);
  vs.planMerge(state, types.length, false);
  vs.emitMerge();
  harness.snapshot();
  harness.leaveBlock(types.length);
  adopt(harness, state, types);
  const label = harness.pos;
  harness.flushAndCheck();
  harness.replay(label, one);
  harness.checkMemory();
}

/** A loop: the body's end jumps back to the header, whose state is fixed. */
function backward(
  before: readonly Command[],
  body: readonly Command[],
  types: Int8Array,
  choices: readonly [number, number],
): void {
  const harness = new Harness();
  const { vs } = harness;
  for (const each of before) harness.step(each);
  harness.beginBlock();
  vs.limitLocals(0x37cf, 8);
  vs.zerosToRegisters(8, 11);
  harness.pushValues(types, choices[0]);
  const state = capture(harness, types.length);
  vs.makeAllDirty(state);
  harness.snapshot();
  harness.spoilSlots();
  const entry = harness.snapshot();
  for (const each of body) harness.step(each);
  harness.pushValues(types, choices[1]);
  vs.planMerge(state, types.length, true);
  vs.emitMerge();
  harness.snapshot();
  harness.leaveBlock(types.length);
  adopt(harness, state, types);
  const header = harness.pos;
  harness.flushAndCheck();
  harness.replay(header, entry);
  harness.checkMemory();
}

test('forward labels', (t) => {
  fc.assert(fc.property(commands, commands, commands, valueTypes, fc.tuple(fc.integer(), fc.integer()), forward), {
    numRuns: 1500,
  });
  t.pass();
});

test('loop headers', (t) => {
  fc.assert(fc.property(commands, commands, valueTypes, fc.tuple(fc.integer(), fc.integer()), backward), {
    numRuns: 1500,
  });
  t.pass();
});
