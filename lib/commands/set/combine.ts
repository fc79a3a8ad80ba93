// combine.ts: several sets at once: SINTER, SUNION, SDIFF, each with its STORE form, and SINTERCARD.
//
// INTERSECTION: the members of the smallest set that all others have.
// UNION: all members, added to a set of their own; a lone set is answered as it is.
// DIFFERENCE, two ways, the cheaper one by the sizes of the sets:
//   one by one   each member of the first set is looked up in the others, the largest first
//   subtraction  a copy of the first set, from which the members of the others are removed
//
// RESULTS are built in a record that is in no table. For a STORE form it then takes the place of the target, which may
// be one of the sources; otherwise it is answered and discarded. Its encoding starts as in Valkey: OBJECT ENCODING of a
// stored result must say the same.

import { int64Parse, int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { recordCreate, recordDiscard } from "../../engine/keyspace.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  metaByte,
  recordEncoding,
  recordSetA,
  TYPE_SET,
} from "../../engine/record.ts";
import { setAdd, setCount, setCreate, setRemove, setToIntset } from "../../engine/set.ts";
import { CommonCursor } from "../../engine/set_common.ts";
import { SetCursor } from "../../engine/set_walk.ts";
import { argInt64, argIs, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { deleteKey, lookupRead, lookupWrite, requireType, storeKey } from "../lookup.ts";
import { notify, NOTIFY_GENERIC, NOTIFY_SET } from "../notify.ts";
import {
  type CommandSpec,
  countedKeys,
  DENYOOM,
  keyRange,
  MOVABLE_KEYS,
  oneKey,
  READONLY,
  WRITE,
} from "../spec.ts";
import { replyMembers } from "./walk.ts";

const ERR_NUMKEYS = line("-ERR numkeys should be greater than 0");
const ERR_NUMKEYS_MANY = line("-ERR Number of keys can't be greater than number of args");
const ERR_LIMIT = line("-ERR LIMIT can't be negative");
const LIMIT = word("limit");

/** The argument of the STORE forms that names the target. */
const TARGET_ARG = 1;
/** What the lone functions say instead of TARGET_ARG. */
const NO_TARGET = 0;

const pair = new Int32Array(2);
const cursor = new SetCursor();
const common = new CommonCursor();

/** The records of key arguments [from, end), 0 for absent ones; null after an error reply. */
function readSets(ctx: Ctx, from: number, end: number): number[] | null {
  const sets: number[] = [];
  for (let i = from; i < end; i++) {
    const rec = lookupRead(ctx, i);
    if (rec !== 0 && !requireType(ctx, rec, TYPE_SET)) return null;
    sets.push(rec);
  }
  return sets;
}

/** An empty set in a record that is in no table, under the name of the target if there is one. */
function resultCreate(ctx: Ctx, encoding: number, target: number): number {
  const ks = ctx.keyspace;
  const len = target === NO_TARGET ? 0 : ctx.len[target];
  const meta = metaByte(TYPE_SET, encoding, false);
  const rec = recordCreate(ks, meta, ctx.argBuf, ctx.off[target], len, 0);
  recordSetA(ks.arena, rec, setCreate(ks, encoding));
  return rec;
}

/** Puts a result in the place of the target and answers its size; an empty one deletes the target. */
function storeResult(ctx: Ctx, rec: number, event: string): void {
  const ks = ctx.keyspace;
  const count = setCount(ks, rec);
  if (count === 0) {
    recordDiscard(ks, rec);
    return storeNothing(ctx);
  }
  storeKey(ctx, TARGET_ARG, rec);
  notify(ctx, NOTIFY_SET, event, TARGET_ARG);
  ctx.out.integer(count);
}

function storeNothing(ctx: Ctx): void {
  const old = lookupWrite(ctx, TARGET_ARG);
  if (old !== 0) {
    deleteKey(ctx, TARGET_ARG, old);
    notify(ctx, NOTIFY_GENERIC, "del", TARGET_ARG);
  }
  ctx.out.integer(0);
}

// ---- intersection

/** Sorts sets by size, the smallest first. */
function bySize(ctx: Ctx, sets: number[]): number[] {
  return sets.sort((a, b) => setCount(ctx.keyspace, a) - setCount(ctx.keyspace, b));
}

function sinter(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  const found = readSets(ctx, 1, ctx.argc);
  if (found === null) return;
  if (found.includes(0)) return out.set(0);
  if (found.length === 1) return replyMembers(ctx, found[0]);
  const sets = bySize(ctx, found);
  const mark = out.deferredStart();
  let count = 0;
  common.start(ks, sets, true);
  while (common.next()) {
    out.bulk(common.buf, common.off, common.len);
    count++;
  }
  out.deferredSet(mark, count);
}

function sintercard(ctx: Ctx): void {
  const { out } = ctx;
  if (!argInt64(ctx, 1, pair) || pair[1] < 0 || (pair[0] | pair[1]) === 0) {
    return out.error(ERR_NUMKEYS);
  }
  const keys = int64ToNumber(pair[0], pair[1]);
  if (keys > ctx.argc - 2) return out.error(ERR_NUMKEYS_MANY);
  const end = 2 + keys;
  let limit = 0;
  for (let i = end; i < ctx.argc; i += 2) {
    if (i + 1 === ctx.argc || !argIs(ctx, i, LIMIT)) return out.error(ERR_SYNTAX);
    if (!argInt64(ctx, i + 1, pair) || pair[1] < 0) return out.error(ERR_LIMIT);
    limit = int64ToNumber(pair[0], pair[1]);
  }
  const found = readSets(ctx, 2, end);
  if (found === null) return;
  out.integer(found.includes(0) ? 0 : intersectionCount(ctx, bySize(ctx, found), limit));
}

/** How many members all sets have, as far as `limit` (0: no limit). */
function intersectionCount(ctx: Ctx, sets: readonly number[], limit: number): number {
  let count = 0;
  common.start(ctx.keyspace, sets, true);
  while (common.next()) if (++count === limit) break;
  return count;
}

/** The result starts as the smallest set is encoded, small; one of nothing but integers becomes an intset. */
function sinterstore(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const found = readSets(ctx, 2, ctx.argc);
  if (found === null) return;
  if (found.includes(0)) return storeNothing(ctx);
  const sets = bySize(ctx, found);
  const encoding = recordEncoding(ks.arena, sets[0]);
  const start = encoding === ENCODING_INTSET ? ENCODING_INTSET : ENCODING_LISTPACK;
  const result = resultCreate(ctx, start, TARGET_ARG);
  let onlyIntegers = true;
  common.start(ks, sets, true);
  while (common.next()) {
    const { buf, off, len } = common;
    if (onlyIntegers) onlyIntegers = int64Parse(buf, off, len, pair);
    setAdd(ks, result, buf, off, len);
  }
  if (onlyIntegers && setCount(ks, result) > 0) setToIntset(ks, result);
  storeResult(ctx, result, "sinterstore");
}

// ---- union

function addAll(ctx: Ctx, rec: number, result: number): void {
  cursor.start(ctx.keyspace, rec);
  while (cursor.next()) setAdd(ctx.keyspace, result, cursor.buf, cursor.off, cursor.len);
}

/** The encoding in which a result that is only answered starts: an intset while all sets are intsets. */
function startOf(ctx: Ctx, sets: readonly number[]): number {
  const { arena } = ctx.keyspace;
  return sets.every((rec) => rec === 0 || recordEncoding(arena, rec) === ENCODING_INTSET)
    ? ENCODING_INTSET
    : ENCODING_HASHTABLE;
}

function replyResult(ctx: Ctx, result: number): void {
  replyMembers(ctx, result);
  recordDiscard(ctx.keyspace, result, true);
}

function sunion(ctx: Ctx): void {
  const found = readSets(ctx, 1, ctx.argc);
  if (found === null) return;
  const sets = [...new Set(found)].filter((rec) => rec !== 0);
  if (sets.length === 0) return ctx.out.set(0);
  if (sets.length === 1) return replyMembers(ctx, sets[0]);
  const result = resultCreate(ctx, startOf(ctx, sets), NO_TARGET);
  for (const rec of sets) addAll(ctx, rec, result);
  replyResult(ctx, result);
}

function sunionstore(ctx: Ctx): void {
  const sets = readSets(ctx, 2, ctx.argc);
  if (sets === null) return;
  const result = resultCreate(ctx, ENCODING_INTSET, TARGET_ARG);
  for (const rec of sets) if (rec !== 0) addAll(ctx, rec, result);
  storeResult(ctx, result, "sunionstore");
}

// ---- difference

/** Whether looking the members of the first set up one by one costs less than subtracting. */
function isOneByOne(ctx: Ctx, sets: readonly number[]): boolean {
  const ks = ctx.keyspace;
  const first = setCount(ks, sets[0]);
  let lookups = 0;
  let removals = 0;
  for (const rec of sets) {
    if (rec === 0) continue;
    lookups += first;
    removals += setCount(ks, rec);
  }
  // A look-up is the cheaper thing.
  return Math.floor(lookups / 2) <= removals;
}

/** Puts `common` in front of the members of the first set that no other has. */
function startDifference(ctx: Ctx, sets: readonly number[]): void {
  // What is not asked for is most likely in the largest set.
  const others = bySize(ctx, sets.slice(1).filter((rec) => rec !== 0)).reverse();
  common.start(ctx.keyspace, [sets[0], ...others], false);
}

function subtract(ctx: Ctx, sets: readonly number[], result: number): void {
  const ks = ctx.keyspace;
  addAll(ctx, sets[0], result);
  for (let i = 1; i < sets.length; i++) {
    if (sets[i] === 0) continue;
    if (setCount(ks, result) === 0) return;
    cursor.start(ks, sets[i]);
    while (cursor.next()) setRemove(ks, result, cursor.buf, cursor.off, cursor.len);
  }
}

/** Whether nothing can be left: there is no first set, or it is among the others. */
function isDifferenceEmpty(sets: readonly number[]): boolean {
  return sets[0] === 0 || sets.indexOf(sets[0], 1) > 0;
}

function sdiff(ctx: Ctx): void {
  const { out } = ctx;
  const sets = readSets(ctx, 1, ctx.argc);
  if (sets === null) return;
  if (isDifferenceEmpty(sets)) return out.set(0);
  if (!isOneByOne(ctx, sets)) {
    const result = resultCreate(ctx, startOf(ctx, sets), NO_TARGET);
    subtract(ctx, sets, result);
    return replyResult(ctx, result);
  }
  const mark = out.deferredStart();
  let count = 0;
  startDifference(ctx, sets);
  while (common.next()) {
    out.bulk(common.buf, common.off, common.len);
    count++;
  }
  out.deferredSet(mark, count);
}

function sdiffstore(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const sets = readSets(ctx, 2, ctx.argc);
  if (sets === null) return;
  if (isDifferenceEmpty(sets)) return storeNothing(ctx);
  const result = resultCreate(ctx, ENCODING_INTSET, TARGET_ARG);
  if (isOneByOne(ctx, sets)) {
    startDifference(ctx, sets);
    while (common.next()) setAdd(ks, result, common.buf, common.off, common.len);
  } else {
    subtract(ctx, sets, result);
  }
  storeResult(ctx, result, "sdiffstore");
}

const ALL_KEYS = [keyRange(1, -1, 1, "RO access")];
const STORE_KEYS = [oneKey(1, "OW update"), keyRange(2, -1, 1, "RO access")];
const KEYS_ARG = [{ name: "key", type: "key", keySpec: 0, multiple: true }] as const;
const STORE_ARGS = [
  { name: "destination", type: "key", keySpec: 0 },
  { name: "key", type: "key", keySpec: 1, multiple: true },
] as const;

/** What the commands that only answer have in common, and those that store. */
const READER = {
  group: "set",
  since: "1.0.0",
  arity: -2,
  flags: READONLY,
  acl: ["@set"],
  keys: ALL_KEYS,
  args: KEYS_ARG,
  tips: ["nondeterministic_output_order"],
  reply: ["set"],
} as const;
const STORER = {
  group: "set",
  since: "1.0.0",
  arity: -3,
  flags: WRITE | DENYOOM,
  acl: ["@set"],
  keys: STORE_KEYS,
  args: STORE_ARGS,
  reply: ["integer"],
} as const;

const TWO_SETS: readonly (readonly [string, string])[] = [
  ["SADD s 1 2 3", ":3"],
  ["SADD t 3 4", ":2"],
];

export const COMBINE_COMMANDS: readonly CommandSpec[] = [
  {
    ...READER,
    name: "SINTER",
    summary: "Lists what is a member of all the sets; an absent key is an empty set.",
    complexity: "O(N*M) with N the members of the smallest set and M the number of sets",
    examples: [...TWO_SETS, ["SINTER s t", "*1 $1 3"], ["SINTER s nothing", "*0"]],
    run: sinter,
  },
  {
    ...READER,
    name: "SINTERCARD",
    since: "7.0.0",
    arity: -3,
    flags: READONLY | MOVABLE_KEYS,
    keys: [countedKeys(1, "RO access")],
    args: [
      { name: "numkeys", type: "integer" },
      { name: "key", type: "key", keySpec: 0, multiple: true },
      { name: "limit", type: "integer", token: "LIMIT", optional: true },
    ],
    tips: [],
    summary: "Counts what is a member of all the sets, on request only up to a limit.",
    complexity: "O(N*M) with N the members of the smallest set and M the number of sets",
    reply: ["integer"],
    examples: [...TWO_SETS, ["SINTERCARD 2 s t", ":1"], ["SINTERCARD 1 s LIMIT 2", ":2"]],
    run: sintercard,
  },
  {
    ...STORER,
    name: "SINTERSTORE",
    summary: "Stores what is a member of all the sets as a set, and tells how much that is.",
    complexity: "O(N*M) with N the members of the smallest set and M the number of sets",
    examples: [...TWO_SETS, ["SINTERSTORE u s t", ":1"], ["SMEMBERS u", "*1 $1 3"]],
    run: sinterstore,
  },
  {
    ...READER,
    name: "SUNION",
    summary: "Lists what is a member of any of the sets, each member once.",
    complexity: "O(N) with N the members of all sets together",
    examples: [...TWO_SETS, ["SUNION s t", "*4 $1 1 $1 2 $1 3 $1 4"]],
    run: sunion,
  },
  {
    ...STORER,
    name: "SUNIONSTORE",
    summary: "Stores what is a member of any of the sets as a set, and tells how much that is.",
    complexity: "O(N) with N the members of all sets together",
    examples: [...TWO_SETS, ["SUNIONSTORE u s t", ":4"], ["SCARD u", ":4"]],
    run: sunionstore,
  },
  {
    ...READER,
    name: "SDIFF",
    summary: "Lists the members of the first set that no other of the sets has.",
    complexity: "O(N) with N the members of all sets together",
    examples: [...TWO_SETS, ["SDIFF s t", "*2 $1 1 $1 2"], ["SDIFF nothing t", "*0"]],
    run: sdiff,
  },
  {
    ...STORER,
    name: "SDIFFSTORE",
    summary: "Stores the members of the first set that no other of the sets has as a set, and " +
      "tells how many they are.",
    complexity: "O(N) with N the members of all sets together",
    examples: [...TWO_SETS, ["SDIFFSTORE u s t", ":2"], ["SMEMBERS u", "*2 $1 1 $1 2"]],
    run: sdiffstore,
  },
];
