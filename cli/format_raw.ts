// format_raw.ts: replies for scripts: payloads as they are, elements separated by a delimiter.
// Nil is nothing at all; an error ends in a newline of its own; a map puts a blank between key and
// value. No delimiter is added after the reply: that is up to the caller.

import type { Reply } from "../lib/codec/reply_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** Appends a reply with `delimiter` between elements. */
export function formatRaw(out: ByteWriter, reply: Reply, delimiter: Uint8Array): void {
  switch (reply.kind) {
    case "nil":
      return;
    case "error":
      out.bytes(reply.bytes);
      return out.ascii("\n");
    case "boolean":
      return out.ascii(reply.bytes[0] === 0x74 ? "(true)" : "(false)");
    case "array":
    case "set":
    case "push":
      reply.items.forEach((item, index) => {
        if (index > 0) out.bytes(delimiter);
        formatRaw(out, item, delimiter);
      });
      return;
    case "map":
      reply.items.forEach((item, index) => {
        if (index % 2 === 1) out.ascii(" ");
        else if (index > 0) out.bytes(delimiter);
        formatRaw(out, item, delimiter);
      });
      return;
  }
  out.bytes(reply.bytes);
}
