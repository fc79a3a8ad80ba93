// resp.ts: the wire as the tests see it: latin-1 strings in which one character is one byte.
//
// Deliberately independent of lib/codec, so that a mistake there cannot hide itself: commands are
// encoded, replies are cut into frames and parsed here by other code than the code under test.
// A frame is one complete RESP2 or RESP3 value; an attribute and the value after it are one frame.

/** Bytes as a string with one character (U+0000 to U+00FF) a byte. */
export function latin1(buf: Uint8Array, off = 0, end = buf.length): string {
  const CHUNK = 8192;
  let out = "";
  for (let at = off; at < end; at += CHUNK) {
    out += String.fromCharCode(...buf.subarray(at, Math.min(at + CHUNK, end)));
  }
  return out;
}

/** The bytes of a latin-1 string. Throws RangeError when a character does not fit a byte. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const buf = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw new RangeError(`character U+${code.toString(16)} is no byte`);
    buf[i] = code;
  }
  return buf;
}

/** A command as one RESP array of bulk strings. */
export function encodeArgs(args: readonly string[]): string {
  let out = `*${args.length}\r\n`;
  for (const arg of args) out += `$${arg.length}\r\n${arg}\r\n`;
  return out;
}

const BULK_TYPES = "$=!";
const AGGREGATE_TYPES = "*~>%|";

/** Nothing but a complete value may be parsed; thrown for bytes that are no RESP. */
export class MalformedReply extends Error {}

function lengthOf(head: string): number {
  if (!/^-?\d+$/.test(head)) throw new MalformedReply(`not a length: ${JSON.stringify(head)}`);
  return Number(head);
}

/** Offset just past the frame that starts at `pos`, or -1 while it is incomplete. */
export function frameEnd(text: string, pos = 0): number {
  let todo = 1;
  while (todo > 0) {
    const lineEnd = text.indexOf("\r\n", pos);
    if (lineEnd < 0) return -1;
    const type = text[pos];
    const head = text.slice(pos + 1, lineEnd);
    pos = lineEnd + 2;
    todo--;
    if (BULK_TYPES.includes(type)) {
      const len = lengthOf(head);
      if (len >= 0) pos += len + 2;
      if (pos > text.length) return -1;
    } else if (AGGREGATE_TYPES.includes(type)) {
      const count = lengthOf(head);
      if (count > 0) todo += type === "%" || type === "|" ? count * 2 : count;
      if (type === "|") todo++;
    } else if (!"+-:_#,(".includes(type)) {
      throw new MalformedReply(`unknown type ${JSON.stringify(type)} at ${pos}`);
    }
  }
  return pos;
}

/** A parsed value. Nulls of all spellings have type "null"; children of maps are flat. */
export interface Reply {
  type: string;
  /** Everything after the type byte for scalars, the payload for bulk types. */
  text: string;
  /** Children of aggregates; of an attribute: its pairs, then the value. */
  items?: Reply[];
}

/** Parses the value at `pos`; the text must hold all of it. Returns it and the offset after it. */
export function parseReply(text: string, pos = 0): { reply: Reply; end: number } {
  const lineEnd = text.indexOf("\r\n", pos);
  if (lineEnd < 0) throw new MalformedReply("incomplete reply");
  const type = text[pos];
  const head = text.slice(pos + 1, lineEnd);
  let end = lineEnd + 2;
  if (type === "_") return { reply: { type: "null", text: "" }, end };
  if (BULK_TYPES.includes(type)) {
    const len = lengthOf(head);
    if (len < 0) return { reply: { type: "null", text: "" }, end };
    return { reply: { type, text: text.slice(end, end + len) }, end: end + len + 2 };
  }
  if (!AGGREGATE_TYPES.includes(type)) return { reply: { type, text: head }, end };
  let count = lengthOf(head);
  if (count < 0) return { reply: { type: "null", text: "" }, end };
  if (type === "%" || type === "|") count *= 2;
  if (type === "|") count++;
  const items: Reply[] = [];
  for (let i = 0; i < count; i++) {
    const child = parseReply(text, end);
    items.push(child.reply);
    end = child.end;
  }
  return { reply: { type, text: "", items }, end };
}

/** Parses all values of a text. */
export function parseReplies(text: string): Reply[] {
  const replies: Reply[] = [];
  for (let pos = 0; pos < text.length;) {
    const { reply, end } = parseReply(text, pos);
    replies.push(reply);
    pos = end;
  }
  return replies;
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #pending = "";

  push(text: string): void {
    this.#pending += text;
  }

  /** The next complete frame, or undefined. */
  next(): string | undefined {
    if (this.#pending === "") return undefined;
    const end = frameEnd(this.#pending);
    if (end < 0) return undefined;
    const frame = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end);
    return frame;
  }

  /** What arrived and was not handed out yet. */
  get pending(): string {
    return this.#pending;
  }

  /** Takes everything that is pending. */
  take(): string {
    const text = this.#pending;
    this.#pending = "";
    return text;
  }
}

/** A reply on one line, as the case tables write it: each CRLF becomes a space, the last ones are cut. */
export function flatten(reply: string): string {
  return reply.replaceAll("\r\n", " ").replace(/ +$/, "");
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

/**
 * Splits a command line into words the way the client does: blanks separate, "..." knows \n, \r,
 * \t, \b, \a and \xHH, '...' knows \'. Throws SyntaxError on quotes that are not balanced.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let i = 0;
  while (true) {
    while (i < line.length && /\s/.test(line[i])) i++;
    if (i >= line.length) return words;
    let word = "";
    while (i < line.length && !/\s/.test(line[i])) {
      const c = line[i];
      if (c === '"' || c === "'") {
        const quoted = readQuoted(line, i);
        word += quoted.text;
        i = quoted.end;
        if (i < line.length && !/\s/.test(line[i])) {
          throw new SyntaxError(`a quoted word must be followed by a blank: ${line}`);
        }
      } else {
        word += c;
        i++;
      }
    }
    words.push(word);
  }
}

function readQuoted(line: string, start: number): { text: string; end: number } {
  const quote = line[start];
  let text = "";
  for (let i = start + 1; i < line.length; i++) {
    const c = line[i];
    if (c === quote) return { text, end: i + 1 };
    if (c !== "\\" || i + 1 === line.length) {
      text += c;
      continue;
    }
    const next = line[i + 1];
    if (quote === "'") {
      if (next === "'") i++;
      text += next === "'" ? "'" : c;
      continue;
    }
    const hex = /^x([0-9a-fA-F]{2})/.exec(line.slice(i + 1, i + 4));
    text += hex ? String.fromCharCode(parseInt(hex[1], 16)) : ESCAPES[next] ?? next;
    i += hex ? 3 : 1;
  }
  throw new SyntaxError(`quotes are not balanced: ${line}`);
}
