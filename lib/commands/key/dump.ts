// dump.ts: values as payloads, to be put elsewhere: DUMP, RESTORE. (MIGRATE, which does both, is in migrate.ts.)
//
//   payload   kind (1)   value, as in a snapshot   version (2, little endian)   CRC-64 of all before (8)
//
// Version 80 is written; 1 to 11 and 80 are taken, with rdb-version-check relaxed all others too. A payload is read to
// the last byte before anything is changed, and every structure in it is checked whatever sanitize-dump-payload says:
// reading trusts nothing, so the directive has nothing left to switch.

import { CRC64_BYTES, crc64Matches, crc64Update } from "../../bytes/crc64.ts";
import { int64Add, int64FromNumber } from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import {
  keyAdd,
  keyDelete,
  recordCreate,
  recordDiscard,
  recordSetExpire,
} from "../../engine/keyspace.ts";
import { ENCODING_LISTPACK, metaByte, recordSetClock, TYPE_STRING } from "../../engine/record.ts";
import { stringStore } from "../../engine/string.ts";
import { RdbInput } from "../../persist/rdb_input.ts";
import { RdbOutput } from "../../persist/rdb_output.ts";
import {
  isValueType,
  RDB_FOREIGN_TYPE_MIN,
  RDB_FOREIGN_VERSION_MAX,
  RDB_FOREIGN_VERSION_MIN,
  RDB_VERSION,
  READ_OK,
} from "../../persist/rdb_types.ts";
import { payloadWrite, readValue, valueTypeOf } from "../../persist/rdb_value.ts";
import { argInt64, argIs, argNumber, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, lookupWrite } from "../lookup.ts";
import { notify, NOTIFY_GENERIC } from "../notify.ts";
import { argParts, propagating } from "../propagate.ts";
import {
  type ArgSpec,
  ASKING,
  type CommandSpec,
  DENYOOM,
  oneKey,
  READONLY,
  WRITE,
} from "../spec.ts";
import { expireAt, expireText, isPast } from "../string/options.ts";

const VERSION_BYTES = 2;
const FOOTER_BYTES = VERSION_BYTES + CRC64_BYTES;
/** A buffer that grew beyond this is not kept. */
const OUTPUT_KEPT = 1 << 20;

const LOG_VERBOSE = 1;

/** The access clock counts seconds in 24 bits. */
const CLOCK_SECONDS = 1 << 24;
const CLOCK_MASK = CLOCK_SECONDS - 1;

const REPLACE = word("replace");
const ABSTTL = word("absttl");
const IDLETIME = word("idletime");
const FREQ = word("freq");

const ERR_IDLETIME = line("-ERR Invalid IDLETIME value, must be >= 0");
const ERR_FREQ = line("-ERR Invalid FREQ value, must be >= 0 and <= 255");
const ERR_BUSY = line("-BUSYKEY Target key name already exists.");
const ERR_TTL = line("-ERR Invalid TTL value, must be >= 0");
const ERR_PAYLOAD = line("-ERR DUMP payload version or checksum are wrong");
const ERR_DATA = line("-ERR Bad data format");

const crc = new Int32Array(2);
const pair = new Int32Array(2);
let output = new RdbOutput();

function dump(ctx: Ctx): void {
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  const len = writeOutput(ctx, rec);
  ctx.out.bulk(output.buf, 0, len);
  payloadWritten();
}

/** The payload of a record. */
export function payloadOf(ctx: Ctx, rec: number): Uint8Array {
  const len = writeOutput(ctx, rec);
  const bytes = output.buf.slice(0, len);
  payloadWritten();
  return bytes;
}

/** Writes the payload of a record to the start of `output` and returns its length. */
function writeOutput(ctx: Ctx, rec: number): number {
  output.compress = ctx.config.flag("rdbcompression");
  return payloadWrite(output, ctx.keyspace, rec);
}

/** To be called when the payload in `output` was used. */
function payloadWritten(): void {
  if (output.buf.length > OUTPUT_KEPT) output = new RdbOutput();
}

// ---- RESTORE

/** The options of the running RESTORE; -1 where they were not given. */
const options = { replace: false, absolute: false, idleSeconds: -1, frequency: -1 };

/** Reads arguments 4 and following; false after an error reply. */
function readOptions(ctx: Ctx): boolean {
  options.replace = false;
  options.absolute = false;
  options.idleSeconds = -1;
  options.frequency = -1;
  for (let i = 4; i < ctx.argc; i++) {
    const hasValue = i + 1 < ctx.argc;
    if (argIs(ctx, i, REPLACE)) {
      options.replace = true;
    } else if (argIs(ctx, i, ABSTTL)) {
      options.absolute = true;
    } else if (argIs(ctx, i, IDLETIME) && hasValue && options.frequency < 0) {
      options.idleSeconds = numberOption(ctx, ++i, Number.MAX_SAFE_INTEGER, ERR_IDLETIME);
      if (options.idleSeconds < 0) return false;
    } else if (argIs(ctx, i, FREQ) && hasValue && options.idleSeconds < 0) {
      options.frequency = numberOption(ctx, ++i, 255, ERR_FREQ);
      if (options.frequency < 0) return false;
    } else {
      ctx.out.error(ERR_SYNTAX);
      return false;
    }
  }
  return true;
}

