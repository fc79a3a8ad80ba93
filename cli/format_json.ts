// format_json.ts: replies as one JSON document. In the plain form bytes above 0x1f go out as they
// are, so a value that is UTF-8 stays UTF-8; in the quoted form every string is ASCII: the text of
// its backslash-quoted form, backslashes doubled. Keys of objects are always strings. An error is
// `error:"text"`: not JSON, but what scripts written for the original client look for.

import type { Reply } from "../lib/codec/reply_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { appendQuoted } from "./words.ts";

const BACKSLASH = 0x5c, DOUBLE_QUOTE = 0x22;

/** Appends a reply without a line end; `quoted` keeps the output ASCII. */
export function formatJson(out: ByteWriter, reply: Reply, quoted: boolean): void {
  switch (reply.kind) {
    case "error":
      out.ascii("error:");
      return appendString(out, reply.bytes, quoted);
    case "status":
    case "bulk":
    case "verbatim":
      return appendString(out, reply.bytes, quoted);
    case "integer":
    case "double":
    case "bignum":
      return out.bytes(reply.bytes);
    case "nil":
      return out.ascii("null");
    case "boolean":
      return out.ascii(reply.bytes[0] === 0x74 ? "true" : "false");
    case "map":
      return appendObject(out, reply.items, quoted);
  }
  out.ascii("[");
  reply.items.forEach((item, index) => {
    if (index > 0) out.ascii(",");
    formatJson(out, item, quoted);
  });
  out.ascii("]");
}

function appendObject(out: ByteWriter, items: readonly Reply[], quoted: boolean): void {
  out.ascii("{");
  items.forEach((item, index) => {
    if (index % 2 === 1) {
      out.ascii(":");
      formatJson(out, item, quoted);
      return;
    }
    if (index > 0) out.ascii(",");
    if (["error", "status", "bulk", "verbatim"].includes(item.kind)) {
      formatJson(out, item, quoted);
    } else {
      const key = new ByteWriter();
      formatJson(key, item, quoted);
      appendString(out, key.take(), quoted);
    }
  });
  out.ascii("}");
}

function appendString(out: ByteWriter, bytes: Uint8Array, quoted: boolean): void {
  if (!quoted) return appendEscaped(out, bytes);
  const text = new ByteWriter();
  appendQuoted(text, bytes);
  for (const byte of text.take()) {
    if (byte === BACKSLASH) out.byte(BACKSLASH);
    out.byte(byte);
  }
}

function appendEscaped(out: ByteWriter, bytes: Uint8Array): void {
  out.byte(DOUBLE_QUOTE);
  let run = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte > 0x1f && byte !== BACKSLASH && byte !== DOUBLE_QUOTE) continue;
    out.bytes(bytes.subarray(run, at));
    run = at + 1;
    out.ascii(escapeOf(byte));
  }
  out.bytes(bytes.subarray(run));
  out.byte(DOUBLE_QUOTE);
}

function escapeOf(byte: number): string {
  switch (byte) {
    case BACKSLASH:
      return "\\\\";
    case DOUBLE_QUOTE:
      return '\\"';
    case 8:
      return "\\b";
    case 9:
      return "\\t";
    case 10:
      return "\\n";
    case 12:
      return "\\f";
    case 13:
      return "\\r";
  }
  return "\\u" + byte.toString(16).padStart(4, "0");
}
