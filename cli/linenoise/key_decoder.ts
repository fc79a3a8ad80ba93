// key_decoder.ts: terminal input bytes to keys.
//
// Bytes are queued and a key is taken only when all of its bytes are there; nothing but the queue
// and three flags is remembered. So the keys do not depend on how the input was cut into chunks.
//
//   first byte        key
//   00..1f, 7f        control key by name: ctrl-a, tab, enter, backspace ...
//   1b                alone: escape (only flush() can tell); else a sequence:
//     1b [ P I F        CSI: parameters 30..3f, intermediates 20..2f, final 40..7e
//     1b O x            SS3: cursor, keypad and function keys of application mode
//     1b ] P X ^ _      OSC, DCS, SOS, PM, APC: a string up to ST or BEL, swallowed
//     1b x              Alt with that key;  1b 1b [ ... and 1b 1b O ... Alt with the sequence
//   20..7e, 80..ff    text: the longest run of whole characters; invalid bytes go through as text
//
// Unknown sequences are swallowed, never text. A control inside a sequence ends it and counts as a
// key, so a broken sequence cannot swallow ^C. CSI 200~ begins a paste: until CSI 201~ everything
// is text. CR LF is one enter, also across chunks.
//
// Dialects understood: xterm, VT220, linux console, rxvt (CSI 7~, CSI d, SS3 d, 3$, 3^), kitty and
// "CSI u" with key releases ignored, xterm's modifyOtherKeys; mouse and focus reports, cursor and
// device reports are swallowed.
//
// LIFETIME  Key.text is a view of the queue, valid until the next push()
// COST      linear in the input

import { CSI_BYTES_MAX, ESCAPE_STRING_BYTES_MAX } from "./limits.ts";
import { csiKey, legacyControlName, ss3Key } from "./key_names.ts";
import { UTF8_INVALID, UTF8_PARTIAL, utf8Decode } from "./utf8.ts";

const BEL = 0x07;
const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const DEL = 0x7f;
const BRACKET = 0x5b;
const LETTER_O = 0x4f;
const LETTER_M = 0x4d;
const BACKSLASH = 0x5c;
const PASTE_START = Uint8Array.of(ESC, BRACKET, 0x32, 0x30, 0x30, 0x7e);
const PASTE_END = Uint8Array.of(ESC, BRACKET, 0x32, 0x30, 0x31, 0x7e);
const QUEUE_MIN = 4096;
const MOUSE_BYTES = 3;
const EMPTY = new Uint8Array(0);

/** Not a key: more bytes are needed. */
const INCOMPLETE = 0;

/**
 * One key. `name` is "text" (characters to insert), "paste" (a piece of pasted bytes), "paste-end"
 * or a key name such as "ctrl-a", "alt-b", "left", "ctrl-left", "enter", "escape"; "" = swallowed.
 */
export interface Key {
  name: string;
  text: Uint8Array;
}

/** Queue of input bytes and the keys in it; see the file header. */
export class KeyDecoder {
  #queue = new Uint8Array(QUEUE_MIN);
  #off = 0;
  #len = 0;
  #pasting = false;
  #afterCr = false;
  #flushing = false;

