// debug_keys.ts: the subcommands of DEBUG that look at keys and values, and the one that makes many of them.
//
// They find keys whether their time has come or not, and count no access.

import { fromLatin1, latin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { lfuDecayed } from "../../engine/access.ts";
import {
  dictBucketCount,
  dictBucketRead,
  dictChainCount,
  dictCount,
  isRecords,
} from "../../engine/dict.ts";
import { hashDict } from "../../engine/hash.ts";
import { keyExpire, keyFind, keyHash, keyIsExpired } from "../../engine/keyspace.ts";
import {
  ENCODING_HASHTABLE,
  ENCODING_INT,
  ENCODING_QUICKLIST,
  ENCODING_RAW,
  recordA,
  recordBlockBytes,
  recordClock,
  recordEncoding,
  recordKeyLen,
  recordMeta,
  recordType,
  TYPE_HASH,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from "../../engine/record.ts";
import { MEMBER_SLOTS } from "../../engine/member_bucket.ts";
import { RECORD_SLOTS } from "../../engine/record_bucket.ts";
import { stringStore, stringView, view } from "../../engine/string.ts";
import { valueBytes } from "../../engine/value.ts";
import { zsetDict } from "../../engine/zset.ts";
import { SHA1_BYTES } from "../../bytes/sha1.ts";
import { int64Parse } from "../../bytes/int64.ts";
import {
  argNumber,
  argText,
  ERR_LOADING,
  ERR_NO_KEY,
  ERR_NOT_INTEGER,
  ERR_NOT_POSITIVE,
} from "../args.ts";
import type { Ctx } from "../context.ts";
import { ENCODING_NAMES } from "../key/object.ts";
import { DEBUG_LIST_SUBCOMMANDS, quicklistFields } from "./debug_lists.ts";
import type { DebugSubcommand } from "./debug_subcommand.ts";
import { digestAll, digestText, digestValue } from "./digest.ts";

const ERR_DATABASE = line("-ERR Out of range database");
const ERR_NO_SDS = line("-ERR Not an sds encoded string.");
const ERR_NO_TABLE = line(
  "-ERR The value stored at the specified key is not represented using an hash table",
);

const HANDLE_UNIT_BYTES = 16;
const CHAIN_LENGTHS_SHOWN = 50;

/** The record of key argument `arg`, expired or not, or 0 after an error reply. */
function find(ctx: Ctx, arg: number): number {
  const hash = keyHash(ctx.keyspace, ctx.argBuf, ctx.off[arg], ctx.len[arg]);
  return keyFind(ctx.keyspace, ctx.db, hash, ctx.argBuf, ctx.off[arg], ctx.len[arg]);
}

// ---- OBJECT, SDSLEN

/**
 * Bytes of a string in a snapshot, before compression: length and bytes, or a short integer. Of other types, the bytes in
 * memory.
 */
function savedBytes(ctx: Ctx, rec: number): number {
  const { arena } = ctx.keyspace;
  if (recordType(arena, rec) !== TYPE_STRING) {
    return valueBytes(ctx.keyspace, recordMeta(arena, rec), recordA(arena, rec), 0);
  }
  stringView(ctx.keyspace, rec);
  const { buf, off, len } = view;
  if (len <= 11 && int64Parse(buf, off, len, parsed) && parsed[1] === parsed[0] >> 31) {
    const value = parsed[0];
    if (value >= -128 && value <= 127) return 2;
    return value >= -32768 && value <= 32767 ? 3 : 5;
  }
  return len + (len < 64 ? 1 : len < 16384 ? 2 : 5);
}

const parsed = new Int32Array(2);

function object(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const rec = find(ctx, 2);
  if (rec === 0) return ctx.out.error(ERR_NO_KEY);
  const isFast = ctx.argc === 4 && argText(ctx, 3).toLowerCase() === "fast";
  const name = ENCODING_NAMES[recordEncoding(ks.arena, rec)];
  const clock = recordClock(ks.arena, rec);
  const words = [
    `Value at:0x${((rec >>> 0) * HANDLE_UNIT_BYTES).toString(16)}`,
    "refcount:1",
    `encoding:${latin1(name, 0, name.length)}`,
  ];
  if (!isFast) words.push(`serializedlength:${savedBytes(ctx, rec)}`);
  if (ks.lfuEnabled) {
    words.push(`lfu_freq:${lfuDecayed(ks, clock)}`, `lfu_access_time_minutes:${clock >>> 8}`);
  } else {
    words.push(`lru:${clock}`, `lru_seconds_idle:${(ks.lruSeconds - clock) & 0xffffff}`);
  }
  if (recordEncoding(ks.arena, rec) === ENCODING_QUICKLIST) {
    words.push(...quicklistFields(ctx, rec, isFast));
  }
  ctx.out.simple(words.join(" "));
}

function sdsLen(ctx: Ctx): void {
  const { arena } = ctx.keyspace;
  const rec = find(ctx, 2);
  if (rec === 0) return ctx.out.error(ERR_NO_KEY);
  const encoding = recordEncoding(arena, rec);
  if (recordType(arena, rec) !== TYPE_STRING || encoding === ENCODING_INT) {
    return ctx.out.error(ERR_NO_SDS);
  }
  stringView(ctx.keyspace, rec);
  const len = view.len;
  const block = valueBytes(ctx.keyspace, recordMeta(arena, rec), recordA(arena, rec), 0);
  const room = encoding === ENCODING_RAW ? Math.max(0, block - 4 - len) : 0;
  ctx.out.simple(
    `key_sds_len:${recordKeyLen(arena, rec)} key_sds_avail:0 obj_alloc:${
      recordBlockBytes(arena, rec)
    } ` +
      `val_sds_len:${len} val_sds_avail:${room} val_alloc:${block}`,
  );
}

// ---- DIGEST, DIGEST-VALUE

function digest(ctx: Ctx): void {
  ctx.out.simple(digestText(digestAll(ctx.keyspace, ctx.nowMs)));
}

function digestOfValues(ctx: Ctx): void {
  ctx.out.array(ctx.argc - 2);
  const one = new Uint8Array(SHA1_BYTES);
  for (let i = 2; i < ctx.argc; i++) {
    one.fill(0);
    const rec = find(ctx, i);
    if (rec !== 0) digestValue(ctx.keyspace, rec, one, ctx.nowMs);
    ctx.out.simple(digestText(one));
  }
}

// ---- HTSTATS

function tableStats(ctx: Ctx, dict: number, full: boolean): string {
  const { arena } = ctx.keyspace;
  const count = dictCount(arena, dict);
  if (count === 0) return "";
  const buckets = dictBucketCount(arena, dict);
  const chained = dictChainCount(arena, dict);
  let text = "Hash table 0 stats (main hash table):\n" +
    ` table size: ${buckets * (isRecords(arena, dict) ? RECORD_SLOTS : MEMBER_SLOTS)}\n` +
    ` number of entries: ${count}\n rehashing index: -1\n`;
  if (!full) return text;
  text += ` top-level buckets: ${buckets}\n child buckets: ${chained}\n` +
    " entries per bucket and its children:\n";
  const lengths: number[] = [];
  for (let index = 0; index < buckets; index++) {
    const len = Math.min(dictBucketRead(arena, dict, index), CHAIN_LENGTHS_SHOWN);
    lengths[len] = (lengths[len] ?? 0) + 1;
  }
  lengths.forEach((found, len) => {
    text += `   ${len}: ${found} (${(found * 100 / buckets).toFixed(2)}%)\n`;
  });
  return text;
}

function tables(ctx: Ctx): void {
  const index = argNumber(ctx, 2, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (Number.isNaN(index)) return ctx.out.error(ERR_NOT_INTEGER);
  const db = ctx.keyspace.dbs[index];
  if (db === undefined) return ctx.out.error(ERR_DATABASE);
  const full = ctx.argc > 3 && argText(ctx, 3).toLowerCase() === "full";
  const text = `[Dictionary HT]\n${tableStats(ctx, db.main, full)}` +
    `[Expires HT]\n${tableStats(ctx, db.expires, full)}`;
  ctx.out.verbatim("txt", fromLatin1(text));
}

/** The table inside the value of a record, or 0. */
function tableOf(ctx: Ctx, rec: number): number {
  const { keyspace: ks } = ctx;
  const type = recordType(ks.arena, rec);
  const encoding = recordEncoding(ks.arena, rec);
  const root = recordA(ks.arena, rec);
  if (type === TYPE_SET) return encoding === ENCODING_HASHTABLE ? root : 0;
  if (type === TYPE_HASH) return hashDict(ks, encoding, root);
  return type === TYPE_ZSET ? zsetDict(ks, rec) : 0;
}

function tablesOfKey(ctx: Ctx): void {
  const rec = find(ctx, 2);
  if (rec === 0) return ctx.out.error(ERR_NO_KEY);
  const dict = tableOf(ctx, rec);
  if (dict === 0) return ctx.out.error(ERR_NO_TABLE);
  const full = ctx.argc > 3 && argText(ctx, 3).toLowerCase() === "full";
  ctx.out.verbatim("txt", fromLatin1(tableStats(ctx, dict, full)));
}

// ---- POPULATE

function populate(ctx: Ctx): void {
  const count = argNumber(ctx, 2, 0, Number.MAX_SAFE_INTEGER);
  if (Number.isNaN(count)) return ctx.out.error(ERR_NOT_POSITIVE);
  const size = ctx.argc > 4 ? argNumber(ctx, 4, 0, Number.MAX_SAFE_INTEGER) : 0;
  if (Number.isNaN(size)) return ctx.out.error(ERR_NOT_POSITIVE);
  if (ctx.server.persistence?.loading) return ctx.out.error(ERR_LOADING);
  const prefix = ctx.argc > 3 ? argText(ctx, 3) : "key";
  for (let i = 0; i < count; i++) populateOne(ctx, `${prefix}:${i}`, i, size);
  ctx.out.ok();
}

/** Adds a key unless there is one; its value is cut or filled up with zeros to `size`, when that is not 0. */
function populateOne(ctx: Ctx, name: string, number: number, size: number): void {
  const { keyspace: ks, db } = ctx;
  const key = fromLatin1(name);
  const hash = keyHash(ks, key, 0, key.length);
  const rec = keyFind(ks, db, hash, key, 0, key.length);
  if (rec !== 0 && !keyIsExpired(ks, rec, ctx.nowMs)) return;
  if (rec !== 0) keyExpire(ks, db, hash, rec);
  const text = fromLatin1(`value:${number}`);
  const value = size === 0 ? text : new Uint8Array(size);
  if (size !== 0) value.set(text.subarray(0, size));
  stringStore(ks, db, hash, 0, key, 0, key.length, value, 0, value.length, false);
  ks.observer?.touched(db, key, 0, key.length);
}

export const DEBUG_KEY_SUBCOMMANDS: readonly DebugSubcommand[] = [
  {
    name: "DIGEST",
    help: ["    Shows a signature of all data: equal data, equal signature."],
    least: 2,
    most: 2,
    run: digest,
  },
  {
    name: "DIGEST-VALUE",
    usage: "[<key> ...]",
    help: ["    Shows a signature of each key's value."],
    least: 2,
    most: Infinity,
    run: digestOfValues,
  },
  {
    name: "HTSTATS",
    usage: "<database> [full]",
    help: ["    Shows how full the tables of a database are."],
    least: 3,
    most: Infinity,
    run: tables,
  },
  {
    name: "HTSTATS-KEY",
    usage: "<key> [full]",
    help: ["    Shows how full the table inside the value of a key is."],
    least: 3,
    most: Infinity,
    run: tablesOfKey,
  },
  ...DEBUG_LIST_SUBCOMMANDS,
  {
    name: "OBJECT",
    usage: "<key> [fast]",
    help: ["    Shows where and how a value is kept; fast leaves out what takes time."],
    least: 3,
    most: 4,
    run: object,
  },
  {
    name: "POPULATE",
    usage: "<count> [<prefix>] [<size>]",
    help: [
      "    Makes so many string keys, named prefix:number. Values have the size in bytes that is",
      "    asked for. Keys that exist are left alone.",
    ],
    least: 3,
    most: 5,
    run: populate,
  },
  {
    name: "SDSLEN",
    usage: "<key>",
    help: ["    Shows the bytes a key and its string use and hold in reserve."],
    least: 3,
    most: 3,
    run: sdsLen,
  },
];
