// set_until.ts: setting and reading fields together with their expiry: HSETEX, HGETEX.
//
// HSETEX is all or nothing: a condition that does not hold for the key or one of the fields leaves everything as it is.
// A time that is past deletes the fields that were to be set. The checks run in this order: option words, the number of
// fields, the key, NX and XX, the time, FNX and FXX.

import {
  HASH_REVIVED,
  hashDelete,
  hashFind,
  hashIsVolatile,
  hashLength,
  hashSet,
  TIME_DROP,
  TIME_KEEP,
  TIME_SET,
} from "../../engine/hash.ts";
import { hashSetTime } from "../../engine/hash_expiry.ts";
import type { Ctx } from "../context.ts";
import { deleteEmptied, keyChanged } from "../lookup.ts";
import { notify, NOTIFY_HASH } from "../notify.ts";
import { argParts, type Part, propagating } from "../propagate.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";
import {
  expireAt,
  expireText,
  invalidTime,
  OPTION_EX,
  OPTION_EXAT,
  OPTION_FNX,
  OPTION_FXX,
  OPTION_KEEPTTL,
  OPTION_NX,
  OPTION_PERSIST,
  OPTION_PX,
  OPTION_TIMES,
  OPTION_XX,
  options,
  parseOptions,
} from "../string/options.ts";
import { persistField } from "./expire.ts";
import {
  createHash,
  DATA,
  ERR_FIELD_COUNT,
  FIELD_LIST,
  fieldCount,
  fieldsBlock,
  fieldsRevived,
  findFields,
  isTimePast,
  KEY,
  readFieldTime,
  readHash,
  revivedUntil,
  seenFrom,
  trackFields,
  writeHash,
} from "./fields.ts";
import { replyField } from "./get.ts";

const INVALID_HSETEX = invalidTime("hsetex");
const INVALID_HGETEX = invalidTime("hgetex");

const SET_OPTIONS = OPTION_NX | OPTION_XX | OPTION_FNX | OPTION_FXX | OPTION_KEEPTTL |
  OPTION_TIMES;
const GET_OPTIONS = OPTION_TIMES | OPTION_PERSIST;

/**
 * Reads the options in front of the word FIELDS, and the number of fields. Returns the argument index of the first field,
 * or 0 after an error reply.
 */
function readHead(ctx: Ctx, allowed: number, words: number): number {
  const fields = findFields(ctx, 0);
  if (fields === 0) {
    ctx.out.error(ERR_FIELD_COUNT);
    return 0;
  }
  if (!parseOptions(ctx, 2, allowed, fields)) return 0;
  return fieldCount(ctx, fields + 1, words) < 0 ? 0 : fields + 2;
}

/** Reads the time that the options name, if any, into `expireAt`; false after an error reply. */
function readTime(ctx: Ctx, invalid: Uint8Array): boolean {
  const { bits, timeArg } = options;
  if (timeArg === 0) return true;
  const unitMs = (bits & (OPTION_EX | OPTION_EXAT)) !== 0 ? 1000 : 1;
  const baseMs = (bits & (OPTION_EX | OPTION_PX)) !== 0 ? ctx.nowMs : 0;
  return readFieldTime(ctx, timeArg, unitMs, baseMs, invalid);
}

// ---- HSETEX

function hsetex(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  const first = readHead(ctx, SET_OPTIONS, 2);
  if (first === 0) return;
  const { bits, timeArg } = options;
  let rec = writeHash(ctx);
  if (rec < 0) return;
  if ((bits & (rec === 0 ? OPTION_XX : OPTION_NX)) !== 0) return out.integer(0);
  if (!readTime(ctx, INVALID_HSETEX)) return;
  if (!fieldsAllow(ctx, rec, first, bits)) return out.integer(0);
  const isPast = timeArg !== 0 && isTimePast(ctx);
  if (rec === 0) rec = createHash(ctx);
  const wasVolatile = hashIsVolatile(ks, rec);
  const stream = propagating(ctx);
  changed = stream === null ? null : [];
  const changes = isPast ? deletePairs(ctx, rec, first) : setPairs(ctx, rec, first, bits, timeArg);
  if (changes > 0) {
    if (isPast) stream?.instead(["HDEL", 1, ...changed ?? []]);
    else if (stream !== null) propagateSet(ctx, first, bits, timeArg);
    trackFields(ctx, rec, wasVolatile);
    fieldsRevived(ctx, revived);
    keyChanged(ctx, 1, changes);
  }
  notify(ctx, NOTIFY_HASH, "hset", 1);
  if (timeArg !== 0) notify(ctx, NOTIFY_HASH, "hexpire", 1);
  if (isPast) notify(ctx, NOTIFY_HASH, "hexpired", 1);
  if (hashLength(ks, rec) === 0) deleteEmptied(ctx, 1, rec);
  out.integer(1);
}

