// tracking.ts: client-side caching: which clients keep which keys, and telling them what is out of date.
//
//   DEFAULT MODE   keys: key -> ids of the clients that read it. A change sends one message to each and forgets the key.
//   BCAST          prefixes: prefix -> sessions, and the keys that changed since the last round; one message for each
//                  session and prefix at the end of the batch or timer tick.
//
// Keys are known by name alone, whatever their database. What a client reads is found through the key specifications of
// the read-only commands it runs. A client that goes leaves its ids behind; they are dropped with their keys.
//
// A message is a push in RESP3. A RESP2 client gets one only by redirection, as a message of the channel
// __redis__:invalidate, which it must have subscribed to. What concerns the running client itself is said after its
// command or transaction (Session.push), behind messages of its subscriptions.
//
// The table is kept below tracking-table-max-keys: before a client that tracks runs its next command, and at each timer
// tick, the oldest keys go as if they had changed.
//
// COSTS: reading O(keys of the command), a change O(clients of the key + prefixes).
// Source followed: valkey-doc, "Client-side caching".

import { fromLatin1, latin1 } from "../bytes/ascii.ts";
import { line, ReplyWriter } from "../codec/reply_writer.ts";
import type { ClientView } from "../commands/client_view.ts";
import { extractKeys, KeyList } from "../commands/keys.ts";
import { PUBSUB } from "../commands/spec.ts";
import type { ClientTracking, TrackingOptions, TrackingView } from "../commands/tracking_view.ts";
import type { Database } from "../engine/keyspace.ts";
import type { Engine } from "./engine.ts";
import { GATE_PUBSUB, GATE_PUSH, GATE_TRACKING } from "./gates.ts";
import type { KeyspaceListener } from "./keyspace_events.ts";
import type { Session } from "./session.ts";

/** What a session that tracks asked for, and what waits for the end of its command. */
export class SessionTracking implements ClientTracking {
  redirect = 0;
  bcast = false;
  optin = false;
  optout = false;
  noloop = false;
  caching = false;
  isBroken = false;
  prefixes: readonly string[] = [];
  /** Messages about its own changes: ready RESP of the keys. */
  own: Uint8Array[] = [];
}

/** A prefix that somebody tracks. */
interface Prefix {
  readonly sessions: Set<Session>;
  /** Keys that changed, with the session that changed it last. */
  changed: Map<string, Session | null>;
}

const INVALIDATE = fromLatin1("invalidate");
const BROKEN = fromLatin1("tracking-redir-broken");
const MESSAGE = fromLatin1("message");
const CHANNEL = fromLatin1("__redis__:invalidate");
const NULL_2 = line("$-1");
const NULL_3 = line("_");

/** Tracking of all sessions of an engine. */
export class Tracking implements TrackingView, KeyspaceListener {
  private engine: Engine;
  private keys = new Map<string, Set<number>>();
  private items = 0;
  private prefixes = new Map<string, Prefix>();
  private tracking = new Set<Session>();
  private found = new KeyList();
  private writer = new ReplyWriter();
  /** tracking-table-max-keys, 0 for no limit. */
  keysMax = 0;
  /** Whether keys changed that a broadcast is due for. */
  isDue = false;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get clientCount(): number {
    return this.tracking.size;
  }

  get keyCount(): number {
    return this.keys.size;
  }

  get itemCount(): number {
    return this.items;
  }

  get prefixCount(): number {
    return this.prefixes.size;
  }

  // ---- who tracks

  of(client: ClientView): ClientTracking | null {
    return (client as Session).tracking;
  }

  enable(client: ClientView, options: TrackingOptions, prefixes: readonly string[]): void {
    const session = client as Session;
    const state = session.tracking ?? new SessionTracking();
    const { redirect, bcast, optin, optout, noloop } = options;
    Object.assign(state, { redirect, bcast, optin, optout, noloop, isBroken: false });
    session.tracking = state;
    session.gates |= GATE_TRACKING;
    this.tracking.add(session);
    this.engine.events.add(this);
    // The target's replies and these messages must not mix.
    const target = this.engine.clients.sessions.get(redirect);
    if (target !== undefined) target.gates |= GATE_PUSH;
    if (!bcast) return;
    for (const prefix of prefixes.length === 0 ? [""] : prefixes) {
      const entry = this.prefixes.get(prefix);
      if (entry !== undefined) entry.sessions.add(session);
      else this.prefixes.set(prefix, { sessions: new Set([session]), changed: new Map() });
      if (!state.prefixes.includes(prefix)) state.prefixes = [...state.prefixes, prefix].sort();
    }
  }

  disable(client: ClientView): void {
    const session = client as Session;
    const { tracking } = session;
    if (tracking === null) return;
    for (const name of tracking.prefixes) {
      const prefix = this.prefixes.get(name);
      prefix?.sessions.delete(session);
      if (prefix?.sessions.size === 0) this.prefixes.delete(name);
    }
    session.tracking = null;
    session.gates &= ~GATE_TRACKING;
    this.tracking.delete(session);
    this.rest();
  }

  /** Listens no longer than there is something to say. */
  private rest(): void {
    if (this.tracking.size === 0 && this.keys.size === 0) this.engine.events.remove(this);
  }

  // ---- what is read

