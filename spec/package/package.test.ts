/** The package as users get it: packed, installed into an empty project, imported, preloaded, called, type-checked. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { root } from '../real/program.js';

const exec = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'beamline-package-'));
const project = join(folder, 'project');
let tarball = '';
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Standard output of a command in the project. */
async function run(command: string, args: readonly string[], cwd = project, env = process.env): Promise<string> {
  try {
    return (await exec(command, args, { cwd, env, maxBuffer: 1 << 24 })).stdout;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}

test.before(async (t) => {
  t.timeout(240_000);
  await run(process.execPath, [join(root, 'scripts', 'bundle.mjs')], root);
  // The scripts would build again what the tests run on.
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  tarball = join(folder, (JSON.parse(packed) as { filename: string }[])[0]?.filename ?? '');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  await install();
});

async function install(): Promise<void> {
  try {
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball]);
  } catch (error) {
    const { message } = error as Error;
    if (!/\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/.test(message))
      throw error;
    throw new Error(`the registry cannot be reached, and npm's cache lacks a dependency of the package:\n${message}`);
  }
}

/** (module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))) */
const bytes = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1,
  7, 0, 32, 0, 32, 1, 106, 11,
];

test('import', async (t) => {
  writeFileSync(join(project, 'add.wasm'), Uint8Array.from(bytes));
  const program = `
    import { Engine, WebAssembly } from 'beamline';
    const { instance } = await WebAssembly.instantiateStreaming('add.wasm');
    const engine = new Engine({ maxSliceMs: 1, debug: { checkInvariants: true } });
    const module = await engine.WebAssembly.compile(Uint8Array.from([${bytes}]));
    console.log(instance.exports.add(2, 3), new engine.WebAssembly.Instance(module).exports.add(-1, 1));`;
  t.is(await run(process.execPath, ['--input-type=module', '--eval', program]), '5 0\n');
});

test('a WASI program on the command line loads no zod, no zlib, no HTTP', async (t) => {
  // Of the modules of Node that are loaded, and of the files.
  writeFileSync(
    join(project, 'loaded.cjs'),
    `process.on('exit', () => {
       const files = Object.keys(require.cache).join(' ');
       process._rawDebug(String([process.moduleLoadList.some((name) => /NativeModule (?:zlib|_?http.*|crypto)$/.test(name)), /node_modules.zod/.test(files)]));
     });`,
  );
  cpSync(join(root, 'spec', 'wasi', 'programs', 'tool.wasm'), join(project, 'tool.wasm'));
  const cli = join(project, 'node_modules', 'beamline', 'dist', 'lib', 'cli.cjs');
  const env = { ...process.env, BEAMLINE_CODE_CACHE: '0' };
  const child = exec(process.execPath, ['--require', './loaded.cjs', cli, 'run', 'tool.wasm'], { cwd: project, env });
  const { stderr } = await child.catch((error: { stderr: string }) => error);
  t.true(stderr.endsWith('false,false\n'), stderr);
});

test('import loads nothing that only the command line, listings, options or URLs need', async (t) => {
  const bare = join(folder, 'bare');
  mkdirSync(join(bare, 'node_modules'), { recursive: true });
  cpSync(join(project, 'node_modules', 'beamline'), join(bare, 'node_modules', 'beamline'), { recursive: true });
  symlinkSync(join(project, 'node_modules', 'koffi'), join(bare, 'node_modules', 'koffi'));
  const program = `
    import { WebAssembly } from 'beamline';
    const { instance } = await WebAssembly.instantiate(Uint8Array.from([${bytes}]));
    console.log(instance.exports.add(2, 3), await import('commander').catch((error) => error.code));`;
  t.is(await run(process.execPath, ['--input-type=module', '--eval', program], bare), '5 ERR_MODULE_NOT_FOUND\n');
});

test('import loads no room of the engine and no addon before the first use', async (t) => {
  const program = `
    import { readFileSync } from 'node:fs';
    import { createRequire } from 'node:module';
    import { Engine, WebAssembly } from 'beamline';
    const { cache } = createRequire(import.meta.url);
    const loaded = () => [
      Object.keys(cache).some((file) => file.endsWith('engine-rooms.cjs')),
      readFileSync('/proc/self/maps', 'latin1').includes('koffi.node'),
    ];
    const engine = new Engine();
    console.log(String(loaded()), engine.WebAssembly !== WebAssembly, WebAssembly.validate(Uint8Array.from([${bytes}])), String(loaded()));`;
  // Without the cache it is Node that loads the parts, and says so.
  const env = { ...process.env, BEAMLINE_CODE_CACHE: '0' };
  const out = await run(process.execPath, ['--input-type=module', '--eval', program], project, env);
  t.is(out, 'false,false true true true,true\n');
});

