/** The result of a run, and its form on the terminal. */

import type { Summary } from '../src/cli/statistics.js';
import type { CallResult } from './calls.js';
import type { CompileReport } from './compile.js';
import type { FreshReport } from './fresh.js';
import type { ImageResult } from './images.js';
import type { Machine } from './machine.js';
import { type PeerName, peerTitles } from './peers.js';
import type { RaceResult } from './race.js';
import type { RunReport } from './run.js';
import type { BombResult } from './worst-case.js';

/** What one run of the bench found; parts that were not asked for are missing. */
export interface Report {
  /** ISO date. */
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly fresh?: FreshReport;
  readonly images?: readonly ImageResult[];
  readonly compile?: CompileReport;
  readonly fib?: RaceResult;
  readonly kernels?: RunReport | undefined;
  /** Kernels with vectors. */
  readonly simd?: RunReport | undefined;
  readonly calls?: readonly CallResult[];
  readonly bombs?: readonly BombResult[];
}

const peers: readonly PeerName[] = ['beamline', 'liftoff', 'turbofan', 'gcc'];

/** Columns padded to the widest cell; the first is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** A median with its spread in percent. */
function spread(summary: Summary, digits: number): string {
  return `${summary.median.toFixed(digits)} ±${(100 * summary.spread).toFixed(0)}%`;
}

