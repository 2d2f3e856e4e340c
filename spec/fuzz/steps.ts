/** The random steps of a generated body: statements, blocks, branches, and patterns that are hard on a compiler. */
import { Op } from '../support/instructions.js';
import { FUNCREF, I32, isReference, type ValueType } from '../support/wasm-types.js';
import type { BodyGenerator, Label } from './body.js';
import { vectorOperators } from './vector-operators.js';

type Step = (body: BodyGenerator) => void;

/** All steps with how often each is wanted; a body changes the weights by chance. */
const steps: readonly [Step, number][] = [
  [pushValue, 12],
  [operateOnTop, 14],
  [assignLocal, 14],
  [teeLocal, 5],
  [store, 7],
  [consume, 8],
  [block, 7],
  [loop, 6],
  [conditional, 7],
  [branchIf, 8],
  [guardedExit, 4],
  [branchTable, 2],
  [callAny, 7],
  [selectOnTop, 3],
  [spread, 2],
  [rotateLocals, 3],
  [lazyRead, 4],
  [bulkMemory, 2],
  [tableAccess, 1.5],
  [deepExpression, 2],
  [hashOperation, 14],
  [tryBlock, 9],
  [throwSome, 4],
];

/** Fill a body to its budget, and close it. */
export function generateBody(body: BodyGenerator, hashLocals: boolean): void {
  const { results } = body.type;
  body.labels.push({ kind: 'function', types: results, height: 0, counter: -1, iterations: 1 });
  // Every body prefers other steps, some not at all: rare combinations come up that way.
  const weights = steps.map(([step, weight]) => {
    if (step === hashOperation && !body.environment.vectors) return 0;
    if ((step === tryBlock || step === throwSome) && !body.environment.exceptions) return 0;
    return weight * (body.random.oneIn(6) ? 0 : body.random.between(1, 8));
  });
  run(body, weights, body.limits.budget);
  if (!body.dead && hashLocals) hash(body);
  body.finish(results);
  body.code.byte(Op.end);
}

const weightsOf = new WeakMap<BodyGenerator, number[]>();

function run(body: BodyGenerator, weights: number[], count: number): void {
  weightsOf.set(body, weights);
  while (count-- > 0 && body.budget > 0) {
    if (body.dead && body.random.oneIn(3)) return;
    steps[body.random.weighted(weights)]![0](body);
  }
}

/** A few steps inside a block. */
function runInside(body: BodyGenerator): void {
  run(body, weightsOf.get(body)!, body.random.small(14));
}

function randomNumberType(body: BodyGenerator): ValueType {
  return body.random.pick(body.environment.numberTypes);
}

function randomTypes(body: BodyGenerator, limit: number): ValueType[] {
  const count = body.random.oneIn(12) ? body.random.below(limit * 4) : body.random.below(limit + 1);
  return Array.from({ length: count }, () =>
    body.random.oneIn(30) ? body.environment.referenceType(body.random) : randomNumberType(body),
  );
}

function pushValue(body: BodyGenerator): void {
  body.expression(body.random.oneIn(40) ? body.environment.referenceType(body.random) : randomNumberType(body));
}

function operateOnTop(body: BodyGenerator): void {
  const { random } = body;
  const top = body.top();
  if (top === undefined || isReference(top)) return pushValue(body);
  const second = body.top(1);
  if (second !== undefined && random.chance(60)) {
    const operator = body.foldOperator();
    if (operator !== undefined) return body.applyOperator(operator);
  }
  if (random.oneIn(3)) {
    body.expression(top);
    return body.applyOperator(random.pick(body.environment.operators.taking([top, top])));
  }
  body.applyOperator(random.pick(body.environment.operators.taking([top])));
}

function assignLocal(body: BodyGenerator): void {
  const top = body.top();
  const type = top !== undefined && body.random.oneIn(2) ? top : randomNumberType(body);
  body.need([type]);
  body.localSet(body.writableLocal(type));
}

function teeLocal(body: BodyGenerator): void {
  const top = body.top();
  if (top === undefined) return assignLocal(body);
  body.localTee(body.writableLocal(top));
}

function store(body: BodyGenerator): void {
  if (body.environment.memory === null) return;
  const operator = body.random.pick(body.environment.operators.stores);
  body.address(body.random.below(3));
  body.expression(operator.type);
  body.opcode(operator.opcode);
  body.memoryArgument(operator);
  body.pop(2);
}

