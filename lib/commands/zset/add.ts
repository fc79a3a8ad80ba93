// add.ts: members with scores: ZADD, ZINCRBY.
//
// All scores are read before anything changes. NX, XX, GT, LT decide member by member; what one did decides the reply: the
// number of new members, with CH also of changed ones, with INCR the new score.

import { doubleParse } from "../../bytes/double.ts";
import { line } from "../../codec/reply_writer.ts";
import { TYPE_ZSET } from "../../engine/record.ts";
import {
  ADD_ADDED,
  ADD_GT,
  ADD_INCR,
  ADD_LT,
  ADD_NAN,
  ADD_NX,
  ADD_REFUSED,
  ADD_UPDATED,
  ADD_XX,
  found,
  zsetAdd,
  zsetCreate,
  zsetEncodingFor,
  zsetExpect,
} from "../../engine/zset.ts";
import { argIs, ERR_NOT_FLOAT, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { createKey, keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_ZSET } from "../notify.ts";
import { type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";
import { KEY, MEMBER } from "./arguments.ts";

const ERR_NX_XX = line("-ERR XX and NX options at the same time are not compatible");
const ERR_GT_LT_NX = line(
  "-ERR GT, LT, and/or NX options at the same time are not compatible",
);
const ERR_INCR_PAIRS = line("-ERR INCR option supports a single increment-element pair");
const ERR_NAN = line("-ERR resulting score is not a number (NaN)");

/** A flag of this cohort beside those of zsetAdd: count changed members as well. */
export const ADD_CH = 64;
const OPTION_LETTER_MIN = 65;
const OPTIONS: readonly (readonly [Uint8Array, number])[] = [
  [word("nx"), ADD_NX],
  [word("xx"), ADD_XX],
  [word("ch"), ADD_CH],
  [word("incr"), ADD_INCR],
  [word("gt"), ADD_GT],
  [word("lt"), ADD_LT],
];

/** Scores of the running command. */
let scores = new Float64Array(64);

function zadd(ctx: Ctx): void {
  addMembers(ctx, 0);
}

function zincrby(ctx: Ctx): void {
  addMembers(ctx, ADD_INCR);
}

function addMembers(ctx: Ctx, given: number): void {
  let flags = given;
  let first = 2;
  for (; first < ctx.argc; first++) {
    const option = optionAt(ctx, first);
    if (option === 0) break;
    flags |= option;
  }
  const pairs = (ctx.argc - first) / 2;
  const error = complaint(flags, pairs);
  if (error !== null) return ctx.out.error(error);
  if (!readScores(ctx, first, pairs)) return ctx.out.error(ERR_NOT_FLOAT);
  addScored(ctx, flags, first + 1, 2, pairs);
}

/** Room for the scores of `count` members; addScored takes them from there. */
export function scoresFor(count: number): Float64Array {
  if (count > scores.length) scores = new Float64Array(count * 2);
  return scores;
}

/**
 * Adds `count` members to the sorted set in key argument 1 and replies as ZADD does. Their scores are those of scoresFor,
 * their names every `step`th argument from `first` on; `flags` are those of zsetAdd and ADD_CH.
 */
export function addScored(
  ctx: Ctx,
  flags: number,
  first: number,
  step: number,
  count: number,
): void {
  let rec = lookupWrite(ctx, 1);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_ZSET)) return;
  if (rec === 0 && (flags & ADD_XX) !== 0) return reply(ctx, flags, 0, 0, ADD_REFUSED);
  const longest = longestName(ctx, first, step, count);
  if (rec !== 0) {
    zsetExpect(ctx.keyspace, rec, count, longest);
  } else {
    const encoding = zsetEncodingFor(ctx.keyspace, count, longest);
    rec = createKey(ctx, 1, TYPE_ZSET, encoding, zsetCreate(ctx.keyspace, encoding));
  }
  storeMembers(ctx, rec, flags, first, step, count);
}

/** The flag that argument `arg` names, or 0. */
function optionAt(ctx: Ctx, arg: number): number {
  // Numbers, which are what is there nearly always, start below the letters.
  if (ctx.len[arg] < 2 || ctx.argBuf[ctx.off[arg]] < OPTION_LETTER_MIN) return 0;
  for (let i = 0; i < OPTIONS.length; i++) {
    if (argIs(ctx, arg, OPTIONS[i][0])) return OPTIONS[i][1];
  }
  return 0;
}

