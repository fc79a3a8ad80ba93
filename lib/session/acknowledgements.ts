// acknowledgements.ts: which replies speak of changes, and what becomes of them when these cannot be written down.
//
//   commands of a batch -> units to the journal -> commit (one write, one sync where wanted) -> replies leave
//
// WHEN. Before anything leaves for anyone: at the end of the turn of the event loop (turn.ts), with one commit for all
// clients; a reader may have seen the change of another one.
//
// WHEN IT FAILS. Changes that could not be written are in memory, and will be written when that works again; but a killed
// process would lose them. So those who made them hear of the failure instead of a success: the replies of commands that
// changed something are marked, and replaced. Replies of readers leave as they are.

import { ReplyWriter } from "../codec/reply_writer.ts";
import type { Engine } from "./engine.ts";

const MARKS_START = 64;

/** Replies in a buffer that speak of a change: pairs of start and end, in order, apart from each other. */
export class Acknowledgements {
  private words = new Int32Array(MARKS_START);
  private used = 0;

  /** The reply at [start, end) speaks of a change. */
  mark(start: number, end: number): void {
    if (start === end) return;
    if (this.used === this.words.length) {
      const more = new Int32Array(this.used * 2);
      more.set(this.words);
      this.words = more;
    }
    this.words[this.used++] = start;
    this.words[this.used++] = end;
  }

  /** The buffer was cut back to `pos`. */
  cut(pos: number): void {
    while (this.used > 0 && this.words[this.used - 1] > pos) this.used -= 2;
  }

  /** What was marked from `off` on was copied to `to` of another buffer. */
  copy(off: number, other: Acknowledgements, to: number): void {
    const { words, used } = this;
    for (let i = 0; i < used; i += 2) {
      if (words[i] >= off) other.mark(words[i] - off + to, words[i + 1] - off + to);
    }
  }

  /**
   * The bytes buf[off, off+len) with `error` in the place of every marked reply, or null when none is there. Counts the
   * errors.
   */
  replaced(
    engine: Engine,
    buf: Uint8Array,
    off: number,
    len: number,
    error: Uint8Array,
  ): Uint8Array | null {
    const { words, used } = this;
    const out = new ReplyWriter();
    const end = off + len;
    let copied = off;
    for (let i = 0; i < used; i += 2) {
      if (words[i] < off || words[i] >= end) continue;
      out.rawRange(buf, copied, words[i] - copied);
      out.error(error);
      engine.countError(out);
      copied = words[i + 1];
    }
    if (copied === off) return null;
    out.rawRange(buf, copied, end - copied);
    return out.buf.subarray(0, out.pos);
  }
}
