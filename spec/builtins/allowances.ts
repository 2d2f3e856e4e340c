/** What the scanner finds and may stay: reviewed, each with its reason. */
import type { Rule } from './scan.js';

export interface Allowance {
  /** File, or folder with a slash at its end; empty: any. */
  readonly file: string;
  readonly rule: Rule;
  /** The finding's text. */
  readonly code: RegExp;
  readonly why: string;
}

const program = 'an object of the program, and its business';
const text = 'only the text of a message depends on it';
const elements = 'its elements are read by index, and are there';

export const allowances: readonly Allowance[] = [
  { file: '', rule: 'global', code: /^process$/, why: 'Node’s object, which gives Node’s own modules' },
  {
    file: 'runtime/',
    rule: 'class',
    code: /class (Exception|Global|Instance|Memory|Module|Suspending|Table|Tag|Engine|WasmCallSite)$/,
    why: program,
  },
  { file: 'runtime/webidl/shape.ts', rule: 'class', code: /Identity/, why: 'returns the object that it is given' },
  {
    file: 'runtime/',
    rule: 'method',
    code: /^Error\.(stackTraceLimit|captureStackTrace|prepareStackTrace)$/,
    why: program,
  },
  {
    file: 'runtime/errors/error-stack.ts',
    rule: 'method',
    code: /site\.toString|originalSource|text\.replace/,
    why: text,
  },
  { file: 'runtime/errors/error-stack.ts', rule: 'regular expression', code: /./, why: text },
  { file: 'runtime/errors/error-stack.ts', rule: 'array literal', code: /^\[\]$/, why: 'is empty and stays it' },
  { file: 'runtime/errors/wasm-call-site.ts', rule: 'method', code: /wasmOffset\.toString/, why: text },
  { file: 'runtime/errors/errors.ts', rule: 'descriptor', code: /./, why: 'classes of errors are made at load' },
  { file: 'runtime/api/constant.ts', rule: 'method', code: /opcode\.toString/, why: text },
  { file: 'stream/', rule: 'method', code: /^(opcode|sub|byte|code)\.toString(\(16\)\.padStart)?$/, why: text },
  { file: 'emitter/', rule: 'method', code: /^opcode\.toString$/, why: text },
  { file: 'runtime/machine/koffi.ts', rule: 'method', code: /message\.split/, why: text },
  {
    file: 'runtime/api/generated-call.ts',
    rule: 'global',
    code: /EvalError/,
    why: 'an error of the program realm is told by its class',
  },
  { file: 'runtime/api/options.ts', rule: 'global', code: /^String$/, why: text },
  { file: 'runtime/api/options.ts', rule: 'array literal', code: /./, why: 'zod reads options of the program' },
  { file: 'runtime/api/exported-function.ts', rule: 'array literal', code: /^\[(a|read\(0\))/, why: elements },
  {
    file: 'runtime/api/host-function.ts',
    rule: 'array literal',
    code: /value as Iterable/,
    why: 'several results are an iterable of the program',
  },
  {
    file: 'runtime/api/exception.ts',
    rule: 'array literal',
    code: /^\[\.\.\.given\]$/,
    why: 'the values are an iterable of the program',
  },
  {
    file: 'runtime/api/exception.ts',
    rule: 'array literal',
    code: /^\[(value|words\[at\] as number, .*)\]$/,
    why: elements,
  },
  { file: 'runtime/api/instance.ts', rule: 'array literal', code: /^\[\]$/, why: 'is empty, and for the drop-in' },
  { file: 'runtime/machine/calls/addon.ts', rule: 'array literal', code: /./, why: elements },
  {
    file: 'runtime/machine/',
    rule: 'array literal',
    code: /^\[(own|i(32|64)(, i(32|64))*|exnref|funcref, i(32|64), i32|Reg\.rax(, Reg\.rdx)?)?\]$/,
    why: elements,
  },
  { file: 'runtime/machine/', rule: 'array literal', code: /^\[1, 2\]$/, why: 'when the process ends' },
  {
    file: 'runtime/machine/',
    rule: 'plain array method',
    code: /^\[1, 2\]\.forEach$/,
    why: 'when the process ends',
  },
  { file: 'runtime/compile/core-compiler.ts', rule: 'array literal', code: /./, why: elements },
  { file: 'stream/item-lists.ts', rule: 'array literal', code: /^\[0, 0, 0, 0, 0\]$/, why: elements },
  { file: 'stream/source/', rule: 'method', code: /\.(then|catch)$/, why: 'promises and thenables of the program' },
  {
    file: 'stream/source/',
    rule: 'method',
    code: /^Symbol\.asyncIterator$/,
    why: 'asked of sources, which are the program’s',
  },
  { file: 'stream/source/', rule: 'global', code: /^(Symbol|Promise)$/, why: 'sources are the program’s' },
  { file: 'stream/source/', rule: 'regular expression', code: /./, why: 'run by the exec of load time' },
  { file: 'runtime/store/memory-v8.ts', rule: 'regular expression', code: /./, why: 'run by the exec of load time' },
  { file: 'backends/x64/cpu.ts', rule: 'regular expression', code: /./, why: 'run by the exec of load time' },
];