/** Whether FNX and FXX hold for all fields. */
function fieldsAllow(ctx: Ctx, rec: number, first: number, bits: number): boolean {
  const { keyspace: ks, argBuf, off, len } = ctx;
  if ((bits & (OPTION_FNX | OPTION_FXX)) === 0) return true;
  const wanted = (bits & OPTION_FXX) !== 0;
  if (rec === 0) return !wanted;
  const seenMs = seenFrom(ctx, rec);
  for (let i = first; i < ctx.argc; i += 2) {
    if (hashFind(ks, rec, argBuf, off[i], len[i], seenMs) !== wanted) return false;
  }
  return true;
}

/** Fields that were overwritten after their time had come, by the last setPairs or deletePairs. */
let revived = 0;
/** Arguments of fields that something special happened to, while changes are passed on. */
let changed: number[] | null = null;

/** Options that hold here and now; what they came to is passed on. */
const DECIDED = OPTION_NX | OPTION_XX | OPTION_FNX | OPTION_FXX | OPTION_EX | OPTION_PX |
  OPTION_EXAT;

function propagateSet(ctx: Ctx, first: number, bits: number, timeArg: number): void {
  const stream = propagating(ctx);
  // KEEPTTL would keep the time that has come.
  if ((bits & OPTION_KEEPTTL) !== 0 && changed !== null && changed.length > 0) {
    stream?.also(["HDEL", 1, ...changed]);
  }
  if ((bits & DECIDED) === 0) return;
  const parts: Part[] = ["HSETEX", 1];
  if (timeArg !== 0) parts.push("PXAT", expireText());
  if ((bits & OPTION_KEEPTTL) !== 0) parts.push("KEEPTTL");
  stream?.instead([...parts, ...argParts(first - 2, ctx.argc)]);
}

function setPairs(ctx: Ctx, rec: number, first: number, bits: number, timeArg: number): number {
  const { keyspace: ks, argBuf, off, len } = ctx;
  const time = timeArg !== 0 ? TIME_SET : (bits & OPTION_KEEPTTL) !== 0 ? TIME_KEEP : TIME_DROP;
  const past = revivedUntil(ctx, rec);
  revived = 0;
  for (let i = first; i < ctx.argc; i += 2) {
    const done = hashSet(
      ks,
      rec,
      argBuf,
      off[i],
      len[i],
      argBuf,
      off[i + 1],
      len[i + 1],
      past,
      time,
      expireAt[0],
      expireAt[1],
    );
    if (done !== HASH_REVIVED) continue;
    revived++;
    changed?.push(i);
  }
  return (ctx.argc - first) >> 1;
}

/** The time is past: the fields go, whether they were there or not they count as expired. Returns how many went. */
function deletePairs(ctx: Ctx, rec: number, first: number): number {
  const { keyspace: ks, argBuf, off, len } = ctx;
  let deleted = 0;
  revived = 0;
  for (let i = first; i < ctx.argc; i += 2) {
    ks.expiredFields++;
    if (!hashDelete(ks, rec, argBuf, off[i], len[i], -Infinity)) continue;
    deleted++;
    changed?.push(i);
  }
  return deleted;
}

// ---- HGETEX

