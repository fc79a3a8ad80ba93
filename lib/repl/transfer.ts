// transfer.ts: a snapshot on its way from a primary, as it comes over a connection.
//
//   \n ...                          while the primary prepares it
//   $LENGTH\r\n   bytes             of a file: the length is known
//   $EOF:MARK\r\n bytes MARK        made while it is sent: 40 bytes chosen for this transfer say where it ends
//   -text\r\n                       the primary could not make one
//
// The primary sends nothing behind the mark before it hears from the replica, so that the mark can only be the last bytes
// that have arrived. Behind a known length the stream may follow at once.
//
// COSTS: with a mark, 40 bytes are held back and compared at the end of each piece.

import { copyBytes, latin1 } from "../bytes/ascii.ts";
import type { ByteDrain } from "./backlog.ts";

const MARK_BYTES = 40;
const LINE_BYTES_MAX = 1024;
const LF = 10;

/** Reads one transfer. */
export class Transfer {
  /** Bytes of the snapshot: all of them, -1 while unknown, 0 when only the mark will tell; and those that came. */
  total = -1;
  received = 0;
  isDone = false;
  /** Why it failed, in the primary's words or ours. */
  problem = "";
  private head = "";
  private mark: Uint8Array | null = null;
  /** The last bytes that came, which may be the mark. */
  private held = new Uint8Array(MARK_BYTES);
  private heldLen = 0;

  /** Whether the head has come, so that bytes of the snapshot follow. */
  get isUnderWay(): boolean {
    return this.total >= 0;
  }

  get hasMark(): boolean {
    return this.mark !== null;
  }

  /** Takes buf[off, off+len) and hands the snapshot's part of it on. Returns how many bytes belonged to the transfer. */
  feed(buf: Uint8Array, off: number, len: number, drain: ByteDrain): number {
    let at = off;
    const end = off + len;
    while (at < end && !this.isUnderWay && this.problem === "") {
      const byte = buf[at++];
      if (byte === LF) this.headEnds();
      else this.head += String.fromCharCode(byte);
      if (this.head.length > LINE_BYTES_MAX) this.problem = "the head of the transfer is too long";
    }
    if (this.problem !== "" || at === end) return at - off;
    if (this.mark !== null) {
      this.untilMark(buf, at, end - at, drain);
      return len;
    }
    const piece = Math.min(end - at, this.total - this.received);
    if (piece > 0) drain(buf, at, piece);
    this.received += piece;
    this.isDone = this.received === this.total;
    return at + piece - off;
  }

  private headEnds(): void {
    const head = this.head.replace(/\r$/, "");
    this.head = "";
    if (head === "") return;
    if (head.startsWith("-")) {
      this.problem = `PRIMARY aborted replication with an error: ${head.slice(1)}`;
      return;
    }
    const mark = /^\$EOF:(.{40})$/s.exec(head);
    if (mark !== null) {
      this.mark = Uint8Array.from(mark[1], (c) => c.charCodeAt(0));
      this.total = 0;
    } else if (/^\$\d{1,15}$/.test(head)) {
      this.total = Number(head.slice(1));
      this.isDone = this.total === 0;
    } else {
      this.problem = "Bad protocol from PRIMARY, the first byte is not '$' (we received " +
        `'${head.slice(0, 64)}'), are you sure the host and port are right?`;
    }
  }

  /** All but the last bytes go on; those may be the mark. */
  private untilMark(buf: Uint8Array, off: number, len: number, drain: ByteDrain): void {
    const { held } = this;
    const passed = Math.max(0, this.heldLen + len - MARK_BYTES);
    const ofHeld = Math.min(passed, this.heldLen);
    const ofNew = passed - ofHeld;
    if (ofHeld > 0) drain(held, 0, ofHeld);
    if (ofNew > 0) drain(buf, off, ofNew);
    this.received += passed;
    held.copyWithin(0, ofHeld, this.heldLen);
    this.heldLen -= ofHeld;
    copyBytes(buf, off + ofNew, held, this.heldLen, len - ofNew);
    this.heldLen += len - ofNew;
    const mark = this.mark as Uint8Array;
    if (this.heldLen < MARK_BYTES) return;
    for (let i = 0; i < MARK_BYTES; i++) if (held[i] !== mark[i]) return;
    this.isDone = true;
  }
}

/** The head of a transfer, as it is shown. */
export function transferHead(length: number, mark: string): string {
  return mark === "" ? `$${length}\r\n` : `$EOF:${mark}\r\n`;
}

/** A line of a connection that is read byte by byte: returns it without its end once it is complete. */
export class LineReader {
  private text = "";

  /** Takes bytes up to the end of a line. Returns how many; `line` is set when it is complete. */
  feed(buf: Uint8Array, off: number, len: number): number {
    this.line = null;
    const end = buf.subarray(off, off + len).indexOf(LF);
    const taken = end < 0 ? len : end + 1;
    this.text += latin1(buf, off, end < 0 ? len : end);
    if (end < 0) return taken;
    this.line = this.text.replace(/\r$/, "");
    this.text = "";
    return taken;
  }

  line: string | null = null;

  /** Bytes of the line that is not complete. */
  get pending(): number {
    return this.text.length;
  }
}
