// lcs.ts: LCS, the longest common subsequence of two strings.
//
// table[i][j] is the length for the first i bytes of a and the first j of b, so the subsequence itself is found by
// walking back from the far corner. Among several of the same length the walk decides: a match is taken where the two
// last bytes are equal, else a's byte is dropped only when that keeps strictly more. Ranges are reported as the walk
// meets them, the last one first.
//
//            ""  b  a  d          walk from (3, 3) of "cad", "bad":
//       ""    0  0  0  0            d = d   match (2, 2)
//       c     0  0  0  0            a = a   match (1, 1)
//       a     0  0  1  1            c, b    (1, 1): both neighbours are 0, so b's byte goes: row 1, column 0, the end
//       d     0  0  1  2
//
// LIMITS: 4 bytes for each cell must not exceed proto-max-bulk-len. With LEN alone two rows suffice, but the limit is
// the same. COSTS: O(N*M) time and space.
//
// Source: the dynamic programme of Wagner and Fischer, "The String-to-String Correction Problem".

import { fromLatin1 } from "../../bytes/ascii.ts";
import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { recordType, TYPE_STRING } from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";
import { ArgReader, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead } from "../lookup.ts";
import { type CommandSpec, keyRange, READONLY } from "../spec.ts";

const ERR_TYPE = line("-ERR The specified keys must contain string values");
const ERR_BOTH = line("-ERR If you want both the length and indexes, please just use IDX.");
const ERR_LIMIT = line(
  "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
);
const ERR_MEMORY = line("-ERR Insufficient memory, failed allocating transient memory for LCS");
const LEN = word("len");
const IDX = word("idx");
const MINMATCHLEN = word("minmatchlen");
const WITHMATCHLEN = word("withmatchlen");
const CELL_BYTES = 4;

interface LcsOptions {
  len: boolean;
  idx: boolean;
  withMatchLen: boolean;
  minMatchLen: number;
}

function lcs(ctx: Ctx): void {
  const recA = lookupRead(ctx, 1);
  const recB = lookupRead(ctx, 2);
  const { arena } = ctx.keyspace;
  if (
    (recA !== 0 && recordType(arena, recA) !== TYPE_STRING) ||
    (recB !== 0 && recordType(arena, recB) !== TYPE_STRING)
  ) {
    return ctx.out.error(ERR_TYPE);
  }
  const options = readOptions(ctx);
  if (options === null) return;
  const a = copyValue(ctx, recA);
  const b = copyValue(ctx, recB);
  const cells = (a.length + 1) * (b.length + 1);
  if (cells * CELL_BYTES > ctx.config.number("proto-max-bulk-len")) {
    return ctx.out.error(ERR_LIMIT);
  }
  if (options.len) return ctx.out.integer(commonLength(a, b));
  const table = buildTable(a, b, cells);
  if (table === null) return ctx.out.error(ERR_MEMORY);
  if (options.idx) replyRanges(ctx, a, b, table, options);
  else replyString(ctx, a, b, table);
}

/** Reads the arguments behind the keys; null when an error was replied. */
function readOptions(ctx: Ctx): LcsOptions | null {
  const options = { len: false, idx: false, withMatchLen: false, minMatchLen: 0 };
  const args = new ArgReader(ctx, 3);
  const pair = new Int32Array(2);
  while (args.more()) {
    if (args.word(IDX)) options.idx = true;
    else if (args.word(LEN)) options.len = true;
    else if (args.word(WITHMATCHLEN)) options.withMatchLen = true;
    else if (args.word(MINMATCHLEN)) {
      if (args.int64(pair)) options.minMatchLen = int64ToNumber(pair[0], pair[1]);
    } else args.fail(ERR_SYNTAX);
  }
  if (!args.failed && options.len && options.idx) args.fail(ERR_BOTH);
  args.reply();
  return args.failed ? null : options;
}

/** A copy of a string record's bytes; none for record 0. */
function copyValue(ctx: Ctx, rec: number): Uint8Array {
  if (rec === 0) return new Uint8Array(0);
  stringView(ctx.keyspace, rec);
  return view.buf.slice(view.off, view.off + view.len);
}

/** The length of the longest common subsequence, with one row of the table and the cell to its upper left. */
function commonLength(a: Uint8Array, b: Uint8Array): number {
  const row = new Uint32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    const byte = a[i];
    let upperLeft = 0;
    let left = 0;
    for (let j = 1; j <= b.length; j++) {
      const upper = row[j];
      if (byte === b[j - 1]) left = upperLeft + 1;
      else if (upper > left) left = upper;
      row[j] = left;
      upperLeft = upper;
    }
  }
  return row[b.length];
}

