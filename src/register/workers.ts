/**
 * Worker threads follow by the flags that they inherit. Those made with flags, an environment or a source text of their
 * own would not: they get the flag here. For source texts Node loads no `--import`, so they get `--require`.
 */
import { fileURLToPath } from 'node:url';
import { optimizerPath } from '../tiering/optimizer-url.js';

type Options = Record<string, unknown> | undefined;

/** Let workers that this thread makes load the module `register`, a file: URL. `node:worker_threads` is changed in place. */
export function coverWorkers(register: string): void {
  const threads = process.getBuiltinModule('node:worker_threads') as { Worker: new (...args: never[]) => object };
  const path = fileURLToPath(register);
  // However it is spelled there; a second time costs nothing.
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  const isInherited = flags.some((flag) => flag.includes('register'));
  threads.Worker = new Proxy(threads.Worker, {
    construct(target, args, newTarget) {
      const construct = (options: Options) => Reflect.construct(target, [args[0], options] as never[], newTarget);
      const options = args[1] as Options;
      // The engine's own thread runs no program.
      if (args[0] === optimizerPath) return Reflect.construct(target, args, newTarget);
      const { execArgv, env, eval: isText } = options ?? {};
      const isOwn = Array.isArray(execArgv) || (typeof env === 'object' && env !== null);
      if (isInherited && !isOwn && !isText) return Reflect.construct(target, args, newTarget);
      if (execArgv !== undefined && !Array.isArray(execArgv)) return Reflect.construct(target, args, newTarget);
      const preload = isText ? ['--require', path] : ['--import', register];
      const withFlags = (own: readonly string[]) => {
        const value = [...preload, ...own];
        return construct(Object.create(options ?? null, { execArgv: { value, enumerable: true } }));
      };
      if (execArgv !== undefined) return withFlags(execArgv);
      try {
        return withFlags(process.execArgv);
      } catch (error) {
        // Those that only a process can have: they do not come with what is inherited, either.
        const refused = refusedFlags(error);
        if (refused === undefined) throw error;
        return withFlags(
          process.execArgv.filter((flag) => !refused.has(flag) && !refused.has(flag.split('=')[0] ?? '')),
        );
      }
    },
  });
}

function refusedFlags(error: unknown): Set<string> | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return undefined;
  return new Set(message.slice(message.indexOf(': ') + 2).split(', '));
}
