// blocking.ts: clients that wait for a key: who waits for what, who is served when, timeouts, CLIENT UNBLOCK.
//
// A command that finds nothing asks to be blocked and returns without a reply. Its request is kept; when a key it waits
// for may have something, the command simply runs again: it then replies, or asks to be blocked once more.
//
//   BLPOP a 0 -> block(list, [a]) -> ... LPUSH a x -> ready "0:a" -> after LPUSH: BLPOP a 0 again -> reply, resume
//
// RULES, those of Valkey
//   1. Ready keys are served after the command, transaction or script that made them ready, never within it; keys that
//      become ready meanwhile (BLMOVE feeding BLPOP) right after.
//   2. Clients of a key are served in the order in which they were blocked on it. One that ran in vain goes to the end.
//   3. A client is woken by a key of the type it waits for; one that waits for a consumer group, also when the key goes.
//   4. The time a client may wait is that of its first try.
// The input of a woken client is read on when the running batch is through.
//
// COSTS: blocking and waking O(keys of the command); a change to a key nobody waits for O(1); timeouts O(waiting
// clients) at each look, which is taken when the nearest one is due.

import { latin1 } from "../bytes/ascii.ts";
import type { BlockKind } from "../commands/client_view.ts";
import { type Database, keyFind, keyHash, keyIsExpired } from "../engine/keyspace.ts";
import {
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordType,
  TYPE_LIST,
  TYPE_STREAM,
  TYPE_ZSET,
} from "../engine/record.ts";
import type { Engine } from "./engine.ts";
import { call } from "./execute.ts";
import { GATE_BLOCKED, HOLD_BLOCKED } from "./gates.ts";
import type { KeyspaceListener } from "./keyspace_events.ts";
import type { Session } from "./session.ts";
import { copyRequest, type Queued } from "./transaction.ts";

/** What a blocked session waits for. */
export interface Blocked {
  readonly kind: BlockKind;
  readonly request: Queued;
  /** Names of the keys, "db:key". */
  readonly names: readonly string[];
  /** Wall time in milliseconds, 0 for never. */
  readonly untilMs: number;
  /** Woken as well when the key is deleted or replaced. */
  readonly onNoKey: boolean;
}

interface Ready {
  db: Database;
  key: Uint8Array;
}

const TYPE_OF: Readonly<Record<BlockKind, number>> = {
  list: TYPE_LIST,
  zset: TYPE_ZSET,
  stream: TYPE_STREAM,
};
const ABSENT = -1;

/** All blocked sessions of an engine. */
export class Blocking implements KeyspaceListener {
  private engine: Engine;
  private waiters = new Map<string, Session[]>();
  private sessions = new Set<Session>();
  private readyKeys = new Map<string, Ready>();
  private resuming: Session[] = [];
  private isServing = false;
  /** The session whose command runs again, and until when it may go on waiting. */
  private again: Session | null = null;
  private againUntilMs = 0;
  /** The nearest timeout, or Infinity. */
  nextMs = Infinity;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Blocked clients; distinct keys they wait for; those of them whose deletion wakes somebody. */
  get count(): number {
    return this.sessions.size;
  }

  get keyCount(): number {
    return this.waiters.size;
  }

  get noKeyCount(): number {
    let count = 0;
    for (const waiters of this.waiters.values()) {
      if (waiters.some((session) => session.blocked?.onNoKey === true)) count++;
    }
    return count;
  }

  /** Whether the running command runs again for a blocked client. */
  get isAgain(): boolean {
    return this.again !== null;
  }

