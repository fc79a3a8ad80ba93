// lookup.ts: key arguments to records, with expiry, statistics, access clocks and WATCH.
//
// Every handler finds its keys here and nowhere else. A record found stays valid until the next call that may move or
// delete it (see engine/keyspace.ts). `ctx.hash` holds the hash of the key of the last call.

import {
  keyAdd,
  keyCreate,
  keyDelete,
  keyExpire,
  keyFind,
  keyHash,
  keyIsExpired,
  keyReplace,
  keyTouch,
} from "../engine/keyspace.ts";
import { recordKeyEquals, recordType } from "../engine/record.ts";
import { ERR_WRONG_TYPE } from "./args.ts";
import type { Ctx } from "./context.ts";
import { notify, NOTIFY_GENERIC, NOTIFY_KEY_MISS } from "./notify.ts";

/** The record of key argument `arg` for reading, or 0. Counts a hit or a miss and touches the record. */
export function lookupRead(ctx: Ctx, arg: number): number {
  const rec = find(ctx, arg, false, !ctx.noTouch);
  if (rec === 0) {
    missed(ctx, arg);
    return 0;
  }
  ctx.server.stats.keyspaceHits++;
  return rec;
}

/** The record of key argument `arg` for questions about the key itself, or 0. Counts, but is no access. */
export function lookupPeek(ctx: Ctx, arg: number): number {
  const rec = find(ctx, arg, false, false);
  if (rec === 0) missed(ctx, arg);
  else ctx.server.stats.keyspaceHits++;
  return rec;
}

/** As lookupPeek, for OBJECT: a miss is no event. */
export function lookupInspect(ctx: Ctx, arg: number): number {
  const rec = find(ctx, arg, false, false);
  if (rec === 0) ctx.server.stats.keyspaceMisses++;
  else ctx.server.stats.keyspaceHits++;
  return rec;
}

function missed(ctx: Ctx, arg: number): void {
  ctx.server.stats.keyspaceMisses++;
  notify(ctx, NOTIFY_KEY_MISS, "keymiss", arg);
}

/** As lookupRead, for a key that is no argument: its name buf[off, off+len) was made by the command. */
export function lookupReadName(ctx: Ctx, buf: Uint8Array, off: number, len: number): number {
  const ks = ctx.keyspace;
  const hash = keyHash(ks, buf, off, len);
  let rec = keyFind(ks, ctx.db, hash, buf, off, len);
  if (rec !== 0 && keyIsExpired(ks, rec, ctx.nowMs)) rec = expired(ctx, hash, rec, false);
  if (rec === 0) {
    ctx.server.stats.keyspaceMisses++;
    const { notifier } = ctx;
    if ((notifier.mask & NOTIFY_KEY_MISS) !== 0) {
      notifier.publish(NOTIFY_KEY_MISS, "keymiss", ctx.db.index, buf, off, len);
    }
    return 0;
  }
  ctx.server.stats.keyspaceHits++;
  if (!ctx.noTouch) keyTouch(ks, rec);
  return rec;
}

/** The record of key argument `arg` for writing, or 0. Touches the record; counts neither hit nor miss. */
export function lookupWrite(ctx: Ctx, arg: number): number {
  return find(ctx, arg, true, !ctx.noTouch);
}

/** The record of key argument `arg`, or 0, without touching or counting; an expired key is removed. */
export function lookupQuiet(ctx: Ctx, arg: number): number {
  return find(ctx, arg, true, false);
}

function find(ctx: Ctx, arg: number, isWrite: boolean, isAccess: boolean): number {
  const ks = ctx.keyspace;
  const { arena } = ks;
  const { argBuf } = ctx;
  const off = ctx.off[arg];
  const len = ctx.len[arg];
  const n = arg - ctx.aheadFirst;
  let rec = 0;
  if (n >= 0 && n < ctx.aheadSpan) {
    // Looked up ahead: what was found then is the right one nearly always.
    const { ahead } = ctx;
    const place = ctx.aheadPlace + (n >> ctx.aheadShift);
    ctx.hash = ahead.hashes[place];
    if (ahead.moves === ks.moves && ahead.main === ctx.db.main) rec = ahead.entries[place];
    if (rec !== 0 && !recordKeyEquals(arena, rec, argBuf, off, len)) rec = 0;
  } else if (n > 0 && n === ctx.aheadSpan && ctx.ahead.further(ctx, arg)) {
    return find(ctx, arg, isWrite, isAccess);
  } else {
    ctx.hash = keyHash(ks, argBuf, off, len);
  }
  if (rec === 0) rec = keyFind(ks, ctx.db, ctx.hash, argBuf, off, len);
  if (rec === 0) return 0;
  if (keyIsExpired(ks, rec, ctx.nowMs)) {
    rec = expired(ctx, ctx.hash, rec, isWrite);
    if (rec === 0) return 0;
  }
  if (isAccess) keyTouch(ks, rec);
  return rec;
}

