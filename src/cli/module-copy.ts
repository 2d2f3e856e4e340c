/**
 * Copies of a module that differ in a custom section: V8 shares compiled code between modules with equal bytes, and
 * first compares what comes before the code section. So the custom section is the first one.
 */

const header = 8;
const name = [4, 0x63, 0x6f, 0x70, 0x79];

/** A module with a number in a custom section at its begin. */
export class ModuleCopy {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #number: DataView;

  constructor(original: Uint8Array) {
    const section = [0, name.length + 4, ...name, 0, 0, 0, 0];
    this.#bytes = new Uint8Array(original.length + section.length);
    this.#bytes.set(original.subarray(0, header));
    this.#bytes.set(section, header);
    this.#bytes.set(original.subarray(header), header + section.length);
    this.#number = new DataView(this.#bytes.buffer, header + section.length - 4);
  }

  /** The bytes, different from all that were asked for before, in a buffer of their own. */
  next(): Uint8Array<ArrayBuffer> {
    this.#number.setUint32(0, this.#number.getUint32(0) + 1);
    return this.#bytes.slice();
  }
}
