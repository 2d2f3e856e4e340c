/** SQLite's own build (C, Emscripten): virtual tables, window functions, a user function. */
import { readFileSync } from 'node:fs';
import { importPackage, type Program, packageFile } from '../program.js';

interface Sqlite {
  readonly version: { libVersion: string };
  readonly oo1: {
    DB: new (
      path: string,
    ) => {
      exec(options: object): unknown[];
      createFunction(name: string, call: (pointer: number, value: number) => number): void;
      close(): void;
    };
  };
}

const folder = 'sqlite-wasm/jswasm';

export const program: Program<Sqlite> = {
  async load() {
    // Made for browsers.
    Object.assign(globalThis, { self: globalThis, location: new URL('file:///') });
    const { default: init } = await importPackage('@sqlite.org/sqlite-wasm', `${folder}/sqlite3.mjs`);
    const quiet = (): void => {};
    const wasmBinary = readFileSync(packageFile('@sqlite.org/sqlite-wasm', `${folder}/sqlite3.wasm`));
    return init({ print: quiet, printErr: quiet, wasmBinary });
  },
  work(sqlite) {
    const database = new sqlite.oo1.DB(':memory:');
    database.createFunction('triple', (_, value) => 3 * value);
    const query = (sql: string): string =>
      JSON.stringify(database.exec({ sql, rowMode: 'array', returnValue: 'resultRows' }));
    const results = [
      'create virtual table text using fts5(body)',
      "insert into text select 'row ' || value || ' has ' || (value * 7919 % 1000) || ' points' from (with recursive c(value) as (select 1 union all select value + 1 from c where value < 5000) select * from c)",
      "select count(*), min(rowid) from text where text match 'points AND 42*'",
      'select n, sum(n) over (order by n rows 2 preceding), ntile(3) over (order by n desc), triple(n) from (select rowid as n from text limit 10)',
      "select json_group_array(value * 2) from json_each('[1,2.5,3e2]')",
      'pragma integrity_check',
    ].map(query);
    database.close();
    return results.join('\n');
  },
};
