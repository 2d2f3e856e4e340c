/** `beamline objdump`: machine code with the opcodes that it came from. */

import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { type CpuLevel, cpuFeatures } from '../backends/x64/cpu.js';
import { loadDisassembler } from '../backends/x64/disassemble.js';
import { formatFunction, listModule } from '../explore/listing.js';
import { ExitCode } from './exit-code.js';
import { Failure } from './failure.js';
import { readAll } from './input.js';
import { print } from './output.js';
import { printable } from './text.js';

export interface ObjdumpOptions {
  readonly funcs?: string;
  readonly bytes?: boolean;
  readonly traps?: boolean;
  readonly cpu: CpuLevel;
}

export async function objdump(source: string, options: ObjdumpOptions): Promise<void> {
  const wanted = options.funcs === undefined ? undefined : parseFunctions(options.funcs);
  const bytes = await readAll(source);
  const listed = listModule(bytes, await loadDisassembler(), {
    cpu: cpuFeatures(options.cpu),
    bytes: options.bytes === true,
    sites: options.traps === true,
    ...(wanted === undefined ? {} : { filter: wanted.has }),
  });
  const missing = wanted?.missing() ?? [];
  if (missing.length > 0) throw new Failure(`--funcs: no own function ${missing.join(', ')} in ${source}`);
  const paint = usesColour() ? colour : (line: string) => line;
  const out: string[] = [];
  for (const item of listed) {
    const [, ...lines] = formatFunction(item);
    out.push(
      ...[`${item.name}: function ${item.index}, ${item.codeBytes} bytes`, ...lines].map((line) =>
        paint(printable(line)),
      ),
      '',
    );
  }
  print(`${out.join('\n')}\n`);
}

/** `main,3,10-12`: names, indexes, ranges of indexes. */
function parseFunctions(list: string): { has: (index: number, name: string) => boolean; missing: () => string[] } {
  const items = list.split(',').map((text) => {
    const range = /^(\d+)(?:-(\d+))?$/.exec(text);
    const low = Number(range?.[1]);
    return { text, isRange: range !== null, low, high: Number(range?.[2] ?? low), isFound: false };
  });
  const empty = items.find((item) => item.text === '' || item.high < item.low);
  if (empty !== undefined) throw new Failure(`--funcs ${list}: '${empty.text}' names no function`, ExitCode.usage);
  return {
    has: (index, name) => {
      let found = false;
      for (const item of items) {
        if (item.isRange ? index < item.low || index > item.high : item.text !== name) continue;
        item.isFound = true;
        found = true;
      }
      return found;
    },
    missing: () => items.filter((item) => !item.isFound).map((item) => item.text),
  };
}

/** On a terminal, unless NO_COLOR is set; FORCE_COLOR wins. */
function usesColour(): boolean {
  const { FORCE_COLOR, NO_COLOR } = process.env;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  return isatty(1) && !NO_COLOR;
}

/** Where the instructions begin in a line of `formatFunction`. */
const column = 26;

function colour(line: string): string {
  const style = (name: Parameters<typeof styleText>[0], text: string): string =>
    text === '' ? '' : styleText(name, text);
  if (!line.startsWith(' ')) return style('bold', line);
  const left = line.slice(0, column);
  const right = line.slice(column);
  if (/^L\d+:$/.test(right)) return style('cyan', left) + style('yellow', right);
  const at = right.indexOf(' ; ');
  const code = at < 0 ? right : right.slice(0, at);
  return style('cyan', left) + code + style('dim', at < 0 ? '' : right.slice(at));
}
