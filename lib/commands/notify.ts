// notify.ts: keyspace notifications: what happened to which key, for those who subscribed to it.
//
// A handler calls notify right after keyChanged, once for each event, with the name of the event as Valkey publishes it.
// While notify-keyspace-events is empty the mask is 0 and nothing else happens.

import type { Ctx } from "./context.ts";

/** Classes of events, each with its letter of notify-keyspace-events. */
export const NOTIFY_GENERIC = 1 << 2; // g
export const NOTIFY_STRING = 1 << 3; // $
export const NOTIFY_LIST = 1 << 4; // l
export const NOTIFY_SET = 1 << 5; // s
export const NOTIFY_HASH = 1 << 6; // h
export const NOTIFY_ZSET = 1 << 7; // z
export const NOTIFY_EXPIRED = 1 << 8; // x
export const NOTIFY_EVICTED = 1 << 9; // e
export const NOTIFY_STREAM = 1 << 10; // t
export const NOTIFY_KEY_MISS = 1 << 11; // m
export const NOTIFY_NEW = 1 << 14; // n

/** Publishes events. Implemented by lib/session. */
export interface Notifier {
  /** Classes somebody may want; 0 for none. */
  mask: number;
  /** Publishes `event` for the key buf[off, off+len) of database `dbIndex`. */
  publish(
    kind: number,
    event: string,
    dbIndex: number,
    buf: Uint8Array,
    off: number,
    len: number,
  ): void;
}

/** Publishes `event` of a class for the key of argument `arg`. */
export function notify(ctx: Ctx, kind: number, event: string, arg: number): void {
  const { notifier } = ctx;
  if ((notifier.mask & kind) === 0) return;
  notifier.publish(kind, event, ctx.db.index, ctx.argBuf, ctx.off[arg], ctx.len[arg]);
}
