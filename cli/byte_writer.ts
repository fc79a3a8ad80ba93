// byte_writer.ts: a growing run of bytes that the formatters write into, and small helpers that
// move between text and bytes. Values are bytes all the way; text is only what the client says.

const START_BYTES = 256;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Appends bytes and ASCII text; `take` hands out what was written so far. */
export class ByteWriter {
  #buf = new Uint8Array(START_BYTES);
  #len = 0;

  /** Bytes written and not taken yet. */
  get length(): number {
    return this.#len;
  }

  /** Appends one byte. */
  byte(value: number): void {
    if (this.#len === this.#buf.length) this.#grow(1);
    this.#buf[this.#len++] = value;
  }

  /** Appends text that holds ASCII only, without an encoder on the way. */
  ascii(text: string): void {
    if (this.#len + text.length > this.#buf.length) this.#grow(text.length);
    for (let index = 0; index < text.length; index++) {
      this.#buf[this.#len++] = text.charCodeAt(index);
    }
  }

  bytes(bytes: Uint8Array): void {
    if (this.#len + bytes.length > this.#buf.length) this.#grow(bytes.length);
    this.#buf.set(bytes, this.#len);
    this.#len += bytes.length;
  }

  /** Drops the last `count` bytes. */
  drop(count: number): void {
    this.#len -= count;
  }

  /** The bytes written so far; the writer starts again, with a buffer of its own. */
  take(): Uint8Array {
    const taken = this.#buf.subarray(0, this.#len);
    this.#buf = new Uint8Array(START_BYTES);
    this.#len = 0;
    return taken;
  }

  #grow(need: number): void {
    const grown = new Uint8Array(Math.max(this.#buf.length * 2, this.#len + need));
    grown.set(this.#buf.subarray(0, this.#len));
    this.#buf = grown;
  }
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes as text for messages and comparisons; bytes that are no UTF-8 become U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Bytes as a string with one character a byte: lossless, for names and numbers. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}

/** True when `bytes` spell `word` (lower-case ASCII) in any case. */
export function isWord(bytes: Uint8Array | undefined, word: string): boolean {
  if (bytes === undefined || bytes.length !== word.length) return false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (lower !== word.charCodeAt(index)) return false;
  }
  return true;
}
