// rename.ts: whole keys under another name or in another place: RENAME, RENAMENX, COPY, MOVE.

import { bytesEqual } from "../../bytes/ascii.ts";
import { int64ToNumber } from "../../bytes/int64.ts";
import { line, OK } from "../../codec/reply_writer.ts";
import { keyCopy, keyMove, keyRename } from "../../engine/rekey.ts";
import { keyDelete } from "../../engine/keyspace.ts";
import {
  argInt64,
  argIs,
  ERR_DB_INDEX,
  ERR_NO_KEY,
  ERR_NOT_INTEGER,
  ERR_SAME_OBJECT,
  ERR_SYNTAX,
  word,
} from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, lookupWrite } from "../lookup.ts";
import { notify, NOTIFY_GENERIC } from "../notify.ts";
import { type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";

const ONE = line(":1");
const ZERO = line(":0");
const DB = word("db");
const REPLACE = word("replace");
const ERR_NOT_INT32 = line(
  "-ERR value is out of range, value must between -2147483648 and 2147483647",
);

const pair = new Int32Array(2);

function rename(ctx: Ctx): void {
  renameTo(ctx, false);
}

function renamenx(ctx: Ctx): void {
  renameTo(ctx, true);
}

/** Onto itself a rename changes nothing, but the key must exist. */
function renameTo(ctx: Ctx, onlyIfAbsent: boolean): void {
  const ks = ctx.keyspace;
  let rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.error(ERR_NO_KEY);
  const hash = ctx.hash;
  if (sameArgs(ctx, 1, 2)) return ctx.out.raw(onlyIfAbsent ? ZERO : OK);
  const old = lookupWrite(ctx, 2);
  if (old !== 0) {
    if (onlyIfAbsent) return ctx.out.raw(ZERO);
    keyDelete(ks, ctx.db, ctx.hash, old);
  }
  rec = keyRename(ks, ctx.db, hash, rec, ctx.hash, ctx.argBuf, ctx.off[2], ctx.len[2]);
  keyChanged(ctx, 1);
  keyChanged(ctx, 2, 0);
  notify(ctx, NOTIFY_GENERIC, "rename_from", 1);
  notify(ctx, NOTIFY_GENERIC, "rename_to", 2);
  ctx.out.raw(onlyIfAbsent ? ONE : OK);
}

function sameArgs(ctx: Ctx, a: number, b: number): boolean {
  return ctx.len[a] === ctx.len[b] &&
    bytesEqual(ctx.argBuf, ctx.off[a], ctx.argBuf, ctx.off[b], ctx.len[a]);
}

/** The number of an existing database in argument `arg`; -1 after an error reply. */
function databaseArg(ctx: Ctx, arg: number): number {
  if (!argInt64(ctx, arg, pair)) {
    ctx.out.error(ERR_NOT_INTEGER);
    return -1;
  }
  const index = int64ToNumber(pair[0], pair[1]);
  if (index < -2147483648 || index > 2147483647) {
    ctx.out.error(ERR_NOT_INT32);
    return -1;
  }
  if (index >= 0 && index < ctx.keyspace.dbs.length) return index;
  ctx.out.error(ERR_DB_INDEX);
  return -1;
}

function move(ctx: Ctx): void {
  const index = databaseArg(ctx, 2);
  if (index < 0) return;
  const source = ctx.db;
  const target = ctx.keyspace.dbs[index];
  if (source === target) return ctx.out.error(ERR_SAME_OBJECT);
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.raw(ZERO);
  ctx.db = target;
  const isTaken = lookupWrite(ctx, 1) !== 0;
  if (!isTaken) {
    keyMove(ctx.keyspace, source, target, ctx.hash, rec);
    keyChanged(ctx, 1, 0);
  }
  ctx.db = source;
  if (isTaken) return ctx.out.raw(ZERO);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_GENERIC, "move_from", 1);
  ctx.db = target;
  notify(ctx, NOTIFY_GENERIC, "move_to", 1);
  ctx.db = source;
  ctx.out.raw(ONE);
}

