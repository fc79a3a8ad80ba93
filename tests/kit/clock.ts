// clock.ts: time and chance for tests: a clock that moves only when told to, and a seeded
// generator, so that every run can be repeated from its seed.

import process from "node:process";
import type { Clock, Random } from "../../lib/platform/mod.ts";

/** 2026-01-01T00:00:00Z: far enough from zero that absolute expiry times look real. */
export const FAKE_EPOCH_MS = 1767225600000;

/** A clock that stands still until `advance` or `jump` is called. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicUs = 1_000_000;

  constructor(wallMs = FAKE_EPOCH_MS) {
    this.#wallMs = wallMs;
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicUs(): number {
    return this.#monotonicUs;
  }

  /** Lets `ms` milliseconds pass. */
  advance(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicUs += ms * 1000;
  }

  /** Sets the wall clock, as an administrator may; monotonic time does not notice. */
  jump(wallMs: number): void {
    this.#wallMs = wallMs;
  }
}

/** xoshiro128**: 128 bits of state, 32-bit results, period 2^128 - 1. Source: Blackman and Vigna. */
export class SeededRandom implements Random {
  readonly seed: number;
  #s0: number;
  #s1: number;
  #s2: number;
  #s3: number;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    // splitmix32 spreads the seed over the state, which must not be all zero.
    let x = this.seed;
    const next = (): number => {
      x = (x + 0x9e3779b9) | 0;
      let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#s0 = next();
    this.#s1 = next();
    this.#s2 = next();
    this.#s3 = next() | 1;
  }

  next32(): number {
    const product = Math.imul(this.#s1, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.#s1 << 9;
    this.#s2 ^= this.#s0;
    this.#s3 ^= this.#s1;
    this.#s1 ^= this.#s2;
    this.#s0 ^= this.#s3;
    this.#s2 ^= shifted;
    this.#s3 = (this.#s3 << 11) | (this.#s3 >>> 21);
    return result | 0;
  }

  fill(buf: Uint8Array): void {
    for (let i = 0; i < buf.length; i++) buf[i] = this.next32() >>> 24;
  }

  /** A uniform integer in 0..below-1. */
  below(below: number): number {
    return Math.floor(((this.next32() >>> 0) / 2 ** 32) * below);
  }

  /** One of the given things. */
  pick<T>(things: readonly T[]): T {
    return things[this.below(things.length)];
  }

  /** True with probability `share`. */
  chance(share: number): boolean {
    return (this.next32() >>> 0) < share * 2 ** 32;
  }
}

/**
 * Runs a test body with a seeded generator. The seed is that of the environment variable
 * SIGRUN_SEED, or `seed`; when the body fails the seed is printed and part of the error.
 */
export function withSeed(seed: number, body: (random: SeededRandom) => void): void {
  const forced = process.env.SIGRUN_SEED;
  const random = new SeededRandom(forced ? Number(forced) : seed);
  try {
    body(random);
  } catch (error) {
    console.error(`seed ${random.seed} (repeat with SIGRUN_SEED=${random.seed})`);
    throw error;
  }
}
