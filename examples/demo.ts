/**
 * The demo: SQLite (sql.js, a module of 688 KB) comes from a slow local server; Beamline compiles it while it
 * arrives, and real work runs on it at once. Run: npm run demo [-- --rate=500] (KB per second)
 */
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type CompileProgress, WebAssembly } from '../src/index.js';
import { drawTable, drawTimeline, type Sample } from './demo-chart.js';
import type { ServerMessage, ServerRequest } from './demo-server.js';

/** The part of sql.js that the demo uses. */
interface Database {
  run(sql: string): void;
  exec(sql: string): { columns: string[]; values: (string | number)[][] }[];
  prepare(sql: string): { run(values: (string | number)[]): void; free(): void };
  close(): void;
}
interface SqlJs {
  readonly Database: new () => Database;
}
type Instantiated = Awaited<ReturnType<typeof WebAssembly.instantiateStreaming>>;
interface SqlJsConfig {
  instantiateWasm(
    imports: object,
    done: (instance: Instantiated['instance'], module: Instantiated['module']) => void,
  ): object;
}

const require = createRequire(import.meta.url);
const initSqlJs = require('sql.js/dist/sql-wasm.js') as (config: SqlJsConfig) => Promise<SqlJs>;
const { values: flags } = parseArgs({ options: { rate: { type: 'string', default: '500' } } });
const rate = 1000 * Number(flags.rate);
if (!(rate > 0)) throw new TypeError(`--rate must be a positive number of KB per second, not ${flags.rate}`);

const request: ServerRequest = { path: require.resolve('sql.js/dist/sql-wasm.wasm'), chunkSize: 16_384, rate };
const server = new Worker(new URL('./demo-server.js', import.meta.url), { workerData: request });
let lastByteAt = Number.NaN;
const url = await new Promise<string>((resolve, reject) => {
  server.on('error', reject);
  server.on('message', (message: ServerMessage) => {
    if ('url' in message) resolve(message.url);
    else lastByteAt = message.lastByteAt;
  });
});

const samples: Sample[] = [];
const start = performance.now();
const onProgress = (progress: CompileProgress): void => {
  samples.push({ time: performance.now() - start, ...progress });
};

console.log(`streaming SQLite from ${url} at ${rate / 1000} KB/s`);
let readyAt = Number.NaN;
const sql = await new Promise<SqlJs>((resolve, reject) => {
  const config: SqlJsConfig = {
    instantiateWasm(imports, done) {
      WebAssembly.instantiateStreaming(url, imports, { onProgress }).then(({ instance, module }) => {
        readyAt = performance.now();
        done(instance, module);
      }, reject);
      return {};
    },
  };
  initSqlJs(config).then(resolve, reject);
});

console.log('');
for (const line of drawTimeline(samples)) console.log(line);
console.log('');
// The server's message comes through another queue than its bytes.
while (Number.isNaN(lastByteAt)) await new Promise((resolve) => setTimeout(resolve, 1));
await server.terminate();
const wait = performance.timeOrigin + readyAt - lastByteAt;
console.log(
  `from the last byte sent to a running instance: ${wait.toFixed(2)} ms (network and instantiation included)`,
);

const rows = 20_000;
const cities = ['Aarhus', 'Bergen', 'Cusco', 'Dakar', 'Evora', 'Fez', 'Graz'];
const workStart = performance.now();
const database = new sql.Database();
database.run('CREATE TABLE trips (id INTEGER PRIMARY KEY, city TEXT, distance REAL, riders INTEGER); BEGIN');
const insert = database.prepare('INSERT INTO trips VALUES (?, ?, ?, ?)');
const expected = new Map<string, number>();
for (let i = 0; i < rows; i++) {
  const city = cities[(i * 31 + (i % 13) * (i % 4)) % cities.length] as string;
  const riders = 1 + ((i * 7919) % 5);
  insert.run([i, city, ((i * 37) % 1000) / 10, riders]);
  expected.set(city, (expected.get(city) ?? 0) + riders);
}
insert.free();
database.run('COMMIT; CREATE INDEX by_city ON trips (city)');
const query = `SELECT city, count(*) AS trips, sum(riders) AS riders, round(avg(distance), 2) AS "mean km",
  round(max(distance), 1) AS "max km" FROM trips GROUP BY city ORDER BY riders DESC, city`;
const [result] = database.exec(query);
const version = database.exec('SELECT sqlite_version()')[0]?.values[0]?.[0];
database.close();
const workTime = performance.now() - workStart;

console.log(`\nSQLite ${version}: ${rows} rows inserted, indexed and queried in ${workTime.toFixed(0)} ms\n`);
if (result === undefined) throw new Error('the query gave no result');
for (const line of drawTable(result.columns, result.values)) console.log(line);
const wrong = result.values.filter(([city, , riders]) => expected.get(city as string) !== riders);
if (wrong.length > 0 || result.values.length !== expected.size) throw new Error('the query gave a wrong result');
console.log('\nthe sums equal those computed in JavaScript');
