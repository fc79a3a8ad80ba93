// search.ts: incremental search through the history (^R backward, ^S forward).
//
// The query is bytes; a query without ASCII capitals matches either case of ASCII letters. A step
// in a direction looks first for another occurrence in a different line, so equal lines show once.
// A query that finds nothing keeps the last match on the screen and says so.
//
// INVARIANTS  I1 `match` is a position of the walk (1 = newest entry) or 0 for the line itself
//             I2 removing a character from the query searches again from where the search began
// COST        O(bytes of the lines looked at) for each key

import type { HistoryWalk } from "./history.ts";
import { bytesEqual } from "./text_buffer.ts";
import { utf8Previous } from "./utf8.ts";

/** A search under way; the editor owns one while ^R or ^S is active. */
export class Search {
  query: Uint8Array = new Uint8Array(0);
  failed = false;
  match: number;
  /** Offset of the query in the matching line, -1 when nothing matched yet. */
  matchOff = -1;
  direction: 1 | -1;
  #walk: HistoryWalk;
  #origin: number;
  #originLine: Uint8Array;

  constructor(walk: HistoryWalk, line: Uint8Array, direction: 1 | -1) {
    this.#walk = walk;
    this.direction = direction;
    this.match = walk.position;
    this.#origin = walk.position;
    this.#originLine = line;
  }

  /** Line of the present match, or the edited line when there is none yet. */
  line(): Uint8Array {
    return this.match === this.#origin ? this.#originLine : this.#lineAt(this.match);
  }

  /** Adds to the query and looks again from the present match on. */
  extend(bytes: Uint8Array): void {
    const query = new Uint8Array(this.query.length + bytes.length);
    query.set(this.query);
    query.set(bytes, this.query.length);
    this.query = query;
    this.#find(this.match, undefined);
  }

  /** Takes the last character off the query and looks again from the beginning. */
  shorten(): void {
    if (this.query.length === 0) return;
    this.query = this.query.slice(0, utf8Previous(this.query, this.query.length));
    this.match = this.#origin;
    this.matchOff = -1;
    this.failed = false;
    if (this.query.length > 0) this.#find(this.#origin, undefined);
  }

  /** Goes to the next match in a direction; with an empty query `last` is taken as the query. */
  step(direction: 1 | -1, last: Uint8Array): void {
    this.direction = direction;
    if (this.query.length === 0) {
      this.query = last;
      if (last.length > 0) this.#find(this.match, undefined);
      return;
    }
    this.#find(this.match + direction, this.line());
  }

  #lineAt(position: number): Uint8Array {
    if (position === this.#origin) return this.#originLine;
    return this.#walk.at(position) ?? new Uint8Array(0);
  }

  /** Looks from a position on, past lines equal to `skip`. */
  #find(from: number, skip: Uint8Array | undefined): void {
    const fold = !hasCapital(this.query);
    for (let at = from; at >= 0 && at <= this.#walk.oldest(); at += this.direction) {
      const line = this.#lineAt(at);
      if (skip !== undefined && bytesEqual(skip, line)) continue;
      const off = lastIndexOf(line, this.query, fold);
      if (off < 0) continue;
      this.match = at;
      this.matchOff = off;
      this.failed = false;
      return;
    }
    this.failed = true;
  }
}

function hasCapital(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte >= 0x41 && byte <= 0x5a);
}

/** ASCII capital to small letter, others unchanged. */
function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Offset of the last occurrence of `needle`, -1 when there is none; `fold` ignores ASCII case. */
export function lastIndexOf(line: Uint8Array, needle: Uint8Array, fold: boolean): number {
  for (let off = line.length - needle.length; off >= 0; off--) {
    let i = 0;
    while (
      i < needle.length &&
      (line[off + i] === needle[i] || (fold && lower(line[off + i]) === lower(needle[i])))
    ) i++;
    if (i === needle.length) return off;
  }
  return -1;
}
