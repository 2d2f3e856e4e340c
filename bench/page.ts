/** The report as one self-contained HTML page: charts by Chart.js, its code inlined. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallResult } from './calls.js';
import type { CompileReport } from './compile.js';
import { root } from './corpus.js';
import type { FreshReport } from './fresh.js';
import { comparable, type HistoryEntry } from './history.js';
import { type PeerName, peerTitles } from './peers.js';
import type { RaceResult } from './race.js';
import type { Report } from './report.js';
import type { RunReport } from './run.js';
import type { BombResult } from './worst-case.js';

const colours: Readonly<Record<PeerName, string>> = {
  beamline: '#0b7285',
  liftoff: '#e8590c',
  turbofan: '#5f3dc4',
  gcc: '#868e96',
};

interface Series {
  readonly label: string;
  readonly data: readonly (number | null)[];
  readonly colour: string;
}

/** One chart with the words that explain it. */
interface Section {
  readonly title: string;
  readonly text: string;
  readonly type: 'bar' | 'line';
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly axis: string;
  readonly logarithmic?: boolean;
  /** A line at this value: where both are the same. */
  readonly reference?: number;
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => escapes[c]!);
const round = (value: number): number => Number(value.toPrecision(4));

function freshSection(report: FreshReport): Section {
  const { modules, mean } = report;
  return {
    title: 'What a fresh process pays',
    text:
      `A process starts, imports the package, compiles a real module, instantiates it and calls a first function: processor time of ` +
      `all threads, without Node's own start. Importing the package alone takes ${report.import.toFixed(0)} ms. Shorter bars are ` +
      `better; geometric mean of the ratios ${mean.toFixed(2)}.`,
    type: 'bar',
    labels: modules.map((m) => `${m.name} (${(m.codeBytes / 1e6).toFixed(2)} MB)`),
    series: [
      { label: peerTitles.beamline, data: modules.map((m) => round(m.beamline.median)), colour: colours.beamline },
      { label: peerTitles.liftoff, data: modules.map((m) => round(m.liftoff.median)), colour: colours.liftoff },
    ],
    axis: 'ms',
    logarithmic: true,
  };
}

function compileSections(report: CompileReport): Section[] {
  const { modules, sizes, throughput, cold, streams, memory } = report;
  const two = (beamline: (number | null)[], liftoff: (number | null)[]): Series[] => [
    { label: peerTitles.beamline, data: beamline, colour: colours.beamline },
    { label: peerTitles.liftoff, data: liftoff, colour: colours.liftoff },
  ];
  const [own, peer] = [cold.find((c) => c.engine === 'beamline')!, cold.find((c) => c.engine === 'liftoff')!];
  return [
    {
      title: 'How fast modules compile',
      text:
        `Real modules from npm, compiled by engines that have compiled others before (warm), on one thread, validation ` +
        `included: MB of WebAssembly code that become machine code in a second. Longer bars are better. Geometric ` +
        `means: Beamline ${throughput.beamline.toFixed(1)} MB/s, Liftoff ${throughput.liftoff.toFixed(1)} MB/s, ` +
        `ratio ${throughput.ratio.toFixed(2)}.`,
      type: 'bar',
      labels: modules.map((m) => `${m.name} (${(m.codeBytes / 1e6).toFixed(2)} MB)`),
      series: two(
        modules.map((m) => round(m.beamline.median)),
        modules.map((m) => round(m.liftoff.median)),
      ),
      axis: 'MB of code section per second',
    },
    {
      title: 'A cold process',
      text:
        `A new process imports the engine and compiles ${own.firstModule}, half a MB. Shorter bars are better. V8 is ` +
        `part of the process and needs no import. From the second MB on, Beamline compiles ` +
        `${own.restRate.median.toFixed(1)} MB/s and Liftoff ${peer.restRate.median.toFixed(1)} MB/s.`,
      type: 'bar',
      labels: ['import and first module', 'of that, the import'],
      series: two(
        [own.firstWork.median, own.importWork.median].map(round),
        [peer.firstWork.median, peer.importWork.median].map(round),
      ),
      axis: 'milliseconds of processor time',
    },
    {
      title: 'From the last byte to ready',
      text:
        'How long a program still waits when a download is complete: modules are streamed at 4 MB/s and compiled as they ' +
        'come; the clock runs from the last chunk until the Module is there. Shorter bars are ' +
        'better. V8 may use all its threads here.',
      type: 'bar',
      labels: streams.map((s) => `${s.name} (${(s.bytes / 1e6).toFixed(2)} MB)`),
      series: two(
        streams.map((s) => round(s.beamline.median)),
        streams.map((s) => round(s.liftoff.median)),
      ),
      axis: 'milliseconds',
      logarithmic: true,
    },
    {
      title: 'Machine code per byte of WebAssembly',
      text:
        'How large a module becomes in memory: bytes of machine code over bytes of WebAssembly code. Shorter bars are ' +
        'better.',
      type: 'bar',
      labels: sizes.map((s) => s.name),
      series: two(
        sizes.map((s) => round(s.beamline)),
        sizes.map((s) => round(s.liftoff)),
      ),
      axis: 'bytes per byte',
    },
    {
      title: 'Peak memory of a compilation',
      text:
        'How much a process grows while it compiles a module: its resident memory at the peak, above what it had before. ' +
        'Shorter bars are better.',
      type: 'bar',
      labels: memory.map((m) => `${m.name} (${(m.bytes / 1e6).toFixed(2)} MB)`),
      series: two(
        memory.map((m) => round(m.beamline / 1e6)),
        memory.map((m) => round(m.liftoff / 1e6)),
      ),
      axis: 'MB',
      logarithmic: true,
    },
  ];
}