/** What is wrong with the options, or null. */
function complaint(flags: number, pairs: number): Uint8Array | null {
  if (pairs < 1 || !Number.isInteger(pairs)) return ERR_SYNTAX;
  const wants = flags & (ADD_NX | ADD_GT | ADD_LT);
  if ((flags & (ADD_NX | ADD_XX)) === (ADD_NX | ADD_XX)) return ERR_NX_XX;
  if ((wants & (wants - 1)) !== 0) return ERR_GT_LT_NX;
  return (flags & ADD_INCR) !== 0 && pairs > 1 ? ERR_INCR_PAIRS : null;
}

function readScores(ctx: Ctx, first: number, pairs: number): boolean {
  scoresFor(pairs);
  for (let i = 0; i < pairs; i++) {
    const arg = first + i * 2;
    const score = doubleParse(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
    if (Number.isNaN(score)) return false;
    scores[i] = score;
  }
  return true;
}

function longestName(ctx: Ctx, first: number, step: number, count: number): number {
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const len = ctx.len[first + i * step];
    if (len > longest) longest = len;
  }
  return longest;
}

function storeMembers(
  ctx: Ctx,
  rec: number,
  flags: number,
  first: number,
  step: number,
  count: number,
): void {
  const { keyspace, argBuf, off, len } = ctx;
  let added = 0;
  let updated = 0;
  let done = ADD_REFUSED;
  for (let i = 0; i < count; i++) {
    const arg = first + i * step;
    done = zsetAdd(keyspace, rec, scores[i], argBuf, off[arg], len[arg], flags);
    if (done === ADD_ADDED) added++;
    else if (done === ADD_UPDATED) updated++;
  }
  // Only an increment, which has a single pair, can fail.
  if (done === ADD_NAN) return ctx.out.error(ERR_NAN);
  if (added + updated > 0) {
    keyChanged(ctx, 1, added + updated);
    notify(ctx, NOTIFY_ZSET, (flags & ADD_INCR) !== 0 ? "zincr" : "zadd", 1);
  }
  reply(ctx, flags, added, updated, done);
}

function reply(ctx: Ctx, flags: number, added: number, updated: number, done: number): void {
  if ((flags & ADD_INCR) === 0) {
    ctx.out.integer((flags & ADD_CH) !== 0 ? added + updated : added);
  } else if (done === ADD_REFUSED) {
    ctx.out.nullBulk();
  } else {
    ctx.out.double(found.score);
  }
}

export const ADD_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZADD",
    group: "sorted_set",
    since: "1.2.0",
    arity: -4,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW update")],
    args: [
      KEY,
      {
        name: "condition",
        type: "oneof",
        since: "3.0.2",
        optional: true,
        args: [{ name: "nx", type: "pure-token", token: "NX" }, {
          name: "xx",
          type: "pure-token",
          token: "XX",
        }],
      },
      {
        name: "comparison",
        type: "oneof",
        since: "6.2.0",
        optional: true,
        args: [{ name: "gt", type: "pure-token", token: "GT" }, {
          name: "lt",
          type: "pure-token",
          token: "LT",
        }],
      },
      { name: "change", type: "pure-token", token: "CH", since: "3.0.2", optional: true },
      { name: "increment", type: "pure-token", token: "INCR", since: "3.0.2", optional: true },
      {
        name: "data",
        type: "block",
        multiple: true,
        args: [{ name: "score", type: "double" }, MEMBER],
      },
    ],
    summary: "Sets the scores of members of a sorted set, making members and key as needed.",
    complexity: "O(log(N)) for each member, N being the size of the sorted set",
    history: [["2.4.0", "Several pairs of score and member."], [
      "3.0.2",
      "The options XX, NX, CH and INCR.",
    ], ["6.2.0", "The options GT and LT."]],
    reply: ["integer", "double", "null"],
    examples: [["ZADD z 1 a 2 b", ":2"], ["ZADD z XX CH 5 a", ":1"], ["ZADD z INCR 2 b", "$1 4"], [
      "ZADD z NX INCR 2 b",
      "$-1",
    ]],
    run: zadd,
  },
  {
    name: "ZINCRBY",
    group: "sorted_set",
    since: "1.2.0",
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RW access update")],
    args: [KEY, { name: "increment", type: "integer" }, MEMBER],
    summary: "Adds to the score of a member, an absent one counting from 0.",
    complexity: "O(log(N)) with N the size of the sorted set",
    reply: ["double"],
    examples: [["ZINCRBY z 2 a", "$1 2"], ["ZINCRBY z 0.5 a", "$3 2.5"]],
    run: zincrby,
  },
];
