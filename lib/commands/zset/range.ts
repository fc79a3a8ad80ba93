// range.ts: members in order: ZRANGE, ZRANGESTORE and the older ZREVRANGE, Z[REV]RANGEBYSCORE, Z[REV]RANGEBYLEX.
//
// All are one command with some options fixed. The bounds become a range of ranks; LIMIT cuts it. A negative offset of
// LIMIT finds nothing in a LISTPACK; in a SKIPLIST it counts from the other end of the range. Clients cannot rely on
// that, but it is how Valkey answers.

import { line } from "../../codec/reply_writer.ts";
import { ENCODING_LISTPACK, recordEncoding, TYPE_ZSET } from "../../engine/record.ts";
import { zsetAdd, zsetCount } from "../../engine/zset.ts";
import { range } from "../../engine/zset_range.ts";
import { argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, DENYOOM, oneKey, READONLY, WRITE } from "../spec.ts";
import { KEY, LIMIT, MAX, MIN, START, STOP, WITHSCORES } from "./arguments.ts";
import {
  argLong,
  ERR_NAME_BOUND,
  ERR_SCORE_BOUND,
  findByName,
  findByScore,
  readNameBounds,
  readScoreBounds,
} from "./bounds.ts";
import { cursor, findByRank, replyMembers } from "./range_reply.ts";
import { resultCreate, resultStore } from "./result.ts";

const ERR_LIMIT = line(
  "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
);
const ERR_LEX_SCORES = line(
  "-ERR syntax error, WITHSCORES not supported in combination with BYLEX",
);
const WORD_WITHSCORES = word("withscores");
const WORD_LIMIT = word("limit");
const WORD_REV = word("rev");
const WORD_BYLEX = word("bylex");
const WORD_BYSCORE = word("byscore");

// How the range is given; ANY and EITHER leave it to the options.
const BY_ANY = 0;
const BY_RANK = 1;
const BY_SCORE = 2;
const BY_NAME = 3;
const EITHER = 0;
const UP = 1;
const DOWN = 2;

/** The running command: what is fixed, then what its arguments say. */
const wants = {
  keyArg: 1,
  isStore: false,
  by: BY_ANY,
  direction: EITHER,
  withScores: false,
  offset: 0,
  limit: -1,
  start: 0,
  stop: 0,
};

function zrange(ctx: Ctx): void {
  answer(ctx, BY_ANY, EITHER);
}

function zrevrange(ctx: Ctx): void {
  answer(ctx, BY_RANK, DOWN);
}

function zrangebyscore(ctx: Ctx): void {
  answer(ctx, BY_SCORE, UP);
}

function zrevrangebyscore(ctx: Ctx): void {
  answer(ctx, BY_SCORE, DOWN);
}

function zrangebylex(ctx: Ctx): void {
  answer(ctx, BY_NAME, UP);
}

function zrevrangebylex(ctx: Ctx): void {
  answer(ctx, BY_NAME, DOWN);
}

function answer(ctx: Ctx, by: number, direction: number): void {
  const error = readWants(ctx, 1, false, by, direction);
  if (error !== null) return ctx.out.error(error);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.array(0);
  if (!requireType(ctx, rec, TYPE_ZSET)) return;
  findRange(ctx, rec);
  const isDown = wants.direction === DOWN;
  const count = range.high - range.low;
  replyMembers(ctx, rec, isDown ? range.high - 1 : range.low, count, isDown, wants.withScores);
}

function zrangestore(ctx: Ctx): void {
  const error = readWants(ctx, 2, true, BY_ANY, EITHER);
  if (error !== null) return ctx.out.error(error);
  const { keyspace } = ctx;
  const rec = lookupRead(ctx, 2);
  range.low = 0;
  range.high = 0;
  if (rec !== 0) {
    if (!requireType(ctx, rec, TYPE_ZSET)) return;
    findRange(ctx, rec);
  }
  const count = range.high - range.low;
  const result = resultCreate(ctx, 1, wants.by === BY_RANK ? count : 0);
  const isDown = wants.direction === DOWN;
  // In the order of the range: as long as the result is a listpack, -0 becomes 0 in it.
  if (count > 0) cursor.start(keyspace, rec, isDown ? range.high - 1 : range.low, isDown);
  for (let i = 0; i < count && cursor.next(); i++) {
    zsetAdd(keyspace, result, cursor.score, cursor.buf, cursor.off, cursor.len, 0);
  }
  resultStore(ctx, 1, result, "zrangestore");
}

