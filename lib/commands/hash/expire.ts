// expire.ts: giving fields a time to live and taking it away: HEXPIRE, HPEXPIRE, HEXPIREAT, HPEXPIREAT, HPERSIST.
//
// The checks run in this order: condition words, the number of fields, the time, the key. What happened to each field:
//
//   2   its new time is past: it was deleted     0   the condition does not hold     -1   it has no time (HPERSIST)
//   1   done                                                                         -2   there is no such field

import { found, hashDelete, hashFind, hashIsVolatile, hashLength } from "../../engine/hash.ts";
import { hashPersist, hashSetTime } from "../../engine/hash_expiry.ts";
import type { Ctx } from "../context.ts";
import { conditionAllows, conditionBits } from "../key/expire.ts";
import { deleteEmptied, keyChanged } from "../lookup.ts";
import { notify, NOTIFY_HASH } from "../notify.ts";
import { argParts, propagating } from "../propagate.ts";
import { type ArgSpec, type CommandSpec, FAST, oneKey, WRITE } from "../spec.ts";
import { expireAt, expireText, invalidTime } from "../string/options.ts";
import {
  ERR_FIELD_COUNT,
  FIELD_LIST,
  fieldCount,
  fieldsBlock,
  findFields,
  isTimePast,
  KEY,
  readFieldTime,
  seenFrom,
  trackFields,
  writeHash,
} from "./fields.ts";

const DELETED = 2;
const DONE = 1;
const REFUSED = 0;
const NO_TIME = -1;
const NO_FIELD = -2;

const INVALID_HEXPIRE = invalidTime("hexpire");
const INVALID_HPEXPIRE = invalidTime("hpexpire");
const INVALID_HEXPIREAT = invalidTime("hexpireat");
const INVALID_HPEXPIREAT = invalidTime("hpexpireat");

/** Gives the field of argument `arg` the time `expireAt` if the conditions allow. Returns one of the codes above. */
function expireField(ctx: Ctx, rec: number, arg: number, bits: number, isPast: boolean): number {
  const { keyspace: ks, argBuf, off, len } = ctx;
  if (rec === 0) return NO_FIELD;
  if (!hashFind(ks, rec, argBuf, off[arg], len[arg], seenFrom(ctx, rec))) return NO_FIELD;
  if (!conditionAllows(bits, found.timed, found.lo, found.hi)) return REFUSED;
  if (isPast) {
    hashDelete(ks, rec, argBuf, off[arg], len[arg], -Infinity);
    ks.expiredFields++;
    return DELETED;
  }
  hashSetTime(ks, rec, argBuf, off[arg], len[arg], expireAt[0], expireAt[1]);
  return DONE;
}

function expireIn(ctx: Ctx, unitMs: number, baseMs: number, invalid: Uint8Array): void {
  const { out, keyspace: ks } = ctx;
  const fields = findFields(ctx, 3);
  if (fields === 0) return out.error(ERR_FIELD_COUNT);
  const bits = conditionBits(ctx, fields);
  if (bits < 0) return;
  const count = fieldCount(ctx, fields + 1, 1);
  if (count < 0 || !readFieldTime(ctx, 2, unitMs, baseMs, invalid)) return;
  const rec = writeHash(ctx);
  if (rec < 0) return;
  const isPast = isTimePast(ctx);
  const wasVolatile = rec !== 0 && hashIsVolatile(ks, rec);
  const gone: number[] | null = propagating(ctx) === null ? null : [];
  let deleted = 0;
  let updated = 0;
  out.array(count);
  for (let i = fields + 2; i < ctx.argc; i++) {
    const code = expireField(ctx, rec, i, bits, isPast);
    if (code === DELETED) {
      deleted++;
      gone?.push(i);
    } else if (code === DONE) {
      updated++;
    }
    out.integer(code);
  }
  if (deleted + updated === 0) return;
  if (deleted > 0) propagating(ctx)?.instead(["HDEL", 1, ...gone ?? []]);
  else propagating(ctx)?.instead(["HPEXPIREAT", 1, expireText(), ...argParts(3, ctx.argc)]);
  trackFields(ctx, rec, wasVolatile);
  notify(ctx, NOTIFY_HASH, deleted > 0 ? "hexpired" : "hexpire", 1);
  keyChanged(ctx, 1, deleted + updated);
  if (hashLength(ks, rec) === 0) deleteEmptied(ctx, 1, rec);
}

function hexpire(ctx: Ctx): void {
  expireIn(ctx, 1000, ctx.nowMs, INVALID_HEXPIRE);
}

function hpexpire(ctx: Ctx): void {
  expireIn(ctx, 1, ctx.nowMs, INVALID_HPEXPIRE);
}

function hexpireat(ctx: Ctx): void {
  expireIn(ctx, 1000, 0, INVALID_HEXPIREAT);
}

function hpexpireat(ctx: Ctx): void {
  expireIn(ctx, 1, 0, INVALID_HPEXPIREAT);
}