/** Beamline's time over each peer's, worst first. */
function raceSection(title: string, text: string, results: readonly RaceResult[]): Section {
  const sorted = [...results].sort((a, b) => b.ratios.liftoff!.median - a.ratios.liftoff!.median);
  const peers = Object.keys(sorted[0]!.ratios) as PeerName[];
  return {
    title,
    text,
    type: 'bar',
    labels: sorted.map((result) => result.name),
    series: peers.map((peer) => ({
      label: `against ${peerTitles[peer]}`,
      data: sorted.map((result) => round(result.ratios[peer]!.median)),
      colour: colours[peer],
    })),
    axis: "Beamline's time over the peer's",
    logarithmic: true,
    reference: 1,
  };
}

function kernelSection(title: string, what: string, report: RunReport): Section {
  const means = Object.entries(report.means).map(
    ([peer, mean]) => `${mean.toFixed(2)} x ${peerTitles[peer as PeerName]}`,
  );
  return raceSection(
    title,
    `${report.kernels.length} ${what} A bar to the left of 1: Beamline's code is faster than the peer's. Geometric means of Beamline's time: ${means.join(', ')}. ` +
      `All peers returned the same results.`,
    report.kernels,
  );
}

function callSection(title: string, text: string, calls: readonly CallResult[]): Section {
  const engines = ['beamline', 'liftoff', 'turbofan'] as const;
  return {
    title,
    text,
    type: 'bar',
    labels: calls.map((call) => call.title),
    series: engines.map((engine) => ({
      label: peerTitles[engine],
      data: calls.map((call) => round(call.times[engine].median)),
      colour: colours[engine],
    })),
    axis: 'nanoseconds',
    logarithmic: true,
  };
}

