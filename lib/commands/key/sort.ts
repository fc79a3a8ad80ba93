// sort.ts: SORT and SORT_RO: the elements of a list, set or sorted set in order, or what they refer to.
//
// The elements are copied first, one behind the other (Texts), so that nothing that happens later moves them: looking up
// keys for BY and GET removes expired ones, and the result may replace what is sorted. Sorted are their numbers.
//
//   weights   BY pattern: what the pattern names, else the element itself; a number, with ALPHA a text
//   ties      numbers: by the elements' bytes, so that the order is always the same; texts: as they came
//   missing   a weight that is not there counts as 0, as a text it comes first
//
// BY a pattern without "*" sorts nothing: lists and sorted sets keep their order (DESC turns it round) and only the wanted
// part is read; a set that is to be stored is sorted as texts, because its own order means nothing.
//
// COSTS: O(N + M log M) for N elements of which all are sorted; memory for a copy of the elements and their weights.

import { bytesCompare, copyBytes, equalsIgnoreCase, NUL } from "../../bytes/ascii.ts";
import { doubleParse } from "../../bytes/double.ts";
import { int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { keyAdd, keyReplace, recordCreate } from "../../engine/keyspace.ts";
import { ListCursor } from "../../engine/list_cursor.ts";
import { listCreateEmpty, listLength, listPush, listSettle } from "../../engine/list.ts";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  metaByte,
  recordEncoding,
  recordSetA,
  recordType,
  TYPE_LIST,
  TYPE_SET,
  TYPE_ZSET,
} from "../../engine/record.ts";
import { setCount } from "../../engine/set.ts";
import { SetCursor } from "../../engine/set_walk.ts";
import { zsetCount, zsetToSkiplist } from "../../engine/zset.ts";
import { ZsetCursor } from "../../engine/zset_range.ts";
import {
  argBytes,
  argInt64,
  argIs,
  ERR_NOT_INTEGER,
  ERR_SYNTAX,
  ERR_WRONG_TYPE,
  word,
} from "../args.ts";
import type { Ctx } from "../context.ts";
import type { CommandArgs, KeyList } from "../keys.ts";
import { deleteKey, keyChanged, lookupRead, lookupWrite } from "../lookup.ts";
import { notify, NOTIFY_GENERIC, NOTIFY_LIST } from "../notify.ts";
import {
  type ArgSpec,
  type CommandSpec,
  DENYOOM,
  type KeySpec,
  MOVABLE_KEYS,
  oneKey,
  READONLY,
  WRITE,
} from "../spec.ts";
import { looked, SortPattern } from "./sort_patterns.ts";

const ERR_SCORES = line("-ERR One or more scores can't be converted into double");
const ASC = word("asc");
const DESC = word("desc");
const ALPHA = word("alpha");
const LIMIT = word("limit");
const STORE = word("store");
const BY = word("by");
const GET = word("get");

const pair = new Int32Array(2);
const NOTHING = new Uint8Array(0);
const setCursor = new SetCursor();
const listCursor = new ListCursor();
const zsetCursor = new ZsetCursor();

/** Byte ranges one behind the other, each with a number; some may be absent. */
class Texts {
  bytes: Uint8Array = new Uint8Array(1024);
  /** Text i is bytes[starts[i], starts[i + 1]). */
  readonly starts: Int32Array;
  readonly isAbsent: Uint8Array;
  count = 0;

  constructor(room: number) {
    this.starts = new Int32Array(room + 1);
    this.isAbsent = new Uint8Array(room);
  }

  add(buf: Uint8Array, off: number, len: number): void {
    const at = this.starts[this.count];
    if (at + len > this.bytes.length) {
      const bigger = new Uint8Array((at + len) * 2);
      bigger.set(this.bytes.subarray(0, at));
      this.bytes = bigger;
    }
    copyBytes(buf, off, this.bytes, at, len);
    this.starts[++this.count] = at + len;
  }

  addAbsent(): void {
    this.isAbsent[this.count] = 1;
    this.add(NOTHING, 0, 0);
  }

  length(i: number): number {
    return this.starts[i + 1] - this.starts[i];
  }

  /** How text a and b compare; absent ones come first. */
  compare(a: number, b: number): number {
    const { bytes, starts, isAbsent } = this;
    if ((isAbsent[a] | isAbsent[b]) !== 0) return isAbsent[b] - isAbsent[a];
    return bytesCompare(bytes, starts[a], this.length(a), bytes, starts[b], this.length(b));
  }
}

/** What the arguments ask for. */
class SortOptions {
  isDesc = false;
  isAlpha = false;
  /** LIMIT as it was given. */
  offset = 0;
  count = -1;
  storeArg = 0;
  by: SortPattern | null = null;
  gets: SortPattern[] = [];
}

