/**
 * Makes a code image of a module: machine code ahead of time (docs/CONTRACTS.md, "Code images").
 *
 *     node scripts/image.mjs module.wasm --out module.image
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build, install } from './prepare.mjs';
import { writeImage } from './write-image.mjs';

const usage = `node scripts/image.mjs MODULE --out IMAGE [options]
  --out IMAGE      the file to write
  --hash FILE      also write an ES module that exports the image's hash as \`imageHash\`
  --cpu LEVEL      sse4.1 (default: any processor that Beamline runs on) or native: all that this one has
  --bounds WAY     guard (default) or check: who finds accesses outside of a memory
  --linked         functions call each other directly
  --module         the module's bytes are in the image, too
  --help`;

function oneOf(name, value, allowed) {
  if (!allowed.includes(value)) throw new Error(`--${name} ${value}: ${allowed.join(' or ')}\n${usage}`);
  return value;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      hash: { type: 'string' },
      cpu: { type: 'string', default: 'sse4.1' },
      bounds: { type: 'string', default: 'guard' },
      linked: { type: 'boolean', default: false },
      module: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [module] = positionals;
  if (module === undefined || positionals.length > 1 || values.out === undefined) throw new Error(usage);
  const cpu = oneOf('cpu', values.cpu, ['sse4.1', 'native']);
  const bounds = oneOf('bounds', values.bounds, ['guard', 'check']);
  install();
  await build();
  const { out, hash, linked, module: holdsModule } = values;
  const made = await writeImage(module, { out, ...(hash !== undefined && { hash }), cpu, bounds, linked, holdsModule });
  console.log(`${out}: ${made.bytes} bytes, ${made.hash}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main();
  } catch (error) {
    console.error(`image: ${error.message}`);
    process.exitCode = 1;
  }
}
