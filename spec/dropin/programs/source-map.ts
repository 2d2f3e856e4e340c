/** source-map (Rust without glue): make a map, look positions up in both directions. */
import { readFileSync } from 'node:fs';
import { SourceMapConsumer, SourceMapGenerator } from 'source-map';
import { digest, type Program, packageFile } from '../../real/program.js';

export const program: Program<void> = {
  load() {},
  async work() {
    const generator = new SourceMapGenerator({ file: 'out.js' });
    for (let i = 1; i < 3000; i++) {
      generator.addMapping({
        generated: { line: i, column: (i * 7) % 50 },
        source: `file${i % 5}.ts`,
        original: { line: 2 * i, column: i % 13 },
        name: `name${i % 10}`,
      });
    }
    const found: unknown[] = [];
    await SourceMapConsumer.with(generator.toString(), null, (consumer) => {
      for (let i = 1; i < 3000; i += 3) found.push(consumer.originalPositionFor({ line: i, column: 30 }));
      found.push(consumer.allGeneratedPositionsFor({ source: 'file3.ts', line: 36, column: 0 }));
      found.push(consumer.generatedPositionFor({ source: 'file1.ts', line: 12, column: 6 }));
      consumer.computeColumnSpans();
      consumer.eachMapping((mapping) => found.push(mapping.generatedColumn, mapping.name));
    });
    const real = readFileSync(packageFile('web-tree-sitter', 'web-tree-sitter.js.map'), 'utf8');
    await SourceMapConsumer.with(real, null, (consumer) => {
      for (let line = 1; line < 3000; line += 17) found.push(consumer.originalPositionFor({ line, column: 4 }));
      consumer.eachMapping((mapping) => found.push(mapping.originalLine));
    });
    const broken = { version: 3, sources: ['a'], names: [], mappings: 'AAAA,!' };
    const problem = await new SourceMapConsumer(broken as never).then((consumer) => {
      try {
        return consumer.originalPositionFor({ line: 1, column: 1 });
      } catch (error) {
        return String(error);
      }
    }, String);
    return [found.length, digest(JSON.stringify(found)), JSON.stringify(problem)].join('\n');
  },
};
