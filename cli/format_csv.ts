// format_csv.ts: replies as one line of comma separated values. Strings are quoted with backslash
// escapes (not doubled quotes), nested replies and maps are flattened, nil is NULL.

import type { Reply } from "../lib/codec/reply_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { appendQuoted } from "./words.ts";

/** Appends a reply without a line end. */
export function formatCsv(out: ByteWriter, reply: Reply): void {
  switch (reply.kind) {
    case "error":
      out.ascii("ERROR,");
      return appendQuoted(out, reply.bytes);
    case "status":
    case "bulk":
    case "verbatim":
      return appendQuoted(out, reply.bytes);
    case "integer":
    case "double":
    case "bignum":
      return out.bytes(reply.bytes);
    case "nil":
      return out.ascii("NULL");
    case "boolean":
      return out.ascii(reply.bytes[0] === 0x74 ? "true" : "false");
  }
  reply.items.forEach((item, index) => {
    if (index > 0) out.ascii(",");
    formatCsv(out, item);
  });
}
