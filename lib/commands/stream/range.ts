// range.ts: entries by their ids: XLEN, XRANGE, XREVRANGE, XDEL, XSETID.

import { line } from "../../codec/reply_writer.ts";
import { recordA, TYPE_STREAM } from "../../engine/record.ts";
import { streamDelete, streamFindFirst, streamLastValid } from "../../engine/stream_entries.ts";
import { ID_WORDS, idCompare, idCopy, idIsZero } from "../../engine/stream_id.ts";
import {
  streamAddedWord,
  streamFirstWord,
  streamLastWord,
  streamLength,
  streamMaxDeletedWord,
  streamWords,
} from "../../engine/stream_root.ts";
import { argInt64, argIs, ERR_NO_KEY, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_STREAM } from "../notify.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, READONLY, WRITE } from "../spec.ts";
import { argEnd, argId, argIds, argStart, IdList, IDS, KEY } from "./arguments.ts";
import { replyRange } from "./replies.ts";

const COUNT = word("count");
const ENTRIESADDED = word("entriesadded");
const MAXDELETEDID = word("maxdeletedid");

const ERR_ADDED = line("-ERR entries_added must be positive");
const ERR_BELOW_GIVEN = line(
  "-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
);
const ERR_BELOW_DELETED = line(
  "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
);
const ERR_BELOW_TOP = line(
  "-ERR The ID specified in XSETID is smaller than the target stream top item",
);
const ERR_ADDED_BELOW_LENGTH = line(
  "-ERR The entries_added specified in XSETID is smaller than the target stream length",
);

const low = new Int32Array(ID_WORDS);
const high = new Int32Array(ID_WORDS);
const deleted = new Int32Array(ID_WORDS);
const top = new Int32Array(ID_WORDS);
const pair = new Int32Array(2);
const ids = new IdList();

function xlen(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STREAM)) return;
  const { arena } = ctx.keyspace;
  ctx.out.integer(streamLength(arena, recordA(arena, rec)));
}

function xrange(ctx: Ctx): void {
  range(ctx, 2, 3, false);
}

function xrevrange(ctx: Ctx): void {
  range(ctx, 3, 2, true);
}

/** The entries between the ids in two arguments. */
function range(ctx: Ctx, startArg: number, endArg: number, back: boolean): void {
  const { out } = ctx;
  if (!argStart(ctx, startArg, low) || !argEnd(ctx, endArg, high)) return;
  let count = Infinity;
  for (let i = 4; i < ctx.argc; i += 2) {
    if (i + 1 === ctx.argc || !argIs(ctx, i, COUNT)) return out.error(ERR_SYNTAX);
    if (!argInt64(ctx, i + 1, pair)) return out.error(ERR_NOT_INTEGER);
    count = pair[1] < 0 ? 0 : pair[1] * 4294967296 + (pair[0] >>> 0);
  }
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return out.array(0);
  if (!requireType(ctx, rec, TYPE_STREAM)) return;
  if (count === 0) return out.nullArray();
  replyRange(ctx, recordA(ctx.keyspace.arena, rec), low, high, count, back);
}

function xdel(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STREAM)) return;
  if (!argIds(ctx, 2, ctx.argc, ids)) return;
  const root = recordA(ks.arena, rec);
  const words = streamWords(ks.arena, root);
  let count = 0;
  let firstGone = false;
  for (let i = 0; i < ids.count; i++) {
    const at = ids.at(i);
    if (!streamDelete(ks, root, ids.words, at)) continue;
    if (idCompare(ids.words, at, words, streamFirstWord(root)) === 0) firstGone = true;
    count++;
  }
  if (count > 0) {
    if (firstGone || streamLength(ks.arena, root) === 0) streamFindFirst(ks, root);
    keyChanged(ctx, 1, count);
    notify(ctx, NOTIFY_STREAM, "xdel", 1);
  }
  ctx.out.integer(count);
}