/** The whole table, row after row, each b.length + 1 cells; null when there is no memory for it. */
function buildTable(a: Uint8Array, b: Uint8Array, cells: number): Uint32Array | null {
  let table: Uint32Array;
  try {
    table = new Uint32Array(cells);
  } catch {
    return null;
  }
  const width = b.length + 1;
  for (let i = 1; i <= a.length; i++) {
    const byte = a[i - 1];
    let at = i * width + 1;
    let left = 0;
    for (let j = 0; j < b.length; j++, at++) {
      if (byte === b[j]) {
        left = table[at - width - 1] + 1;
      } else {
        const upper = table[at - width];
        if (upper > left) left = upper;
      }
      table[at] = left;
    }
  }
  return table;
}

function replyString(ctx: Ctx, a: Uint8Array, b: Uint8Array, table: Uint32Array): void {
  const width = b.length + 1;
  let i = a.length;
  let j = b.length;
  const found = new Uint8Array(table[i * width + j]);
  let at = found.length;
  while (at > 0) {
    if (a[i - 1] === b[j - 1]) {
      found[--at] = a[i - 1];
      i--;
      j--;
    } else if (table[(i - 1) * width + j] > table[i * width + j - 1]) {
      i--;
    } else {
      j--;
    }
  }
  ctx.out.bulk(found, 0, found.length);
}

/** Replies with the matching ranges, from the end of the strings to their start, and the length of all matches. */
function replyRanges(
  ctx: Ctx,
  a: Uint8Array,
  b: Uint8Array,
  table: Uint32Array,
  options: LcsOptions,
): void {
  const { out } = ctx;
  const width = b.length + 1;
  let i = a.length;
  let j = b.length;
  let left = table[i * width + j];
  out.map(2);
  out.bulk(MATCHES_KEY, 0, MATCHES_KEY.length);
  const mark = out.deferredStart();
  const total = left;
  let ranges = 0;
  while (left > 0) {
    if (a[i - 1] !== b[j - 1]) {
      if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--;
      else j--;
      continue;
    }
    let len = 1;
    while (len < i && len < j && a[i - 1 - len] === b[j - 1 - len]) len++;
    i -= len;
    j -= len;
    left -= len;
    if (len < options.minMatchLen) continue;
    replyRange(ctx, i, j, len, options.withMatchLen);
    ranges++;
  }
  out.deferredArray(mark, ranges);
  out.bulk(LEN, 0, LEN.length);
  out.integer(total);
}

const MATCHES_KEY = fromLatin1("matches");

function replyRange(ctx: Ctx, aOff: number, bOff: number, len: number, withLen: boolean): void {
  const { out } = ctx;
  out.array(withLen ? 3 : 2);
  out.array(2);
  out.integer(aOff);
  out.integer(aOff + len - 1);
  out.array(2);
  out.integer(bOff);
  out.integer(bOff + len - 1);
  if (withLen) out.integer(len);
}

export const LCS_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LCS",
    group: "string",
    since: "7.0.0",
    arity: -3,
    flags: READONLY,
    acl: ["@string"],
    keys: [keyRange(1, 1, 1, "RO access")],
    args: [
      { name: "key1", type: "key", keySpec: 0 },
      { name: "key2", type: "key", keySpec: 0 },
      { name: "len", type: "pure-token", token: "LEN", optional: true },
      { name: "idx", type: "pure-token", token: "IDX", optional: true },
      { name: "min-match-len", type: "integer", token: "MINMATCHLEN", optional: true },
      { name: "withmatchlen", type: "pure-token", token: "WITHMATCHLEN", optional: true },
    ],
    summary: "Finds the longest common subsequence of two strings: its bytes, its length, or the " +
      "places of its parts.",
    complexity: "O(N*M) with N and M the lengths of the strings",
    reply: ["bulk", "integer", "map"],
    examples: [
      ["MSET a ohmytext b mynewtext", "+OK"],
      ["LCS a b", "$6 mytext"],
      ["LCS a b LEN", ":6"],
      [
        "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
        "*4 $7 matches *1 *3 *2 :4 :7 *2 :5 :8 :4 $3 len :6",
      ],
    ],
    run: lcs,
  },
];
