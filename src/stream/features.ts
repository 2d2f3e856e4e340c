/** What a decoder accepts beyond the rest of WebAssembly 2.0. */
export interface Features {
  readonly simd: boolean;
}
