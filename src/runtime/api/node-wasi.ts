/**
 * The functions of `node:wasi`. V8 calls them from wasm as native functions with parameters of 32 bits without sign, so
 * descriptors and addresses of 2^31 and more arrive as such; called from JS with the signed numbers that other functions
 * get, they answer EINVAL. They are bound functions, which nothing can look into: V8 alone knows whether there is a native
 * function behind one. So V8 makes these calls, through a module of one function that has the program's memory.
 */
import { types } from 'node:util';
import { ValType } from '../../stream/types.js';
import { bare, List, latin1Text, Map, Reflect, Set, Uint8Array } from '../../support/primordials.js';
import { type V8WebAssembly, v8 } from '../../support/v8.js';
import type { Signature } from '../signature.js';
import { isSharedMemory, isV8Memory } from '../store/memory-v8.js';
import type { Callable } from './exported-function.js';

const names = `args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate
  fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size
  fd_filestat_set_times fd_pread fd_prestat_get fd_prestat_dir_name fd_pwrite fd_read fd_readdir fd_renumber fd_seek
  fd_sync fd_tell fd_write path_create_directory path_filestat_get path_filestat_set_times path_link path_open
  path_readlink path_remove_directory path_rename path_symlink path_unlink_file poll_oneoff proc_exit proc_raise
  random_get sched_yield sock_accept sock_recv sock_send sock_shutdown`;
const boundNames = new Set<string>();
for (const name of names.split(/\s+/)) boundNames.add(`bound ${name}`);

function areNumbers(types: Uint8Array): boolean {
  for (let i = 0; i < types.length; i++) if (types[i] !== ValType.i32 && types[i] !== ValType.i64) return false;
  return true;
}

let isLoaded = false;

/** True once `node:wasi` was loaded: before, nobody has functions of it. */
function wasiIsLoaded(): boolean {
  const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };
  if (moduleLoadList === undefined) return true;
  for (let i = 0; !isLoaded && i < moduleLoadList.length; i++) isLoaded = moduleLoadList[i] === 'NativeModule wasi';
  return isLoaded;
}

/**
 * True for node:wasi's functions, and for bound functions that look like one: V8 makes the same call of those as Beamline.
 * Runs no code of the program.
 */
export function mayBeNodeWasi(callable: Callable, { params, results }: Signature): boolean {
  // None has more than nine parameters; V8 calls native functions only where all is a number.
  if (params.length > 9 || results.length > 1 || !areNumbers(params) || !areNumbers(results)) return false;
  if (types.isProxy(callable)) return false;
  const name: unknown = Reflect.getOwnPropertyDescriptor(callable, 'name')?.value;
  return typeof name === 'string' && boundNames.has(name) && wasiIsLoaded();
}

/**
 * A function that has V8 call `callable`, which has this signature.
 * @param memory memory 0 of the instance that imports it; asked for at the first call.
 */
export function throughV8(callable: Callable, signature: Signature, memory: () => object | undefined): Callable {
  let target: Callable | undefined;
  return (...args) => {
    target ??= forward(callable, signature, memory());
    return Reflect.apply(target, undefined, args);
  };
}

function forward(callable: Callable, signature: Signature, memory: object | undefined): Callable {
  // node:wasi takes V8's memories only.
  if (v8 === undefined || memory === undefined || !isV8Memory(memory)) return callable;
  const { exports } = new v8.Instance(
    moduleOf(v8, signature, isSharedMemory(memory)),
    bare({ '': bare({ f: callable, m: memory }) }),
  );
  return exports['f'] as Callable;
}

const modules = new Map<string, object>();

function moduleOf({ Module }: V8WebAssembly, { params, results }: Signature, isShared: boolean): object {
  const key = `${latin1Text(params)}:${latin1Text(results)}:${isShared}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = new Module(forwarder(params, results, isShared));
    modules.set(key, module);
  }
  return module;
}

/** A module that imports a function and a memory, and exports a function that passes its arguments on. */
function forwarder(params: Uint8Array, results: Uint8Array, isShared: boolean): Uint8Array {
  const bytes = new List<number>();
  const put = (...more: number[]): void => {
    for (let i = 0; i < more.length; i++) bytes.push(more[i] as number);
  };
  // Signatures of node:wasi are short: each length is one byte.
  const { length } = params;
  put(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  put(1, 4 + length + results.length, 1, 0x60, length);
  for (let i = 0; i < length; i++) put(params[i] as number);
  put(results.length);
  for (let i = 0; i < results.length; i++) put(results[i] as number);
  // A shared memory has a maximum: 65536 pages, in three bytes.
  put(2, isShared ? 15 : 12, 2, 0, 1, 0x66, 0, 0, 0, 1, 0x6d, 2);
  if (isShared) put(3, 0, 0x80, 0x80, 0x04);
  else put(0, 0);
  put(3, 2, 1, 0);
  put(7, 5, 1, 1, 0x66, 0, 1);
  const body = 2 * length + 4;
  put(10, body + 2, 1, body, 0);
  for (let i = 0; i < length; i++) put(0x20, i);
  put(0x10, 0, 0x0b);
  const module = new Uint8Array(bytes.length);
  for (let i = 0; i < module.length; i++) module[i] = bytes[i] as number;
  return module;
}
