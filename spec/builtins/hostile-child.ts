/**
 * The engine in a realm whose built-ins are hostile, in a process of its own.
 *
 *     node dist/spec/builtins/hostile-child.js [--lie] [--each | --part 3/40] [--sync] [--warm] [--verbose]
 *
 * All places at once; with `--each` one after the other, `--part i/n` a sample of these: every n-th, from the i-th. The last line is
 * JSON: the findings, and the places whose results were wrong.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { existingPlaces, newPlaces, type Place, replace, restore } from './realm.js';
import { Recorder } from './recorder.js';
import { makeEngine, sourceBytes, workAsync, workSync, workWarm } from './workload.js';

const { values: flags } = parseArgs({
  options: {
    lie: { type: 'boolean', default: false },
    each: { type: 'boolean', default: false },
    part: { type: 'string' },
    sync: { type: 'boolean', default: false },
    warm: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const root = fileURLToPath(new URL('../../src/', import.meta.url));

/** Names of properties and of classes in the engine's compiled modules. */
function namesInEngine(): { properties: Set<string>; classes: Set<string> } {
  const properties = new Set<string>();
  const classes = new Set<string>();
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, name] of text.matchAll(/\b([A-Za-z_]\w*)\s*:/g)) properties.add(name as string);
    for (const [, name] of text.matchAll(/\.([A-Za-z_]\w*)/g)) properties.add(name as string);
    for (const [, name] of text.matchAll(/\bclass ([A-Z]\w*)/g)) classes.add(name as string);
  }
  for (const name of ['Module', 'Instance', 'Memory', 'Table', 'Global', 'Engine']) classes.delete(name);
  for (const name of 'get set value writable enumerable configurable then done next return throw'.split(' ')) {
    properties.add(name);
  }
  for (const name of ['__proto__', 'prepareStackTrace', 'stackTraceLimit', 'stack']) properties.delete(name);
  return { properties, classes };
}

const { properties, classes } = namesInEngine();
const recorder = new Recorder(root, classes);
recorder.lies = flags.lie;
const folder = mkdtempSync(join(tmpdir(), 'beamline-hostile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** Node's own streams do not survive in every realm: they are made before it becomes hostile. */
function sources(): unknown[] {
  const bytes = [sourceBytes(), sourceBytes(), sourceBytes(), sourceBytes()] as const;
  for (const { buffer } of bytes) recorder.know(buffer);
  const path = join(folder, `${files++}.wasm`);
  writeFileSync(path, bytes[0]);
  const response = new Response(bytes[1] as never, { headers: { 'content-type': 'application/wasm' } });
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes[2]);
      controller.close();
    },
  });
  return [path, response, stream, bytes[3]];
}

async function work(inputs: unknown[]): Promise<void> {
  const engine = makeEngine();
  workSync(engine, recorder);
  if (flags.warm) workWarm(engine, recorder);
  if (!flags.sync) await workAsync(engine, recorder, inputs);
  engine.dispose();
}

const wrong: { place: string; error: string }[] = [];
const stringify = JSON.stringify;
const print = process.stdout.write.bind(process.stdout);

async function run(places: Place[], name: string): Promise<void> {
  const inputs = sources();
  for (let i = 0; i < places.length; i++) replace(places[i] as Place, recorder.hostile);
  let failure: unknown;
  let isFailed = false;
  try {
    await work(inputs);
  } catch (error) {
    isFailed = true;
    failure = error;
  }
  for (let i = places.length - 1; i >= 0; i--) restore(places[i] as Place);
  if (isFailed)
    wrong.push({
      place: name,
      error: failure instanceof Error ? `${failure.message} ${failure.stack}` : String(failure),
    });
}

// What is loaded or made at the first use is not what is looked for.
await work(sources());
const all = [...existingPlaces(), ...newPlaces(properties)];
if (flags.only !== undefined) {
  const place = all.filter(({ name }) => name === flags.only);
  await run(place, flags.only);
} else if (flags.each || flags.part !== undefined) {
  const [from = 0, step = 1] = (flags.part ?? '0/1').split('/').map(Number);
  for (let i = from; i < all.length; i += step) await run([all[i] as Place], (all[i] as Place).name);
} else await run(all, 'all');

if (flags.verbose) {
  for (const { place, caller, leak, count, stack } of recorder.findings) {
    print(`${place} <- ${caller} x${count} ${leak}\n${stack.replace(/^/gm, '      ')}\n`);
  }
}
print(`${stringify({ places: all.length, findings: recorder.findings, wrong })}\n`);