/** Reads the arguments behind the key `keyArg`; returns what is wrong with them, or null. */
function readWants(
  ctx: Ctx,
  keyArg: number,
  isStore: boolean,
  by: number,
  direction: number,
): Uint8Array | null {
  wants.keyArg = keyArg;
  wants.isStore = isStore;
  wants.by = by;
  wants.direction = direction;
  wants.withScores = false;
  wants.offset = 0;
  wants.limit = -1;
  const error = readOptions(ctx);
  if (error !== null) return error;
  if (wants.by === BY_ANY) wants.by = BY_RANK;
  if (wants.limit !== -1 && wants.by === BY_RANK) return ERR_LIMIT;
  if (wants.withScores && wants.by === BY_NAME) return ERR_LEX_SCORES;
  return readBounds(ctx);
}

function readOptions(ctx: Ctx): Uint8Array | null {
  for (let arg = wants.keyArg + 3; arg < ctx.argc; arg++) {
    if (!wants.isStore && argIs(ctx, arg, WORD_WITHSCORES)) {
      wants.withScores = true;
    } else if (arg + 2 < ctx.argc && argIs(ctx, arg, WORD_LIMIT)) {
      wants.offset = argLong(ctx, arg + 1);
      wants.limit = argLong(ctx, arg + 2);
      if (Number.isNaN(wants.offset) || Number.isNaN(wants.limit)) return ERR_NOT_INTEGER;
      arg += 2;
    } else if (wants.direction === EITHER && argIs(ctx, arg, WORD_REV)) {
      wants.direction = DOWN;
    } else if (wants.by === BY_ANY && argIs(ctx, arg, WORD_BYLEX)) {
      wants.by = BY_NAME;
    } else if (wants.by === BY_ANY && argIs(ctx, arg, WORD_BYSCORE)) {
      wants.by = BY_SCORE;
    } else {
      return ERR_SYNTAX;
    }
  }
  return null;
}

function readBounds(ctx: Ctx): Uint8Array | null {
  const first = wants.keyArg + 1;
  if (wants.by === BY_RANK) {
    wants.start = argLong(ctx, first);
    wants.stop = argLong(ctx, first + 1);
    return Number.isNaN(wants.start) || Number.isNaN(wants.stop) ? ERR_NOT_INTEGER : null;
  }
  // Going down the upper bound comes first.
  const swap = wants.direction === DOWN ? 1 : 0;
  if (wants.by === BY_SCORE) {
    return readScoreBounds(ctx, first + swap, first + 1 - swap) ? null : ERR_SCORE_BOUND;
  }
  return readNameBounds(ctx, first + swap, first + 1 - swap) ? null : ERR_NAME_BOUND;
}

/** Puts the ranks of the wanted members into `range`. */
function findRange(ctx: Ctx, rec: number): void {
  const isDown = wants.direction === DOWN;
  if (wants.by === BY_RANK) {
    findByRank(ctx, rec, wants.start, wants.stop);
    if (isDown) turnAround(ctx, rec);
    return;
  }
  if (wants.by === BY_SCORE) findByScore(ctx, rec);
  else findByName(ctx, rec, isDown);
  if (wants.offset !== 0 || wants.limit >= 0) cutRange(ctx, rec, isDown);
}

/** Ranks counted from the end become ranks. */
function turnAround(ctx: Ctx, rec: number): void {
  if (range.low === range.high) return;
  const count = zsetCount(ctx.keyspace, rec);
  const low = count - range.high;
  range.high = count - range.low;
  range.low = low;
}

/** Applies LIMIT to `range`. */
function cutRange(ctx: Ctx, rec: number, isDown: boolean): void {
  const count = range.high - range.low;
  let { offset } = wants;
  if (offset < 0 && recordEncoding(ctx.keyspace.arena, rec) !== ENCODING_LISTPACK) offset += count;
  const isOutside = offset < 0 || offset >= count;
  const most = isOutside ? 0 : count - offset;
  const wanted = wants.limit < 0 ? most : Math.min(most, wants.limit);
  if (isOutside || wanted === 0) {
    range.high = range.low;
  } else if (isDown) {
    range.high -= offset;
    range.low = range.high - wanted;
  } else {
    range.low += offset;
    range.high = range.low + wanted;
  }
}

