// combine.ts: several sorted sets (or sets, whose members all score 1) as one: ZUNION, ZINTER, ZDIFF, the three that store
// their result, and ZINTERCARD.
//
// Unions and intersections go through the inputs from the smallest to the largest, which decides in which order scores are
// aggregated: infinities that cancel out count as 0, so it can be seen. Members of a union are gathered in a table first
// and ordered at the end; the others are known one at a time.

import { doubleParse } from "../../bytes/double.ts";
import { line } from "../../codec/reply_writer.ts";
import { recordDiscard } from "../../engine/keyspace.ts";
import { recordType, TYPE_SET, TYPE_ZSET } from "../../engine/record.ts";
import { setCount, setHas } from "../../engine/set.ts";
import { SetCursor } from "../../engine/set_walk.ts";
import { zsetAdd, zsetCount, zsetScore } from "../../engine/zset.ts";
import { gathered, zsetCompact, zsetGather, zsetOrder } from "../../engine/zset_build.ts";
import { scoreOf, scoreSet } from "../../engine/zset_member.ts";
import { ZsetCursor } from "../../engine/zset_range.ts";
import { ArgReader, ERR_NOT_INTEGER, ERR_SYNTAX, ERR_WRONG_TYPE, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead } from "../lookup.ts";
import {
  type CommandSpec,
  countedKeys,
  DENYOOM,
  MOVABLE_KEYS,
  oneKey,
  READONLY,
  WRITE,
} from "../spec.ts";
import { AGGREGATE, KEYS, NUMKEYS, WEIGHTS, WITHSCORES } from "./arguments.ts";
import { argLong } from "./bounds.ts";
import { replyMembers } from "./range_reply.ts";
import { gatherCreate, resultStore } from "./result.ts";

const ERR_WEIGHT = line("-ERR weight value is not a float");
const ERR_LIMIT = line("-ERR LIMIT can't be negative");
const WORD_WEIGHTS = word("weights");
const WORD_AGGREGATE = word("aggregate");
const WORD_SUM = word("sum");
const WORD_MIN = word("min");
const WORD_MAX = word("max");
const WORD_WITHSCORES = word("withscores");
const WORD_LIMIT = word("limit");

type Operation = "union" | "inter" | "diff";
type Aggregate = "sum" | "min" | "max";

/** One input; `rec` is 0 when its key is absent. */
interface Input {
  rec: number;
  isSet: boolean;
  count: number;
  weight: number;
}

/** What the arguments say. */
interface Wants {
  inputs: Input[];
  aggregate: Aggregate;
  withScores: boolean;
  /** ZINTERCARD: where to stop counting; 0 for never. */
  limit: number;
}

/** Which options a command knows. */
interface Options {
  aggregates: boolean;
  withScores: boolean;
  limit: boolean;
}

const ONLY_ANSWER: Options = { aggregates: true, withScores: true, limit: false };
const STORE: Options = { aggregates: true, withScores: false, limit: false };
const DIFF: Options = { aggregates: false, withScores: true, limit: false };
const DIFF_STORE: Options = { aggregates: false, withScores: false, limit: false };
const COUNT_ONLY: Options = { aggregates: false, withScores: false, limit: true };

// ---- commands

function zunion(ctx: Ctx): void {
  answer(ctx, "union", "zunion", ONLY_ANSWER);
}

function zinter(ctx: Ctx): void {
  answer(ctx, "inter", "zinter", ONLY_ANSWER);
}

function zdiff(ctx: Ctx): void {
  answer(ctx, "diff", "zdiff", DIFF);
}

function answer(ctx: Ctx, operation: Operation, name: string, options: Options): void {
  const wants = readWants(ctx, 1, name, options);
  if (wants === null) return;
  const { keyspace } = ctx;
  const rec = gatherCreate(ctx, 0);
  combine(ctx, operation, wants, rec);
  replyMembers(ctx, rec, 0, zsetCount(keyspace, rec), false, wants.withScores);
  recordDiscard(keyspace, rec, keyspace.lazyOverwrite);
}

function zunionstore(ctx: Ctx): void {
  store(ctx, "union", "zunionstore", STORE);
}

function zinterstore(ctx: Ctx): void {
  store(ctx, "inter", "zinterstore", STORE);
}

function zdiffstore(ctx: Ctx): void {
  store(ctx, "diff", "zdiffstore", DIFF_STORE);
}

