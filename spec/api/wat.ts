import loadWabt from 'wabt';

const wabt = await loadWabt();

/** Some of these are missing in wabt's types. */
const features: Readonly<Record<string, boolean>> = {
  bulk_memory: true,
  exceptions: true,
  multi_memory: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  relaxed_simd: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  tail_call: true,
  threads: true,
};

/** The binary form of a module in text form. */
export function wat(text: string): Uint8Array {
  const module = wabt.parseWat('test.wat', text, features);
  try {
    module.resolveNames();
    const { buffer } = module.toBinary({ write_debug_names: true });
    return new Uint8Array(buffer);
  } finally {
    module.destroy();
  }
}
