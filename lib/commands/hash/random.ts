// random.ts: HRANDFIELD: fields at random, with or without their values.
//
// HOW SO MANY DIFFERENT ONES ARE CHOSEN
//   sampling  one walk over all fields; each is taken with the chance (still wanted) / (still to come), which makes all
//             subsets equally likely. For listpacks, and where a good part of the hash is wanted.
//   picking   members at random, until there are enough; those seen are remembered.
//
// Fields whose time has come are not chosen. Where hardly any others are left, fewer may be found than there are.

import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { hashDict, hashIsVolatile, hashLength } from "../../engine/hash.ts";
import {
  fieldCursor,
  FieldView,
  hashRandom,
  hashRandomMember,
  hashVisible,
  packedPositions,
  randomBelow,
} from "../../engine/hash_walk.ts";
import { recordA, recordEncoding } from "../../engine/record.ts";
import { REPEATED_REPLY_BYTES_MAX } from "../../limits.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { type CommandSpec, oneKey, READONLY } from "../spec.ts";
import { KEY, readHash, seenFrom } from "./fields.ts";

const ERR_COUNT_RANGE = line(
  "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const ERR_RANGE = line("-ERR value is out of range");
const WITHVALUES = word("withvalues");
/** Half of the greatest 64-bit integer: with values there are twice as many elements. */
const HALF_HI_MAX = 0x3fffffff;
const INT32_MIN = -2147483648;
/** Fields are sampled when the count times this is more than the hash has. */
const SAMPLE_FACTOR = 3;

const pair = new Int32Array(2);
const view = new FieldView();

function hrandfield(ctx: Ctx): void {
  const { out, argc } = ctx;
  if (argc === 2) return one(ctx);
  if (!argInt64(ctx, 2, pair)) return out.error(ERR_NOT_INTEGER);
  if (pair[1] === INT32_MIN && pair[0] === 0) return out.error(ERR_COUNT_RANGE);
  if (argc > 4 || (argc === 4 && !argIs(ctx, 3, WITHVALUES))) return out.error(ERR_SYNTAX);
  if (argc === 4 && !isHalf(pair[0], pair[1])) return out.error(ERR_RANGE);
  const wish = int64ToNumber(pair[0], pair[1]);
  const rec = readHash(ctx);
  if (rec < 0) return;
  if (rec === 0 || wish === 0) return out.array(0);
  const values = argc === 4;
  const mark = out.deferredStart();
  const replied = some(ctx, rec, wish, values);
  out.deferredArray(mark, values && out.proto === 2 ? replied * 2 : replied);
}

/** Whether lo, hi is within plus and minus 2^62 - 1. */
function isHalf(lo: number, hi: number): boolean {
  if (hi >= 0) return hi <= HALF_HI_MAX;
  return hi > ~HALF_HI_MAX || (hi === ~HALF_HI_MAX && lo !== 0);
}

function one(ctx: Ctx): void {
  const rec = readHash(ctx);
  if (rec < 0) return;
  if (rec === 0 || !hashRandom(ctx.keyspace, rec, seenFrom(ctx, rec), view)) {
    return ctx.out.nullBulk();
  }
  ctx.out.bulk(view.nameBuf, view.nameOff, view.nameLen);
}

function reply(ctx: Ctx, field: FieldView, values: boolean): void {
  const { out } = ctx;
  if (values && out.proto === 3) out.array(2);
  out.bulk(field.nameBuf, field.nameOff, field.nameLen);
  if (values) out.bulk(field.buf, field.off, field.len);
}

/** Writes up to `wish` different fields, or -`wish` that may repeat. Returns how many. */
function some(ctx: Ctx, rec: number, wish: number, values: boolean): number {
  const ks = ctx.keyspace;
  const size = hashLength(ks, rec);
  const dict = hashDict(ks, recordEncoding(ks.arena, rec), recordA(ks.arena, rec));
  if (wish <= 1) {
    return dict === 0
      ? anyPacked(ctx, rec, Math.abs(wish), values)
      : anyMembers(ctx, rec, dict, Math.abs(wish), values);
  }
  if (dict === 0 || wish >= size || wish * SAMPLE_FACTOR > size) {
    return sample(ctx, rec, wish, values);
  }
  return picks(ctx, rec, dict, wish, values);
}

/** So many fields of a listpack, each chosen from all; it is walked once, not from its start for each. */
function anyPacked(ctx: Ctx, rec: number, count: number, values: boolean): number {
  const ks = ctx.keyspace;
  const { bytes, positions } = packedPositions(ks, rec);
  for (let n = 0; n < count; n++) {
    if (!ctx.client.mayReply(REPEATED_REPLY_BYTES_MAX)) return n;
    view.showPair(bytes, positions[randomBelow(ks, positions.length)]);
    reply(ctx, view, values);
  }
  return count;
}

function anyMembers(
  ctx: Ctx,
  rec: number,
  dict: number,
  count: number,
  values: boolean,
): number {
  const ks = ctx.keyspace;
  const seenMs = seenFrom(ctx, rec);
  for (let n = 0; n < count; n++) {
    if (!ctx.client.mayReply(REPEATED_REPLY_BYTES_MAX)) return n;
    const member = hashRandomMember(ks, dict, seenMs);
    if (member === 0) return n;
    view.showMember(ks, member);
    reply(ctx, view, values);
  }
  return count;
}

function sample(ctx: Ctx, rec: number, wish: number, values: boolean): number {
  const ks = ctx.keyspace;
  const seenMs = seenFrom(ctx, rec);
  let left = hashIsVolatile(ks, rec) ? hashVisible(ks, rec, seenMs) : hashLength(ks, rec);
  let wanted = Math.min(wish, left);
  const replied = wanted;
  fieldCursor.start(ks, rec, seenMs);
  for (; wanted > 0 && fieldCursor.next(); left--) {
    if (wanted < left && randomBelow(ks, left) >= wanted) continue;
    wanted--;
    reply(ctx, fieldCursor, values);
  }
  return replied;
}

/** Picks until there are `wish` different ones. */
function picks(ctx: Ctx, rec: number, dict: number, wish: number, values: boolean): number {
  const ks = ctx.keyspace;
  const seenMs = seenFrom(ctx, rec);
  const seen = new Set<number>();
  while (seen.size < wish) {
    const member = hashRandomMember(ks, dict, seenMs);
    if (member === 0) break;
    if (seen.has(member)) continue;
    seen.add(member);
    view.showMember(ks, member);
    reply(ctx, view, values);
  }
  return seen.size;
}

export const RANDOM_COMMANDS: readonly CommandSpec[] = [
  {
    name: "HRANDFIELD",
    group: "hash",
    since: "6.2.0",
    arity: -2,
    flags: READONLY,
    acl: ["@hash"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      {
        name: "options",
        type: "block",
        optional: true,
        args: [
          { name: "count", type: "integer" },
          { name: "withvalues", type: "pure-token", token: "WITHVALUES", optional: true },
        ],
      },
    ],
    summary: "Chooses fields of a hash at random: one, up to so many different ones, or with a " +
      "negative count exactly so many that may repeat.",
    complexity: "O(N) for N fields",
    tips: ["nondeterministic_output"],
    reply: ["bulk", "null", "array"],
    examples: [
      ["HSET user name Ada", ":1"],
      ["HRANDFIELD user", "$4 name"],
      ["HRANDFIELD user -2", "*2 $4 name $4 name"],
      ["HRANDFIELD user 5 WITHVALUES", "*2 $4 name $3 Ada"],
    ],
    run: hrandfield,
  },
];