  /** Blocks the session on arguments `first` to `first + count - 1` of the running command; see ClientView.block. */
  block(
    session: Session,
    kind: BlockKind,
    first: number,
    count: number,
    untilMs: number,
    onNoKey: boolean,
  ): void {
    const { ctx } = this.engine;
    const names = new Set<string>();
    for (let i = first; i < first + count; i++) {
      names.add(`${ctx.db.index}:${latin1(ctx.argBuf, ctx.off[i], ctx.len[i])}`);
    }
    const deadline = this.again === session ? this.againUntilMs : untilMs;
    session.blocked = {
      kind,
      request: copyRequest(ctx, session.lastCommand),
      names: [...names],
      untilMs: deadline,
      onNoKey,
    };
    session.holdInput(HOLD_BLOCKED);
    for (const name of names) {
      const waiters = this.waiters.get(name);
      if (waiters === undefined) this.waiters.set(name, [session]);
      else waiters.push(session);
    }
    this.sessions.add(session);
    this.engine.gates |= GATE_BLOCKED;
    this.engine.events.add(this);
    if (deadline > 0 && deadline < this.nextMs) {
      this.nextMs = deadline;
      this.engine.wakeAt(deadline);
    }
  }

  /** Takes the session out of all queues. Its input stays held. */
  release(session: Session): void {
    const { blocked } = session;
    if (blocked === null) return;
    session.blocked = null;
    this.sessions.delete(session);
    for (const name of blocked.names) {
      const waiters = this.waiters.get(name);
      if (waiters === undefined) continue;
      waiters.splice(waiters.indexOf(session), 1);
      if (waiters.length === 0) this.waiters.delete(name);
    }
    if (this.sessions.size > 0) return;
    this.engine.gates &= ~GATE_BLOCKED;
    this.engine.events.remove(this);
    this.readyKeys.clear();
    this.nextMs = Infinity;
  }

  // ---- keys

  added(db: Database, rec: number): void {
    this.ready(db, rec);
  }

  /** A key may have something for those who wait for it. */
  ready(db: Database, rec: number): void {
    const { arena } = this.engine.keyspace;
    const waiters = this.waitersOf(db, rec);
    const type = recordType(arena, rec);
    if (waiters?.some((session) => TYPE_OF[(session.blocked as Blocked).kind] === type)) {
      this.markReady(db, rec);
    }
  }

  leaving(db: Database, rec: number): void {
    if (recordType(this.engine.keyspace.arena, rec) !== TYPE_STREAM) return;
    const waiters = this.waitersOf(db, rec);
    if (waiters?.some((session) => session.blocked?.onNoKey)) this.markReady(db, rec);
  }

  flushing(db: Database): void {
    this.forDatabase(db, (key, waiters) => {
      const wakes = waiters.some((session) => session.blocked?.onNoKey);
      if (wakes && this.typeOf(db, key) !== ABSENT) this.mark(db, key);
    });
  }

  swapping(first: Database, second: Database): void {
    this.replacing(first, second);
    this.replacing(second, first);
  }

  /** The keys of `db` are about to be those of `source`. */
  private replacing(db: Database, source: Database): void {
    this.forDatabase(db, (key, waiters) => {
      const type = this.typeOf(source, key);
      const goes = this.typeOf(db, key) !== type;
      const wakes = waiters.some((session) => {
        const blocked = session.blocked as Blocked;
        return TYPE_OF[blocked.kind] === type || (goes && blocked.onNoKey);
      });
      if (wakes) this.mark(db, key);
    });
  }

  private forDatabase(db: Database, visit: (key: Uint8Array, waiters: Session[]) => void): void {
    const prefix = `${db.index}:`;
    for (const [name, waiters] of this.waiters) {
      if (!name.startsWith(prefix)) continue;
      const text = name.slice(prefix.length);
      visit(Uint8Array.from(text, (c) => c.charCodeAt(0)), waiters);
    }
  }

  private waitersOf(db: Database, rec: number): Session[] | undefined {
    const { arena } = this.engine.keyspace;
    const off = recordKeyOff(arena, rec);
    const name = latin1(recordKeyBuf(arena, rec), off, recordKeyLen(arena, rec));
    return this.waiters.get(`${db.index}:${name}`);
  }

  private markReady(db: Database, rec: number): void {
    const { arena } = this.engine.keyspace;
    const off = recordKeyOff(arena, rec);
    this.mark(db, recordKeyBuf(arena, rec).slice(off, off + recordKeyLen(arena, rec)));
  }

