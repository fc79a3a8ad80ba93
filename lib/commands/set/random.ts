// random.ts: members at random: SPOP takes them out, SRANDMEMBER only looks.
//
// HOW SO MANY DIFFERENT ONES ARE CHOSEN
//   sampling  one walk over all members; each is taken with the chance (still wanted) / (still to come), which makes all
//             subsets equally likely. For listpacks, and where a good part of the set is wanted.
//   picking   members at random, until there are enough; SRANDMEMBER remembers those it has seen.
//
// Replicas and files get to know which members SPOP took: SREM with up to 1,024 of them, DEL or UNLINK for all.
//
// SPOP of most of a set (all but a sixth) builds a new set of what stays, as Valkey does: that one starts compact.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { recordFreeValue } from "../../engine/keyspace.ts";
import {
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  recordA,
  recordEncoding,
  recordSetA,
  recordSetEncoding,
  TYPE_SET,
} from "../../engine/record.ts";
import { setAdd, setCount, setCreate, setRemoveAt, setRemoveMany } from "../../engine/set.ts";
import { randomBelow, SetCursor } from "../../engine/set_walk.ts";
import { REPEATED_REPLY_BYTES_MAX } from "../../limits.ts";
import { argInt64, ERR_NOT_INTEGER, ERR_NOT_POSITIVE, ERR_SYNTAX } from "../args.ts";
import type { Ctx } from "../context.ts";
import { deleteEmptied, keyChanged, lookupRead, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_SET } from "../notify.ts";
import { type Part, propagating } from "../propagate.ts";
import { type CommandSpec, FAST, oneKey, READONLY, WRITE } from "../spec.ts";
import { replyMembers } from "./walk.ts";

