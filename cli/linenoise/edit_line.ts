// edit_line.ts: the edited line: text, cursor, undo, kill ring, and every edit a key can ask for.
//
// Edits answer whether they did anything; the editor rings the bell when not. The cursor is a byte
// offset. It stands on cluster boundaries, except right after an insertion that made its
// neighbours grow together; motions go to the nearest boundary in their direction then.
//
// Commands in a row matter three times: kills grow one ring entry, Alt-Y follows only a yank, and
// typed text is one undo step. nextCommand() is called before each key for that.

import { clusterEnd, clusterStart } from "./grapheme.ts";
import type { KillRing } from "./kill_ring.ts";
import { LINE_BYTES_MAX } from "./limits.ts";
import { TextBuffer } from "./text_buffer.ts";
import { UndoStacks } from "./undo.ts";
import { utf8Encode, utf8Text } from "./utf8.ts";
import { lineEnd, lineStart, wordEnd, wordStart } from "./words.ts";

const LF = 0x0a;
const EMPTY = new Uint8Array(0);

type CommandKind = "insert" | "kill" | "yank" | "vertical" | "other";

/** The line; see the file header. */
export class EditLine {
  readonly text = new TextBuffer();
  cursor = 0;
  #undo = new UndoStacks();
  #ring: KillRing;
  #max: number;
  #previous: CommandKind = "other";
  #current: CommandKind = "other";
  #yanked = 0;
  #goal = 0;

  constructor(ring: KillRing, max: number = LINE_BYTES_MAX) {
    this.#ring = ring;
    this.#max = max;
  }

  get len(): number {
    return this.text.len;
  }

  get atEnd(): boolean {
    return this.cursor === this.text.len;
  }

  /** A new key begins. */
  nextCommand(): void {
    this.#previous = this.#current;
    this.#current = "other";
  }