test('what a program redefines between the import and the first use decides about no memory', async (t) => {
  const program = `
    import { WebAssembly } from 'beamline';
    const called = new Set();
    // By the engine: others that are loaded meanwhile see to themselves.
    const byEngine = () => {
      const lines = String(new Error().stack).split('\\n');
      return (lines[3] ?? '').includes('node_modules/beamline');
    };
    const { apply, construct, getOwnPropertyDescriptor, defineProperty, ownKeys } = Reflect;
    let watching = false;
    function watch(object, key, name) {
      const property = getOwnPropertyDescriptor(object, key);
      for (const part of ['value', 'get', 'set']) {
        const original = property[part];
        if (typeof original !== 'function' || !property.configurable) continue;
        const replaced = function (...args) {
          if (watching) {
            watching = false;
            if (byEngine()) called.add(name);
            watching = true;
          }
          return new.target === undefined ? apply(original, this, args) : construct(original, args, new.target);
        };
        replaced.prototype = original.prototype;
        defineProperty(object, key, { ...property, [part]: replaced });
      }
    }
    for (const name of ['Map', 'Set', 'WeakMap', 'Int8Array', 'Int32Array', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView']) {
      const { prototype } = globalThis[name];
      for (const key of ownKeys(prototype)) if (key !== 'constructor') watch(prototype, key, name + '#' + String(key));
    }
    for (const name of ['Math', 'Atomics']) {
      for (const key of ownKeys(globalThis[name])) watch(globalThis[name], key, name + '.' + String(key));
    }
    for (const key of ['apply', 'construct', 'get']) watch(Reflect, key, 'Reflect.' + key);
    for (const key of ['buffer', 'grow']) watch(globalThis.WebAssembly.Memory.prototype, key, 'Memory#' + key);
    globalThis.WebAssembly = undefined;
    watching = true;
    const { Module, Instance, Memory } = WebAssembly;
    const memory = new Memory({ initial: 1 });
    memory.grow(1);
    const { byteLength } = memory.buffer;
    watching = false;
    console.log([...called].sort().join(' '), byteLength, new Instance(new Module(Uint8Array.from([${bytes}]))).exports.add(2, 3));`;
  const out = await run(process.execPath, ['--input-type=module', '--eval', program]);
  t.is(out, ' 131072 5\n');
});

const cacheFolder = join(project, 'node_modules', 'beamline', 'dist', 'code-cache');
const add = `
    import { WebAssembly } from 'beamline';
    const { instance } = await WebAssembly.instantiate(Uint8Array.from([${bytes}]));
    console.log(instance.exports.add(2, 3));`;

function runAdd(env: NodeJS.ProcessEnv = {}, flags: readonly string[] = []): Promise<string> {
  return run(process.execPath, [...flags, '--input-type=module', '--eval', add], project, { ...process.env, ...env });
}

/** Name, time and length of what is kept. */
function keptFiles(): Map<string, string> {
  return new Map(
    readdirSync(cacheFolder).map((name) => {
      const { mtimeMs, size } = statSync(join(cacheFolder, name));
      return [name, `${mtimeMs} ${size}`];
    }),
  );
}

test.serial('code cache: kept by the first process, used and completed by the next', async (t) => {
  rmSync(cacheFolder, { recursive: true, force: true });
  t.is(await runAdd({ BEAMLINE_CODE_CACHE: '0' }), '5\n');
  t.false(existsSync(cacheFolder));
  t.is(await runAdd(), '5\n');
  const first = keptFiles();
  t.true(first.size >= 3, [...first.keys()].join());
  t.false([...first.keys()].some((name) => /\.\d+-\w+$/.test(name)));
  for (let i = 0; i < 2; i++) t.is(await runAdd(), '5\n');
  const complete = keptFiles();
  t.deepEqual([...complete.keys()], [...first.keys()]);
  t.is(await runAdd(), '5\n');
  t.deepEqual(keptFiles(), complete);
  // V8 takes it for other code when its flags are others.
  t.is(await runAdd({}, ['--stack-size=900']), '5\n');
  t.is(keptFiles().size, 2 * first.size);
});

test.serial('code cache: what is damaged is made anew', async (t) => {
  t.is(await runAdd(), '5\n');
  const whole = keptFiles();
  for (const [name, content] of [...whole.keys()].map((name, i) => [name, i % 2 === 0 ? 'nothing' : ''] as const)) {
    writeFileSync(join(cacheFolder, name), content);
  }
  t.is(await runAdd(), '5\n');
  t.is(await runAdd({}, ['--stack-size=900']), '5\n');
  t.deepEqual([...keptFiles().keys()].sort(), [...whole.keys()].sort());
  t.true([...keptFiles().values()].every((text) => Number(text.split(' ')[1]) > 1000));
});

test.serial('code cache: a changed file of the package has another one', async (t) => {
  const lib = join(project, 'node_modules', 'beamline', 'dist', 'lib');
  const [name = ''] = [...keptFiles().keys()].map((key) => key.replace(/\.cjs-.*/, '.cjs'));
  const text = readFileSync(join(lib, name), 'utf8');
  const before = keptFiles().size;
  writeFileSync(join(lib, name), text);
  utimesSync(join(lib, name), new Date(0), new Date(0));
  t.is(await runAdd(), '5\n');
  t.is(keptFiles().size, before + 1);
});

