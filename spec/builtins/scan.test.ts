/** The engine asks the realm for no built-in but where the list says why. */
import test from 'ava';
import { allowances } from './allowances.js';
import { scan } from './scan.js';

test('what the sources ask the realm for is allowed, and what is allowed is there', (t) => {
  const used = new Set<unknown>();
  const open = scan().filter(({ file, rule, code }) => {
    const found = allowances.filter((allowed) => {
      const isPlace = /^$|\/$/.test(allowed.file) ? file.startsWith(allowed.file) : file === allowed.file;
      return isPlace && allowed.rule === rule && allowed.code.test(code);
    });
    for (const allowed of found) used.add(allowed);
    return found.length === 0;
  });
  t.deepEqual(
    open.map(({ file, line, rule, code }) => `${file}:${line} ${rule}: ${code}`),
    [],
  );
  t.deepEqual(
    allowances.filter((allowed) => !used.has(allowed)).map(({ file, rule, code }) => `${file} ${rule} ${code}`),
    [],
  );
});
