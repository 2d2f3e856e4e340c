/** An idle engine could not be disposed in a host call of another engine. */
import { check, done, Engine, wat } from './support.js';

const bytes = wat('(module (import "h" "f" (func $f)) (func (export "go") (call $f)) (export "direct" (func $f)))');

function exportsOf(engine: Engine, f: () => void): { go: () => void; direct: () => void } {
  const { WebAssembly } = engine;
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { h: { f } }).exports as never;
}

/** What dispose says. */
function disposal(engine: Engine): string {
  try {
    engine.dispose();
    return 'disposed';
  } catch (error) {
    return (error as Error).message;
  }
}

for (const calls of ['auto', 'koffi'] as const) {
  const idle = new Engine({ calls });
  const busy = new Engine({ calls });
  const inner = new Engine({ calls });
  const other = exportsOf(idle, () => {});
  other.go();
  const seen: string[] = [];
  // busy -> inner -> dispose; then busy's second export is the host function itself: no wasm frame but that of its thunk.
  const last = exportsOf(inner, () => {
    seen.push(disposal(busy), disposal(inner), disposal(idle));
  });
  const { go, direct } = exportsOf(busy, () => last.go());
  go();
  direct();
  const refused = 'the engine cannot be disposed while its code runs';
  check(
    seen.join() === [refused, refused, 'disposed', refused, refused, 'disposed'].join(),
    `in the host call: ${seen.join()}`,
  );
  let error = '';
  try {
    other.go();
  } catch (e) {
    error = (e as Error).message;
  }
  check(error === 'the engine is disposed', `a call of the disposed engine: ${error}`);
  go();
  check(disposal(busy) === 'disposed' && disposal(inner) === 'disposed', 'idle again, but not disposed');
}
done();