function copy(ctx: Ctx): void {
  let target = ctx.db;
  let replace = false;
  for (let i = 3; i < ctx.argc; i++) {
    if (argIs(ctx, i, REPLACE)) {
      replace = true;
    } else if (i + 1 < ctx.argc && argIs(ctx, i, DB)) {
      const index = databaseArg(ctx, ++i);
      if (index < 0) return;
      target = ctx.keyspace.dbs[index];
    } else {
      return ctx.out.error(ERR_SYNTAX);
    }
  }
  if (target === ctx.db && sameArgs(ctx, 1, 2)) return ctx.out.error(ERR_SAME_OBJECT);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.raw(ZERO);
  const source = ctx.db;
  ctx.db = target;
  const done = copyTo(ctx, rec, replace);
  ctx.db = source;
  ctx.out.raw(done ? ONE : ZERO);
}

/** Copies `rec` to key argument 2 of ctx.db; false when that key exists and is not to be replaced. */
function copyTo(ctx: Ctx, rec: number, replace: boolean): boolean {
  const ks = ctx.keyspace;
  const old = lookupWrite(ctx, 2);
  if (old !== 0) {
    if (!replace) return false;
    keyDelete(ks, ctx.db, ctx.hash, old);
  }
  keyCopy(ks, rec, ctx.db, ctx.hash, ctx.argBuf, ctx.off[2], ctx.len[2]);
  keyChanged(ctx, 2);
  notify(ctx, NOTIFY_GENERIC, "copy_to", 2);
  return true;
}

export const RENAME_COMMANDS: readonly CommandSpec[] = [
  {
    name: "RENAME",
    group: "generic",
    since: "1.0.0",
    arity: 3,
    flags: WRITE,
    acl: ["@keyspace"],
    keys: [oneKey(1, "RW access delete"), oneKey(2, "OW update")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "newkey", type: "key", keySpec: 1 },
    ],
    summary: "Gives a key another name; what was stored under that name is lost.",
    complexity: "O(1), and what deleting the overwritten key takes",
    reply: ["simple"],
    examples: [["SET a 1", "+OK"], ["RENAME a b", "+OK"], ["RENAME a b", "-ERR no such key"]],
    run: rename,
  },
  {
    name: "RENAMENX",
    group: "generic",
    since: "1.0.0",
    arity: 3,
    flags: WRITE | FAST,
    acl: ["@keyspace"],
    keys: [oneKey(1, "RW access delete"), oneKey(2, "OW insert")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "newkey", type: "key", keySpec: 1 },
    ],
    summary: "Gives a key another name, unless that name is taken.",
    complexity: "O(1)",
    history: [["3.2.0", "Answers 0 instead of an error when both names are the same."]],
    reply: ["integer"],
    examples: [["MSET a 1 b 2", "+OK"], ["RENAMENX a b", ":0"], ["RENAMENX a c", ":1"]],
    run: renamenx,
  },
  {
    name: "COPY",
    group: "generic",
    since: "6.2.0",
    arity: -3,
    flags: WRITE | DENYOOM,
    acl: ["@keyspace"],
    keys: [oneKey(1, "RO access"), oneKey(2, "OW update")],
    args: [
      { name: "source", type: "key", keySpec: 0 },
      { name: "destination", type: "key", keySpec: 1 },
      { name: "destination-db", type: "integer", token: "DB", optional: true },
      { name: "replace", type: "pure-token", token: "REPLACE", optional: true },
    ],
    summary:
      "Stores a copy of a key's value and expiry under another key, in this database or another.",
    complexity: "O(N) for N elements in a collection, O(1) for a string",
    reply: ["integer"],
    examples: [["SET a 1", "+OK"], ["COPY a b", ":1"], ["COPY a b", ":0"], [
      "COPY a b REPLACE",
      ":1",
    ]],
    run: copy,
  },
  {
    name: "MOVE",
    group: "generic",
    since: "1.0.0",
    arity: 3,
    flags: WRITE | FAST,
    acl: ["@keyspace"],
    keys: [oneKey(1, "RW access update")],
    args: [{ name: "key", type: "key", keySpec: 0 }, { name: "db", type: "integer" }],
    summary: "Takes a key out of this database and puts it in another, if it is free there.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SET a 1", "+OK"], ["MOVE a 1", ":1"], ["MOVE a 1", ":0"], ["EXISTS a", ":0"]],
    run: move,
  },
];
