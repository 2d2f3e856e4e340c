/** SQLite (C, Emscripten): create, fill and query a database, export it, open the export. */
import { digest, type Program, requirePackage } from '../program.js';

interface Sql {
  readonly Database: new (
    image?: Uint8Array,
  ) => {
    run(sql: string): void;
    exec(sql: string): unknown;
    prepare(sql: string): { run(values: unknown[]): void; free(): void };
    export(): Uint8Array;
    close(): void;
  };
}

export const program: Program<Sql> = {
  load: () => requirePackage('sql.js', 'dist/sql-wasm.js')(),
  work(sql) {
    const database = new sql.Database();
    database.run('create table item(id integer primary key, name text, price real); begin');
    const insert = database.prepare('insert into item(name, price) values (?, ?)');
    for (let i = 0; i < 20_000; i++) insert.run([`row ${(i * 7919) % 1000}`, i / 7]);
    insert.free();
    database.run('commit; create index by_name on item(name)');
    const queries = [
      'select name, count(*), sum(price), avg(length(name)) from item group by name order by 3 desc limit 5',
      'with recursive c(x) as (select 1 union all select x + 1 from c where x < 50000) select sum(x * x % 97) from c',
      "select group_concat(upper(name), ';') from (select distinct name from item where name glob '*9?' order by name)",
      "select printf('%.12e', exp(ln(price))), round(sqrt(price), 9) from item where id in (2, 777, 20000)",
      "select json_extract('{\"a\":[1,2,{\"b\":3}]}', '$.a[2].b'), strftime('%Y-%j', '2024-02-29')",
    ];
    const results = queries.map((query) => JSON.stringify(database.exec(query)));
    const image = database.export();
    database.close();
    const copy = new sql.Database(image);
    results.push(JSON.stringify(copy.exec('pragma integrity_check; select count(*), max(price) from item')));
    copy.close();
    return [...results, digest(image)].join('\n');
  },
};
