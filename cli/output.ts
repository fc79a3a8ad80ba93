// output.ts: a reply in the chosen form, with what follows it.

import type { Reply } from "../lib/codec/reply_reader.ts";
import { ByteWriter, utf8 } from "./byte_writer.ts";
import { formatCsv } from "./format_csv.ts";
import { formatJson } from "./format_json.ts";
import { formatRaw } from "./format_raw.ts";
import { formatInvalidation, formatTty, isInvalidation } from "./format_tty.ts";
import type { Options } from "./options.ts";

/** The parts of the options that decide how replies look. */
export type OutputOptions = Pick<Options, "output" | "itemDelimiter" | "replyDelimiter">;

/** Longer payloads are printed from where they are. */
const COPIED_BYTES_MAX = 64 * 1024;

/** Prints a reply with as little copying as its size asks for; `raw` as in formatReply. */
export function printReply(
  reply: Reply,
  options: OutputOptions,
  raw: boolean,
  print: (bytes: Uint8Array) => void,
): void {
  const plain = reply.kind === "bulk" && (raw || options.output === "raw");
  if (!plain || reply.bytes.length <= COPIED_BYTES_MAX) {
    return print(formatReply(reply, options, raw));
  }
  print(reply.bytes);
  if (!raw) print(utf8(options.replyDelimiter));
}

/** The bytes to print for a reply; `raw` asks for its payload only, whatever the form. */
export function formatReply(reply: Reply, options: OutputOptions, raw: boolean): Uint8Array {
  if (raw && (reply.kind === "bulk" || reply.kind === "verbatim")) return reply.bytes;
  const out = new ByteWriter();
  if (raw) {
    formatRaw(out, reply, utf8(options.itemDelimiter));
    return out.take();
  }
  switch (options.output) {
    case "standard":
      formatTty(out, reply);
      break;
    case "raw":
      formatRaw(out, reply, utf8(options.itemDelimiter));
      out.bytes(utf8(options.replyDelimiter));
      break;
    case "csv":
      formatCsv(out, reply);
      out.ascii("\n");
      break;
    case "json":
    case "quoted-json":
      formatJson(out, reply, options.output === "quoted-json");
      out.ascii("\n");
      break;
  }
  return out.take();
}

/** The bytes to print for a push that nobody waited for. */
export function formatPush(reply: Reply, options: OutputOptions): Uint8Array {
  if (options.output !== "standard" || !isInvalidation(reply)) {
    return formatReply(reply, options, false);
  }
  const out = new ByteWriter();
  formatInvalidation(out, reply.items[1].items);
  return out.take();
}
