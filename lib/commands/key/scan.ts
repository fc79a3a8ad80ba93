// scan.ts: SCAN: the keys of a database a few at a time; and what SSCAN, HSCAN and ZSCAN have in common with it.
//
// The walk is dictScan's (engine/dict.ts), with its guarantee: a key that exists from the first call to the last is
// returned at least once. A call goes on from bucket to bucket until COUNT keys were looked at, or ten times as many
// buckets. Keys go straight from their records to the reply; the cursor, known last, is moved in front of them.
//
// The same for members of a value, in the order in which Valkey looks at things:
//
//   const cursor = scanCursor(ctx, 2);            "invalid cursor"
//   if (cursor < 0) return;
//   ... look the key up: none -> replyScanNothing; wrong type -> WRONGTYPE
//   if (!scanOptions(ctx, 3, TYPE_SET)) return;
//   const mark = scanReplyStart(ctx);
//   compact: write all members for which scanMatches     then scanReplyEnd(ctx, mark, 0, written)
//   table:   scanMembers(ctx, dict, base, cursor, mark, more)

import { isSpace, MINUS, NUL, PLUS } from "../../bytes/ascii.ts";
import { globMatch } from "../../bytes/glob.ts";
import { int64Parse, int64ToNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { chain, dictScan } from "../../engine/dict.ts";
import { memberBuf, memberLen, memberOff } from "../../engine/member.ts";
import { recordType, TYPE_HASH, TYPE_ZSET } from "../../engine/record.ts";
import { argInt64, argIs, argText, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { isThere } from "../lookup.ts";
import { type CommandSpec, READONLY, TOUCHES_ARBITRARY_KEYS } from "../spec.ts";
import { isMatchAll, keyMatches, replyKey, TYPE_NAMES } from "./keys.ts";

const ERR_CURSOR = line("-ERR invalid cursor");
const ERR_NOVALUES = line("-ERR NOVALUES option can only be used in HSCAN");
const ERR_NOSCORES = line("-ERR NOSCORES option can only be used in ZSCAN");
const MATCH = word("match");
const COUNT = word("count");
const TYPE = word("type");
const NOVALUES = word("novalues");
const NOSCORES = word("noscores");
const COUNT_DEFAULT = 10;
/** Buckets a call reads at most for each element it wants. */
export const BUCKETS_PER_COUNT = 10;
const NOTHING = line("*2\r\n$1\r\n0\r\n*0");

/** What scanOptions is told when keys are scanned, not the members of a value. */
export const SCAN_KEYS = -1;

/**
 * What the last successful scanOptions read: argument index of the pattern (0: none), count, type of keys (-1: any),
 * and whether values or scores are left out (NOVALUES, NOSCORES).
 */
export const scanWants: { patternArg: number; count: number; type: number; namesOnly: boolean } = {
  patternArg: 0,
  count: COUNT_DEFAULT,
  type: -1,
  namesOnly: false,
};

const pair = new Int32Array(2);

/**
 * Low 32 bits of the cursor in argument `arg`, unsigned; -1 when it is no cursor. Besides the canonical form all that C's
 * strtoull takes is a cursor: leading blanks, a sign, leading zeros, and anything behind a NUL byte.
 */
export function parseCursor(ctx: Ctx, arg: number): number {
  const { argBuf } = ctx;
  let at = ctx.off[arg];
  let end = at + ctx.len[arg];
  if (int64Parse(argBuf, at, end - at, pair)) return pair[1] < 0 ? -1 : pair[0] >>> 0;
  const nul = argBuf.subarray(at, end).indexOf(NUL);
  if (nul >= 0) end = at + nul;
  while (at < end && isSpace(argBuf[at])) at++;
  const negative = at < end && argBuf[at] === MINUS;
  if (negative || (at < end && argBuf[at] === PLUS)) at++;
  if (at === end) return -1;
  let value = 0n;
  for (; at < end; at++) {
    const digit = argBuf[at] - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10n + BigInt(digit);
    if (value > 0xffffffffffffffffn) return -1;
  }
  return Number(BigInt.asUintN(32, negative ? -value : value));
}

/** The cursor in argument `arg` as parseCursor reads it; -1 after an error reply. */
export function scanCursor(ctx: Ctx, arg: number): number {
  const cursor = parseCursor(ctx, arg);
  if (cursor < 0) ctx.out.error(ERR_CURSOR);
  return cursor;
}

/**
 * Reads the arguments from `from` on into scanWants; `type` is that of the value whose members are scanned, or
 * SCAN_KEYS. Replies and returns false when they are wrong.
 */
export function scanOptions(ctx: Ctx, from: number, type: number): boolean {
  scanWants.patternArg = 0;
  scanWants.count = COUNT_DEFAULT;
  scanWants.type = -1;
  scanWants.namesOnly = false;
  for (let i = from; i < ctx.argc;) {
    const hasValue = i + 1 < ctx.argc;
    if (hasValue && argIs(ctx, i, COUNT)) {
      if (!readCount(ctx, i + 1)) return false;
    } else if (hasValue && argIs(ctx, i, MATCH)) {
      scanWants.patternArg = isMatchAll(ctx, i + 1) ? 0 : i + 1;
    } else if (hasValue && type === SCAN_KEYS && argIs(ctx, i, TYPE)) {
      if (!readType(ctx, i + 1)) return false;
    } else {
      if (!readNamesOnly(ctx, i, type)) return false;
      i++;
      continue;
    }
    i += 2;
  }
  return true;
}

/** Reads a word without a value; replies and returns false when it does not fit the type. */
function readNamesOnly(ctx: Ctx, arg: number, type: number): boolean {
  scanWants.namesOnly = true;
  let error = ERR_SYNTAX;
  if (argIs(ctx, arg, NOVALUES)) {
    if (type === TYPE_HASH) return true;
    error = ERR_NOVALUES;
  } else if (argIs(ctx, arg, NOSCORES)) {
    if (type === TYPE_ZSET) return true;
    error = ERR_NOSCORES;
  }
  ctx.out.error(error);
  return false;
}

function readCount(ctx: Ctx, arg: number): boolean {
  if (!argInt64(ctx, arg, pair)) {
    ctx.out.error(ERR_NOT_INTEGER);
    return false;
  }
  scanWants.count = int64ToNumber(pair[0], pair[1]);
  if (scanWants.count >= 1) return true;
  ctx.out.error(ERR_SYNTAX);
  return false;
}

function readType(ctx: Ctx, arg: number): boolean {
  const text = argText(ctx, arg).split("\0", 1)[0];
  const found = TYPE_NAMES.find(([, name]) => name === text.toLowerCase());
  if (found === undefined) {
    ctx.out.errorText(`ERR unknown type name '${text}'`);
    return false;
  }
  scanWants.type = found[0];
  return true;
}

let entries = new Int32Array(64);
let hashes = new Int32Array(64);

/** Copies what dictScan found: deleting an expired key overwrites it. */
function copyChain(): number {
  const count = chain.count;
  if (count > entries.length) {
    entries = new Int32Array(chain.entries.length);
    hashes = new Int32Array(chain.hashes.length);
  }
  for (let i = 0; i < count; i++) {
    entries[i] = chain.entries[i];
    hashes[i] = chain.hashes[i];
  }
  return count;
}

/** Whether the record passes the filters; an expired one that does is removed. */
function isWanted(ctx: Ctx, rec: number, hash: number): boolean {
  const ks = ctx.keyspace;
  if (scanWants.type >= 0 && recordType(ks.arena, rec) !== scanWants.type) return false;
  if (scanWants.patternArg !== 0 && !keyMatches(ctx, rec, scanWants.patternArg)) return false;
  return isThere(ctx, hash, rec);
}

/** Whether a name passes MATCH. */
export function scanMatches(ctx: Ctx, buf: Uint8Array, off: number, len: number): boolean {
  const { patternArg } = scanWants;
  if (patternArg === 0) return true;
  return globMatch(ctx.argBuf, ctx.off[patternArg], ctx.len[patternArg], buf, off, len, false);
}

/** Replies that the walk is over and nothing was found. */
export function replyScanNothing(ctx: Ctx): void {
  ctx.out.raw(NOTHING);
}

/** Begins the reply; the elements follow. Returns the mark for scanReplyEnd. */
export function scanReplyStart(ctx: Ctx): number {
  ctx.out.array(2);
  return ctx.out.deferredStart();
}

/** Ends the reply: the next cursor (0: done), and how many elements were written since the mark was set. */
export function scanReplyEnd(ctx: Ctx, mark: number, cursor: number, replied: number): void {
  const { out } = ctx;
  const end = out.pos;
  out.bulkInteger(cursor);
  out.array(replied);
  out.moveToFront(mark, end);
}

/**
 * Replies with some members of a table (see engine/member.ts) whose names start at `base`, and the next cursor. `more`,
 * unless names alone are wanted, writes the one element that follows the name of a member.
 */
export function scanMembers(
  ctx: Ctx,
  dict: number,
  base: number,
  from: number,
  mark: number,
  more: ((ctx: Ctx, member: number) => void) | null,
): void {
  const { arena } = ctx.keyspace;
  let cursor = from;
  let bucketsLeft = scanWants.count * BUCKETS_PER_COUNT;
  let sampled = 0;
  let replied = 0;
  do {
    cursor = dictScan(arena, dict, cursor);
    sampled += chain.count;
    for (let i = 0; i < chain.count; i++) {
      const member = chain.entries[i];
      const bytes = memberBuf(arena, member);
      const off = memberOff(arena, member, base);
      const len = memberLen(arena, member, base);
      if (!scanMatches(ctx, bytes, off, len)) continue;
      ctx.out.bulk(bytes, off, len);
      replied++;
      if (more === null) continue;
      more(ctx, member);
      replied++;
    }
  } while (cursor !== 0 && bucketsLeft-- > 0 && sampled < scanWants.count);
  scanReplyEnd(ctx, mark, cursor, replied);
}

function scan(ctx: Ctx): void {
  const { keyspace, db } = ctx;
  let cursor = scanCursor(ctx, 1);
  if (cursor < 0 || !scanOptions(ctx, 2, SCAN_KEYS)) return;
  const mark = scanReplyStart(ctx);
  let bucketsLeft = scanWants.count * BUCKETS_PER_COUNT;
  let sampled = 0;
  let replied = 0;
  do {
    cursor = dictScan(keyspace.arena, db.main, cursor);
    const count = copyChain();
    sampled += count;
    for (let i = 0; i < count; i++) {
      if (!isWanted(ctx, entries[i], hashes[i])) continue;
      replyKey(ctx, entries[i]);
      replied++;
    }
  } while (cursor !== 0 && bucketsLeft-- > 0 && sampled < scanWants.count);
  scanReplyEnd(ctx, mark, cursor, replied);
}

export const SCAN_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SCAN",
    group: "generic",
    since: "2.8.0",
    arity: -2,
    flags: READONLY | TOUCHES_ARBITRARY_KEYS,
    acl: ["@keyspace"],
    args: [
      { name: "cursor", type: "integer" },
      { name: "pattern", type: "pattern", token: "MATCH", optional: true },
      { name: "count", type: "integer", token: "COUNT", optional: true },
      { name: "type", type: "string", token: "TYPE", since: "6.0.0", optional: true },
    ],
    summary:
      "Walks over the keys of the database in small steps: answers a cursor for the next call " +
      "(0: done) and some keys, filtered by pattern or type.",
    complexity: "O(1) a call, O(N) for a whole walk over N keys",
    tips: ["nondeterministic_output", "request_policy:special", "response_policy:special"],
    history: [["6.0.0", "The option TYPE."]],
    reply: ["array"],
    examples: [
      ["MSET one 1 two 2", "+OK"],
      ["SCAN 0 MATCH t* COUNT 100", "*2 $1 0 *1 $3 two"],
      ["SCAN 0 TYPE list", "*2 $1 0 *0"],
    ],
    run: scan,
  },
];
