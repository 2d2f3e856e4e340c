import loadWabt from 'wabt';

const wabt = await loadWabt();

/** The binary form of a module in text form. */
export function wat(text: string): Uint8Array {
  const module = wabt.parseWat('test.wat', text, {
    bulk_memory: true,
    exceptions: true,
    multi_value: true,
    mutable_globals: true,
    reference_types: true,
    sat_float_to_int: true,
    simd: true,
    sign_extension: true,
    tail_call: true,
    relaxed_simd: true,
    threads: true,
  });
  try {
    module.resolveNames();
    const { buffer } = module.toBinary({ write_debug_names: true });
    return new Uint8Array(buffer);
  } finally {
    module.destroy();
  }
}