function consume(body: BodyGenerator): void {
  if (body.available > 0) body.consumeTop();
}

/** Open a block on the top values of the stack as parameters. */
function open(body: BodyGenerator, opcode: Op, params: ValueType[], results: ValueType[], label: Partial<Label>): void {
  body.opcode(opcode);
  body.blockType(params, results);
  const kind = opcode === Op.loop ? 'loop' : opcode === Op.if ? 'if' : 'block';
  body.labels.push({
    kind,
    types: opcode === Op.loop ? params : results,
    height: body.stack.length - params.length,
    counter: -1,
    iterations: 1,
    ...label,
  });
  // Also in dead code: a block has a stack of its own, which is not polymorphic until something leaves it.
  body.dead = false;
}

/** Close the current block; its results are on the stack afterwards. */
function close(body: BodyGenerator, results: ValueType[]): void {
  body.finish(results);
  const label = body.labels.pop()!;
  body.stack.length = label.height;
  body.stack.push(...results);
  body.opcode(Op.end);
}

/** Types of some values on top of the stack: what a block takes as parameters. */
function topTypes(body: BodyGenerator): ValueType[] {
  const count = body.random.oneIn(2) ? 0 : body.random.below(Math.min(body.available, 6) + 1);
  return body.stack.slice(body.stack.length - count);
}

function tooDeep(body: BodyGenerator): boolean {
  return body.labels.length > body.limits.nesting || body.budget < 10;
}

function block(body: BodyGenerator): void {
  if (tooDeep(body)) return pushValue(body);
  const params = topTypes(body);
  const results = randomTypes(body, 3);
  const dead = body.dead;
  open(body, Op.block, params, results, {});
  runInside(body);
  close(body, results);
  body.dead = dead;
}

/** A try with catches, catch_all, delegate, or nothing of them. */
function tryBlock(body: BodyGenerator): void {
  const { random, environment } = body;
  if (tooDeep(body)) return pushValue(body);
  const params = topTypes(body);
  const results = randomTypes(body, 3);
  const dead = body.dead;
  open(body, Op.try, params, results, { kind: 'try' });
  runInside(body);
  if (random.oneIn(6)) {
    body.finish(results);
    const label = body.labels.pop()!;
    body.stack.length = label.height;
    body.stack.push(...results);
    body.opcode(Op.delegate);
    body.code.u32(random.below(body.labels.length));
    body.dead = dead;
    return;
  }
  const label = body.labels[body.labels.length - 1]!;
  const begin = (opcode: Op, values: readonly ValueType[]): void => {
    body.finish(results);
    body.stack.length = body.base;
    body.stack.push(...values);
    body.dead = false;
    label.kind = 'catch';
    body.opcode(opcode);
  };
  for (let count = random.below(3); count > 0; count--) {
    const tag = random.below(environment.tags.length);
    begin(Op.catch, environment.tags[tag]!);
    body.code.u32(tag);
    runInside(body);
  }
  if (random.chance(60)) {
    begin(Op.catchAll, []);
    runInside(body);
  }
  close(body, results);
  body.dead = dead;
}

/** throw or rethrow, under a condition. */
function throwSome(body: BodyGenerator): void {
  const { random, environment } = body;
  if (tooDeep(body)) return;
  body.condition(1);
  body.pop();
  const dead = body.dead;
  open(body, Op.if, [], [], {});
  const catches = body.labels.filter(({ kind }) => kind === 'catch');
  if (catches.length > 0 && random.oneIn(2)) {
    body.opcode(Op.rethrow);
    body.code.u32(distance(body, random.pick(catches)));
  } else {
    const tag = random.below(environment.tags.length);
    body.need(environment.tags[tag]!);
    body.opcode(Op.throw);
    body.code.u32(tag);
  }
  body.stack.length = body.base;
  body.labels.pop();
  body.opcode(Op.end);
  body.dead = dead;
}