  /** Adds input. */
  push(bytes: Uint8Array): void {
    if (this.#off === this.#len) this.#off = this.#len = 0;
    if (this.#len + bytes.length > this.#queue.length) {
      const held = this.#len - this.#off;
      const wanted = held + bytes.length;
      const target = wanted * 2 > this.#queue.length
        ? new Uint8Array(Math.max(QUEUE_MIN, wanted * 2))
        : this.#queue;
      target.set(this.#queue.subarray(this.#off, this.#len));
      this.#queue = target;
      this.#off = 0;
      this.#len = held;
    }
    this.#queue.set(bytes, this.#len);
    this.#len += bytes.length;
  }

  /** Bytes not taken yet. */
  get pending(): number {
    return this.#len - this.#off;
  }

  get pasting(): boolean {
    return this.#pasting;
  }

  /** Takes all bytes that are not keys yet and forgets a paste under way. */
  takeAll(): Uint8Array {
    const rest = this.#queue.slice(this.#off, this.#len);
    this.#off = this.#len = 0;
    this.#pasting = false;
    if (this.#queue.length > QUEUE_MIN) this.#queue = new Uint8Array(QUEUE_MIN);
    return rest;
  }

  /** Until next() answers null, sequences that are not complete are taken as they are. */
  flush(): void {
    this.#flushing = !this.#pasting;
  }

  /** Next key, or null when more bytes are needed. */
  next(): Key | null {
    for (;;) {
      if (this.#afterCr && this.#off < this.#len) {
        this.#afterCr = false;
        if (this.#queue[this.#off] === LF) this.#off++;
      }
      if (this.#off >= this.#len) break;
      const key = this.#pasting ? this.#paste() : this.#key();
      if (key === null) break;
      if (key.name !== "") return key;
    }
    this.#flushing = false;
    return null;
  }

  /**
   * Next character or byte as text whatever it is, or null; for quoted insert. Only the beginning
   * of a paste is not taken literally: it answers a key with an empty name, and next() goes on.
   */
  nextLiteral(): Key | null {
    this.#afterCr = false;
    if (this.#off >= this.#len) return this.#nothing();
    const matched = this.#matches(PASTE_START, this.#off);
    if (matched === PASTE_START.length) return { name: "", text: EMPTY };
    if (this.#off + matched === this.#len && !this.#flushing) return null;
    const packed = utf8Decode(this.#queue, this.#off, this.#len);
    if (packed === UTF8_PARTIAL && !this.#flushing) return null;
    return this.#take("text", packed < 0 ? 1 : packed & 7);
  }

  #nothing(): null {
    this.#flushing = false;
    return null;
  }

  /** Takes `count` bytes as a key; the bytes are its text. */
  #take(name: string, count: number): Key {
    const text = this.#queue.subarray(this.#off, this.#off + count);
    this.#off += count;
    return { name, text };
  }

  #key(): Key | null {
    const byte = this.#queue[this.#off];
    if (byte === ESC) return this.#escape();
    if (byte < 0x20 || byte === DEL) {
      this.#afterCr = byte === CR;
      return this.#take(legacyControlName(byte), 1);
    }
    return this.#text();
  }

  /** Longest run of text; a character whose end is not there yet stays in the queue. */
  #text(): Key | null {
    const buf = this.#queue;
    let at = this.#off;
    while (at < this.#len) {
      const byte = buf[at];
      if (byte < 0x80) {
        if (byte < 0x20 || byte === DEL) break;
        at++;
        continue;
      }
      const packed = utf8Decode(buf, at, this.#len);
      if (packed === UTF8_PARTIAL && !this.#flushing) break;
      at += packed < 0 ? 1 : packed & 7;
    }
    return at === this.#off ? null : this.#take("text", at - this.#off);
  }

  /** Pasted bytes up to the end mark; bytes that may begin the mark are held back. */
  #paste(): Key | null {
    const from = this.#off;
    let at = from;
    for (;;) {
      const esc = this.#queue.indexOf(ESC, at);
      if (esc < 0 || esc >= this.#len) return this.#take("paste", this.#len - from);
      const matched = this.#matches(PASTE_END, esc);
      if (matched === PASTE_END.length) {
        if (esc > from) return this.#take("paste", esc - from);
        this.#pasting = false;
        return this.#take("paste-end", matched);
      }
      if (esc + matched === this.#len) {
        return esc > from ? this.#take("paste", esc - from) : null;
      }
      at = esc + 1;
    }
  }

  /** How many bytes of a mark stand at `off`, up to the end of the queue. */
  #matches(mark: Uint8Array, off: number): number {
    let count = 0;
    while (
      count < mark.length && off + count < this.#len &&
      this.#queue[off + count] === mark[count]
    ) count++;
    return count;
  }

  /** A key that begins with ESC. */
  #escape(): Key | null {
    const buf = this.#queue;
    let at = this.#off + 1;
    if (at >= this.#len) return this.#unfinished("escape", 1);
    let alt = false;
    if (buf[at] === ESC) {
      if (at + 1 >= this.#len) return this.#unfinished("escape", 1);
      if (buf[at + 1] !== BRACKET && buf[at + 1] !== LETTER_O) return this.#take("escape", 1);
      alt = true;
      at++;
    }
    const byte = buf[at];
    if (byte === BRACKET) return this.#csi(at + 1, alt);
    if (byte === LETTER_O) return this.#ss3(at + 1, alt);
    if (isStringIntroducer(byte)) return this.#string(at + 1);
    return this.#altKey(at);
  }

  /** An incomplete sequence: waits, or is taken as `name` when flushing. */
  #unfinished(name: string, count: number): Key | null {
    return this.#flushing ? this.#take(name, count) : null;
  }

  #altKey(at: number): Key | null {
    const byte = this.#queue[at];
    if (byte < 0x20 || byte === DEL) {
      const name = legacyControlName(byte);
      this.#afterCr = byte === CR;
      return this.#take("alt-" + (name === "ctrl-h" ? "backspace" : name), at + 1 - this.#off);
    }
    if (byte < 0x80) {
      return this.#take("alt-" + String.fromCharCode(byte).toLowerCase(), at + 1 - this.#off);
    }
    const packed = utf8Decode(this.#queue, at, this.#len);
    if (packed === UTF8_PARTIAL) return this.#unfinished("", this.#len - this.#off);
    return this.#take("", at - this.#off + (packed === UTF8_INVALID ? 1 : packed & 7));
  }

  #csi(start: number, alt: boolean): Key | null {
    const stop = this.#csiEnd(start);
    if (stop === INCOMPLETE) {
      return this.#unfinished(start === this.#len ? "alt-[" : "", this.#len - this.#off);
    }
    const last = this.#queue[stop - 1];
    if (last < 0x20 || last >= DEL) return this.#take("", stop - 1 - this.#off);
    if (last === LETTER_M && stop === start + 1) {
      if (stop + MOUSE_BYTES > this.#len) return this.#unfinished("", this.#len - this.#off);
      return this.#take("", stop + MOUSE_BYTES - this.#off);
    }
    if (stop - start > CSI_BYTES_MAX) return this.#take("", stop - this.#off);
    const body = String.fromCharCode(...this.#queue.subarray(start, stop));
    const key = csiKey(body);
    const taken = this.#take(
      alt && key.name !== "text" ? withAlt(key.name) : key.name,
      stop - this.#off,
    );
    if (key.name === "paste-start") {
      this.#pasting = true;
      return { name: "", text: EMPTY };
    }
    return { name: taken.name, text: key.text ?? taken.text };
  }

  /** Offset behind the final byte, or behind the byte that breaks the sequence; 0 = not there. */
  #csiEnd(start: number): number {
    const buf = this.#queue;
    let at = start;
    if (at < this.#len && buf[at] === BRACKET) at++;
    for (; at < this.#len; at++) {
      const byte = buf[at];
      if (byte >= 0x30 && byte <= 0x3f) continue;
      if (byte === 0x24 && at > start && buf[start] < 0x3a) return at + 1;
      if (byte >= 0x20 && byte <= 0x2f) continue;
      return at + 1;
    }
    return INCOMPLETE;
  }

  #ss3(start: number, alt: boolean): Key | null {
    let at = start;
    while (at < this.#len && at - start < CSI_BYTES_MAX && isParameter(this.#queue[at])) at++;
    if (at >= this.#len) {
      return this.#unfinished(start === this.#len ? "alt-o" : "", this.#len - this.#off);
    }
    const byte = this.#queue[at];
    if (byte < 0x20 || byte >= DEL) return this.#take("", at - this.#off);
    const body = String.fromCharCode(...this.#queue.subarray(start, at + 1));
    const key = ss3Key(body);
    const taken = this.#take(alt ? withAlt(key.name) : key.name, at + 1 - this.#off);
    return { name: taken.name, text: key.text ?? taken.text };
  }

  /** Swallows a control string. Any control but ESC \ and BEL breaks it off. */
  #string(start: number): Key | null {
    const buf = this.#queue;
    const limit = Math.min(this.#len, start + ESCAPE_STRING_BYTES_MAX);
    for (let at = start; at < limit; at++) {
      if (buf[at] === BEL) return this.#take("", at + 1 - this.#off);
      if (buf[at] === ESC) {
        if (at + 1 >= this.#len) break;
        const closing = buf[at + 1] === BACKSLASH ? 2 : 0;
        return this.#take("", at + closing - this.#off);
      }
      if (buf[at] < 0x20) return this.#take("", at - this.#off);
    }
    if (limit - start === ESCAPE_STRING_BYTES_MAX) return this.#take("", limit - this.#off);
    return this.#unfinished("", this.#len - this.#off);
  }
}

function withAlt(name: string): string {
  if (name === "" || name.includes("alt-")) return name;
  return name.startsWith("ctrl-") ? "ctrl-alt-" + name.slice("ctrl-".length) : "alt-" + name;
}

function isParameter(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x3b;
}

/** P, X, ], ^ and _ introduce strings that run up to ST. */
function isStringIntroducer(byte: number): boolean {
  return byte === 0x50 || byte === 0x58 || byte === 0x5d || byte === 0x5e || byte === 0x5f;
}
