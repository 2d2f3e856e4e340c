/** A hostile module by size: `build(n)` grows linearly in n. */
export interface Bomb {
  name: string;
  /** n for which the module has about 100 KB. */
  scale: number;
  build(n: number): Uint8Array;
  /** The largest n that is within the limits of the JS API (a million functions, 7,654,321 bytes per body). */
  most?: number;
  /** n for which the exported `f` is short enough to be run and compared; absent: not to be run. */
  run?: number;
  /** Calls of `f`: arguments. */
  calls?: number[][];
  /** Operands pile up: V8 needs far more memory than it is given, and so is not asked. */
  withoutV8?: boolean;
}
