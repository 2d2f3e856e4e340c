/** A small seeded random generator: the same seed gives the same stream on every machine. */

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param parts integers that together make the seed */
  constructor(...parts: number[]) {
    this.#a = 0x9e3779b9;
    this.#b = 0x243f6a88;
    this.#c = 0xb7e15162;
    for (const part of parts) {
      this.#a ^= part | 0;
      this.#b ^= Math.floor(part / 0x100000000) | 0;
      for (let i = 0; i < 12; i++) this.u32();
    }
  }

  /** 32 random bits (sfc32, Chris Doty-Humphrey's PractRand). */
  u32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    return result >>> 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor((this.u32() / 0x100000000) * limit);
  }

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in `count` times on average. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  /** True with a probability of `percent` in 100. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** An index, with a probability proportional to its weight. */
  weighted(weights: readonly number[]): number {
    let rest = this.u32() / 0x100000000;
    let total = 0;
    for (const weight of weights) total += weight;
    rest *= total;
    for (let i = 0; i < weights.length; i++) {
      rest -= weights[i]!;
      if (rest < 0) return i;
    }
    return weights.length - 1;
  }

  /** A small number, usually: halves in probability as it grows. */
  small(limit: number): number {
    const range = this.oneIn(4) ? limit : Math.max(1, limit >> 2);
    return this.below(Math.min(range, limit) + 1);
  }
}

const i32Edges = [0, 1, 2, 3, 7, 8, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536];
const scratch = new DataView(new ArrayBuffer(8));
const f32Edges = [
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x3f000000, 0x40490fdb, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000,
  0x7f800001, 0x7fa00000, 1, 0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0xcf000000, 0x4f800000, 0x5f000000,
  0xdf000000, 0x5f800000, 0x4effffff, 0x3effffff, 0xbf000000, 0x3fc00000, 0xbfc00000, 0x4b000001,
];
const f64Edges = [
  0n,
  0x8000000000000000n,
  0x3ff0000000000000n,
  0xbff0000000000000n,
  0x3fe0000000000000n,
  0x400921fb54442d18n,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  0x7ff8000000000000n,
  0xfff8000000000000n,
  0x7ff0000000000001n,
  0x7ff4000000000000n,
  1n,
  0x000fffffffffffffn,
  0x0010000000000000n,
  0x7fefffffffffffffn,
  0x41e0000000000000n,
  0xc1e0000000000000n,
  0x41dfffffffc00000n,
  0x41f0000000000000n,
  0x43e0000000000000n,
  0xc3e0000000000000n,
  0x43f0000000000000n,
  0xc1e0000000200000n,
  0x3fdfffffffffffffn,
  0xbfe0000000000000n,
  0x3ff8000000000000n,
  0x47efffffe0000000n,
  0x36a0000000000000n,
  0x4330000000000001n,
];

/** An i32 that tends to the interesting ones: near powers of two, extremes, small. */
export function randomI32(random: Random): number {
  switch (random.below(5)) {
    case 0:
      return random.pick(i32Edges) | 0;
    case 1:
      return -random.pick(i32Edges) | 0;
    case 2:
      return ((1 << random.below(32)) + random.between(-1, 1)) | 0;
    case 3:
      return random.between(-20, 100);
    default:
      return random.u32() | 0;
  }
}

/** An i64 that tends to the interesting ones. */
export function randomI64(random: Random): bigint {
  switch (random.below(5)) {
    case 0:
      return BigInt(randomI32(random));
    case 1:
      return BigInt(randomI32(random) >>> 0);
    case 2:
      return BigInt.asIntN(64, (1n << BigInt(random.below(64))) + BigInt(random.between(-1, 1)));
    case 3:
      return BigInt(random.between(-20, 100));
    default:
      return BigInt.asIntN(64, random.u64());
  }
}

/** Bits of an f32: an everyday number most of the time, since a NaN swallows what it meets. */
export function randomF32Bits(random: Random): number {
  switch (random.below(12)) {
    case 0:
    case 1:
      return random.pick(f32Edges);
    case 2:
      return random.u32();
    default:
      scratch.setFloat32(0, random.oneIn(2) ? randomI32(random) : random.between(-4000, 4000) / 16);
      return scratch.getUint32(0);
  }
}

/** Bits of an f64. */
export function randomF64Bits(random: Random): bigint {
  switch (random.below(12)) {
    case 0:
    case 1:
      return random.pick(f64Edges);
    case 2:
      return random.u64();
    default:
      scratch.setFloat64(0, random.oneIn(2) ? randomI32(random) : random.between(-4000, 4000) / 16);
      return scratch.getBigUint64(0);
  }
}