function number(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

/** Least and median: what else runs on the machine only adds. */
function imagesText(results: readonly ImageResult[]): string {
  const cell = ({ min, median }: Summary) => `${min.toFixed(1)} / ${median.toFixed(1)}`;
  const rows = results.flatMap(({ name, wasmBytes, imageBytes, making, instance, withCall }) =>
    [['instance', instance] as const, ['and first call', withCall] as const].map(([what, times], i) => [
      i === 0 ? name : '',
      i === 0 ? (wasmBytes / 1e3).toFixed(0) : '',
      i === 0 ? (imageBytes / 1e3).toFixed(0) : '',
      i === 0 ? making.toFixed(0) : '',
      what,
      cell(times.image),
      cell(times.compiled),
      cell(times.lazy),
      cell(times.liftoff),
    ]),
  );
  return [
    'Code images in fresh processes, from the file on (ms of processor time, all threads: least / median)',
    table(
      [
        'module',
        'wasm, KB',
        'image, KB',
        'made in, ms',
        'until',
        'image',
        'Beamline compiles',
        'V8, lazy',
        'Liftoff, eager',
      ],
      rows,
    ),
  ].join('\n');
}

function freshText(report: FreshReport): string {
  const { start, compile, modules, mean, largeMean } = report;
  return [
    `Fresh processes, from start to end (ms of processor time, all threads; Node's own start, ${start.median.toFixed(0)}, is subtracted)`,
    `import of the package: ${report.import.toFixed(1)}`,
    table(
      ['import and compile a first module', 'Beamline', 'Liftoff'],
      compile.map((item) => [item.name, item.beamline.toFixed(1), item.liftoff.toFixed(1)]),
    ),
    '',
    table(
      [
        'import, compile, instantiate, call',
        'MB',
        'Beamline',
        'Liftoff',
        'Beamline/Liftoff',
        'instance, wall',
        'Liftoff',
      ],
      modules.map((m) => [
        m.name,
        (m.codeBytes / 1e6).toFixed(2),
        spread(m.beamline, 0),
        spread(m.liftoff, 0),
        m.ratio.toFixed(2),
        m.instantiate.beamline.toFixed(2),
        m.instantiate.liftoff.toFixed(2),
      ]),
    ),
    `geometric mean ${mean.toFixed(2)}${largeMean === null ? '' : `, of modules from 500 KB of code on ${largeMean.toFixed(2)}`}`,
  ].join('\n');
}

function compileText(report: CompileReport): string {
  const { throughput, modules, cold, sizes, memory, streams } = report;
  return [
    'Compile throughput, warm, one thread (MB of code section per second, validation included)',
    table(
      ['module', 'MB', 'Beamline', 'Liftoff', 'Beamline/Liftoff', 'code/byte', 'Liftoff'],
      modules.map((m) => {
        const size = sizes.find((entry) => entry.name === m.name)!;
        return [
          m.name,
          (m.codeBytes / 1e6).toFixed(2),
          spread(m.beamline, 1),
          spread(m.liftoff, 1),
          spread(m.ratio, 2),
          size.beamline.toFixed(2),
          size.liftoff.toFixed(2),
        ];
      }),
    ),
    `geometric mean: Beamline ${throughput.beamline.toFixed(1)}, Liftoff ${throughput.liftoff.toFixed(1)}, ratio ${throughput.ratio.toFixed(2)}`,
    '',
    `Cold process (ms; first module: ${cold[0]!.firstModule}; work: processor time of the main thread, for V8 of all threads)`,
    table(
      ['engine', 'import + module, wall', 'least', 'work', 'of that import', 'then MB/s'],
      cold.map((c) => [
        peerTitles[c.engine],
        spread(c.first, 0),
        c.first.min.toFixed(0),
        c.firstWork.median.toFixed(0),
        c.importWork.median.toFixed(0),
        spread(c.restRate, 1),
      ]),
    ),
    '',
    'Last byte to ready, streamed at 4 MB/s (ms; V8 with all its threads), and peak memory of a fresh process (MB)',
    table(
      ['module', 'MB', 'Beamline', 'Liftoff', 'Beamline MB', 'Liftoff MB'],
      streams.map((s) => {
        const peak = memory.find((entry) => entry.name === s.name)!;
        return [
          s.name,
          (s.bytes / 1e6).toFixed(2),
          spread(s.beamline, 2),
          spread(s.liftoff, 2),
          (peak.beamline / 1e6).toFixed(1),
          (peak.liftoff / 1e6).toFixed(1),
        ];
      }),
    ),
  ].join('\n');
}

/** Times of the peers that took part, and Beamline's ratio to each. */
export function raceText(results: readonly RaceResult[]): string {
  const there = peers.filter((peer) => results[0]!.times[peer] !== undefined);
  const others = there.filter((peer) => peer !== 'beamline');
  return table(
    ['kernel', ...there.map((peer) => `${peerTitles[peer]} ms`), ...others.map((peer) => `/ ${peerTitles[peer]}`)],
    results.map((result) => [
      result.name,
      ...there.map((peer) => number(result.times[peer]?.median, 2)),
      ...others.map((peer) => spread(result.ratios[peer]!, 2)),
    ]),
  );
}

function kernelsText(title: string, report: RunReport): string {
  const means = Object.entries(report.means).map(
    ([peer, mean]) => `${mean.toFixed(2)} x ${peerTitles[peer as PeerName]}`,
  );
  return [
    `${title} (processor ms; ratios below 1: Beamline is faster)`,
    raceText([...report.kernels].sort((a, b) => b.ratios.liftoff!.median - a.ratios.liftoff!.median)),
    `geometric means of Beamline's time: ${means.join(', ')}`,
  ].join('\n');
}

function callsText(calls: readonly CallResult[]): string {
  return [
    'Calls and traps (ns)',
    table(
      ['call', 'Beamline', 'least', 'Liftoff', 'TurboFan', '/ TurboFan'],
      calls.map(({ title, times, ratio }) => [
        title,
        spread(times.beamline, 1),
        times.beamline.min.toFixed(1),
        times.liftoff.median.toFixed(1),
        times.turbofan.median.toFixed(1),
        ratio.median.toFixed(1),
      ]),
    ),
  ].join('\n');
}

function bombsText(bombs: readonly BombResult[]): string {
  return [
    'Modules made to be slow to compile (ns per byte, processor time; growth: the time grows with the size to this power)',
    table(
      ['bomb', 'KB', 'Beamline', 'growth', 'Liftoff', 'growth'],
      bombs.map((bomb) => [
        bomb.name,
        (bomb.bytes / 1024).toFixed(0),
        bomb.beamline.toFixed(0),
        bomb.beamlineGrowth.toFixed(2),
        number(bomb.liftoff, 0),
        number(bomb.liftoffGrowth, 2),
      ]),
    ),
  ].join('\n');
}

/** The whole report as text. */
export function reportText(report: Report): string {
  const { machine } = report;
  const parts = [
    `${machine.processor}, ${machine.cores} cores, load ${machine.load}; Node ${machine.node}, V8 ${machine.v8}; ` +
      `${machine.gcc ?? 'no gcc on this machine: its columns are missing'}; commit ${machine.commit ?? 'unknown'}`,
  ];
  if (report.fresh !== undefined) parts.push(freshText(report.fresh));
  if (report.images !== undefined) parts.push(imagesText(report.images));
  if (report.compile !== undefined) parts.push(compileText(report.compile));
  if (report.fib !== undefined) parts.push(`fib, recursive call in a loop\n${raceText([report.fib])}`);
  if (report.kernels !== undefined) parts.push(kernelsText('Run time', report.kernels));
  if (report.simd !== undefined) parts.push(kernelsText('Run time with SIMD', report.simd));
  if (report.calls !== undefined) parts.push(callsText(report.calls));
  if (report.bombs !== undefined) parts.push(bombsText(report.bombs));
  return parts.join('\n\n');
}
