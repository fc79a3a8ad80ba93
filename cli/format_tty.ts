// format_tty.ts: replies for people: types named, strings quoted, elements numbered.
//
//   array      1) "a"          map   1# "field" => "value"       set   1~ "member"
//              2) 1) "b"             2# "list" =>
//                 2) (nil)              1) "x"
//                                       2) "y"
//
// Numbers are padded to the width of the largest; nested elements are indented by that width plus
// two; the first element stays on the line of its parent. A map value that takes several lines
// starts on a line of its own. Strings are quoted, so that nothing in a value reaches the terminal
// as a control sequence; in texts that are shown as they are (status, error, verbatim) control
// bytes other than blanks are escaped.

import type { Reply } from "../lib/codec/reply_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { appendEscape, appendQuoted } from "./words.ts";

const EMPTY_NAMES: Record<string, string> = {
  array: "(empty array)\n",
  map: "(empty hash)\n",
  set: "(empty set)\n",
  push: "(empty push)\n",
};

const MARKS: Record<string, string> = { array: ") ", push: ") ", set: "~ ", map: "# " };

/** Appends a reply, ending in a newline. `indent` is the number of blanks before later lines. */
export function formatTty(out: ByteWriter, reply: Reply, indent = 0): void {
  switch (reply.kind) {
    case "bulk":
      appendQuoted(out, reply.bytes);
      out.ascii("\n");
      return;
    case "nil":
      return out.ascii("(nil)\n");
    case "boolean":
      return out.ascii(reply.bytes[0] === 0x74 ? "(true)\n" : "(false)\n");
    case "status":
    case "verbatim":
      return appendLine(out, "", reply.bytes);
    case "error":
      return appendLine(out, "(error) ", reply.bytes);
    case "integer":
      return appendLine(out, "(integer) ", reply.bytes);
    case "double":
      return appendLine(out, "(double) ", reply.bytes);
    case "bignum":
      return appendLine(out, "(bignum) ", reply.bytes);
  }
  formatItems(out, reply, indent);
}

/** Appends the message of an invalidation push in one line. */
export function formatInvalidation(out: ByteWriter, keys: readonly Reply[]): void {
  out.ascii("-> invalidate: ");
  keys.forEach((key, index) => {
    out.ascii(index === 0 ? "'" : ", '");
    appendPrintable(out, key.bytes);
    out.ascii("'");
  });
  out.ascii("\n");
}

/** True for the push that lists keys whose cached values are no longer good. */
export function isInvalidation(reply: Reply): boolean {
  return reply.kind === "push" && reply.items.length === 2 && reply.items[0].kind === "bulk" &&
    reply.items[1].kind === "array" && startsWith(reply.items[0].bytes, "invalidate");
}

function formatItems(out: ByteWriter, reply: Reply, indent: number): void {
  const items = reply.items;
  if (items.length === 0) return out.ascii(EMPTY_NAMES[reply.kind]);
  const step = reply.kind === "map" ? 2 : 1;
  const width = String(items.length / step).length;
  const inner = indent + width + 2;
  for (let index = 0; index < items.length; index += step) {
    if (index > 0) out.ascii(" ".repeat(indent));
    out.ascii(String(index / step + 1).padStart(width));
    out.ascii(MARKS[reply.kind]);
    formatTty(out, items[index], inner);
    if (step === 1) continue;
    out.drop(1);
    out.ascii(" => ");
    if (takesLines(items[index + 1])) out.ascii("\n" + " ".repeat(inner));
    formatTty(out, items[index + 1], inner);
  }
}

/** True when a reply is shown in more than one line. */
function takesLines(reply: Reply): boolean {
  let at = reply;
  while (at.items.length > 0) {
    const step = at.kind === "map" ? 2 : 1;
    if (at.items.length > step) return true;
    at = at.items[step - 1];
  }
  return false;
}

function appendLine(out: ByteWriter, head: string, bytes: Uint8Array): void {
  out.ascii(head);
  appendPrintable(out, bytes);
  out.ascii("\n");
}

/** Appends text as it is, but control bytes that could drive the terminal as escapes. */
function appendPrintable(out: ByteWriter, bytes: Uint8Array): void {
  let run = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte >= 0x20 ? byte !== 0x7f : byte === 9 || byte === 10 || byte === 13) continue;
    out.bytes(bytes.subarray(run, at));
    appendEscape(out, byte);
    run = at + 1;
  }
  out.bytes(run === 0 ? bytes : bytes.subarray(run));
}

function startsWith(bytes: Uint8Array, word: string): boolean {
  for (let index = 0; index < word.length; index++) {
    if (bytes[index] !== word.charCodeAt(index)) return false;
  }
  return true;
}