function callSections(calls: readonly CallResult[]): Section[] {
  const isTrap = (call: CallResult) => call.title.startsWith('trap');
  const isInside = (call: CallResult) => call.title.startsWith('wasm to wasm');
  return [
    callSection(
      'Calls between JavaScript and WebAssembly',
      'What it costs to cross the border, with the parameters in brackets: "JS to wasm" is a call of an exported ' +
        'function from a loop in JavaScript, "wasm to JS" a call of a JavaScript function from a loop in WebAssembly. ' +
        'Nanoseconds per call, median; shorter bars are better.',
      calls.filter((call) => !isTrap(call) && !isInside(call)),
    ),
    callSection(
      'Calls from WebAssembly to WebAssembly',
      'Calls through a table (call_indirect) and of imported functions, from a loop. Nanoseconds per call, median; shorter bars are better.',
      calls.filter(isInside),
    ),
    callSection(
      'Traps',
      'A trap is an error in WebAssembly code, such as a division by zero: the time from the call of the function until ' +
        'JavaScript has caught the error. Nanoseconds, median; shorter bars are better.',
      calls.filter(isTrap),
    ),
  ];
}

function bombSection(bombs: readonly BombResult[]): Section {
  const peer = bombs.map((bomb) => (bomb.liftoff === undefined ? null : round(bomb.liftoff)));
  return {
    title: 'Modules made to be slow to compile',
    text:
      'Each of these modules, of about 100 KB, repeats one thing that is dear to compile. A compiler with a bound on its ' +
      'work per byte has no long bars here, and twice the bytes take it twice the time. Shorter bars are better.',
    type: 'bar',
    labels: bombs.map((bomb) => bomb.name),
    series: [
      { label: peerTitles.beamline, data: bombs.map((bomb) => round(bomb.beamline)), colour: colours.beamline },
      { label: peerTitles.liftoff, data: peer, colour: colours.liftoff },
    ],
    axis: 'nanoseconds of processor time per byte of the module',
    logarithmic: true,
  };
}

/** Ratios over the recorded runs. Means are over what all runs have, else another set of modules would look like progress. */
function historySection(history: readonly HistoryEntry[]): Section {
  const shown = ['compile rate / liftoff', 'kernels / liftoff', 'kernels / gcc', 'simd kernels / liftoff', 'fib / gcc'];
  const palette = [colours.beamline, colours.liftoff, colours.gcc, '#2b8a3e', colours.turbofan];
  return {
    title: 'Over time',
    text:
      'Recorded runs by commit (bench/history.jsonl), each figure over the modules and kernels that all runs have. ' +
      "Compile rate over Liftoff's: higher is better. The others are Beamline's run time over the peer's: lower is " +
      'better. At 1, both are the same.',
    type: 'line',
    labels: history.map((entry) => `${entry.commit ?? '?'} ${entry.date.slice(0, 10)}`),
    series: shown.map((name, i) => ({ label: name, data: comparable(history, name), colour: palette[i]! })),
    axis: 'ratio',
    reference: 1,
  };
}

function sectionsOf(report: Report, history: readonly HistoryEntry[]): Section[] {
  const sections: Section[] = [];
  if (report.fresh !== undefined) sections.push(freshSection(report.fresh));
  if (report.compile !== undefined) sections.push(...compileSections(report.compile));
  if (report.kernels !== undefined) {
    const what = 'programs in C, built by clang for WebAssembly and by gcc for the machine.';
    sections.push(kernelSection('How fast compiled code runs', what, report.kernels));
  }
  if (report.simd !== undefined) {
    const what =
      'programs in C that compute with vectors of 16 bytes: the SIMD instructions of WebAssembly against the same ' +
      'source as native code (SSE4.2).';
    sections.push(kernelSection('How fast compiled code runs: SIMD', what, report.simd));
  }
  if (report.fib !== undefined) {
    sections.push(
      raceSection(
        'Recursive calls: fib',
        'Fibonacci numbers by a function that calls itself: mostly the cost of calls inside WebAssembly. The form is that of ' +
          "Lightbeam's benchmark, with the recursive call in a loop; gcc compiles the same without inlining. A bar to the " +
          "left of 1: Beamline's code is faster.",
        [report.fib],
      ),
    );
  }
  if (report.calls !== undefined) sections.push(...callSections(report.calls));
  if (report.bombs !== undefined) sections.push(bombSection(report.bombs));
  if (history.length > 1) sections.push(historySection(history));
  return sections;
}