function store(ctx: Ctx, operation: Operation, name: string, options: Options): void {
  const wants = readWants(ctx, 2, name, options);
  if (wants === null) return;
  const rec = gatherCreate(ctx, 1);
  combine(ctx, operation, wants, rec);
  if (zsetCount(ctx.keyspace, rec) > 0) zsetCompact(ctx.keyspace, rec);
  resultStore(ctx, 1, rec, name);
}

function zintercard(ctx: Ctx): void {
  const wants = readWants(ctx, 1, "zintercard", COUNT_ONLY);
  if (wants === null) return;
  let count = 0;
  intersect(ctx, wants, () => ++count !== wants.limit);
  ctx.out.integer(count);
}

// ---- arguments

/** Reads "numkeys key ... [options]" from argument `arg` on; null after an error reply. */
function readWants(ctx: Ctx, arg: number, name: string, options: Options): Wants | null {
  const keys = argLong(ctx, arg);
  let error: Uint8Array | null = null;
  if (Number.isNaN(keys)) error = ERR_NOT_INTEGER;
  else if (keys < 1) error = line(`-ERR at least 1 input key is needed for '${name}' command`);
  else if (keys > ctx.argc - arg - 1) error = ERR_SYNTAX;
  const wants: Wants = { inputs: [], aggregate: "sum", withScores: false, limit: 0 };
  if (error === null && !readInputs(ctx, arg + 1, keys, wants.inputs)) error = ERR_WRONG_TYPE;
  if (error === null) error = readOptions(ctx, arg + 1 + keys, wants, options);
  if (error === null) return wants;
  ctx.out.error(error);
  return null;
}

/** Looks the keys up; false when one holds another type. */
function readInputs(ctx: Ctx, first: number, count: number, inputs: Input[]): boolean {
  const { keyspace } = ctx;
  for (let arg = first; arg < first + count; arg++) {
    const rec = lookupRead(ctx, arg);
    const type = rec === 0 ? TYPE_ZSET : recordType(keyspace.arena, rec);
    if (type !== TYPE_ZSET && type !== TYPE_SET) return false;
    const isSet = type === TYPE_SET;
    const size = rec === 0 ? 0 : isSet ? setCount(keyspace, rec) : zsetCount(keyspace, rec);
    inputs.push({ rec, isSet, count: size, weight: 1 });
  }
  return true;
}