/**
 * What an expired key looks like: it is removed and gone. On a replica the primary alone decides, under import-mode the
 * importing client: they see the key as if it lived; for others it is gone, but only a write removes it.
 */
function expired(ctx: Ctx, hash: number, rec: number, isWrite: boolean): number {
  if (ctx.server.isReplica) {
    if (ctx.client.isPrimary) return rec;
    if (!isWrite || ctx.config.flag("replica-read-only")) return 0;
  } else if (ctx.config.flag("import-mode")) {
    if (ctx.client.importSource) return rec;
    if (!isWrite) return 0;
  }
  // While clients are paused nothing changes by itself.
  if (!isWrite && ctx.clients.isPaused()) return 0;
  keyExpire(ctx.keyspace, ctx.db, hash, rec);
  return 0;
}

/** Whether the client sees what has expired as if it lived. */
export function seesExpired(ctx: Ctx): boolean {
  if (ctx.server.isReplica) return ctx.client.isPrimary;
  return ctx.client.importSource && ctx.config.flag("import-mode");
}

/** For walks over keys: whether the record counts as there; an expired one is removed where it may be. */
export function isThere(ctx: Ctx, hash: number, rec: number): boolean {
  return !keyIsExpired(ctx.keyspace, rec, ctx.nowMs) || expired(ctx, hash, rec, false) !== 0;
}

/** Whether the record is of the type; replies WRONGTYPE and returns false otherwise. */
export function requireType(ctx: Ctx, rec: number, type: number): boolean {
  if (recordType(ctx.keyspace.arena, rec) === type) return true;
  ctx.out.error(ERR_WRONG_TYPE);
  return false;
}

/** To be called after a change to key argument `arg`: marks watchers and counts `changes`. */
export function keyChanged(ctx: Ctx, arg: number, changes = 1): void {
  ctx.dirty += changes;
  const observer = ctx.keyspace.observer;
  if (observer !== null) observer.touched(ctx.db, ctx.argBuf, ctx.off[arg], ctx.len[arg]);
}

/**
 * Deletes the key of argument `arg`, found as `rec` by the last lookup, and marks the change. With `later`, a large value
 * is freed in slices.
 */
export function deleteKey(ctx: Ctx, arg: number, rec: number, later = true): void {
  keyDelete(ctx.keyspace, ctx.db, ctx.hash, rec, later);
  keyChanged(ctx, arg);
}

/**
 * The last element of the value of argument `arg` is gone, and so is the key, found as `rec` by the last lookup:
 * publishes "del". The change itself is marked by the caller, as it was before this.
 */
export function deleteEmptied(ctx: Ctx, arg: number, rec: number): void {
  keyDelete(ctx.keyspace, ctx.db, ctx.hash, rec);
  notify(ctx, NOTIFY_GENERIC, "del", arg);
}

/**
 * Adds the key of argument `arg`, absent according to the last lookup, with a value that has a root. Returns its record.
 */
export function createKey(
  ctx: Ctx,
  arg: number,
  type: number,
  encoding: number,
  root: number,
): number {
  const { keyspace, db, hash, argBuf, off, len } = ctx;
  return keyCreate(keyspace, db, hash, argBuf, off[arg], len[arg], type, encoding, root);
}

/**
 * Stores a result: puts `rec`, a record of the key of argument `arg` that is in no table, in the place of whatever is
 * there, and marks the change.
 */
export function storeKey(ctx: Ctx, arg: number, rec: number): void {
  const { keyspace, db } = ctx;
  const old = lookupQuiet(ctx, arg);
  if (old === 0) keyAdd(keyspace, db, ctx.hash, rec);
  else keyReplace(keyspace, db, ctx.hash, old, rec, keyspace.lazyOverwrite);
  keyChanged(ctx, arg);
}

/** The existing key of `rec` has something new for clients that wait for it. */
export function keyReady(ctx: Ctx, rec: number): void {
  const observer = ctx.keyspace.observer;
  if (observer !== null) observer.ready(ctx.db, rec);
}

/** To be called before database `index` (-1: all) is emptied, so that watchers of its keys learn of it. */
export function databaseFlushing(ctx: Ctx, index: number): void {
  ctx.tracking.invalidateAll();
  const observer = ctx.keyspace.observer;
  if (observer === null) return;
  for (const db of ctx.keyspace.dbs) if (index < 0 || db.index === index) observer.flushing(db);
}

/** To be called before two databases change places. */
export function databaseSwapping(ctx: Ctx, first: number, second: number): void {
  const observer = ctx.keyspace.observer;
  if (observer !== null) observer.swapping(ctx.keyspace.dbs[first], ctx.keyspace.dbs[second]);
}