  private mark(db: Database, key: Uint8Array): void {
    const name = `${db.index}:${latin1(key, 0, key.length)}`;
    if (!this.readyKeys.has(name)) this.readyKeys.set(name, { db, key });
  }

  /** The type of a key that is there and not expired, or ABSENT. */
  private typeOf(db: Database, key: Uint8Array): number {
    const ks = this.engine.keyspace;
    const rec = keyFind(ks, db, keyHash(ks, key, 0, key.length), key, 0, key.length);
    if (rec === 0 || keyIsExpired(ks, rec, this.engine.ctx.nowMs)) return ABSENT;
    return recordType(ks.arena, rec);
  }

  // ---- waking

  /** Serves the clients of all ready keys. Does nothing while it is at it already. */
  serve(): void {
    if (this.readyKeys.size === 0 || this.isServing) return;
    this.isServing = true;
    const restore = this.engine.borrowContext();
    try {
      while (this.readyKeys.size > 0) {
        const batch = this.readyKeys;
        this.readyKeys = new Map();
        for (const [name, ready] of batch) this.serveKey(name, ready);
      }
    } finally {
      restore();
      this.isServing = false;
    }
  }

  private serveKey(name: string, { db, key }: Ready): void {
    for (const session of [...this.waiters.get(name) ?? []]) {
      const { blocked } = session;
      if (blocked === null || !blocked.names.includes(name)) continue;
      if (blocked.onNoKey || this.typeOf(db, key) === TYPE_OF[blocked.kind]) {
        this.runAgain(session, blocked);
      }
    }
  }

  private runAgain(session: Session, blocked: Blocked): void {
    const { engine } = this;
    this.release(session);
    session.hold &= ~HOLD_BLOCKED;
    this.again = session;
    this.againUntilMs = blocked.untilMs;
    session.reply(() => {
      engine.useRequest(session, blocked.request);
      call(engine, session, blocked.request.id);
    });
    this.again = null;
    if (session.blocked === null) this.resuming.push(session);
  }

  /** Lets woken clients go on with the input that waited. To be called outside of any batch. */
  resume(): void {
    while (this.resuming.length > 0) {
      const session = this.resuming.shift() as Session;
      if (!session.closed && session.blocked === null) session.resume(HOLD_BLOCKED);
    }
  }

  /** Ends the waiting of clients whose time is up, with a null reply. Looks at all when the nearest is due. */
  expireWaits(nowMs: number): void {
    if (nowMs < this.nextMs) {
      if (this.nextMs !== Infinity) this.engine.wakeAt(this.nextMs);
      return;
    }
    this.nextMs = Infinity;
    for (const session of [...this.sessions]) {
      const { untilMs } = session.blocked as Blocked;
      if (untilMs === 0) continue;
      if (untilMs <= nowMs) this.finish(session, false);
      else this.nextMs = Math.min(this.nextMs, untilMs);
    }
    if (this.nextMs !== Infinity) this.engine.wakeAt(this.nextMs);
    this.resume();
  }

  /** CLIENT UNBLOCK: ends the waiting of a session, which goes on after the batch; false when it was not blocked. */
  unblock(session: Session, withError: boolean): boolean {
    if (session.blocked === null) return false;
    this.finish(session, withError);
    return true;
  }

  private finish(session: Session, withError: boolean): void {
    const { engine } = this;
    const { id } = (session.blocked as Blocked).request;
    this.release(session);
    const restore = engine.borrowContext();
    session.reply(() => {
      const { out } = engine.ctx;
      if (withError) {
        out.errorText("UNBLOCKED client unblocked via CLIENT UNBLOCK");
        engine.server.rejected[id]++;
        engine.countError(out);
      } else {
        out.nullArray();
      }
      engine.countCall(session, id);
    });
    restore();
    session.hold &= ~HOLD_BLOCKED;
    this.resuming.push(session);
  }
}