function xsetid(ctx: Ctx): void {
  const { out, argc } = ctx;
  const ks = ctx.keyspace;
  if (!argId(ctx, 2, 0, low, 0)) return;
  deleted.fill(0);
  let hasAdded = false;
  for (let i = 3; i < argc; i += 2) {
    if (i + 1 < argc && argIs(ctx, i, ENTRIESADDED)) {
      if (!argInt64(ctx, i + 1, pair)) return out.error(ERR_NOT_INTEGER);
      if (pair[1] < 0) return out.error(ERR_ADDED);
      hasAdded = true;
    } else if (i + 1 < argc && argIs(ctx, i, MAXDELETEDID)) {
      if (!argId(ctx, i + 1, 0, deleted, 0)) return;
      if (idCompare(low, 0, deleted, 0) < 0) return out.error(ERR_BELOW_GIVEN);
    } else return out.error(ERR_SYNTAX);
  }
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.error(ERR_NO_KEY);
  if (!requireType(ctx, rec, TYPE_STREAM)) return;
  const root = recordA(ks.arena, rec);
  const words = streamWords(ks.arena, root);
  if (idCompare(low, 0, words, streamMaxDeletedWord(root)) < 0) return out.error(ERR_BELOW_DELETED);
  if (streamLastValid(ks, root, top)) {
    if (idCompare(low, 0, top, 0) < 0) return out.error(ERR_BELOW_TOP);
    const added = pair[1] * 4294967296 + (pair[0] >>> 0);
    if (hasAdded && streamLength(ks.arena, root) > added) return out.error(ERR_ADDED_BELOW_LENGTH);
  }
  idCopy(low, 0, words, streamLastWord(root));
  if (hasAdded) words.set(pair, streamAddedWord(root));
  if (!idIsZero(deleted, 0)) idCopy(deleted, 0, words, streamMaxDeletedWord(root));
  ctx.dirty++;
  notify(ctx, NOTIFY_STREAM, "xsetid", 1);
  out.ok();
}

const COUNT_ARG: ArgSpec = { name: "count", type: "integer", token: "COUNT", optional: true };
const START: ArgSpec = { name: "start", type: "string" };
const END: ArgSpec = { name: "end", type: "string" };

/** What XRANGE and XREVRANGE have in common. */
const RANGE = {
  group: "stream",
  since: "5.0.0",
  arity: -4,
  flags: READONLY,
  acl: ["@stream"],
  keys: [oneKey(1, "RO access")],
  complexity: "O(N) with N the number of entries returned; O(1) while COUNT keeps that small",
  history: [["6.2.0", "Ids with ( in front, which are left out themselves."]],
  reply: ["array", "null"],
} as const;

export const RANGE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "XLEN",
    group: "stream",
    since: "5.0.0",
    arity: 2,
    flags: READONLY | FAST,
    acl: ["@stream"],
    keys: [oneKey(1, "RO")],
    args: [KEY],
    summary: "Counts the entries of a stream.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["XADD log 1-1 a b", "$3 1-1"], ["XLEN log", ":1"], ["XLEN none", ":0"]],
    run: xlen,
  },
  {
    ...RANGE,
    name: "XRANGE",
    args: [KEY, START, END, COUNT_ARG],
    summary: "Lists the entries between two ids, the oldest first.",
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XRANGE log - +", "*1 *2 $3 1-1 *2 $1 a $1 b"],
      ["XRANGE log (1-1 +", "*0"],
    ],
    run: xrange,
  },
  {
    ...RANGE,
    name: "XREVRANGE",
    args: [KEY, END, START, COUNT_ARG],
    summary: "Lists the entries between two ids, the newest first.",
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XADD log 2-1 a c", "$3 2-1"],
      ["XREVRANGE log + - COUNT 1", "*1 *2 $3 2-1 *2 $1 a $1 c"],
    ],
    run: xrevrange,
  },
  {
    name: "XDEL",
    group: "stream",
    since: "5.0.0",
    arity: -3,
    flags: WRITE | FAST,
    acl: ["@stream"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, IDS],
    summary: "Deletes entries by their ids; the stream stays, even without entries.",
    complexity: "O(1) for each entry",
    reply: ["integer"],
    examples: [["XADD log 1-1 a b", "$3 1-1"], ["XDEL log 1-1 2-2", ":1"], ["EXISTS log", ":1"]],
    run: xdel,
  },
  {
    name: "XSETID",
    group: "stream",
    since: "5.0.0",
    arity: -3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@stream"],
    keys: [oneKey(1, "RW update")],
    args: [
      KEY,
      { name: "last-id", type: "string" },
      {
        name: "entries-added",
        type: "integer",
        token: "ENTRIESADDED",
        optional: true,
        since: "7.0.0",
      },
      {
        name: "max-deleted-id",
        type: "string",
        token: "MAXDELETEDID",
        optional: true,
        since: "7.0.0",
      },
    ],
    summary: "Sets the last id of a stream, and what it has counted. Meant for copies of a stream.",
    complexity: "O(1)",
    history: [["7.0.0", "The options ENTRIESADDED and MAXDELETEDID."]],
    reply: ["simple"],
    examples: [
      ["XADD log 1-1 a b", "$3 1-1"],
      ["XSETID log 5-0", "+OK"],
      ["XADD log 5-* a c", "$3 5-1"],
    ],
    run: xsetid,
  },
];