/** Reads arguments 2 and following; null after an error reply. */
function readOptions(ctx: Ctx, mayStore: boolean): SortOptions | null {
  const options = new SortOptions();
  for (let i = 2; i < ctx.argc; i++) {
    const left = ctx.argc - i - 1;
    if (argIs(ctx, i, ASC)) options.isDesc = false;
    else if (argIs(ctx, i, DESC)) options.isDesc = true;
    else if (argIs(ctx, i, ALPHA)) options.isAlpha = true;
    else if (left >= 2 && argIs(ctx, i, LIMIT)) {
      if (!argInt64(ctx, i + 1, pair)) return refuse(ctx, ERR_NOT_INTEGER);
      options.offset = int64ToNumber(pair[0], pair[1]);
      if (!argInt64(ctx, i + 2, pair)) return refuse(ctx, ERR_NOT_INTEGER);
      options.count = int64ToNumber(pair[0], pair[1]);
      i += 2;
    } else if (left >= 1 && mayStore && argIs(ctx, i, STORE)) options.storeArg = ++i;
    else if (left >= 1 && argIs(ctx, i, BY)) options.by = new SortPattern(argBytes(ctx, ++i));
    else if (left >= 1 && argIs(ctx, i, GET)) {
      options.gets.push(new SortPattern(argBytes(ctx, ++i)));
    } else return refuse(ctx, ERR_SYNTAX);
  }
  return options;
}

function refuse(ctx: Ctx, error: Uint8Array): null {
  ctx.out.error(error);
  return null;
}

function lengthOf(ctx: Ctx, rec: number): number {
  const ks = ctx.keyspace;
  if (rec === 0) return 0;
  const type = recordType(ks.arena, rec);
  if (type === TYPE_LIST) return listLength(ks, rec);
  return type === TYPE_SET ? setCount(ks, rec) : zsetCount(ks, rec);
}

/** The elements [from, from + count), from the end if `isDown`; a set has but one direction. */
function readElements(
  ctx: Ctx,
  rec: number,
  from: number,
  count: number,
  isDown: boolean,
): Texts {
  const ks = ctx.keyspace;
  const texts = new Texts(count);
  if (count === 0) return texts;
  const type = recordType(ks.arena, rec);
  const first = isDown ? lengthOf(ctx, rec) - 1 - from : from;
  if (type === TYPE_LIST) listCursor.start(ks, rec, first, isDown);
  else if (type === TYPE_SET) setCursor.start(ks, rec);
  else zsetCursor.start(ks, rec, first, isDown);
  const cursor = type === TYPE_LIST ? listCursor : type === TYPE_SET ? setCursor : zsetCursor;
  while (texts.count < count && cursor.next()) texts.add(cursor.buf, cursor.off, cursor.len);
  return texts;
}

/** The number a text spells, up to a zero byte; NaN when it spells none. */
function scoreOf(buf: Uint8Array, off: number, len: number): number {
  let end = off;
  while (end < off + len && buf[end] !== NUL) end++;
  return end === off ? NaN : doubleParse(buf, off, end - off);
}

/** The weights as numbers; null when one is none. */
function readScores(ctx: Ctx, elements: Texts, by: SortPattern | null): Float64Array | null {
  const scores = new Float64Array(elements.count);
  let isGood = true;
  for (let i = 0; i < elements.count; i++) {
    const { bytes, starts } = elements;
    const len = elements.length(i);
    if (by === null) scores[i] = scoreOf(bytes, starts[i], len);
    else if (by.look(ctx, bytes, starts[i], len)) {
      scores[i] = scoreOf(looked.buf, looked.off, looked.len);
    }
    if (Number.isNaN(scores[i])) isGood = false;
  }
  return isGood ? scores : null;
}

function readWeights(ctx: Ctx, elements: Texts, by: SortPattern): Texts {
  const weights = new Texts(elements.count);
  for (let i = 0; i < elements.count; i++) {
    if (by.look(ctx, elements.bytes, elements.starts[i], elements.length(i))) {
      weights.add(looked.buf, looked.off, looked.len);
    } else {
      weights.addAbsent();
    }
  }
  return weights;
}

/** The numbers of the elements in the order asked for; null when a weight is no number. */
function sortedOrder(
  ctx: Ctx,
  elements: Texts,
  by: SortPattern | null,
  isAlpha: boolean,
  isDesc: boolean,
): Int32Array | null {
  const sign = isDesc ? -1 : 1;
  if (isAlpha) {
    const texts = by === null ? elements : readWeights(ctx, elements, by);
    return inOrder(elements.count).sort((a, b) => sign * texts.compare(a, b));
  }
  const scores = readScores(ctx, elements, by);
  if (scores === null) return null;
  return inOrder(elements.count).sort((a, b) => {
    if (scores[a] !== scores[b]) return scores[a] < scores[b] ? -sign : sign;
    return sign * elements.compare(a, b);
  });
}