function loop(body: BodyGenerator): void {
  const { random } = body;
  if (tooDeep(body) || body.multiplier > 200) return pushValue(body);
  const params = topTypes(body);
  const results = random.oneIn(3) ? [...params] : randomTypes(body, 2);
  const iterations = random.oneIn(4) ? random.between(5, 30) : random.between(1, 4);
  const counter = newCounter(body);
  body.i32(iterations);
  body.localSet(counter);
  const dead = body.dead;
  open(body, Op.loop, params, results, { counter, iterations });
  body.counters.add(counter);
  body.multiplier *= iterations;
  runInside(body);
  if (!body.dead) {
    body.need(params);
    countDown(body, counter);
    body.opcode(Op.brIf);
    body.code.u32(0);
    body.pop();
  }
  close(body, results);
  body.multiplier /= iterations;
  body.counters.delete(counter);
  body.dead = dead;
}

/** A local of its own for an open loop. */
function newCounter(body: BodyGenerator): number {
  const free = body.localsOf(I32).filter((index) => !body.counters.has(index));
  if (free.length > 2 && body.random.oneIn(2)) return body.random.pick(free);
  body.locals.push(I32);
  return body.locals.length - 1;
}

/** Count a loop down; leaves the i32 condition for going on. */
function countDown(body: BodyGenerator, counter: number): void {
  const { random } = body;
  body.localGet(counter);
  if (random.oneIn(4)) {
    body.i32(1);
    body.opcode(0x75); // i32.shr_s: a counter below zero stays there
  } else {
    body.i32(random.oneIn(4) ? 2 : 1);
    body.opcode(0x6b); // i32.sub
  }
  body.pop(2);
  body.push(I32);
  body.localTee(counter);
  body.i32(0);
  body.opcode(0x4a); // i32.gt_s
  body.pop(2);
  body.push(I32);
}

function conditional(body: BodyGenerator): void {
  const { random } = body;
  if (tooDeep(body)) return pushValue(body);
  body.condition(2);
  body.pop();
  const params = topTypes(body);
  const withoutElse = random.oneIn(3);
  const results = withoutElse ? params : random.oneIn(3) ? params : randomTypes(body, 3);
  const dead = body.dead;
  open(body, Op.if, params, results, {});
  runInside(body);
  if (!withoutElse) {
    body.finish(results);
    body.stack.length = body.base;
    body.stack.push(...params);
    body.dead = false;
    body.opcode(Op.else);
    runInside(body);
  }
  close(body, results);
  body.dead = dead;
}

/** Distance of a label from the innermost one. */
function distance(body: BodyGenerator, label: Label): number {
  return body.labels.length - 1 - body.labels.indexOf(label);
}

/** A label to branch to: one whose types are on the stack already, if there is one, more often than not. */
function pickLabel(body: BodyGenerator): Label {
  const { random } = body;
  // Leaving far in the middle hides what comes later: outer labels are chosen less often, the function hardly ever.
  const low = random.oneIn(25) ? 0 : random.oneIn(3) ? 1 : body.labels.length - 2;
  const near = body.labels.slice(Math.max(0, Math.min(low, body.labels.length - 1)));
  const ready = near.filter((label) => label.types.length > 0 && body.fits(label.types));
  return random.pick(ready.length > 0 && random.chance(60) ? ready : near);
}

function branchIf(body: BodyGenerator): void {
  const label = pickLabel(body);
  body.need(label.types);
  if (label.kind === 'loop') countDown(body, label.counter);
  else body.condition(2);
  body.opcode(Op.brIf);
  body.code.u32(distance(body, label));
  body.pop();
}

/** An unconditional branch, a return or a trap, under a condition. */
function guardedExit(body: BodyGenerator): void {
  const { random } = body;
  if (tooDeep(body)) return;
  if (random.oneIn(50)) return exit(body);
  const outer = pickLabel(body);
  if (outer.kind === 'loop') countDown(body, outer.counter);
  else body.condition(1);
  body.pop();
  const dead = body.dead;
  open(body, Op.if, [], [], {});
  exit(body, outer);
  while (body.available > 0) body.drop();
  body.labels.pop();
  body.opcode(Op.end);
  body.dead = dead;
}

/** Leave for good: the code after it is dead. */
function exit(body: BodyGenerator, label?: Label): void {
  const { random } = body;
  label ??= random.pick(body.labels.filter(({ kind }) => kind !== 'loop'));
  if (random.oneIn(30)) {
    body.opcode(Op.unreachable);
  } else {
    body.need(label.types);
    if (label.kind === 'function' && random.oneIn(3) && body.environment.tailCalls && body.tailCall(label.types)) {
      // Nothing is left to do.
    } else if (label.kind === 'function' && random.oneIn(2)) {
      body.opcode(Op.return);
    } else {
      body.opcode(Op.br);
      body.code.u32(distance(body, label));
    }
  }
  body.stack.length = body.base;
  body.dead = true;
}

