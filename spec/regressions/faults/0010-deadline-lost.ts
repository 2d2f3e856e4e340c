/** Deadlines were lost: after an interruption that was caught, and when an inner deadline ended. */
import { check, done, Engine, wat } from './support.js';

const engine = new Engine();
const bytes = await wat('(module (func (export "spin") (loop (br 0))) (func (export "nop")))');
const { exports } = new engine.WebAssembly.Instance(new engine.WebAssembly.Module(bytes));
const { spin, nop } = exports as unknown as { spin(): void; nop(): void };

function isInterrupted(f: () => void): boolean {
  try {
    f();
    return false;
  } catch (error) {
    if ((error as Error).message !== 'execution interrupted') throw error;
    return true;
  }
}

function within(milliseconds: number, run: () => void): void {
  isInterrupted(() => engine.withDeadline(milliseconds, run));
  check(!isInterrupted(nop), 'after the scope, code runs');
}

function wait(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

within(20, () => {
  check(isInterrupted(spin), 'a loop ends');
  check(isInterrupted(nop), 'after the deadline, code is refused');
  check(isInterrupted(spin), 'after the deadline, a loop is refused');
});
within(20, () => {
  engine.withDeadline(5000, nop);
  check(isInterrupted(spin), 'the outer deadline counts after an inner one that was not needed');
});
within(50, () => {
  check(
    isInterrupted(() => engine.withDeadline(5, spin)),
    'the inner deadline',
  );
  check(isInterrupted(spin), 'the outer deadline counts after an inner one that has passed');
});
within(20, () => {
  wait(50);
  check(isInterrupted(nop) && isInterrupted(nop) && isInterrupted(spin), 'a deadline that passes in JS');
});
done();
