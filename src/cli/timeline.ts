/** What `--timings` prints: when bytes came, when they were compiled, when the program could run. */
import type { CompileProgress } from '../runtime/compile/compilation.js';
import { formatBytes } from './progress.js';

const mostRows = 20;

interface Sample extends CompileProgress {
  readonly time: number;
}

export class Timeline {
  readonly #start = performance.now();
  readonly #samples: Sample[] = [];
  readonly #marks: [string, number][] = [];

  add(progress: CompileProgress): void {
    this.#samples.push({ time: this.#now(), ...progress });
  }

  mark(name: string): void {
    this.#marks.push([name, this.#now()]);
  }

  #now(): number {
    return performance.now() - this.#start;
  }

  lines(): string[] {
    const head = [
      'ms'.padStart(10),
      'received'.padStart(11),
      'compiled'.padStart(11),
      'functions'.padStart(10),
      'code'.padStart(11),
    ];
    const lines = [head.join('')];
    const count = this.#samples.length;
    const step = Math.max(1, Math.ceil(count / mostRows));
    this.#samples.forEach((sample, i) => {
      if (i % step !== 0 && i !== count - 1) return;
      lines.push(
        [
          sample.time.toFixed(2).padStart(10),
          formatBytes(sample.bytesReceived).padStart(11),
          formatBytes(sample.bytesCompiled).padStart(11),
          String(sample.functionsCompiled).padStart(10),
          formatBytes(sample.codeBytes).padStart(11),
        ].join(''),
      );
    });
    for (const [name, time] of this.#marks) lines.push(`${time.toFixed(2).padStart(10)}  ${name}`);
    return lines;
  }
}
