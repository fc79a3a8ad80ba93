// access.ts: the access clock of a record under the LFU policies.
//
//    bits 23..8               7..0
//   +------------------------+-----------+
//   | minutes, modulo 65,536 |  counter  |
//   +------------------------+-----------+
//
// The counter grows logarithmically (the higher, the less likely) and loses one per lfuDecayMinutes without access.
//
// Source: valkey-doc, "Key eviction", section on the LFU mode.

/** What the access clock needs of the keyspace. */
export interface Lookup {
  next32: () => number;
  lfuMinutes: number;
  lfuLogFactor: number;
  lfuDecayMinutes: number;
}

/** New keys start here so that they are not evicted at once. */
export const LFU_COUNTER_START = 5;

/** The counter after the decay due since its last access; `clock` is the record's 24 bits. */
export function lfuDecayed(ks: Lookup, clock: number): number {
  const counter = clock & 0xff;
  const elapsed = (ks.lfuMinutes - (clock >>> 8)) & 0xffff;
  const periods = ks.lfuDecayMinutes > 0 ? Math.floor(elapsed / ks.lfuDecayMinutes) : 0;
  return periods > counter ? 0 : counter - periods;
}

/** Counts an access in words[w], the first word of a record. */
export function touchAccess(ks: Lookup, words: Int32Array, w: number): void {
  let counter = lfuDecayed(ks, words[w] >>> 8);
  if (counter < 255) {
    const base = Math.max(0, counter - LFU_COUNTER_START);
    const chance = 1 / (base * ks.lfuLogFactor + 1);
    if ((ks.next32() >>> 0) / 4294967296 < chance) counter++;
  }
  words[w] = (words[w] & 0xff) | (((ks.lfuMinutes << 8) | counter) << 8);
}
