/** Which register is evicted, however often registers were used before, and what allocation never hands out. */
import test from 'ava';
import { Assembler } from '../../src/backends/x64/assembler.js';
import { worldOf } from '../../src/support/world.js';
import { RegisterFile } from '../../src/valuestack/register-file.js';
import { Registers, Type } from '../../src/valuestack/types.js';

const locals = 40;
const { mostStamps } = worldOf(false);

/** All xmm registers hold locals: 0, 1, 2 ... in order of use. */
function full(file: RegisterFile, firstStamp: number): void {
  file.localType.fill(Type.f64, 0, locals);
  file.setParameters(new Int32Array(locals), 0);
  file.clock = firstStamp;
  for (let local = 0; local < 15; local++) file.readLocal(local);
}

const newFile = (): RegisterFile => new RegisterFile(new Assembler(new Uint8Array(1 << 16)));

for (const before of [0, mostStamps - 20, mostStamps - 14, mostStamps - 1, mostStamps, mostStamps + 1, 1 << 28]) {
  test(`the least recently used local goes, after ${before} uses`, (t) => {
    const file = newFile();
    full(file, before);
    for (let local = 15; local < locals; local++) {
      file.pinned = 0;
      const oldest = file.localReg[local - 15];
      t.is(file.readLocal(local), oldest as number, `local ${local}`);
      t.true(file.clock <= Math.max(before + 15, mostStamps) + 1);
    }
  });
}

test('of two that are as old, a local whose slot is valid goes first, after renumbering as well', (t) => {
  for (const before of [0, mostStamps]) {
    const file = newFile();
    full(file, before);
    const first = file.localReg[0] as number;
    file.dirty = 1 << first;
    t.is(file.readLocal(15), file.localReg[1] === -1 ? file.localReg[15] : -1);
    t.is(file.localIn[first], 0);
  }
});

/** A register file whose choice of an entry to spill is wrong. */
class WrongChoice extends RegisterFile {
  readonly #choice: number;

  constructor(choice: number) {
    super(new Assembler(new Uint8Array(1 << 16)));
    this.#choice = choice;
  }

  protected override spillEntry(): number {
    return this.#choice;
  }
}

test('in a small world few registers are handed out, and the others when those are pinned', (t) => {
  const world = worldOf(true);
  const file = new RegisterFile(new Assembler(new Uint8Array(1 << 16)), world);
  full(file, world.firstStamp);
  const few = 1 << file.allocate(Type.i64);
  t.is(few & ~world.general, 0);
  t.is((1 << file.allocate(Type.f64)) & ~world.xmm, 0);
  file.pinned = world.general | world.xmm;
  t.is((1 << file.allocate(Type.i64)) & (Registers.generalMask & ~world.general), 1 << file.allocate(Type.i64));
  t.is((1 << file.allocate(Type.f64)) & (Registers.xmmMask & ~world.xmm), 1 << file.allocate(Type.f64));
  file.pinned = -1;
  t.throws(() => file.allocate(Type.i64), { message: /^internal error/ });
});

const wrong: readonly [string, number][] = [
  ['a register of the other class', 17],
  ['a pinned register', 0],
  ['a register in use', 2],
  ['the scratch register', Registers.scratch],
  ['the stack pointer', 4],
  ['the memory base', 14],
  ['no register', -1],
  ['a number beyond the registers', 32 + 3],
];
for (const [name, choice] of wrong) {
  test(`allocation ends compilation rather than hand out ${name}`, (t) => {
    const file = new WrongChoice(choice);
    file.free &= ~(Registers.generalMask & ~(1 << 0) & ~(1 << 3));
    file.pinned = (1 << 0) | (1 << 3);
    t.throws(() => file.allocate(Type.i64), { message: /internal error: register -?\d+ was allocated/ });
  });
}
