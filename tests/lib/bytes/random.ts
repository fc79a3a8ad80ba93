// random.ts: the seeded generator of the tests in this folder. One seed, one sequence.

/** A reproducible source of random numbers (xorshift32). `seed` must not be 0. */
export class Random {
  readonly seed: number;
  private state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.state = seed | 0;
  }

  /** 32 random bits as an int32. */
  bits(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return Math.imul(x, 0x9e3779b1) ^ (x >>> 15);
  }

  /** An integer from 0 to bound - 1, bound at most 2^32. */
  below(bound: number): number {
    return Math.floor(((this.bits() >>> 0) / 4294967296) * bound);
  }

  /** One element of the list. */
  pick<T>(list: ArrayLike<T>): T {
    return list[this.below(list.length)];
  }

  /** `len` random bytes. */
  bytes(len: number): Uint8Array {
    const out = new Uint8Array(len);
    for (let i = 0; i < len; i++) out[i] = this.bits();
    return out;
  }

  /** A signed 64-bit integer whose length in bits is uniformly spread. */
  int64(): bigint {
    const full = (BigInt(this.bits() >>> 0) << 32n) | BigInt(this.bits() >>> 0);
    return BigInt.asIntN(64, full) >> BigInt(this.below(64));
  }
}
