// history.ts: the remembered lines, oldest first, and the walk through them while editing.
//
// INVARIANTS  I1 neighbours differ: a line equal to the newest entry is not added again
//             I2 at most `max` entries; the oldest go first
//             I3 private entries (passwords, keys) are kept in memory, never serialised and never
//                offered as a suggestion
// WALK        position 0 is the line being typed, 1 the newest entry, 2 the one before. A line
//             that was edited while walking keeps its edit until the walk ends.
// COST        add O(1) (dropping the oldest moves pointers), prefix and substring search O(bytes)
// SEE ALSO    history_file.ts (bytes of the file), search.ts (incremental search)

import { HISTORY_ENTRIES_DEFAULT, HISTORY_ENTRY_BYTES_MAX } from "./limits.ts";
import { bytesEqual, bytesStartWith } from "./text_buffer.ts";

/** One remembered line. */
export interface HistoryEntry {
  line: Uint8Array;
  /** Not for the file. */
  secret: boolean;
}

/** The remembered lines; see the file header. */
export class History {
  #entries: HistoryEntry[] = [];
  #max: number;

  constructor(max: number = HISTORY_ENTRIES_DEFAULT) {
    this.#max = Math.max(0, max);
  }

  get length(): number {
    return this.#entries.length;
  }

  get max(): number {
    return this.#max;
  }

  /** Changes the limit; the oldest entries above it are dropped. */
  setMax(max: number): void {
    this.#max = Math.max(0, max);
    this.#trim();
  }

  /**
   * Remembers a copy of the line. Empty lines, repetitions of the newest entry and lines above
   * HISTORY_ENTRY_BYTES_MAX are not remembered: the answer is false then.
   */
  add(line: Uint8Array, options: { secret?: boolean } = {}): boolean {
    return this.#accepts(line) && this.#push(line.slice(), options.secret === true);
  }

  /** The same without the copy, for bytes that nobody changes any more. */
  adopt(line: Uint8Array): boolean {
    return this.#accepts(line) && this.#push(line, false);
  }

  #accepts(line: Uint8Array): boolean {
    if (line.length === 0 || line.length > HISTORY_ENTRY_BYTES_MAX || this.#max === 0) return false;
    const newest = this.#entries.at(-1);
    return newest === undefined || !bytesEqual(newest.line, line);
  }

  #push(line: Uint8Array, secret: boolean): true {
    this.#entries.push({ line, secret });
    this.#trim();
    return true;
  }

  /** Entry by age, 0 is the newest. */
  recent(age: number): HistoryEntry | undefined {
    return this.#entries[this.#entries.length - 1 - age];
  }

  /** Entries oldest first. */
  entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /**
   * Newest line that begins with `prefix` and is longer; undefined when there is none. Private
   * lines can be walked to but are never offered unasked: somebody may look at the screen.
   */
  suggestion(prefix: Uint8Array): Uint8Array | undefined {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const { line, secret } = this.#entries[i];
      if (!secret && line.length > prefix.length && bytesStartWith(line, prefix)) return line;
    }
    return undefined;
  }

  #trim(): void {
    const surplus = this.#entries.length - this.#max;
    if (surplus > 0) this.#entries.splice(0, surplus);
  }
}

/** One walk with Up and Down; begins anew with each edited line. */
export class HistoryWalk {
  #history: History;
  #edits = new Map<number, Uint8Array>();
  position = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** Line shown at a position; undefined when there is no such entry. */
  at(position: number): Uint8Array | undefined {
    const edited = this.#edits.get(position);
    if (edited !== undefined) return edited;
    return position === 0 ? undefined : this.#history.recent(position - 1)?.line;
  }

  /** Goes to a position, keeping `current` as the edit of the one left; undefined = stays. */
  go(position: number, current: Uint8Array): Uint8Array | undefined {
    if (position < 0 || position === this.position) return undefined;
    if (position > 0 && this.at(position) === undefined) return undefined;
    this.keep(current);
    this.position = position;
    return this.at(position) ?? new Uint8Array(0);
  }

  /** Notes the text of the present position, if it differs from the entry. */
  keep(current: Uint8Array): void {
    const shown = this.at(this.position);
    if (shown === undefined || !bytesEqual(shown, current)) {
      this.#edits.set(this.position, current.slice());
    }
  }

  /** Next position, older (+1) or newer (-1), whose line begins with `prefix`; -1 = none. */
  nextWithPrefix(prefix: Uint8Array, direction: 1 | -1): number {
    for (let at = this.position + direction; at >= 0; at += direction) {
      const line = this.at(at);
      if (line === undefined) return at === 0 ? 0 : -1;
      if (at === 0 || bytesStartWith(line, prefix)) return at;
    }
    return -1;
  }

  /** Position of the oldest entry. */
  oldest(): number {
    return this.#history.length;
  }
}