function branchTable(body: BodyGenerator): void {
  const { random } = body;
  if (tooDeep(body)) return;
  const dead = body.dead;
  const types = topTypes(body);
  // Two or three blocks of the same type around it, so that there is something to choose from.
  const around = random.between(1, 3);
  const results = randomTypes(body, 2);
  for (let i = 0; i < around; i++) open(body, Op.block, i === 0 ? types : [], results, {});
  const same = body.labels.filter(
    (label) =>
      label.kind !== 'loop' && label.types.length === results.length && label.types.every((t, i) => t === results[i]),
  );
  body.need(results);
  body.expression(I32);
  if (random.oneIn(2)) {
    body.i32(random.pick([1, 3, 7]));
    body.opcode(0x71); // i32.and
    body.pop(2);
    body.push(I32);
  }
  body.opcode(Op.brTable);
  const count = random.oneIn(6) ? random.below(40) : random.below(6);
  body.code.u32(count);
  for (let i = 0; i <= count; i++) body.code.u32(distance(body, random.pick(same)));
  body.stack.length = body.base;
  body.dead = true;
  for (let i = 0; i < around; i++) {
    close(body, results);
    body.dead = i === around - 1 && dead;
    if (i < around - 1 && random.oneIn(2)) assignLocal(body);
  }
}

function callAny(body: BodyGenerator): void {
  const { random, environment } = body;
  const found = environment.functions.flatMap((_, index) => (body.callable(index) ? [index] : []));
  if (found.length === 0) return;
  const index = random.pick(found);
  body.need(environment.functions[index]!.type.params);
  body.call(index);
}

function selectOnTop(body: BodyGenerator): void {
  const type = body.top() ?? randomNumberType(body);
  body.need([type, type]);
  body.condition(1);
  body.selectTop(type);
}

/** Many values at once: more than there are registers, or than the compiler keeps apart. */
function spread(body: BodyGenerator): void {
  const { random } = body;
  if (body.budget < 60) return;
  const type = randomNumberType(body);
  const mixed = random.oneIn(2);
  for (let count = random.oneIn(8) ? random.between(60, 90) : random.between(8, 30); count > 0; count--) {
    body.expression(mixed ? randomNumberType(body) : type, random.oneIn(4) ? 2 : 0);
  }
  if (random.oneIn(3)) {
    for (let count = random.below(body.available); count > 0; count--) body.consumeTop();
  }
}

/** Several locals change places: the moves of a cycle. */
function rotateLocals(body: BodyGenerator): void {
  const { random } = body;
  const type = randomNumberType(body);
  const free = body.localsOf(type).filter((index) => !body.counters.has(index));
  if (free.length < 2) return;
  const chosen = Array.from({ length: random.between(2, 6) }, () => random.pick(free));
  for (const index of chosen) body.localGet(index);
  for (let i = chosen.length - 1; i >= 0; i--) body.localSet(chosen[(i + 1) % chosen.length]!);
}

/** Read a local, write it in some other piece of code, and only then use what was read. */
function lazyRead(body: BodyGenerator): void {
  const { random } = body;
  const type = randomNumberType(body);
  const index = body.writableLocal(type);
  for (let count = random.between(1, 3); count > 0; count--) body.localGet(index);
  if (random.oneIn(2) || tooDeep(body)) {
    body.expression(type);
    body.localSet(index);
  } else {
    body.condition(1);
    body.pop();
    const dead = body.dead;
    open(body, Op.if, [], [], {});
    body.expression(type);
    body.localSet(index);
    body.labels.pop();
    body.opcode(Op.end);
    body.dead = dead;
  }
  if (random.oneIn(2)) {
    const operator = body.foldOperator();
    if (operator !== undefined) body.applyOperator(operator);
  }
}

function deepExpression(body: BodyGenerator): void {
  if (body.budget < 40) return;
  body.expression(randomNumberType(body), body.random.between(4, 9));
}

