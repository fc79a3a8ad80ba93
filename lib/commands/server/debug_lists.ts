// debug_lists.ts: the subcommands of DEBUG that show what is inside listpacks and quicklists, and the threshold that makes
// nodes of their own out of small elements.
//
// What they show goes to the log; the reply only says so.

import { quotedString } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { listLength } from "../../engine/list.ts";
import { listFill, listPart, listPartCount, part } from "../../engine/list_cursor.ts";
import {
  entry,
  LISTPACK_NONE,
  listpackBytes,
  listpackCount,
  listpackFirst,
  listpackNext,
  listpackText,
} from "../../engine/listpack.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  recordEncoding,
  recordRootBuf,
  recordRootOff,
} from "../../engine/record.ts";
import { argText, ERR_NO_KEY } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupPeek } from "../lookup.ts";
import type { DebugSubcommand } from "./debug_subcommand.ts";

const ERR_NO_LISTPACK = line("-ERR Not a listpack encoded object.");
const ERR_NO_QUICKLIST = line("-ERR Not a quicklist encoded object.");
const ERR_THRESHOLD = line(
  "-ERR argument must be a memory value bigger than 1 and smaller than 4gb",
);
const THRESHOLD_MAX = 2 ** 32 - 2 ** 20;
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 2 ** 10,
  m: 1e6,
  mb: 2 ** 20,
  g: 1e9,
  gb: 2 ** 30,
};
const NOTICE = 2;
const TEXT_SHOWN_BYTES = 40;

/** One line of text for each entry of the listpack at `off`. */
function describePack(buf: Uint8Array, off: number): string[] {
  const lines = [`listpack: ${listpackBytes(buf, off)} bytes, ${listpackCount(buf, off)} entries`];
  let index = 0;
  for (let at = listpackFirst(buf, off); at !== LISTPACK_NONE; at = listpackNext(buf, at)) {
    const size = listpackText(buf, at);
    const shown = quotedString(entry.buf, entry.off, Math.min(entry.len, TEXT_SHOWN_BYTES));
    const more = entry.len > TEXT_SHOWN_BYTES ? "..." : "";
    const kind = entry.isInt ? "integer" : "string";
    lines.push(`  ${index++}: offset ${at - off}, size ${size}, ${kind} ${shown}${more}`);
  }
  return lines;
}

function show(ctx: Ctx, lines: readonly string[]): void {
  for (const text of lines) ctx.server.log.write(NOTICE, text);
}

function listpack(ctx: Ctx): void {
  const { out, keyspace: { arena } } = ctx;
  const rec = lookupPeek(ctx, 2);
  if (rec === 0) return out.error(ERR_NO_KEY);
  if (recordEncoding(arena, rec) !== ENCODING_LISTPACK) return out.error(ERR_NO_LISTPACK);
  show(ctx, describePack(recordRootBuf(arena, rec), recordRootOff(arena, rec)));
  out.simple("Listpack structure printed on stdout");
}

function quicklist(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  const rec = lookupPeek(ctx, 2);
  if (rec === 0) return out.error(ERR_NO_KEY);
  if (recordEncoding(ks.arena, rec) !== ENCODING_QUICKLIST) return out.error(ERR_NO_QUICKLIST);
  const isFull = ctx.argc > 3 && /^\s*[+-]?0*[1-9]/.test(argText(ctx, 3));
  const lines = [`quicklist: ${listLength(ks, rec)} elements, ${listPartCount(ks, rec)} nodes`];
  let index = 0;
  for (let node = listPart(ks, rec, 0); node !== 0; node = listPart(ks, rec, node)) {
    const { buf, off, len, count, isPlain } = part;
    lines.push(`node ${index++}: ${isPlain ? "plain" : "packed"}, ${len} bytes, ${count} elements`);
    if (isFull && !isPlain) lines.push(...describePack(buf, off));
    else if (isFull) lines.push(`  ${quotedString(buf, off, Math.min(len, TEXT_SHOWN_BYTES))}`);
  }
  show(ctx, lines);
  out.simple("Quicklist structure printed on stdout");
}

function packedThreshold(ctx: Ctx): void {
  const [, digits, unit] = /^(\d*)(\w*)$/.exec(argText(ctx, 2)) ?? [];
  const bytes = digits === undefined ? NaN : Number(digits) * (UNITS[unit.toLowerCase()] ?? NaN);
  if (!(bytes <= THRESHOLD_MAX)) return ctx.out.error(ERR_THRESHOLD);
  ctx.keyspace.limits.listPackedThreshold = bytes;
  ctx.out.ok();
}

/** What DEBUG OBJECT says of a QUICKLIST list in addition; with `fast` without what takes time. */
export function quicklistFields(ctx: Ctx, rec: number, fast: boolean): string[] {
  const { keyspace: ks } = ctx;
  const nodes = listPartCount(ks, rec);
  const fields = [
    `ql_nodes:${nodes}`,
    `ql_avg_node:${(listLength(ks, rec) / nodes).toFixed(2)}`,
    `ql_listpack_max:${listFill(ks, rec)}`,
    `ql_compressed:${ks.limits.listCompressDepth === 0 ? 0 : 1}`,
  ];
  if (fast) return fields;
  let bytes = 0;
  for (let node = listPart(ks, rec, 0); node !== 0; node = listPart(ks, rec, node)) {
    bytes += part.len;
  }
  fields.push(`ql_uncompressed_size:${bytes}`);
  return fields;
}

export const DEBUG_LIST_SUBCOMMANDS: readonly DebugSubcommand[] = [
  {
    name: "LISTPACK",
    usage: "<key>",
    help: ["    Writes the inside of a value kept as a listpack to the log."],
    least: 3,
    most: 3,
    run: listpack,
  },
  {
    name: "QUICKLIST",
    usage: "<key> [<0|1>]",
    help: ["    Writes the nodes of a list to the log, and on request their elements."],
    least: 3,
    most: 4,
    run: quicklist,
  },
  {
    name: "QUICKLIST-PACKED-THRESHOLD",
    usage: "<size>",
    help: [
      "    Gives list elements of this size or more nodes of their own; 0 goes back to the limit",
      "    of list-max-listpack-size.",
    ],
    least: 3,
    most: 3,
    run: packedThreshold,
  },
];