/** Reads the options; returns what is wrong with them, or null. */
function readOptions(ctx: Ctx, first: number, wants: Wants, options: Options): Uint8Array | null {
  const args = new ArgReader(ctx, first);
  const { inputs } = wants;
  while (args.more()) {
    if (options.aggregates && args.left > inputs.length && args.word(WORD_WEIGHTS)) {
      for (const input of inputs) {
        const arg = args.take();
        input.weight = doubleParse(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
        if (Number.isNaN(input.weight)) return ERR_WEIGHT;
      }
    } else if (options.aggregates && args.left >= 2 && args.word(WORD_AGGREGATE)) {
      if (args.word(WORD_SUM)) wants.aggregate = "sum";
      else if (args.word(WORD_MIN)) wants.aggregate = "min";
      else if (args.word(WORD_MAX)) wants.aggregate = "max";
      else return ERR_SYNTAX;
    } else if (options.withScores && args.word(WORD_WITHSCORES)) {
      wants.withScores = true;
    } else if (options.limit && args.left >= 2 && args.word(WORD_LIMIT)) {
      wants.limit = argLong(ctx, args.take());
      if (!(wants.limit >= 0)) return ERR_LIMIT;
    } else {
      return ERR_SYNTAX;
    }
  }
  return null;
}

// ---- walking and finding in inputs

const zsetCursor = new ZsetCursor();
const setCursor = new SetCursor();

/** The member a walk stands on, and its score. */
const at = { buf: new Uint8Array(0) as Uint8Array, off: 0, len: 0, score: 0.5 };

function walkStart(ctx: Ctx, input: Input): void {
  if (input.isSet) setCursor.start(ctx.keyspace, input.rec);
  else zsetCursor.start(ctx.keyspace, input.rec, 0, false);
}

function walkNext(input: Input): boolean {
  const cursor = input.isSet ? setCursor : zsetCursor;
  if (!cursor.next()) return false;
  at.buf = cursor.buf;
  at.off = cursor.off;
  at.len = cursor.len;
  at.score = input.isSet ? 1 : zsetCursor.score;
  return true;
}

/** The score of the member at `at` in an input, or NaN. */
function scoreIn(ctx: Ctx, input: Input): number {
  const { keyspace } = ctx;
  const { buf, off, len } = at;
  if (!input.isSet) return zsetScore(keyspace, input.rec, buf, off, len);
  return setHas(keyspace, input.rec, buf, off, len) ? 1 : NaN;
}

// ---- operations

/** Fills the empty SKIPLIST `rec` with the result. */
function combine(ctx: Ctx, operation: Operation, wants: Wants, rec: number): void {
  if (operation === "union") return unite(ctx, wants, rec);
  const keep = (score: number): boolean => {
    zsetAdd(ctx.keyspace, rec, score, at.buf, at.off, at.len, 0);
    return true;
  };
  if (operation === "inter") intersect(ctx, wants, keep);
  else subtract(ctx, wants.inputs, keep);
}

function weighted(weight: number, score: number): number {
  const product = weight * score;
  return Number.isNaN(product) ? 0 : product;
}

function aggregated(aggregate: Aggregate, sum: number, score: number): number {
  if (aggregate === "min") return score < sum ? score : sum;
  if (aggregate === "max") return score > sum ? score : sum;
  const total = sum + score;
  return Number.isNaN(total) ? 0 : total;
}

function unite(ctx: Ctx, { inputs, aggregate }: Wants, rec: number): void {
  const { keyspace } = ctx;
  inputs.sort((a, b) => a.count - b.count);
  for (const input of inputs) {
    if (input.count === 0) continue;
    walkStart(ctx, input);
    while (walkNext(input)) {
      const score = weighted(input.weight, at.score);
      const member = zsetGather(keyspace, rec, score, at.buf, at.off, at.len);
      if (gathered.isNew) continue;
      const sum = scoreOf(keyspace.arena, member);
      scoreSet(keyspace.arena, member, aggregated(aggregate, sum, score));
    }
  }
  zsetOrder(keyspace, rec);
}

/** Calls `keep` with the score of each common member, while it returns true; the member is at `at`. */
function intersect(ctx: Ctx, wants: Wants, keep: (score: number) => boolean): void {
  const { inputs, aggregate } = wants;
  inputs.sort((a, b) => a.count - b.count);
  const [smallest, ...others] = inputs;
  if (smallest.count === 0) return;
  walkStart(ctx, smallest);
  while (walkNext(smallest)) {
    let score = weighted(smallest.weight, at.score);
    let isCommon = true;
    for (const other of others) {
      const found = other.rec === smallest.rec ? at.score : scoreIn(ctx, other);
      isCommon = !Number.isNaN(found);
      if (!isCommon) break;
      score = aggregated(aggregate, score, found * other.weight);
    }
    if (isCommon && !keep(score)) return;
  }
}

/** Calls `keep` with the score of each member of the first input that is in no other; the member is at `at`. */
function subtract(ctx: Ctx, inputs: Input[], keep: (score: number) => boolean): void {
  const [first, ...others] = inputs;
  if (first.count === 0 || others.some((other) => other.rec === first.rec)) return;
  const present = others.filter((other) => other.count > 0);
  // The largest is the most likely to have it.
  present.sort((a, b) => b.count - a.count);
  walkStart(ctx, first);
  while (walkNext(first)) {
    if (present.every((other) => Number.isNaN(scoreIn(ctx, other)))) keep(at.score);
  }
}

export const COMBINE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "ZUNION",
    group: "sorted_set",
    since: "6.2.0",
    arity: -3,
    flags: READONLY | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [countedKeys(1, "RO access")],
    args: [NUMKEYS, KEYS, WEIGHTS, AGGREGATE, WITHSCORES],
    summary:
      "Joins sorted sets: every member of any, with its scores added up or the least or greatest of them.",
    complexity: "O(N)+O(M*log(M)) with N the members of all inputs and M those of the result",
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b", ":2"], ["ZADD y 10 b 20 c", ":2"], [
      "ZUNION 2 z y WITHSCORES",
      "*6 $1 a $1 1 $1 b $2 12 $1 c $2 20",
    ]],
    run: zunion,
  },
  {
    name: "ZINTER",
    group: "sorted_set",
    since: "6.2.0",
    arity: -3,
    flags: READONLY | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [countedKeys(1, "RO access")],
    args: [NUMKEYS, KEYS, WEIGHTS, AGGREGATE, WITHSCORES],
    summary: "Answers the members that all of several sorted sets have.",
    complexity:
      "O(N*K)+O(M*log(M)) with N the members of the smallest of K inputs and M those of the result",
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b", ":2"], ["ZADD y 10 b 20 c", ":2"], [
      "ZINTER 2 z y WITHSCORES",
      "*2 $1 b $2 12",
    ]],
    run: zinter,
  },
  {
    name: "ZDIFF",
    group: "sorted_set",
    since: "6.2.0",
    arity: -3,
    flags: READONLY | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [countedKeys(1, "RO access")],
    args: [NUMKEYS, KEYS, WITHSCORES],
    summary: "Answers the members of a sorted set that none of the others has.",
    complexity:
      "O(L + (N-K)log(N)) with L the members of all inputs, N those of the first and K those of the result",
    reply: ["array"],
    examples: [["ZADD z 1 a 2 b", ":2"], ["ZADD y 10 b 20 c", ":2"], [
      "ZDIFF 2 z y WITHSCORES",
      "*2 $1 a $1 1",
    ]],
    run: zdiff,
  },
  {
    name: "ZUNIONSTORE",
    group: "sorted_set",
    since: "2.0.0",
    arity: -4,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [oneKey(1, "OW update"), countedKeys(2, "RO access")],
    args: [
      { name: "destination", type: "key", keySpec: 0 },
      NUMKEYS,
      { name: "key", type: "key", keySpec: 1, multiple: true },
      WEIGHTS,
      AGGREGATE,
    ],
    summary: "Stores the union of sorted sets under a key.",
    complexity: "O(N)+O(M log(M)) with N the members of all inputs and M those of the result",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b", ":2"], ["ZADD y 10 b 20 c", ":2"], [
      "ZUNIONSTORE u 2 z y WEIGHTS 2 1 AGGREGATE MAX",
      ":3",
    ], ["ZSCORE u b", "$2 10"]],
    run: zunionstore,
  },
  {
    name: "ZINTERSTORE",
    group: "sorted_set",
    since: "2.0.0",
    arity: -4,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [oneKey(1, "OW update"), countedKeys(2, "RO access")],
    args: [
      { name: "destination", type: "key", keySpec: 0 },
      NUMKEYS,
      { name: "key", type: "key", keySpec: 1, multiple: true },
      WEIGHTS,
      AGGREGATE,
    ],
    summary: "Stores the intersection of sorted sets under a key.",
    complexity:
      "O(N*K)+O(M*log(M)) with N the members of the smallest of K inputs and M those of the result",
    reply: ["integer"],
    examples: [
      ["ZADD z 1 a 2 b", ":2"],
      ["ZADD y 10 b 20 c", ":2"],
      ["ZINTERSTORE i 2 z y", ":1"],
      ["ZRANGE i 0 -1", "*1 $1 b"],
    ],
    run: zinterstore,
  },
  {
    name: "ZDIFFSTORE",
    group: "sorted_set",
    since: "6.2.0",
    arity: -4,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [oneKey(1, "OW update"), countedKeys(2, "RO access")],
    args: [{ name: "destination", type: "key", keySpec: 0 }, NUMKEYS, {
      name: "key",
      type: "key",
      keySpec: 1,
      multiple: true,
    }],
    summary: "Stores the members of a sorted set that none of the others has.",
    complexity:
      "O(L + (N-K)log(N)) with L the members of all inputs, N those of the first and K those of the result",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b", ":2"], ["ZADD y 10 b 20 c", ":2"], ["ZDIFFSTORE d 2 z y", ":1"], [
      "ZRANGE d 0 -1",
      "*1 $1 a",
    ]],
    run: zdiffstore,
  },
  {
    name: "ZINTERCARD",
    group: "sorted_set",
    since: "7.0.0",
    arity: -3,
    flags: READONLY | MOVABLE_KEYS,
    acl: ["@sortedset"],
    keys: [countedKeys(1, "RO access")],
    args: [NUMKEYS, KEYS, { name: "limit", type: "integer", token: "LIMIT", optional: true }],
    summary: "Counts the members that all of several sorted sets have, up to a limit.",
    complexity: "O(N*K) with N the members of the smallest of K inputs",
    reply: ["integer"],
    examples: [["ZADD z 1 a 2 b", ":2"], ["ZADD y 10 b 20 c", ":2"], ["ZINTERCARD 2 z y", ":1"]],
    run: zintercard,
  },
];
