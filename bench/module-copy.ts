/** Copies of a module that differ in a custom section: V8 shares compiled code between equal byte sequences. */

const name = [4, 0x63, 0x6f, 0x70, 0x79];

/** A module with a number in a custom section at its end. */
export class ModuleCopy {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #number: DataView;

  constructor(original: Uint8Array) {
    const section = [0, name.length + 4, ...name, 0, 0, 0, 0];
    this.bytes = new Uint8Array(original.length + section.length);
    this.bytes.set(original);
    this.bytes.set(section, original.length);
    this.#number = new DataView(this.bytes.buffer, this.bytes.length - 4);
  }

  /** The bytes, different from all that were asked for before. The same buffer each time. */
  next(): Uint8Array<ArrayBuffer> {
    this.#number.setUint32(0, this.#number.getUint32(0) + 1);
    return this.bytes;
  }
}
