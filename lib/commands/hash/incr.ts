// incr.ts: counters in fields: HINCRBY, HINCRBYFLOAT. The field keeps its expiry.

import { int64Add, int64Format, int64Parse, int64ToBigInt } from "../../bytes/int64.ts";
import { fromLatin1 } from "../../bytes/ascii.ts";
import {
  LONG_DOUBLE_INVALID,
  LONG_DOUBLE_NOT_FINITE,
  longDoubleAdd,
  longDoubleCheck,
} from "../../bytes/long_double.ts";
import { line } from "../../codec/reply_writer.ts";
import {
  found,
  HASH_REVIVED,
  hashFind,
  hashIsVolatile,
  hashSet,
  TIME_DROP,
  TIME_SET,
} from "../../engine/hash.ts";
import { argInt64, ERR_NOT_FLOAT, ERR_NOT_INTEGER } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged } from "../lookup.ts";
import { notify, NOTIFY_HASH } from "../notify.ts";
import { type Part, propagating } from "../propagate.ts";
import { type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";
import {
  FIELD,
  fieldsRevived,
  KEY,
  openHash,
  revivedUntil,
  seenFrom,
  text,
  trackFields,
} from "./fields.ts";

const ERR_HASH_INTEGER = line("-ERR hash value is not an integer");
const ERR_HASH_FLOAT = line("-ERR hash value is not a float");
const ERR_OVERFLOW = line("-ERR increment or decrement would overflow");
const ERR_INCREMENT = line("-ERR value is NaN or Infinity");
const ERR_NOT_FINITE = line("-ERR increment would produce NaN or Infinity");
const ZERO = fromLatin1("0");

const delta = new Int32Array(2);
const value = new Int32Array(2);

/** Looks the field of argument 2 up; where there is none `found` shows "0" without an expiry. */
function findCounter(ctx: Ctx, rec: number): void {
  const { argBuf, off, len } = ctx;
  if (hashFind(ctx.keyspace, rec, argBuf, off[2], len[2], seenFrom(ctx, rec))) return;
  found.buf = ZERO;
  found.off = 0;
  found.len = ZERO.length;
  found.timed = false;
}

/** Stores buf[0, bytes) in the field of argument 2 with the expiry of `found`. */
function storeCounter(ctx: Ctx, rec: number, buf: Uint8Array, bytes: number, event: string): void {
  const { keyspace: ks, argBuf, off, len } = ctx;
  const wasVolatile = hashIsVolatile(ks, rec);
  const done = hashSet(
    ks,
    rec,
    argBuf,
    off[2],
    len[2],
    buf,
    0,
    bytes,
    revivedUntil(ctx, rec),
    found.timed ? TIME_SET : TIME_DROP,
    found.lo,
    found.hi,
  );
  trackFields(ctx, rec, wasVolatile);
  keyChanged(ctx, 1);
  fieldsRevived(ctx, done === HASH_REVIVED ? 1 : 0);
  notify(ctx, NOTIFY_HASH, event, 1);
}

/** What is passed on instead: the new value, with the expiry of `found`. */
function resultParts(value: Uint8Array): Part[] {
  if (!found.timed) return ["HSET", 1, 2, value];
  const time = int64ToBigInt(found.lo, found.hi).toString();
  return ["HSETEX", 1, "PXAT", time, "FIELDS", "1", 2, value];
}

function hincrby(ctx: Ctx): void {
  if (!argInt64(ctx, 3, delta)) return ctx.out.error(ERR_NOT_INTEGER);
  const rec = openHash(ctx);
  if (rec < 0) return;
  findCounter(ctx, rec);
  if (!int64Parse(found.buf, found.off, found.len, value)) return ctx.out.error(ERR_HASH_INTEGER);
  if (!int64Add(value[0], value[1], delta[0], delta[1], value)) return ctx.out.error(ERR_OVERFLOW);
  const bytes = int64Format(value[0], value[1], text, 0);
  // Who reads the stream may see the field still there, or gone already.
  if (hashIsVolatile(ctx.keyspace, rec)) {
    propagating(ctx)?.instead(resultParts(text.slice(0, bytes)));
  }
  storeCounter(ctx, rec, text, bytes, "hincrby");
  ctx.out.integer64(value[0], value[1]);
}

function hincrbyfloat(ctx: Ctx): void {
  const { argBuf, off, len } = ctx;
  const status = longDoubleCheck(argBuf, off[3], len[3]);
  if (status === LONG_DOUBLE_INVALID) return ctx.out.error(ERR_NOT_FLOAT);
  if (status === LONG_DOUBLE_NOT_FINITE) return ctx.out.error(ERR_INCREMENT);
  const rec = openHash(ctx);
  if (rec < 0) return;
  findCounter(ctx, rec);
  const sum = longDoubleAdd(found.buf, found.off, found.len, argBuf, off[3], len[3]);
  if (typeof sum === "number") {
    return ctx.out.error(sum === LONG_DOUBLE_NOT_FINITE ? ERR_NOT_FINITE : ERR_HASH_FLOAT);
  }
  propagating(ctx)?.instead(resultParts(sum));
  storeCounter(ctx, rec, sum, sum.length, "hincrbyfloat");
  ctx.out.bulk(sum, 0, sum.length);
}

export const INCR_COMMANDS: readonly CommandSpec[] = [
  {
    name: "HINCRBY",
    group: "hash",
    since: "2.0.0",
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW access update")],
    args: [KEY, FIELD, { name: "increment", type: "integer" }],
    summary: "Adds an integer to a field of a hash; an absent field counts from 0.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["HINCRBY stock pears 5", ":5"], ["HINCRBY stock pears -2", ":3"]],
    run: hincrby,
  },
  {
    name: "HINCRBYFLOAT",
    group: "hash",
    since: "2.6.0",
    arity: 4,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@hash"],
    keys: [oneKey(1, "RW access update")],
    args: [KEY, FIELD, { name: "increment", type: "double" }],
    summary: "Adds a decimal fraction to a field of a hash; an absent field counts from 0.",
    complexity: "O(1)",
    reply: ["bulk"],
    examples: [["HSET price pears 10.50", ":1"], ["HINCRBYFLOAT price pears 0.1", "$4 10.6"]],
    run: hincrbyfloat,
  },
];
