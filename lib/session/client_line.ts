// client_line.ts: the line of CLIENT LIST about one connection, and the filters over what it shows.
//
// Fields are those of Valkey 9.1 in its order. Sizes say what this server really holds:
//
//   qbuf, qbuf-free   input that waits for the rest of its request, and the free room behind it
//   argv-mem          arguments of the running or half-read request
//   multi-mem         requests queued by MULTI
//   rbs, rbp          the reply buffer as client_reply_buffer.ts keeps the books of it
//   obl, oll, omem    nothing, pieces and bytes of replies that the transport has not taken
//   tot-mem           all of these but rbs, the session itself, what it watches, subscribed to and tracks
//
// Texts end at a zero byte, so that a name cannot hide what follows it.

import type { ClientCriteria, ClientFilter, ClientType } from "../commands/client_view.ts";
import type { Engine } from "./engine.ts";
import { HOLD_BLOCKED, HOLD_PAUSE } from "./gates.ts";
import { subscriptionCount } from "./pubsub.ts";
import type { Session } from "./session.ts";

/** Bytes of a session without buffers, measured roughly. */
const SESSION_BYTES = 1024;
/** Bytes of one watched key or subscription, and of one tracked prefix, whose text is in a table of all; roughly. */
const ENTRY_BYTES = 128;
const PREFIX_BYTES = 16;

/** The line without the line feed. */
export function describeClient(engine: Engine, session: Session): string {
  const { transaction, socket } = session;
  const last = session.lastCommand;
  const argBytes = argumentBytes(engine, session);
  return [
    `id=${session.id}`,
    `addr=${session.remote}`,
    `laddr=${session.local}`,
    `fd=${socket.fd}`,
    `name=${shown(session.name)}`,
    `age=${secondsSince(engine, session.createdMs)}`,
    `idle=${secondsSince(engine, session.lastActiveMs)}`,
    `flags=${clientFlags(session) || "N"}`,
    `capa=${clientCapabilities(session)}`,
    `db=${session.dbIndex}`,
    `sub=${subscriptionCount(session, "channel")}`,
    `psub=${subscriptionCount(session, "pattern")}`,
    `ssub=${subscriptionCount(session, "shard")}`,
    `multi=${transaction === null ? -1 : transaction.queue.length}`,
    `watch=${transaction === null ? 0 : transaction.watched.size}`,
    `qbuf=${session.inputBytes}`,
    `qbuf-free=${session.input === null ? 0 : session.input.length - session.inputEnd}`,
    `argv-mem=${argBytes}`,
    `multi-mem=${transaction === null ? 0 : transaction.queueBytes}`,
    `rbs=${session.replyBuffer.bytes}`,
    `rbp=${session.replyBuffer.peakBytes}`,
    `obl=0`,
    `oll=${session.pending.length}`,
    `omem=${session.pendingBytes}`,
    `tot-mem=${sessionBytes(session) + argBytes}`,
    `events=${session.pendingBytes > 0 ? "rw" : "r"}`,
    `cmd=${last < 0 ? "NULL" : engine.table.specs[last].name.toLowerCase()}`,
    `user=${shown(session.user)}`,
    `redir=${session.tracking === null ? -1 : session.tracking.redirect}`,
    `resp=${session.proto}`,
    `lib-name=${shown(session.libName)}`,
    `lib-ver=${shown(session.libVer)}`,
    `tot-net-in=${session.netIn}`,
    `tot-net-out=${session.netOut}`,
    `tot-cmds=${session.commands}`,
  ].join(" ");
}

/** Bytes a session holds, roughly. */
export function sessionBytes(session: Session): number {
  return SESSION_BYTES + (session.input === null ? 0 : session.input.length) +
    session.pendingBytes + session.pushBytes + entryBytes(session) +
    (session.transaction === null ? 0 : session.transaction.queueBytes);
}

function entryBytes(session: Session): number {
  const { transaction, subscriptions, tracking } = session;
  let bytes = 0;
  if (transaction !== null) bytes += transaction.watched.size * ENTRY_BYTES;
  if (tracking !== null) bytes += tracking.prefixes.length * PREFIX_BYTES;
  if (subscriptions !== null) {
    const { channel, pattern, shard } = subscriptions;
    bytes += (channel.size + pattern.size + shard.size) * ENTRY_BYTES;
  }
  return bytes;
}