function inOrder(count: number): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order;
}

/** Calls `found` for each thing the result consists of: `looked`, or nothing (false). */
function eachResult(
  ctx: Ctx,
  elements: Texts,
  order: Int32Array,
  gets: readonly SortPattern[],
  found: (isThere: boolean) => void,
): void {
  for (const i of order) {
    const { bytes, starts } = elements;
    const len = elements.length(i);
    if (gets.length === 0) {
      looked.buf = bytes;
      looked.off = starts[i];
      looked.len = len;
      found(true);
      continue;
    }
    for (const get of gets) found(get.look(ctx, bytes, starts[i], len));
  }
}

/** Makes the result a list in the place of the target; an empty one deletes the target. */
function store(
  ctx: Ctx,
  target: number,
  elements: Texts,
  order: Int32Array,
  gets: readonly SortPattern[],
): void {
  const ks = ctx.keyspace;
  const count = order.length * Math.max(1, gets.length);
  ctx.out.integer(count);
  if (count === 0) {
    const old = lookupWrite(ctx, target);
    if (old === 0) return;
    deleteKey(ctx, target, old);
    return notify(ctx, NOTIFY_GENERIC, "del", target);
  }
  const meta = metaByte(TYPE_LIST, ENCODING_QUICKLIST, false);
  const rec = recordCreate(ks, meta, ctx.argBuf, ctx.off[target], ctx.len[target], 0);
  recordSetA(ks.arena, rec, listCreateEmpty(ks));
  eachResult(ctx, elements, order, gets, (isThere) => {
    if (isThere) listPush(ks, rec, looked.buf, looked.off, looked.len, false);
    else listPush(ks, rec, NOTHING, 0, 0, false);
  });
  listSettle(ks, rec);
  const old = lookupWrite(ctx, target);
  if (old === 0) keyAdd(ks, ctx.db, ctx.hash, rec);
  else keyReplace(ks, ctx.db, ctx.hash, old, rec, ks.lazyOverwrite);
  keyChanged(ctx, target, count);
  notify(ctx, NOTIFY_LIST, "sortstore", target);
}

function reply(
  ctx: Ctx,
  elements: Texts,
  order: Int32Array,
  gets: readonly SortPattern[],
): void {
  const { out } = ctx;
  out.array(order.length * Math.max(1, gets.length));
  eachResult(ctx, elements, order, gets, (isThere) => {
    if (isThere) out.bulk(looked.buf, looked.off, looked.len);
    else out.nullBulk();
  });
}

function sort(ctx: Ctx): void {
  sortKey(ctx, true);
}

function sortReadOnly(ctx: Ctx): void {
  sortKey(ctx, false);
}

function sortKey(ctx: Ctx, mayStore: boolean): void {
  const ks = ctx.keyspace;
  const options = readOptions(ctx, mayStore);
  if (options === null) return;
  const { storeArg, isDesc, gets } = options;
  const rec = lookupRead(ctx, 1);
  const type = rec === 0 ? TYPE_LIST : recordType(ks.arena, rec);
  if (type !== TYPE_LIST && type !== TYPE_SET && type !== TYPE_ZSET) {
    return ctx.out.error(ERR_WRONG_TYPE);
  }
  let { by, isAlpha } = options;
  let isSorted = by === null || !by.isFixed;
  if (!isSorted && type === TYPE_SET && storeArg !== 0) {
    isSorted = true;
    isAlpha = true;
    by = null;
  }
  // Valkey needs the order by rank here and keeps what it made for it; OBJECT ENCODING tells.
  if (type === TYPE_ZSET && recordEncoding(ks.arena, rec) === ENCODING_LISTPACK) {
    zsetToSkiplist(ks, rec);
  }
  const length = lengthOf(ctx, rec);
  const start = Math.min(Math.max(options.offset, 0), length);
  const end = options.count < 0 ? length : Math.min(start + options.count, length);
  let elements: Texts;
  let order: Int32Array | null;
  if (isSorted) {
    elements = readElements(ctx, rec, 0, length, false);
    order = sortedOrder(ctx, elements, by, isAlpha, isDesc);
    if (order === null) return ctx.out.error(ERR_SCORES);
    order = order.subarray(start, end);
  } else if (type === TYPE_SET) {
    elements = readElements(ctx, rec, 0, end, false);
    order = inOrder(end).subarray(start);
  } else {
    elements = readElements(ctx, rec, start, end - start, isDesc);
    order = inOrder(end - start);
  }
  if (storeArg === 0) reply(ctx, elements, order, gets);
  else store(ctx, storeArg, elements, order, gets);
}