  /** Begins a new line; `ring` is where its kills go, `wipe` overwrites what the old one held. */
  reset(initial: Uint8Array, options: { ring: KillRing; wipe: boolean }): void {
    this.text.reset(options.wipe);
    this.#undo.clear(options.wipe);
    this.#ring = options.ring;
    this.#previous = this.#current = "other";
    this.text.replace(0, 0, initial.subarray(0, this.#max));
    this.cursor = this.text.len;
  }

  /** Inserts at the cursor. Insertions in a row are one undo step. */
  insert(bytes: Uint8Array): boolean {
    if (this.text.len + bytes.length > this.#max) return false;
    if (this.#previous !== "insert") this.#undo.seal();
    this.#current = "insert";
    this.#edit(this.cursor, this.cursor, bytes, true);
    return true;
  }

  /** Replaces a range as one undo step; the cursor goes behind it. */
  replace(from: number, to: number, bytes: Uint8Array): boolean {
    if (this.text.len - (to - from) + bytes.length > this.#max) return false;
    this.#edit(from, to, bytes, false);
    return true;
  }

  /** Replaces everything. */
  setText(bytes: Uint8Array, cursor: number = bytes.length): void {
    if (!this.text.equals(bytes)) this.replace(0, this.text.len, bytes);
    this.cursor = Math.max(0, Math.min(cursor, this.text.len));
  }

  #edit(from: number, to: number, bytes: Uint8Array, typed: boolean): void {
    const removed = from === to ? EMPTY : this.text.slice(from, to);
    this.#undo.record({ off: from, removed, inserted: bytes.length, cursor: this.cursor, typed });
    this.text.replace(from, to - from, bytes);
    this.cursor = from + bytes.length;
  }

  undo(): boolean {
    return this.#goBack(this.#undo.undo(this.text, this.cursor));
  }

  redo(): boolean {
    return this.#goBack(this.#undo.redo(this.text, this.cursor));
  }

  /** What is typed next becomes an undo step of its own. */
  sealUndo(): void {
    this.#undo.seal();
  }

  #goBack(cursor: number): boolean {
    if (cursor < 0) return false;
    this.cursor = Math.min(cursor, this.text.len);
    return true;
  }

  // Motions.

  moveTo(off: number): boolean {
    if (off === this.cursor) return false;
    this.cursor = off;
    return true;
  }

  left(): boolean {
    return this.moveTo(this.#before());
  }

  right(): boolean {
    return this.moveTo(this.#after());
  }

  wordLeft(): boolean {
    return this.moveTo(wordStart(this.text.bytes, this.cursor));
  }

  wordRight(): boolean {
    return this.moveTo(wordEnd(this.text.bytes, this.cursor, this.text.len));
  }

  /** To the start of the line between line feeds; never fails. */
  home(): boolean {
    this.cursor = lineStart(this.text.bytes, this.cursor);
    return true;
  }

  end(): boolean {
    this.cursor = lineEnd(this.text.bytes, this.cursor, this.text.len);
    return true;
  }

  /** To the line above (-1) or below (1) of a text with line feeds; false when there is none. */
  vertical(direction: -1 | 1): boolean {
    const { bytes, len } = this.text;
    const start = lineStart(bytes, this.cursor);
    const stop = lineEnd(bytes, this.cursor, len);
    if (direction < 0 ? start === 0 : stop === len) return false;
    if (this.#previous !== "vertical") this.#goal = this.#clusters(start, this.cursor);
    this.#current = "vertical";
    let at = direction < 0 ? lineStart(bytes, start - 1) : stop + 1;
    for (let count = 0; count < this.#goal && at < len && bytes[at] !== LF; count++) {
      at = clusterEnd(bytes, at, len);
    }
    this.cursor = at;
    return true;
  }

  #clusters(from: number, to: number): number {
    let count = 0;
    for (let at = from; at < to; count++) at = clusterEnd(this.text.bytes, at, this.text.len);
    return count;
  }

  #before(): number {
    return clusterStart(this.text.bytes, this.cursor, this.text.len);
  }

  #after(): number {
    if (this.atEnd) return this.cursor;
    return clusterEnd(this.text.bytes, this.cursor, this.text.len);
  }

  // Deletions and kills.

  backspace(): boolean {
    return this.#delete(this.#before(), this.cursor);
  }

  deleteRight(): boolean {
    return this.#delete(this.cursor, this.#after());
  }

  #delete(from: number, to: number): boolean {
    if (from === to) return false;
    this.#edit(from, to, EMPTY, false);
    return true;
  }

  /** Kills to the end of the line, or the line feed when the cursor is there. */
  killToEnd(): boolean {
    const stop = lineEnd(this.text.bytes, this.cursor, this.text.len);
    const joins = stop === this.cursor && stop < this.text.len;
    return this.#kill(this.cursor, joins ? stop + 1 : stop);
  }

  killToStart(): boolean {
    return this.#kill(lineStart(this.text.bytes, this.cursor), this.cursor);
  }

  killAll(): boolean {
    return this.#kill(0, this.text.len);
  }

  killWordRight(): boolean {
    return this.#kill(this.cursor, wordEnd(this.text.bytes, this.cursor, this.text.len));
  }

  /** Kills back to the start of a word; `blank` words end at white space only. */
  killWordLeft(blank: boolean): boolean {
    return this.#kill(wordStart(this.text.bytes, this.cursor, blank), this.cursor);
  }

  #kill(from: number, to: number): boolean {
    if (from === to) return false;
    const side = from < this.cursor ? "start" : "end";
    this.#ring.push(this.text.slice(from, to), this.#previous === "kill" ? side : "no");
    this.#edit(from, to, EMPTY, false);
    this.#current = "kill";
    return true;
  }

  yank(): boolean {
    return this.#yank(this.#ring.newest(), 0);
  }

  /** Replaces the text just yanked by the one killed before it. */
  yankPop(): boolean {
    if (this.#previous !== "yank") return false;
    return this.#yank(this.#ring.rotate(), this.#yanked);
  }

  #yank(bytes: Uint8Array | undefined, replaced: number): boolean {
    if (bytes === undefined) return false;
    if (!this.replace(this.cursor - replaced, this.cursor, bytes)) return false;
    this.#yanked = bytes.length;
    this.#current = "yank";
    return true;
  }

  // Changes of what is there.

  /** Exchanges the characters around the cursor, at the end the two before it. */
  transpose(): boolean {
    const { bytes, len } = this.text;
    const middle = this.atEnd ? this.#before() : this.cursor;
    if (middle === 0 || middle === len) return false;
    const from = clusterStart(bytes, middle, len);
    const to = clusterEnd(bytes, middle, len);
    const swapped = new Uint8Array(to - from);
    swapped.set(bytes.subarray(middle, to));
    swapped.set(bytes.subarray(from, middle), to - middle);
    return this.replace(from, to, swapped);
  }

  /** Changes the case of the word at or after the cursor; invalid UTF-8 is left alone. */
  changeCase(kind: "upper" | "lower" | "capital"): boolean {
    const stop = wordEnd(this.text.bytes, this.cursor, this.text.len);
    const word = this.text.slice(this.cursor, stop);
    const text = utf8Text(word);
    if (stop === this.cursor || text.includes("\ufffd")) return false;
    const at = text.search(/[\p{L}\p{N}]/u);
    const cased = kind === "upper"
      ? text.toUpperCase()
      : kind === "lower" || at < 0
      ? text.toLowerCase()
      : text.slice(0, at) + text.slice(at, at + 1).toUpperCase() +
        text.slice(at + 1).toLowerCase();
    return this.replace(this.cursor, stop, utf8Encode(cased));
  }
}