/** Whether a connection passes all filters but SKIPME. */
export function clientMatches(engine: Engine, session: Session, filter: ClientFilter): boolean {
  const { maxAge, idle } = filter;
  if (maxAge !== undefined && secondsSince(engine, session.createdMs) < maxAge) return false;
  if (idle !== undefined && secondsSince(engine, session.lastActiveMs) < idle) return false;
  return holds(session, filter.has, true) && !holds(session, filter.not, false);
}

/** What each criterion asks. */
const CHECKS: readonly ((session: Session, criteria: ClientCriteria) => boolean | undefined)[] = [
  (session, { ids }) => ids?.has(session.id),
  (session, { type }) => same(type, clientType(session)),
  (session, { user }) => same(user, session.user),
  (session, { addr }) => same(addr, session.remote),
  (session, { laddr }) => same(laddr, session.local),
  (session, { name }) => sameGiven(name, session.name),
  (session, { libName }) => sameGiven(libName, session.libName),
  (session, { libVer }) => sameGiven(libVer, session.libVer),
  (session, { db }) => same(db, session.dbIndex),
  (session, { ip }) => ip === undefined ? undefined : hasAddress(session.remote, ip),
  (session, { flags }) => hasLetters(clientFlags(session) || "N", flags),
  (session, { capa }) => hasLetters(clientCapabilities(session), capa),
];

/** Whether all given criteria hold, or any of them. */
function holds(session: Session, criteria: ClientCriteria, all: boolean): boolean {
  for (const check of CHECKS) {
    const answer = check(session, criteria);
    if (answer !== undefined && answer !== all) return !all;
  }
  return all;
}

function same<T>(wanted: T | undefined, actual: T): boolean | undefined {
  return wanted === undefined ? undefined : wanted === actual;
}

/** Like `same`, but a text that was never set equals nothing. */
function sameGiven(wanted: string | undefined, actual: string): boolean | undefined {
  return wanted === undefined ? undefined : actual !== "" && shown(actual) === wanted;
}

function hasLetters(actual: string, wanted: string | undefined): boolean | undefined {
  return wanted === undefined
    ? undefined
    : Array.from(wanted).every((flag) => actual.includes(flag));
}

/** Whether `remote` is this address with a port; a Unix socket's path has port 0 and never counts. */
function hasAddress(remote: string, ip: string): boolean {
  const colon = remote.lastIndexOf(":");
  const host = remote.slice(0, colon).replace(/^\[|\]$/g, "");
  return host === ip && remote[colon + 1] !== "0";
}

/** What a connection is used for. */
export function clientType(session: Session): ClientType {
  if (session.isReplica) return "replica";
  if (session.isPrimary) return "primary";
  return session.isSubscribed ? "pubsub" : "normal";
}

/** Letters of the flags field; "" when there are none. */
export function clientFlags(session: Session): string {
  const { tracking } = session;
  let flags = "";
  if (session.isMonitor) flags += "O";
  if (session.isReplica) flags += "S";
  if (session.isPrimary) flags += "M";
  if (session.isSubscribed) flags += "P";
  if (session.inMulti) flags += "x";
  if ((session.hold & (HOLD_BLOCKED | HOLD_PAUSE)) !== 0) flags += "b";
  if (tracking !== null) flags += "t";
  if (tracking?.isBroken) flags += "R";
  if (tracking?.bcast) flags += "B";
  if (session.transaction?.changed) flags += "d";
  if (session.closing) flags += "c";
  if (session.socket.isUnix) flags += "U";
  if (session.readsReplicas) flags += "r";
  if (session.noEvict) flags += "e";
  if (session.noTouch) flags += "T";
  if (session.importSource) flags += "I";
  return flags;
}

function clientCapabilities(session: Session): string {
  return session.capaRedirect ? "r" : "";
}

function argumentBytes(engine: Engine, session: Session): number {
  const { ctx } = engine;
  if (ctx.client !== session) return session.parser?.partialBytes ?? 0;
  let bytes = 0;
  for (let i = 0; i < ctx.argc; i++) bytes += ctx.len[i];
  return bytes;
}

function secondsSince(engine: Engine, ms: number): number {
  return Math.max(0, Math.floor((engine.ctx.nowMs - ms) / 1000));
}

function shown(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}