// ---- declarations

const SOURCE_FLAGS = ["RO", "access"];
const TARGET_FLAGS = ["OW", "update"];

/** The sorted key, and the target of the last STORE. */
function findKeys(args: CommandArgs, out: KeyList): void {
  let target = 0;
  for (let i = 2; i < args.argc; i++) {
    const { argBuf } = args;
    const off = args.off[i];
    const len = args.len[i];
    if (equalsIgnoreCase(argBuf, off, len, LIMIT)) i += 2;
    else if (equalsIgnoreCase(argBuf, off, len, GET) || equalsIgnoreCase(argBuf, off, len, BY)) i++;
    else if (i + 1 < args.argc && equalsIgnoreCase(argBuf, off, len, STORE)) target = i + 1;
  }
  out.add(1, SOURCE_FLAGS);
  if (target !== 0) out.add(target, TARGET_FLAGS);
}

function findKeyReadOnly(_args: CommandArgs, out: KeyList): void {
  out.add(1, SOURCE_FLAGS);
}

function unknownKeys(flags: string, notes: string): KeySpec {
  return { flags: flags.split(" "), begin: { at: "unknown" }, find: { by: "unknown" }, notes };
}

const PATTERN_KEYS = unknownKeys(
  "RO access",
  "The patterns of BY and GET make key names at run time.",
);
const STORE_KEY = unknownKeys("OW update", "The target follows the word STORE, wherever that is.");

const ARGS: readonly ArgSpec[] = [
  { name: "key", type: "key", keySpec: 0 },
  {
    name: "by-pattern",
    display: "pattern",
    type: "pattern",
    token: "BY",
    keySpec: 1,
    optional: true,
  },
  {
    name: "limit",
    type: "block",
    token: "LIMIT",
    optional: true,
    args: [{ name: "offset", type: "integer" }, { name: "count", type: "integer" }],
  },
  {
    name: "get-pattern",
    display: "pattern",
    type: "pattern",
    token: "GET",
    keySpec: 1,
    optional: true,
    multiple: true,
    multipleToken: true,
  },
  {
    name: "order",
    type: "oneof",
    optional: true,
    args: [
      { name: "asc", type: "pure-token", token: "ASC" },
      { name: "desc", type: "pure-token", token: "DESC" },
    ],
  },
  { name: "sorting", type: "pure-token", token: "ALPHA", optional: true },
];

const COMPLEXITY =
  "O(N+M*log(M)) with N the elements and M those answered; O(N) when nothing is sorted";

export const SORT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SORT",
    group: "generic",
    since: "1.0.0",
    arity: -2,
    flags: WRITE | DENYOOM | MOVABLE_KEYS,
    acl: ["@set", "@sortedset", "@list", "@dangerous"],
    keys: [oneKey(1, "RO access"), PATTERN_KEYS, STORE_KEY],
    args: [...ARGS, {
      name: "destination",
      type: "key",
      token: "STORE",
      keySpec: 2,
      optional: true,
    }],
    summary:
      "Answers the elements of a list, set or sorted set in order, as numbers or texts, by " +
      "themselves or by keys they refer to; or stores them as a list.",
    complexity: COMPLEXITY,
    reply: ["array", "integer"],
    examples: [
      ["RPUSH l 10 9 1", ":3"],
      ["SORT l", "*3 $1 1 $1 9 $2 10"],
      ["SORT l ALPHA DESC LIMIT 0 2", "*2 $1 9 $2 10"],
      ["MSET w1 3 w9 1 w10 2", "+OK"],
      ["SORT l BY w* GET # GET w*", "*6 $1 9 $1 1 $2 10 $1 2 $1 1 $1 3"],
      ["SORT l STORE sorted", ":3"],
    ],
    findKeys,
    run: sort,
  },
  {
    name: "SORT_RO",
    group: "generic",
    since: "7.0.0",
    arity: -2,
    flags: READONLY | MOVABLE_KEYS,
    acl: ["@set", "@sortedset", "@list", "@dangerous"],
    keys: [oneKey(1, "RO access"), PATTERN_KEYS],
    args: ARGS,
    summary: "Answers what SORT answers; storing is not possible.",
    complexity: COMPLEXITY,
    reply: ["array"],
    examples: [["SADD s b a", ":2"], ["SORT_RO s ALPHA", "*2 $1 a $1 b"]],
    findKeys: findKeyReadOnly,
    run: sortReadOnly,
  },
];