export const RANGE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZRANGE",
    group: "sorted_set",
    since: "1.2.0",
    arity: -4,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      { name: "start", type: "string" },
      { name: "stop", type: "string" },
      {
        name: "sortby",
        type: "oneof",
        since: "6.2.0",
        optional: true,
        args: [{ name: "byscore", type: "pure-token", token: "BYSCORE" }, {
          name: "bylex",
          type: "pure-token",
          token: "BYLEX",
        }],
      },
      { name: "rev", type: "pure-token", token: "REV", since: "6.2.0", optional: true },
      {
        name: "limit",
        type: "block",
        token: "LIMIT",
        since: "6.2.0",
        optional: true,
        args: [{ name: "offset", type: "integer" }, { name: "count", type: "integer" }],
      },
      WITHSCORES,
    ],
    summary: "Lists the members between two ranks, scores or names, in order or in reverse.",
    complexity: "O(log(N)+M) with N the size of the sorted set and M the members answered",
    history: [["6.2.0", "The options REV, BYSCORE, BYLEX and LIMIT."]],
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZRANGE z 0 1", "*2 $1 a $1 b"], [
      "ZRANGE z +inf (1 BYSCORE REV LIMIT 0 1 WITHSCORES",
      "*2 $1 c $1 3",
    ]],
    run: zrange,
  },
  {
    name: "ZREVRANGE",
    group: "sorted_set",
    since: "1.2.0",
    arity: -4,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, START, STOP, WITHSCORES],
    summary: "Lists the members between two ranks counted from the highest score.",
    complexity: "O(log(N)+M) with N the size of the sorted set and M the members answered",
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], [
      "ZREVRANGE z 0 1 WITHSCORES",
      "*4 $1 c $1 3 $1 b $1 2",
    ]],
    run: zrevrange,
  },
  {
    name: "ZRANGEBYSCORE",
    group: "sorted_set",
    since: "1.0.5",
    arity: -4,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, { name: "min", type: "double" }, { name: "max", type: "double" }, {
      name: "withscores",
      type: "pure-token",
      token: "WITHSCORES",
      since: "2.0.0",
      optional: true,
    }, LIMIT],
    summary: "Lists the members with scores in a range.",
    complexity:
      "O(log(N)+M) with N the size of the sorted set and M the members answered; a large offset of LIMIT costs O(log(N)) too",
    history: [["2.0.0", "The option WITHSCORES."]],
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZRANGEBYSCORE z (1 3", "*2 $1 b $1 c"], [
      "ZRANGEBYSCORE z -inf +inf LIMIT 1 1",
      "*1 $1 b",
    ]],
    run: zrangebyscore,
  },
  {
    name: "ZREVRANGEBYSCORE",
    group: "sorted_set",
    since: "2.2.0",
    arity: -4,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      { name: "max", type: "double" },
      { name: "min", type: "double" },
      WITHSCORES,
      LIMIT,
    ],
    summary: "Lists the members with scores in a range, the highest first.",
    complexity:
      "O(log(N)+M) with N the size of the sorted set and M the members answered; a large offset of LIMIT costs O(log(N)) too",
    history: [["2.1.6", "The option WITHSCORES takes any case."]],
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZREVRANGEBYSCORE z 3 (1", "*2 $1 c $1 b"]],
    run: zrevrangebyscore,
  },
  {
    name: "ZRANGEBYLEX",
    group: "sorted_set",
    since: "2.8.9",
    arity: -4,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MIN, MAX, LIMIT],
    summary: "Lists the members between two names where all scores are equal.",
    complexity:
      "O(log(N)+M) with N the size of the sorted set and M the members answered; a large offset of LIMIT costs O(log(N)) too",
    reply: ["array"],
    examples: [["ZADD z 0 a 0 b 0 c", ":3"], ["ZRANGEBYLEX z [b +", "*2 $1 b $1 c"]],
    run: zrangebylex,
  },
  {
    name: "ZREVRANGEBYLEX",
    group: "sorted_set",
    since: "2.8.9",
    arity: -4,
    flags: READONLY,
    acl: ["@sortedset"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, MAX, MIN, LIMIT],
    summary: "Lists the members between two names where all scores are equal, the greatest first.",
    complexity:
      "O(log(N)+M) with N the size of the sorted set and M the members answered; a large offset of LIMIT costs O(log(N)) too",
    reply: ["array"],
    examples: [["ZADD z 0 a 0 b 0 c", ":3"], ["ZREVRANGEBYLEX z + [b", "*2 $1 c $1 b"]],
    run: zrevrangebylex,
  },
  {
    name: "ZRANGESTORE",
    group: "sorted_set",
    since: "6.2.0",
    arity: -5,
    flags: WRITE | DENYOOM,
    acl: ["@sortedset"],
    keys: [oneKey(1, "OW update"), oneKey(2, "RO access")],
    args: [
      { name: "dst", type: "key", keySpec: 0 },
      { name: "src", type: "key", keySpec: 1 },
      MIN,
      MAX,
      {
        name: "sortby",
        type: "oneof",
        optional: true,
        args: [{ name: "byscore", type: "pure-token", token: "BYSCORE" }, {
          name: "bylex",
          type: "pure-token",
          token: "BYLEX",
        }],
      },
      { name: "rev", type: "pure-token", token: "REV", optional: true },
      LIMIT,
    ],
    summary: "Stores a range of one sorted set under another key.",
    complexity: "O(log(N)+M) with N the size of the sorted set and M the members stored",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b 3 c", ":3"], ["ZRANGESTORE t z 2 +inf BYSCORE", ":2"], [
      "ZRANGE t 0 -1",
      "*2 $1 b $1 c",
    ]],
    run: zrangestore,
  },
];
