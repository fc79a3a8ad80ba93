// kill_ring.ts: the last killed texts. Kills in a row grow one entry, forward kills at its end,
// backward kills at its beginning, so that yanking gives the text as it stood.

import { KILL_RING_MAX } from "./limits.ts";

/** Newest entry last; `rotate` walks to older ones and around. */
export class KillRing {
  #entries: Uint8Array[] = [];
  #at = 0;

  /** Adds a killed text; `grow` joins it with the newest entry. */
  push(text: Uint8Array, grow: "no" | "end" | "start"): void {
    if (text.length === 0) return;
    const newest = this.#entries.pop();
    if (newest === undefined || grow === "no") {
      if (newest !== undefined) this.#entries.push(newest);
      this.#entries.push(text);
      if (this.#entries.length > KILL_RING_MAX) this.#entries.shift();
    } else {
      this.#entries.push(grow === "end" ? join(newest, text) : join(text, newest));
    }
    this.#at = this.#entries.length - 1;
  }

  /** The entry that ^Y inserts, the newest; undefined when nothing was killed. */
  newest(): Uint8Array | undefined {
    this.#at = this.#entries.length - 1;
    return this.#entries[this.#at];
  }

  /** The entry before the one given last, around the ring. */
  rotate(): Uint8Array | undefined {
    if (this.#entries.length === 0) return undefined;
    this.#at = (this.#at + this.#entries.length - 1) % this.#entries.length;
    return this.#entries[this.#at];
  }
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const out = new Uint8Array(left.length + right.length);
  out.set(left);
  out.set(right, left.length);
  return out;
}