  /** Remembers the keys of the read-only command in the context for the session that runs it. */
  remember(session: Session, id: number): void {
    const { table, ctx } = this.engine;
    const { tracking } = session;
    if (tracking === null || tracking.bcast || (table.flags[id] & PUBSUB) !== 0) return;
    if (tracking.optin ? !tracking.caching : tracking.optout && tracking.caching) return;
    const { found } = this;
    const count = extractKeys(table, id, ctx, found);
    for (let i = 0; i < count; i++) {
      const arg = found.args[i];
      const key = latin1(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
      let ids = this.keys.get(key);
      if (ids === undefined) this.keys.set(key, ids = new Set());
      if (ids.has(session.id)) continue;
      ids.add(session.id);
      this.items++;
    }
  }

  /** Whether there are more keys than the limit allows. */
  get isOver(): boolean {
    return this.keysMax > 0 && this.keys.size > this.keysMax;
  }

  /** Forgets the oldest keys above the limit, and says so to those who keep them. */
  shrink(): void {
    if (this.keysMax === 0) return;
    while (this.keys.size > this.keysMax) {
      const [oldest] = this.keys.keys();
      this.invalidate(oldest);
    }
  }

  // ---- what changes

  touched(_db: Database, buf: Uint8Array, off: number, len: number): void {
    this.changed(latin1(buf, off, len), this.engine.active);
  }

  expired(_db: Database, buf: Uint8Array, off: number, len: number): void {
    this.changed(latin1(buf, off, len), null);
  }

  fieldsExpired(_db: Database, buf: Uint8Array, off: number, len: number): void {
    this.changed(latin1(buf, off, len), null);
  }

  private changed(key: string, by: Session | null): void {
    for (const [name, prefix] of this.prefixes) {
      if (!key.startsWith(name)) continue;
      prefix.changed.set(key, by);
      this.isDue = true;
      this.engine.turn.hasMessages = true;
    }
    this.invalidate(key);
  }

  private invalidate(key: string): void {
    const ids = this.keys.get(key);
    if (ids === undefined) return;
    this.keys.delete(key);
    this.items -= ids.size;
    const { active, clients } = this.engine;
    let payload: Uint8Array | null = null;
    for (const id of ids) {
      const session = clients.sessions.get(id);
      const tracking = session?.tracking;
      if (session === undefined || tracking === null || tracking === undefined) continue;
      if (tracking.bcast || (tracking.noloop && session === active)) continue;
      payload ??= this.encodeKeys([key]);
      if (session === active) tracking.own.push(payload);
      else this.send(session, tracking, payload);
    }
    this.rest();
  }

  invalidateAll(): void {
    for (const session of this.tracking) {
      const tracking = session.tracking as SessionTracking;
      const payload = session.proto === 3 ? NULL_3 : NULL_2;
      if (session === this.engine.active) tracking.own.push(payload);
      else this.send(session, tracking, payload);
    }
    this.keys.clear();
    this.items = 0;
  }

  /** Tells the running session what its command or transaction made out of date. */
  sendOwn(session: Session): void {
    const { tracking } = session;
    if (tracking === null || tracking.own.length === 0) return;
    const { own } = tracking;
    tracking.own = [];
    for (const payload of own) this.send(session, tracking, payload);
  }

  /** The messages of BCAST mode: at the end of a batch. */
  broadcast(): void {
    this.isDue = false;
    const names = [...this.prefixes.keys()].sort();
    for (const name of names) {
      const prefix = this.prefixes.get(name) as Prefix;
      const { changed } = prefix;
      if (changed.size === 0) continue;
      prefix.changed = new Map();
      const all = [...changed.keys()].sort();
      let payload: Uint8Array | null = null;
      for (const session of prefix.sessions) {
        const tracking = session.tracking as SessionTracking;
        if (tracking.noloop) {
          const keys = all.filter((key) => changed.get(key) !== session);
          if (keys.length > 0) this.send(session, tracking, this.encodeKeys(keys));
        } else {
          payload ??= this.encodeKeys(all);
          this.send(session, tracking, payload);
        }
      }
    }
  }

  // ---- messages

  /** Sends a message about the keys in `payload` to the session or whom it redirects to. */
  private send(session: Session, tracking: SessionTracking, payload: Uint8Array): void {
    const { writer } = this;
    let target = session;
    if (tracking.redirect !== 0) {
      const redirected = this.engine.clients.sessions.get(tracking.redirect);
      if (redirected === undefined || redirected.closing) {
        tracking.isBroken = true;
        if (session.proto === 3) session.push(this.encodeBroken(tracking.redirect));
        return;
      }
      target = redirected;
    }
    writer.proto = target.proto;
    if (target.proto === 3) {
      writer.push(2);
      writer.bulk(INVALIDATE, 0, INVALIDATE.length);
    } else if (tracking.redirect !== 0 && (target.gates & GATE_PUBSUB) !== 0) {
      writer.push(3);
      writer.bulk(MESSAGE, 0, MESSAGE.length);
      writer.bulk(CHANNEL, 0, CHANNEL.length);
    } else {
      return;
    }
    writer.raw(payload);
    target.push(this.taken());
  }

  private encodeBroken(id: number): Uint8Array {
    const { writer } = this;
    writer.proto = 3;
    writer.push(2);
    writer.bulk(BROKEN, 0, BROKEN.length);
    writer.integer(id);
    return this.taken();
  }

  private encodeKeys(keys: readonly string[]): Uint8Array {
    const { writer } = this;
    writer.array(keys.length);
    for (const key of keys) writer.bulkText(key);
    return this.taken();
  }

  private taken(): Uint8Array {
    const bytes = this.writer.buf.slice(0, this.writer.pos);
    this.writer.clear();
    return bytes;
  }
}
