/** Preload before `beamline/register`: keeps V8's namespace for the audit. */
const realm = globalThis as unknown as { [key: string | symbol]: unknown };
realm[Symbol.for('beamline.spec.v8')] = realm['WebAssembly'];

export {};