/** Numbers of a chart as a table, for readers without the chart. */
function dataTable(section: Section): string {
  const head = ['', ...section.series.map((series) => series.label)].map((cell) => `<th>${escape(cell)}</th>`).join('');
  const rows = section.labels.map((label, i) => {
    const cells = section.series.map((series) => `<td>${series.data[i] ?? ''}</td>`).join('');
    return `<tr><th>${escape(label)}</th>${cells}</tr>`;
  });
  return `<details><summary>Numbers</summary><table><tr>${head}</tr>${rows.join('')}</table></details>`;
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #212529; }
h1 { margin-bottom: 0; } h2 { margin-top: 3rem; } .machine { color: #5c636a; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.1rem 0.8rem; text-align: right; border-bottom: 1px solid #dee2e6; } th:first-child { text-align: left; }
`;

/** Runs in the browser. */
const script = `
const reference = { id: 'reference', afterDatasetsDraw(chart, args, options) {
  if (options.at === undefined) return;
  const { ctx, chartArea: a } = chart, horizontal = chart.options.indexAxis === 'y';
  const scale = horizontal ? chart.scales.x : chart.scales.y, p = scale.getPixelForValue(options.at);
  ctx.save(); ctx.strokeStyle = '#212529'; ctx.setLineDash([4, 4]); ctx.beginPath();
  if (horizontal) { ctx.moveTo(p, a.top); ctx.lineTo(p, a.bottom); } else { ctx.moveTo(a.left, p); ctx.lineTo(a.right, p); }
  ctx.stroke(); ctx.restore();
} };
sections.forEach((s, i) => {
  const bar = s.type === 'bar';
  const value = { type: s.logarithmic ? 'logarithmic' : 'linear', title: { display: true, text: s.axis }, beginAtZero: !s.logarithmic };
  new Chart(document.getElementById('chart' + i), {
    type: s.type,
    data: { labels: s.labels, datasets: s.series.map((d) => ({ label: d.label, data: d.data, backgroundColor: d.colour, borderColor: d.colour, spanGaps: true })) },
    options: { indexAxis: bar ? 'y' : 'x', maintainAspectRatio: false, animation: false,
      scales: bar ? { x: value, y: { ticks: { autoSkip: false } } } : { y: value }, plugins: { reference: { at: s.reference } } },
    plugins: [reference],
  });
});
`;

/** The page. It needs no other file and no network. */
export function page(report: Report, history: readonly HistoryEntry[]): string {
  const library = readFileSync(join(root, 'node_modules', 'chart.js', 'dist', 'chart.umd.min.js'), 'utf8');
  const sections = sectionsOf(report, history);
  const { machine } = report;
  const body = sections.map((section, i) => {
    const height = section.type === 'line' ? 320 : 90 + section.labels.length * (8 + 11 * section.series.length);
    return `<h2>${escape(section.title)}</h2><p>${escape(section.text)}</p>
<div style="height:${height}px"><canvas id="chart${i}"></canvas></div>${dataTable(section)}`;
  });
  // `<` would end the script element in "</script>".
  const data = JSON.stringify(sections).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Beamline: bench</title><style>${style}</style></head><body>
<h1>Beamline: bench</h1>
<p class="machine">${escape(report.date.slice(0, 16).replace('T', ' '))} UTC, commit ${escape(machine.commit ?? 'unknown')},
${escape(machine.processor)}, ${machine.cores} cores (load ${machine.load}), Node ${escape(machine.node)}, V8 ${escape(machine.v8)},
${escape(machine.gcc ?? 'no gcc: its columns are missing')}${report.quick ? ', quick run' : ''}</p>
<p>Beamline is a WebAssembly engine whose baseline compiler emits machine code while a module's bytes arrive. Its peers
here: Liftoff, V8's baseline compiler; TurboFan, V8's optimizing compiler; and native code by gcc -O2. All of them were
measured in the same run, in turns. Times are processor time of the working thread, medians over the rounds.</p>
${body.join('\n')}
<script>${library.replaceAll('</script', '<\\/script')}</script>
<script>const sections = ${data};${script}</script>
</body></html>
`;
}