test.serial('code cache: none where the folder cannot be made', async (t) => {
  rmSync(cacheFolder, { recursive: true, force: true });
  writeFileSync(cacheFolder, '');
  try {
    t.is(await runAdd(), '5\n');
    t.is(readFileSync(cacheFolder, 'utf8'), '');
  } finally {
    rmSync(cacheFolder);
  }
});

test('in another realm than that of the process, parts are loaded as the program loads modules', (t) => {
  const lib = join(root, 'dist', 'lib');
  const required: string[] = [];
  const part = { exports: {} as { load(name: string): unknown } };
  const text = readFileSync(join(lib, 'parts.cjs'), 'utf8');
  const wrapper = runInNewContext(`(function (require, module, __dirname, process) {${text}\n})`);
  const require = (file: string): string => {
    required.push(file);
    return 'module';
  };
  wrapper(require, part, lib, process);
  t.is(part.exports.load('index.cjs'), 'module');
  t.deepEqual(required, [join(lib, 'index.cjs')]);
});

test('an error in wasm code has the program in its stack, and not the engine', async (t) => {
  writeFileSync(
    join(project, 'trap.mjs'),
    `import { WebAssembly } from 'beamline';
     const bytes = Uint8Array.from([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,5,1,3,0,0,11]);
     try { new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f(); } catch (error) { console.log(error.stack); }`,
  );
  const lines = (await run(process.execPath, ['trap.mjs'])).trimEnd().split('\n');
  t.is(lines[0], 'RuntimeError: unreachable');
  t.regex(lines[1] ?? '', /^ {4}at wasm:\/\/beamline\/.*wasm-function\[0\]/);
  t.regex(lines[2] ?? '', /^ {4}at .*trap\.mjs/);
  t.false(lines.some((line) => line.includes('node_modules/beamline')));
});

test('an error that nobody catches is printed with a short piece of source', async (t) => {
  const program = `
    import { WebAssembly } from 'beamline';
    const bytes = Uint8Array.from([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,5,1,3,0,0,11]);
    new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f();`;
  const child = exec(process.execPath, ['--input-type=module', '--eval', program], { cwd: project });
  const { stderr } = (await t.throwsAsync(child)) as Error & { stderr: string };
  t.regex(stderr, /^RuntimeError: unreachable$/m);
  t.true(stderr.length < 4000, `${stderr.length} characters`);
});

test('register', async (t) => {
  const program = `
    const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from([${bytes}])));
    console.log(instance.exports.add(20, 22), String(WebAssembly.Module).includes('native code'));`;
  const out = await run(process.execPath, ['--import', 'beamline/register', '--input-type=module', '--eval', program]);
  t.regex(out, /^42 /);
});

test('command line', async (t) => {
  writeFileSync(join(project, 'add.wasm'), Uint8Array.from(bytes));
  const command = join(project, 'node_modules', '.bin', 'beamline');
  t.is(await run(command, ['run', '--invoke', 'add', 'add.wasm', '40', '2']), '42\n');
  t.regex(await run(command, ['objdump', 'add.wasm']), /i32\.add/);
  t.regex(await run(command, ['--version']), /^\d+\.\d+\.\d+\n$/);
});

test('types', async (t) => {
  writeFileSync(
    join(project, 'program.ts'),
    `import { Engine, WebAssembly, type CompileProgress, type EngineOptions } from 'beamline';
     import 'beamline/register';
     const options: EngineOptions = { maxSliceMs: 2, limits: { memoryPages: 16 } };
     const engine: Engine = new Engine(options);
     const onProgress = (progress: CompileProgress): void => console.log(progress.codeBytes);
     const { instance } = await engine.WebAssembly.instantiateStreaming(new URL('file:///x.wasm'), {}, { onProgress });
     const result: number = engine.withDeadline(5, () => instance.exports['f']!() as number);
     const memory = new WebAssembly.Memory({ initial: 1 });
     // @ts-expect-error there is no such option
     new Engine({ tear: 'baseline' });
     console.log(result, memory.buffer.byteLength, engine.statistics().codeMemory, engine.gc().freed);`,
  );
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        noEmit: true,
        types: ['node'],
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      files: ['program.ts'],
    }),
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  t.is(await run(process.execPath, [tsc, '-p', 'tsconfig.json']), '');
});

test('publint has nothing to say', async (t) => {
  const { messages, pkg } = await publint({
    pkgDir: join(project, 'node_modules', 'beamline'),
    strict: true,
    pack: false,
  });
  t.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('the types are right for whoever imports it', async (t) => {
  const attw = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json');
  const out = await run(process.execPath, [
    join(attw, '..', 'dist', 'index.js'),
    tarball,
    '--profile',
    'esm-only',
    '--format',
    'json',
  ]);
  const { analysis } = JSON.parse(out) as { analysis: { problems: { kind: string; resolutionKind?: string }[] } };
  const relevant = analysis.problems.filter(
    ({ resolutionKind }) => resolutionKind === 'node16-esm' || resolutionKind === 'bundler',
  );
  t.deepEqual(relevant, []);
});