/** A number from 0 to `most`; -1 after an error reply. Beyond 2^53 it is taken for `most` where that is so large. */
function numberOption(ctx: Ctx, arg: number, most: number, error: Uint8Array): number {
  const value = argNumber(ctx, arg, 0, most);
  if (!Number.isNaN(value)) return value;
  const isInteger = argInt64(ctx, arg, pair);
  if (isInteger && pair[1] >= 0 && most === Number.MAX_SAFE_INTEGER) return most;
  ctx.out.error(isInteger ? error : ERR_NOT_INTEGER);
  return -1;
}

/** Reads argument 2 into expireAt as an absolute time. Returns 1, 0 when there is none, -1 after an error reply. */
function readExpiry(ctx: Ctx): number {
  if (!argInt64(ctx, 2, expireAt)) {
    ctx.out.error(ERR_NOT_INTEGER);
    return -1;
  }
  if (expireAt[1] < 0) {
    ctx.out.error(ERR_TTL);
    return -1;
  }
  if ((expireAt[0] | expireAt[1]) === 0) return 0;
  if (options.absolute) return 1;
  int64FromNumber(ctx.nowMs, pair);
  // A sum beyond 64 bits wraps around to a time long ago.
  if (!int64Add(expireAt[0], expireAt[1], pair[0], pair[1], expireAt)) expireAt[1] = -1;
  return 1;
}

/** The version of the payload in argument 3, or -1 when it is none to take or its checksum is wrong. */
function payloadVersion(ctx: Ctx): number {
  const { argBuf } = ctx;
  const off = ctx.off[3];
  const len = ctx.len[3];
  if (len < FOOTER_BYTES) return -1;
  const footer = off + len - FOOTER_BYTES;
  const version = argBuf[footer] | (argBuf[footer + 1] << 8);
  if (version < 1) return -1;
  if (isForeign(version) || version > RDB_VERSION) {
    if (ctx.config.text("rdb-version-check") === "strict") return -1;
  }
  if (ctx.server.skipChecksums) return version;
  crc.fill(0);
  crc64Update(crc, argBuf, off, len - CRC64_BYTES);
  return crc64Matches(crc, argBuf, footer + VERSION_BYTES) ? version : -1;
}

function isForeign(version: number): boolean {
  return version >= RDB_FOREIGN_VERSION_MIN && version <= RDB_FOREIGN_VERSION_MAX;
}

function restore(ctx: Ctx): void {
  if (!readOptions(ctx)) return;
  const old = lookupWrite(ctx, 1);
  if (old !== 0 && !options.replace) return ctx.out.error(ERR_BUSY);
  const hasExpiry = readExpiry(ctx);
  if (hasExpiry < 0) return;
  const version = payloadVersion(ctx);
  if (version < 0) return ctx.out.error(ERR_PAYLOAD);
  const kind = ctx.argBuf[ctx.off[3]];
  if (ctx.len[3] === FOOTER_BYTES || !isValueType(kind)) return ctx.out.error(ERR_DATA);
  if (isForeign(version) && kind >= RDB_FOREIGN_TYPE_MIN) {
    return ctx.out.errorText(`ERR Unsupported foreign data type: ${kind}`);
  }
  // The footer is part of the range, as it is for Valkey: it is read when a value is cut short, and fails then.
  const input = new RdbInput(ctx.argBuf, ctx.off[3] + 1, ctx.len[3] - 1);
  const type = valueTypeOf(kind);
  const isRead = type === TYPE_STRING ? input.string() : readDetached(ctx, input, type, kind);
  if (!isRead) {
    const reason = input.reason === "" ? "the bytes make no value" : input.reason;
    ctx.server.log.write(LOG_VERBOSE, `RESTORE refused a payload of kind ${kind}: ${reason}`);
    return ctx.out.error(ERR_DATA);
  }
  if (old !== 0) keyDelete(ctx.keyspace, ctx.db, ctx.hash, old, true);
  if (hasExpiry > 0 && isPast(ctx)) {
    if (type !== TYPE_STRING) recordDiscard(ctx.keyspace, detached);
    if (old !== 0) {
      propagating(ctx)?.instead([ctx.keyspace.lazyOverwrite ? "UNLINK" : "DEL", 1]);
      keyChanged(ctx, 1);
      notify(ctx, NOTIFY_GENERIC, "del", 1);
    }
  } else {
    addRestored(ctx, input, type, hasExpiry > 0);
  }
  ctx.out.ok();
}

/** The record that readDetached made; it is in no table. */
let detached = 0;