/** Takes the time of the field of argument `arg` away. Returns one of the codes above. */
export function persistField(ctx: Ctx, rec: number, arg: number): number {
  const { keyspace: ks, argBuf, off, len } = ctx;
  if (rec === 0) return NO_FIELD;
  if (!hashFind(ks, rec, argBuf, off[arg], len[arg], seenFrom(ctx, rec))) return NO_FIELD;
  return hashPersist(ks, rec, argBuf, off[arg], len[arg]) ? DONE : NO_TIME;
}

function hpersist(ctx: Ctx): void {
  const { out, keyspace: ks } = ctx;
  const count = fieldCount(ctx, 3, 1);
  if (count < 0) return;
  const rec = writeHash(ctx);
  if (rec < 0) return;
  const wasVolatile = rec !== 0 && hashIsVolatile(ks, rec);
  let changes = 0;
  out.array(count);
  for (let i = 4; i < ctx.argc; i++) {
    const code = persistField(ctx, rec, i);
    if (code === DONE) changes++;
    out.integer(code);
  }
  if (changes === 0) return;
  trackFields(ctx, rec, wasVolatile);
  notify(ctx, NOTIFY_HASH, "hpersist", 1);
  keyChanged(ctx, 1, changes);
}

const CONDITION: ArgSpec = {
  name: "condition",
  type: "oneof",
  optional: true,
  args: [
    { name: "nx", type: "pure-token", token: "NX" },
    { name: "xx", type: "pure-token", token: "XX" },
    { name: "gt", type: "pure-token", token: "GT" },
    { name: "lt", type: "pure-token", token: "LT" },
  ],
};
/** Here the number of fields belongs to no key specification, unlike that of all others. */
const PLAIN_FIELDS: ArgSpec = {
  name: "fields",
  type: "block",
  token: "FIELDS",
  args: [{ name: "numfields", type: "integer" }, FIELD_LIST],
};
const LATER_CONDITION: ArgSpec = { ...CONDITION, since: "9.0.0" };

const COMMON = {
  group: "hash",
  since: "9.0.0",
  flags: WRITE | FAST,
  acl: ["@hash"],
  keys: [oneKey(1, "RW update")],
  complexity: "O(N) for N fields",
  reply: ["array"],
} as const satisfies Partial<CommandSpec>;

export const EXPIRE_COMMANDS: readonly CommandSpec[] = [
  {
    ...COMMON,
    name: "HEXPIRE",
    arity: -6,
    args: [KEY, { name: "seconds", type: "integer" }, CONDITION, PLAIN_FIELDS],
    summary: "Lets fields of a hash expire so many seconds from now.",
    examples: [
      ["HSET user name Ada city London", ":2"],
      ["HEXPIRE user 100 FIELDS 2 city shoe", "*2 :1 :-2"],
      ["HTTL user FIELDS 2 city name", "*2 :100 :-1"],
    ],
    run: hexpire,
  },
  {
    ...COMMON,
    name: "HPEXPIRE",
    arity: -6,
    args: [
      KEY,
      { name: "milliseconds", type: "integer" },
      LATER_CONDITION,
      fieldsBlock(FIELD_LIST),
    ],
    summary: "Lets fields of a hash expire so many milliseconds from now.",
    examples: [
      ["HSET user city London", ":1"],
      ["HPEXPIRE user 100000 NX FIELDS 1 city", "*1 :1"],
      ["HPEXPIRE user 200000 NX FIELDS 1 city", "*1 :0"],
    ],
    run: hpexpire,
  },
  {
    ...COMMON,
    name: "HEXPIREAT",
    arity: -6,
    args: [
      KEY,
      { name: "unix-time-seconds", type: "integer" },
      LATER_CONDITION,
      fieldsBlock(FIELD_LIST),
    ],
    summary: "Lets fields of a hash expire at a time, in seconds since 1970.",
    examples: [
      ["HSET user city London", ":1"],
      ["HEXPIREAT user 33177117420 FIELDS 1 city", "*1 :1"],
      ["HEXPIREAT user 1 FIELDS 1 city", "*1 :2"],
      ["EXISTS user", ":0"],
    ],
    run: hexpireat,
  },
  {
    ...COMMON,
    name: "HPEXPIREAT",
    arity: -6,
    args: [
      KEY,
      { name: "unix-time-milliseconds", type: "integer" },
      LATER_CONDITION,
      fieldsBlock(FIELD_LIST),
    ],
    summary: "Lets fields of a hash expire at a time, in milliseconds since 1970.",
    examples: [
      ["HSET user city London", ":1"],
      ["HPEXPIREAT user 33177117420000 FIELDS 1 city", "*1 :1"],
      ["HPEXPIRETIME user FIELDS 1 city", "*1 :33177117420000"],
    ],
    run: hpexpireat,
  },
  {
    ...COMMON,
    name: "HPERSIST",
    arity: -5,
    args: [KEY, fieldsBlock(FIELD_LIST)],
    summary: "Removes the expiry of fields of a hash.",
    examples: [
      ["HSET user name Ada city London", ":2"],
      ["HEXPIRE user 100 FIELDS 1 city", "*1 :1"],
      ["HPERSIST user FIELDS 3 city name shoe", "*3 :1 :-1 :-2"],
    ],
    run: hpersist,
  },
];