/** A vector operator on operands that are hardly ever zero, and its result into the hash: each bit shows. */
function hashOperation(body: BodyGenerator): void {
  const { random } = body;
  const operator = random.pick(vectorOperators);
  for (const param of operator.params) {
    if (random.chance(70)) body.constant(param);
    else body.expression(param, random.below(3));
  }
  body.operator(operator);
  body.hashTop();
}

function bulkMemory(body: BodyGenerator): void {
  const { random, environment } = body;
  if (environment.memory === null) return;
  const choice = random.below(6);
  if (choice === 0) {
    body.i32(random.below(2));
    body.opcode(Op.memoryGrow);
    body.code.byte(0);
  } else if (choice <= 3) {
    body.address(1);
    if (choice === 1) body.expression(I32, 1);
    else body.address(1);
    body.i32(random.below(200));
    body.opcode((0xfc << 16) | (choice === 1 ? 11 : 10)); // memory.fill, memory.copy
    body.code.byte(0);
    if (choice !== 1) body.code.byte(0);
    body.pop(3);
  } else if (environment.data.length > 0) {
    const segment = random.below(environment.data.length);
    if (!environment.data[segment]!.passive && !random.oneIn(20)) return;
    if (random.oneIn(20)) {
      body.opcode((0xfc << 16) | 9); // data.drop
      body.code.u32(segment);
      return;
    }
    body.address(1);
    const { length } = environment.data[segment]!;
    const from = random.below(length + 1);
    body.i32(from);
    body.i32(random.oneIn(10) ? length : random.below(length - from + 1));
    body.opcode((0xfc << 16) | 8); // memory.init
    body.code.u32(segment).byte(0);
    body.pop(3);
  }
}

function tableAccess(body: BodyGenerator): void {
  const { random, environment } = body;
  if (environment.tables.length === 0) return;
  const table = random.below(environment.tables.length);
  const { type } = environment.tables[table]!;
  const choice = random.below(7);
  if (choice === 0) {
    body.opcode((0xfc << 16) | 16); // table.size
    body.code.u32(table);
    body.push(I32);
  } else if (choice === 1) {
    body.leaf(type);
    body.i32(random.below(3));
    body.opcode((0xfc << 16) | 15); // table.grow
    body.code.u32(table);
    body.pop(2);
    body.push(I32);
  } else if (choice === 2) {
    body.reference(type);
    body.opcode(Op.refIsNull);
    body.pop();
    body.push(I32);
  } else if (choice === 3) {
    body.tableIndex(table);
    body.leaf(type);
    body.opcode(Op.tableSet);
    body.code.u32(table);
    body.pop(2);
  } else {
    tableRange(body, table, choice);
  }
}

/** table.fill, table.copy, table.init on a small range. */
function tableRange(body: BodyGenerator, table: number, choice: number): void {
  const { random, environment } = body;
  const before = body.available;
  const { type } = environment.tables[table]!;
  body.tableIndex(table);
  if (choice === 4) {
    body.leaf(type);
    body.i32(random.below(3));
    body.opcode((0xfc << 16) | 17); // table.fill
    body.code.u32(table);
  } else if (choice === 5 || type !== FUNCREF || environment.elements.length === 0) {
    const first = environment.tables.findIndex((found) => found.type === type);
    const other = first + random.below(environment.tables.filter((found) => found.type === type).length);
    body.tableIndex(other);
    body.i32(random.below(3));
    body.opcode((0xfc << 16) | 14); // table.copy
    body.code.u32(table).u32(other);
  } else {
    const segment = random.below(environment.elements.length);
    if (random.oneIn(20)) {
      while (body.available > before) body.drop();
      body.opcode((0xfc << 16) | 13); // elem.drop
      body.code.u32(segment);
      return;
    }
    const length = environment.elements[segment]!;
    const from = random.below(length + 1);
    body.i32(from);
    body.i32(random.below(Math.min(2, length - from) + 1));
    body.opcode((0xfc << 16) | 12); // table.init
    body.code.u32(segment).u32(table);
  }
  body.pop(3);
}

/** Mix all locals into the hash global, so that a wrong one shows. */
function hash(body: BodyGenerator): void {
  body.locals.slice(0, 200).forEach((type, index) => {
    if (isReference(type) || index === body.vectorScratch) return;
    body.localGet(index);
    body.hashTop();
  });
}