/** Reads a value into a record of its own. Returns false when the bytes are refused. */
function readDetached(ctx: Ctx, input: RdbInput, type: number, kind: number): boolean {
  if (type < 0) return false;
  const { keyspace: ks, argBuf, off, len } = ctx;
  const meta = metaByte(type, ENCODING_LISTPACK, false);
  const rec = recordCreate(ks, meta, argBuf, off[1], len[1], 0);
  if (readValue(input, ks, rec, kind, 0) === READ_OK) {
    detached = rec;
    return true;
  }
  recordDiscard(ks, rec);
  return false;
}

/** Adds the value that was read under key argument 1, which is absent. */
function addRestored(ctx: Ctx, input: RdbInput, type: number, hasExpiry: boolean): void {
  const { keyspace: ks, db, hash, argBuf, off, len } = ctx;
  let rec = detached;
  if (type === TYPE_STRING) {
    const { stringBuf, stringOff, stringLen } = input;
    rec = stringStore(
      ks,
      db,
      hash,
      0,
      argBuf,
      off[1],
      len[1],
      stringBuf,
      stringOff,
      stringLen,
      false,
    );
  } else {
    keyAdd(ks, db, hash, rec);
  }
  if (hasExpiry) {
    rec = recordSetExpire(ks, db, hash, rec, expireAt[0], expireAt[1]);
    if (!options.absolute) {
      propagating(ctx)?.instead([0, 1, expireText(), ...argParts(3, ctx.argc), "ABSTTL"]);
    }
  }
  if (ks.lfuEnabled) {
    if (options.frequency >= 0) {
      recordSetClock(ks.arena, rec, (ks.lfuMinutes << 8) | options.frequency);
    }
  } else if (options.idleSeconds >= 0) {
    recordSetClock(
      ks.arena,
      rec,
      (ks.lruSeconds - options.idleSeconds % CLOCK_SECONDS) & CLOCK_MASK,
    );
  }
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_GENERIC, "restore", 1);
}

const RESTORE_ARGS: readonly ArgSpec[] = [
  { name: "key", type: "key", keySpec: 0 },
  { name: "ttl", type: "integer" },
  { name: "serialized-value", type: "string" },
  { name: "replace", type: "pure-token", token: "REPLACE", optional: true, since: "3.0.0" },
  { name: "absttl", type: "pure-token", token: "ABSTTL", optional: true, since: "5.0.0" },
  { name: "seconds", type: "integer", token: "IDLETIME", optional: true, since: "5.0.0" },
  { name: "frequency", type: "integer", token: "FREQ", optional: true, since: "5.0.0" },
];

/** What the two declarations have in common. */
const RESTORE_COMMON = {
  arity: -4,
  acl: ["@keyspace", "@dangerous"],
  keys: [oneKey(1, "OW update")],
  args: RESTORE_ARGS,
  complexity:
    "O(1) to find the place and O(N*M) for N parts of M bytes each, so O(1)+O(1*M), that is O(1), for " +
    "short strings; sorted sets take O(N*M*log(N)), each member O(log(N))",
  history: [
    ["3.0.0", "The option REPLACE."],
    ["5.0.0", "The option ABSTTL."],
    ["5.0.0", "The options IDLETIME and FREQ."],
  ],
  reply: ["simple"],
} as const;

/** The payload of "hello", as an argument and as a reply. */
const HELLO = '"\\x00\\x05helloP\\x00\\xac\\x58\\x16\\xe7\\xfbf\\x47\\xfe"';

export const DUMP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "DUMP",
    group: "generic",
    since: "2.6.0",
    arity: 2,
    flags: READONLY,
    acl: ["@keyspace"],
    keys: [oneKey(1, "RO access")],
    args: [{ name: "key", type: "key", keySpec: 0 }],
    summary: "Returns the value of a key as bytes that RESTORE understands.",
    complexity:
      "O(1) to find the key and O(N*M) for N parts of M bytes each, so O(1)+O(1*M), that is O(1), for " +
      "short strings",
    tips: ["nondeterministic_output"],
    reply: ["bulk", "null"],
    examples: [["SET a hello", "+OK"], ["DUMP a", "/\\$17 /"], ["DUMP b", "$-1"]],
    run: dump,
  },
  {
    ...RESTORE_COMMON,
    name: "RESTORE",
    group: "generic",
    since: "2.6.0",
    flags: WRITE | DENYOOM,
    summary: "Makes a key of what DUMP returned.",
    examples: [
      [`RESTORE a 0 ${HELLO}`, "+OK"],
      ["GET a", "$5 hello"],
      [`RESTORE a 0 ${HELLO}`, "-BUSYKEY Target key name already exists."],
    ],
    run: restore,
  },
  {
    ...RESTORE_COMMON,
    name: "RESTORE-ASKING",
    group: "server",
    since: "3.0.0",
    flags: WRITE | DENYOOM | ASKING,
    docFlags: ["syscmd"],
    summary: "Does what RESTORE does, for keys that move between nodes of a cluster.",
    examples: [[`RESTORE-ASKING a 0 ${HELLO}`, "+OK"]],
    run: restore,
  },
];
