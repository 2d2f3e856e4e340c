/**
 * Brings the tree to a state in which the compiled output can run: installs packages when `node_modules` is
 * missing or does not fit the lock file, compiles when a source changed, and the compiler core to WebAssembly when one of
 * its own did (core.mjs). Plain Node, no dependencies.
 *
 *   node scripts/prepare.mjs             install and build, each only if needed
 *   node scripts/prepare.mjs --install   install only
 *   node scripts/prepare.mjs --force     build in any case
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.build-stamp');
const sourceFolders = ['src', 'spec', 'bench', 'examples'];

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (result.error) throw result.error;
  if (result.signal) throw new Error(`${command} ${args.join(' ')} was ended by ${result.signal}`);
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed with exit code ${result.status}`);
}

/** The first package of the lock file that is not installed in its version, or null. */
function firstMissingPackage() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'node_modules';
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.optional) continue;
    if (installed[path]?.version !== entry.version || !existsSync(join(root, path))) return path;
  }
  return null;
}

/** True if package.json asks for what the lock file was made from. */
function lockFits() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[''];
  const same = (a, b) =>
    JSON.stringify(Object.entries(a ?? {}).sort()) === JSON.stringify(Object.entries(b ?? {}).sort());
  return same(manifest.dependencies, locked.dependencies) && same(manifest.devDependencies, locked.devDependencies);
}

export function install() {
  const fits = lockFits();
  const missing = firstMissingPackage();
  if (fits && missing === null) return;
  console.log(
    fits ? `installing packages (${missing} is missing or old)` : 'installing packages (package.json changed)',
  );
  // Not `npm ci`: it refuses a lock file without the optional packages of other platforms, which a registry need
  // not have. The lock file decides either way, and is left as it is if it fits.
  run('npm', ['install', '--no-audit', '--no-fund', '--include=dev', ...(fits ? ['--no-save'] : [])]);
}

function* filesBelow(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** Hash over everything that decides what the compiled output is. */
function fingerprint() {
  const hash = createHash('sha256');
  const files = [join(root, 'tsconfig.json'), join(root, 'package-lock.json')];
  for (const folder of sourceFolders) {
    for (const path of filesBelow(join(root, folder))) if (path.endsWith('.ts')) files.push(path);
  }
  for (const path of files.sort()) {
    hash.update(`${relative(root, path)}\0`);
    hash.update(readFileSync(path));
    hash.update('\0');
  }
  return hash.digest('hex');
}

/** A deleted source must not live on as compiled output: tests are found by pattern. */
function removeOrphans() {
  const output = /(?:\.d\.ts|\.js|\.js\.map|\.d\.ts\.map)$/;
  for (const folder of sourceFolders) {
    for (const path of filesBelow(join(root, 'dist', folder))) {
      if (!output.test(path)) continue;
      const source = join(root, relative(join(root, 'dist'), path).replace(output, '.ts'));
      if (!existsSync(source)) rmSync(path);
    }
  }
}

export async function build(force = false) {
  compile(force);
  // It imports what is installed and compiled by now.
  const { buildCore } = await import('./core.mjs');
  await buildCore(force);
}

function compile(force) {
  const now = fingerprint();
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  rmSync(stamp, { force: true });
  removeOrphans();
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const incremental = ['--incremental', '--tsBuildInfoFile', 'dist/.tsbuildinfo'];
  run(process.execPath, [compiler, '-p', 'tsconfig.json', ...incremental]);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

export function checkPlatform() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node 20.19 or newer is needed, this is ${process.version}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    checkPlatform();
    install();
    if (!process.argv.includes('--install')) await build(process.argv.includes('--force'));
  } catch (error) {
    console.error(`prepare: ${error.message}`);
    process.exit(1);
  }
}
