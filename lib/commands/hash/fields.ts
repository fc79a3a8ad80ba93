// fields.ts: what the commands of hashes share: finding or making the hash, the time that counts, the events of expiry.
//
// TIME. Fields whose time is before now are not seen, though they are there until the active expiry takes them (see
// engine/hash.ts). For the stream of the primary, and under import-mode for the importing client, nothing counts as expired, and no time that is set counts
// as past.

import {
  INT64_TEXT_MAX,
  int64FromBigInt,
  int64ToBigInt,
  int64ToNumber,
} from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { hashCreate, hashIsVolatile } from "../../engine/hash.ts";
import { keyTrackFields } from "../../engine/keyspace.ts";
import { ENCODING_LISTPACK, TYPE_HASH } from "../../engine/record.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { createKey, lookupRead, lookupWrite, requireType, seesExpired } from "../lookup.ts";
import { notify, NOTIFY_HASH } from "../notify.ts";
import type { ArgSpec } from "../spec.ts";
import { expireAt } from "../string/options.ts";

export const ERR_FIELD_COUNT = line(
  "-ERR numfields should be greater than 0 and match the provided number of fields",
);
const FIELDS = word("fields");

/** Room for the text of an integer. */
export const text = new Uint8Array(INT64_TEXT_MAX);

/** Fields of the record with a time before this are gone. */
export function seenFrom(ctx: Ctx, rec: number): number {
  return hashIsVolatile(ctx.keyspace, rec) ? seenFromMs(ctx) : 0;
}

function seenFromMs(ctx: Ctx): number {
  return seesExpired(ctx) ? -Infinity : ctx.nowMs;
}

/** A time up to this is past: a field with it is overwritten as if it were not there, or deleted instead of given it. */
export function pastUntil(ctx: Ctx): number {
  return ctx.server.isReplica || ctx.config.flag("import-mode") ? -Infinity : ctx.nowMs;
}

/** As pastUntil, for setting fields of the record; quick where none has a time. */
export function revivedUntil(ctx: Ctx, rec: number): number {
  return hashIsVolatile(ctx.keyspace, rec) ? pastUntil(ctx) : 0;
}

/**
 * The hash of argument 1 for reading: its record, 0 when it is absent (the caller replies), or -1 when WRONGTYPE was
 * replied.
 */
export function readHash(ctx: Ctx): number {
  const rec = lookupRead(ctx, 1);
  return rec === 0 || requireType(ctx, rec, TYPE_HASH) ? rec : -1;
}

/** As readHash, for writing. */
export function writeHash(ctx: Ctx): number {
  const rec = lookupWrite(ctx, 1);
  return rec === 0 || requireType(ctx, rec, TYPE_HASH) ? rec : -1;
}

/** As writeHash; an absent hash is created, without fields. */
export function openHash(ctx: Ctx): number {
  const rec = writeHash(ctx);
  return rec !== 0 ? rec : createHash(ctx);
}

/** Creates the hash of argument 1, absent according to the last lookup, without fields. */
export function createHash(ctx: Ctx): number {
  return createKey(ctx, 1, TYPE_HASH, ENCODING_LISTPACK, hashCreate(ctx.keyspace));
}

/**
 * To be called after changes to the record's hash, before the key is deleted: the database knows which hashes are
 * volatile.
 */
export function trackFields(ctx: Ctx, rec: number, wasVolatile: boolean): void {
  keyTrackFields(ctx.keyspace, ctx.db, ctx.hash, rec, wasVolatile);
}

/** Counts fields that were overwritten after their time had come, and publishes that they expired. */
export function fieldsRevived(ctx: Ctx, count: number): void {
  if (count === 0) return;
  ctx.keyspace.expiredFields += count;
  notify(ctx, NOTIFY_HASH, "hexpired", 1);
}

// ---- arguments

/** Argument index of the first word FIELDS from `from` on that something follows, or 0. */
export function findFields(ctx: Ctx, from: number): number {
  for (let i = from; i < ctx.argc - 1; i++) if (argIs(ctx, i, FIELDS)) return i;
  return 0;
}

const pair = new Int32Array(2);

/**
 * Reads argument `arg` as the number of fields, each of `words` arguments, that make up the rest of the command. Replies
 * and returns -1 when it is no integer or does not fit (with the line `error`).
 */
export function fieldCount(ctx: Ctx, arg: number, words: number, error = ERR_FIELD_COUNT): number {
  if (!argInt64(ctx, arg, pair)) {
    ctx.out.error(ERR_NOT_INTEGER);
    return -1;
  }
  const count = int64ToNumber(pair[0], pair[1]);
  if (count > 0 && count * words === ctx.argc - arg - 1) return count;
  ctx.out.error(error);
  return -1;
}

const INT64_MAX = 0x7fffffffffffffffn;
/** Up to here a time, in milliseconds and added to any wall time, is exact as a double. */
const EXACT_MAX = 2 ** 42;

/**
 * Reads argument `arg`, in units of `unitMs` milliseconds from `baseMs` on, into `expireAt` as milliseconds since the
 * epoch. Replies and returns false when it is no integer or (with the line `invalid`) negative or too large. The past is
 * allowed.
 */
export function readFieldTime(
  ctx: Ctx,
  arg: number,
  unitMs: number,
  baseMs: number,
  invalid: Uint8Array,
): boolean {
  if (!argInt64(ctx, arg, expireAt)) {
    ctx.out.error(ERR_NOT_INTEGER);
    return false;
  }
  const value = int64ToNumber(expireAt[0], expireAt[1]);
  if (value >= 0 && value <= EXACT_MAX) {
    const when = value * unitMs + baseMs;
    expireAt[0] = when | 0;
    expireAt[1] = Math.floor(when / 4294967296);
    return true;
  }
  const when = int64ToBigInt(expireAt[0], expireAt[1]) * BigInt(unitMs) + BigInt(baseMs);
  if (value < 0 || when > INT64_MAX) {
    ctx.out.error(invalid);
    return false;
  }
  return int64FromBigInt(when, expireAt);
}

/** Whether `expireAt` is past. */
export function isTimePast(ctx: Ctx): boolean {
  return int64ToNumber(expireAt[0], expireAt[1]) <= pastUntil(ctx);
}

// ---- declarations

export const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
export const FIELD: ArgSpec = { name: "field", type: "string" };
export const FIELD_LIST: ArgSpec = { name: "field", type: "string", multiple: true };
export const DATA: ArgSpec = {
  name: "data",
  type: "block",
  multiple: true,
  args: [FIELD, { name: "value", type: "string" }],
};

/** FIELDS numfields and what follows. */
export function fieldsBlock(list: ArgSpec): ArgSpec {
  const count: ArgSpec = { name: "numfields", type: "integer", keySpec: 0 };
  return { name: "fields", type: "block", token: "FIELDS", args: [count, list] };
}