function hgetex(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  const first = readHead(ctx, GET_OPTIONS, 1);
  if (first === 0) return;
  const { bits, timeArg } = options;
  const rec = readHash(ctx);
  if (rec < 0) return;
  if (!readTime(ctx, INVALID_HGETEX)) return;
  const isPast = timeArg !== 0 && isTimePast(ctx);
  const wasVolatile = rec !== 0 && hashIsVolatile(ks, rec);
  const stream = propagating(ctx);
  const touched: number[] | null = stream === null ? null : [];
  let changes = 0;
  out.array(ctx.argc - first);
  for (let i = first; i < ctx.argc; i++) {
    replyField(ctx, rec, i);
    if (rec === 0) continue;
    let done = 0;
    if (isPast) done = deleteField(ctx, rec, i);
    else if (timeArg !== 0) done = retimeField(ctx, rec, i);
    else if ((bits & OPTION_PERSIST) !== 0) done = Math.max(0, persistField(ctx, rec, i));
    changes += done;
    if (done > 0) touched?.push(i);
  }
  if (changes === 0) return;
  if (touched !== null) {
    const fields = ["FIELDS", String(changes), ...touched];
    if (isPast) stream?.instead(["HDEL", 1, ...touched]);
    else if (timeArg !== 0) stream?.instead(["HPEXPIREAT", 1, expireText(), ...fields]);
    else stream?.instead(["HPERSIST", 1, ...fields]);
  }
  trackFields(ctx, rec, wasVolatile);
  const event = isPast ? "hexpired" : timeArg !== 0 ? "hexpire" : "hpersist";
  notify(ctx, NOTIFY_HASH, event, 1);
  keyChanged(ctx, 1, changes);
  if (hashLength(ks, rec) === 0) deleteEmptied(ctx, 1, rec);
}

/** Deletes the field of argument `arg` as expired. Returns 1, or 0 when there is none. */
function deleteField(ctx: Ctx, rec: number, arg: number): number {
  const { keyspace: ks, argBuf, off, len } = ctx;
  if (!hashDelete(ks, rec, argBuf, off[arg], len[arg], seenFrom(ctx, rec))) return 0;
  ks.expiredFields++;
  return 1;
}

/** Gives the field of argument `arg` the time `expireAt`. Returns 1, or 0 when there is none. */
function retimeField(ctx: Ctx, rec: number, arg: number): number {
  const { keyspace: ks, argBuf, off, len } = ctx;
  if (!hashFind(ks, rec, argBuf, off[arg], len[arg], seenFrom(ctx, rec))) return 0;
  hashSetTime(ks, rec, argBuf, off[arg], len[arg], expireAt[0], expireAt[1]);
  return 1;
}

const TIMES: readonly ArgSpec[] = [
  { name: "seconds", type: "integer", token: "EX" },
  { name: "milliseconds", type: "integer", token: "PX" },
  { name: "unix-time-seconds", type: "unix-time", token: "EXAT" },
  { name: "unix-time-milliseconds", type: "unix-time", token: "PXAT" },
];

export const SET_UNTIL_COMMANDS: readonly CommandSpec[] = [
  {
    name: "HSETEX",
    group: "hash",
    since: "9.0.0",
    arity: -6,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW insert")],
    args: [
      KEY,
      {
        name: "key-condition",
        type: "oneof",
        optional: true,
        args: [
          { name: "nx", type: "pure-token", token: "NX" },
          { name: "xx", type: "pure-token", token: "XX" },
        ],
      },
      {
        name: "fields-condition",
        type: "oneof",
        optional: true,
        args: [
          { name: "fnx", type: "pure-token", token: "FNX" },
          { name: "fxx", type: "pure-token", token: "FXX" },
        ],
      },
      {
        name: "expiration",
        type: "oneof",
        optional: true,
        args: [...TIMES, { name: "keepttl", type: "pure-token", token: "KEEPTTL" }],
      },
      fieldsBlock(DATA),
    ],
    summary: "Sets fields of a hash and their expiry, on conditions: all of them or none.",
    complexity: "O(N) for N fields",
    reply: ["integer"],
    examples: [
      ["HSETEX session EX 60 FIELDS 2 user Ada token x7", ":1"],
      ["HSETEX session FNX FIELDS 1 user Bob", ":0"],
      ["HTTL session FIELDS 1 token", "*1 :60"],
    ],
    run: hsetex,
  },
  {
    name: "HGETEX",
    group: "hash",
    since: "9.0.0",
    arity: -5,
    flags: WRITE | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW access")],
    args: [
      KEY,
      {
        name: "expiration",
        type: "oneof",
        optional: true,
        args: [...TIMES, { name: "persist", type: "pure-token", token: "PERSIST" }],
      },
      fieldsBlock(FIELD_LIST),
    ],
    summary: "Reads fields of a hash and sets or removes their expiry.",
    complexity: "O(N) for N fields",
    reply: ["array"],
    examples: [
      ["HSET session user Ada", ":1"],
      ["HGETEX session EX 60 FIELDS 2 user token", "*2 $3 Ada $-1"],
      ["HTTL session FIELDS 1 user", "*1 :60"],
    ],
    run: hgetex,
  },
];