const ERR_COUNT_RANGE = line(
  "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const INT32_MIN = -2147483648;
/** SPOP builds a new set of those that stay when they times this are no more than those that go. */
const STAY_FACTOR = 5;
/** SRANDMEMBER samples when the count times this is more than the set has. */
const SAMPLE_FACTOR = 3;
/** Most members of one SREM that is passed on. */
const SREM_MEMBERS_MAX = 1024;

const pair = new Int32Array(2);
const cursor = new SetCursor();

function replyMember(ctx: Ctx): void {
  ctx.out.bulk(cursor.buf, cursor.off, cursor.len);
}

// ---- SPOP

/** The SREM that will be passed on, as far as its members are known; null while nobody listens. */
let srem: Part[] | null = null;

/** Answers a member that is taken out. */
function replyTaken(ctx: Ctx): void {
  replyMember(ctx);
  if (srem === null) return;
  srem.push(cursor.buf.slice(cursor.off, cursor.off + cursor.len));
  if (srem.length === SREM_MEMBERS_MAX + 2) passOn(ctx);
}

function passOn(ctx: Ctx): void {
  if (srem === null || srem.length === 2) return;
  ctx.propagator.also(srem);
  srem = ["SREM", 1];
}

function spop(ctx: Ctx): void {
  if (ctx.argc > 3) return ctx.out.error(ERR_SYNTAX);
  if (ctx.argc === 3) return spopCount(ctx);
  const ks = ctx.keyspace;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  if (!requireType(ctx, rec, TYPE_SET)) return;
  cursor.pick(ks, rec);
  replyMember(ctx);
  const { id, buf, off, len } = cursor;
  propagating(ctx)?.instead(["SREM", 1, buf.slice(off, off + len)]);
  setRemoveAt(ks, rec, id);
  notify(ctx, NOTIFY_SET, "spop", 1);
  if (setCount(ks, rec) === 0) deleteEmptied(ctx, 1, rec);
  keyChanged(ctx, 1);
}

function spopCount(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  if (!argInt64(ctx, 2, pair) || pair[1] < 0) return out.error(ERR_NOT_POSITIVE);
  const count = int64ToNumber(pair[0], pair[1]);
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return out.set(0);
  if (!requireType(ctx, rec, TYPE_SET)) return;
  if (count === 0) return out.set(0);
  const size = setCount(ks, rec);
  notify(ctx, NOTIFY_SET, "spop", 1);
  if (count >= size) {
    replyMembers(ctx, rec);
    deleteEmptied(ctx, 1, rec);
    propagating(ctx)?.instead([ks.lazyOverwrite ? "UNLINK" : "DEL", 1]);
    return keyChanged(ctx, 1, size);
  }
  out.set(count);
  srem = propagating(ctx) === null ? null : ["SREM", 1];
  const isListpack = recordEncoding(ks.arena, rec) === ENCODING_LISTPACK;
  if ((size - count) * STAY_FACTOR <= count) popMost(ctx, rec, size, count);
  else if (isListpack) popEntries(ctx, rec, size, count);
  else popFew(ctx, rec, count);
  passOn(ctx);
  propagating(ctx)?.nothing();
  keyChanged(ctx, 1, count);
}

function popFew(ctx: Ctx, rec: number, count: number): void {
  for (let n = 0; n < count; n++) {
    cursor.pick(ctx.keyspace, rec);
    replyTaken(ctx);
    setRemoveAt(ctx.keyspace, rec, cursor.id);
  }
}

/** Samples a listpack and takes what was chosen out at once. */
function popEntries(ctx: Ctx, rec: number, size: number, count: number): void {
  const ks = ctx.keyspace;
  const ids = new Int32Array(count);
  let wanted = count;
  cursor.start(ks, rec);
  for (let left = size; wanted > 0 && cursor.next(); left--) {
    if (randomBelow(ks.next32, left) >= wanted) continue;
    ids[count - wanted--] = cursor.id;
    replyTaken(ctx);
  }
  setRemoveMany(ks, rec, ids, count);
}

/** Samples those that stay and makes a new set of them. */
function popMost(ctx: Ctx, rec: number, size: number, count: number): void {
  const ks = ctx.keyspace;
  const { arena } = ks;
  const oldEncoding = recordEncoding(arena, rec);
  const oldRoot = recordA(arena, rec);
  cursor.start(ks, rec);
  // The record gets the new value now; the cursor goes on in the old one.
  const encoding = oldEncoding === ENCODING_INTSET ? ENCODING_INTSET : ENCODING_LISTPACK;
  recordSetA(arena, rec, setCreate(ks, encoding));
  recordSetEncoding(arena, rec, encoding);
  let wanted = count;
  for (let left = size; cursor.next(); left--) {
    if (randomBelow(ks.next32, left) < wanted) {
      wanted--;
      replyTaken(ctx);
    } else {
      setAdd(ks, rec, cursor.buf, cursor.off, cursor.len);
    }
  }
  const newEncoding = recordEncoding(arena, rec);
  const newRoot = recordA(arena, rec);
  recordSetA(arena, rec, oldRoot);
  recordSetEncoding(arena, rec, oldEncoding);
  recordFreeValue(ks, rec, ks.lazyOverwrite);
  recordSetA(arena, rec, newRoot);
  recordSetEncoding(arena, rec, newEncoding);
}

// ---- SRANDMEMBER

function srandmember(ctx: Ctx): void {
  if (ctx.argc > 3) return ctx.out.error(ERR_SYNTAX);
  if (ctx.argc === 3) return srandmemberCount(ctx);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  if (!requireType(ctx, rec, TYPE_SET)) return;
  cursor.pick(ctx.keyspace, rec);
  replyMember(ctx);
}

function srandmemberCount(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  if (!argInt64(ctx, 2, pair)) return out.error(ERR_NOT_INTEGER);
  if (pair[1] === INT32_MIN && pair[0] === 0) return out.error(ERR_COUNT_RANGE);
  const wish = int64ToNumber(pair[0], pair[1]);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return out.array(0);
  if (!requireType(ctx, rec, TYPE_SET)) return;
  const count = Math.abs(wish);
  const size = setCount(ks, rec);
  const isUnique = wish > 1 && wish < size;
  out.array(wish > 1 ? Math.min(wish, size) : count);
  if (wish <= 1) replyAny(ctx, rec, size, count);
  else if (!isUnique) replyAll(ctx, rec);
  else if (isSampled(ctx, rec, size, count)) replySample(ctx, rec, size, count);
  else replyPicks(ctx, rec, count);
}

function isSampled(ctx: Ctx, rec: number, size: number, count: number): boolean {
  return count * SAMPLE_FACTOR > size ||
    recordEncoding(ctx.keyspace.arena, rec) === ENCODING_LISTPACK;
}

function replyAll(ctx: Ctx, rec: number): void {
  cursor.start(ctx.keyspace, rec);
  while (cursor.next()) replyMember(ctx);
}

/** So many members, each chosen from all. A listpack is walked once, not from its start for each. */
function replyAny(ctx: Ctx, rec: number, size: number, count: number): void {
  const ks = ctx.keyspace;
  if (count > 1 && recordEncoding(ks.arena, rec) === ENCODING_LISTPACK) {
    const ids = new Int32Array(size);
    cursor.start(ks, rec);
    for (let i = 0; cursor.next(); i++) ids[i] = cursor.id;
    for (let n = 0; n < count; n++) {
      if (!ctx.client.mayReply(REPEATED_REPLY_BYTES_MAX)) return;
      cursor.read(ks, rec, ids[randomBelow(ks.next32, size)]);
      replyMember(ctx);
    }
    return;
  }
  for (let n = 0; n < count; n++) {
    if (!ctx.client.mayReply(REPEATED_REPLY_BYTES_MAX)) return;
    cursor.pick(ks, rec);
    replyMember(ctx);
  }
}

function replySample(ctx: Ctx, rec: number, size: number, count: number): void {
  const ks = ctx.keyspace;
  let wanted = count;
  cursor.start(ks, rec);
  for (let left = size; wanted > 0 && cursor.next(); left--) {
    if (randomBelow(ks.next32, left) >= wanted) continue;
    wanted--;
    replyMember(ctx);
  }
}

/** Picks until there are `count` different ones. */
function replyPicks(ctx: Ctx, rec: number, count: number): void {
  const ks = ctx.keyspace;
  // Ids of an intset start with 0, which stands for a free place here.
  const shift = recordEncoding(ks.arena, rec) === ENCODING_INTSET ? 1 : 0;
  const seen = new Int32Array(1 << (33 - Math.clz32(count)));
  for (let n = 0; n < count;) {
    cursor.pick(ks, rec);
    if (!remember(seen, cursor.id + shift)) continue;
    replyMember(ctx);
    n++;
  }
}

/** Adds a number other than 0 to a table with open addressing whose length is a power of 2; false when it was there. */
function remember(table: Int32Array, id: number): boolean {
  const mask = table.length - 1;
  let at = Math.imul(id, 0x9e3779b1) >>> 7 & mask;
  while (table[at] !== 0) {
    if (table[at] === id) return false;
    at = (at + 1) & mask;
  }
  table[at] = id;
  return true;
}

export const RANDOM_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SPOP",
    group: "set",
    since: "1.0.0",
    arity: -2,
    flags: WRITE | FAST,
    acl: ["@set"],
    keys: [oneKey(1, "RW access delete")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "count", type: "integer", optional: true, since: "3.2.0" },
    ],
    summary: "Takes one member, or so many, out of a set at random and answers them.",
    complexity: "O(1), with a count O(N) for N members taken",
    tips: ["nondeterministic_output"],
    history: [["3.2.0", "Takes a count."]],
    reply: ["bulk", "null", "set"],
    examples: [["SADD s only", ":1"], ["SPOP s", "$4 only"], ["SPOP s", "$-1"], ["SPOP s 2", "*0"]],
    run: spop,
  },
  {
    name: "SRANDMEMBER",
    group: "set",
    since: "1.0.0",
    arity: -2,
    flags: READONLY,
    acl: ["@set"],
    keys: [oneKey(1, "RO access")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "count", type: "integer", optional: true, since: "2.6.0" },
    ],
    summary: "Shows a member of a set at random; with a count so many different ones, with a " +
      "negative count so many that may repeat.",
    complexity: "O(1), with a count O(N) for N members shown",
    tips: ["nondeterministic_output"],
    history: [["2.6.0", "Takes a count."]],
    reply: ["bulk", "null", "array"],
    examples: [
      ["SADD s only", ":1"],
      ["SRANDMEMBER s", "$4 only"],
      ["SRANDMEMBER s -2", "*2 $4 only $4 only"],
      ["SRANDMEMBER nothing", "$-1"],
    ],
    run: srandmember,
  },
];
