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
//   5. While clients are paused, those whose command would be held wait on; they are served when the pause ends.
// The input of a woken client is read on when the running batch is through.
//
// COSTS: blocking and waking O(keys of the command), and O(clients of the key) when a ready key is served; a new key
// nobody waits for O(1), and nothing at all while nobody waits; timeouts O(waiting clients) at each look, which is taken
// when the nearest one is due.

import { latin1 } from "../bytes/ascii.ts";
import type { BlockKind } from "../commands/client_view.ts";
import { WRITE } from "../commands/spec.ts";
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
import { call, countCommand, mustPause } from "./execute.ts";
import { HOLD_BLOCKED } from "./gates.ts";
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
  /** CLIENT REPLY SKIP came before: there will be no reply. */
  readonly isSilent: boolean;
}

interface Ready {
  db: Database;
  key: Uint8Array;
}

const TYPE_OF: Readonly<Record<BlockKind, number>> = {
  list: TYPE_LIST,
  zset: TYPE_ZSET,
  stream: TYPE_STREAM,
  acknowledgement: -2,
  shutdown: -3,
};
const ABSENT = -1;

/** All blocked sessions of an engine. */
export class Blocking implements KeyspaceListener {
  private engine: Engine;
  /** By key, in the order in which they were blocked. */
  private waiters = new Map<string, Set<Session>>();
  private sessions = new Set<Session>();
  private readyKeys = new Map<string, Ready>();
  /** Ready keys whose clients wait for the end of a pause. */
  private pausedKeys = new Map<string, Ready>();
  private onNoKeyCount = 0;
  private resuming: Session[] = [];
  private isServing = false;
  /** The session whose command runs again, and until when it may go on waiting. */
  private again: Session | null = null;
  private againUntilMs = 0;
  private againIsSilent = false;
  /** The nearest timeout, or Infinity. */
  nextMs = Infinity;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Whether `serve` has something to do. */
  hasReady = false;

  /** Clients whose waiting ends some time. */
  get timeoutCount(): number {
    let count = 0;
    for (const session of this.sessions) if (session.blocked?.untilMs !== 0) count++;
    return count;
  }

  /** Distinct keys clients wait for, and those of them whose deletion wakes somebody. */

  get keyCount(): number {
    return this.waiters.size;
  }

  get noKeyCount(): number {
    let count = 0;
    for (const waiters of this.waiters.values()) if (someOnNoKey(waiters)) count++;
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
      isSilent: session.replySkip || this.againIsSilent,
    };
    session.holdInput(HOLD_BLOCKED);
    for (const name of names) {
      const waiters = this.waiters.get(name);
      if (waiters === undefined) this.waiters.set(name, new Set([session]));
      else waiters.add(session);
    }
    this.sessions.add(session);
    if (onNoKey) this.onNoKeyCount++;
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
      waiters.delete(session);
      if (waiters.size === 0) this.waiters.delete(name);
    }
    if (blocked.onNoKey) this.onNoKeyCount--;
    if (this.sessions.size > 0) return;
    this.engine.events.remove(this);
    this.readyKeys.clear();
    this.pausedKeys.clear();
    this.hasReady = false;
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
    if (waiters !== undefined && someOfType(waiters, recordType(arena, rec))) {
      this.markReady(db, rec);
    }
  }

  leaving(db: Database, rec: number): void {
    if (this.onNoKeyCount === 0) return;
    if (recordType(this.engine.keyspace.arena, rec) !== TYPE_STREAM) return;
    const waiters = this.waitersOf(db, rec);
    if (waiters !== undefined && someOnNoKey(waiters)) this.markReady(db, rec);
  }

  flushing(db: Database): void {
    this.forDatabase(db, (key, waiters) => {
      if (someOnNoKey(waiters) && this.typeOf(db, key) !== ABSENT) this.mark(db, key);
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
      if (someOfType(waiters, type) || (goes && someOnNoKey(waiters))) this.mark(db, key);
    });
  }

  private forDatabase(db: Database, visit: (key: Uint8Array, waiters: Set<Session>) => void): void {
    const prefix = `${db.index}:`;
    for (const [name, waiters] of this.waiters) {
      if (!name.startsWith(prefix)) continue;
      const text = name.slice(prefix.length);
      visit(Uint8Array.from(text, (c) => c.charCodeAt(0)), waiters);
    }
  }

  private waitersOf(db: Database, rec: number): Set<Session> | undefined {
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
    this.hasReady = true;
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
    if (!this.hasReady || this.isServing || this.engine.standstill.isOn) return;
    this.isServing = true;
    const { engine } = this;
    const restore = engine.borrowContext();
    // The command that made them ready may have taken its time.
    engine.readClock();
    try {
      while (this.readyKeys.size > 0) {
        const batch = this.readyKeys;
        this.readyKeys = new Map();
        for (const [name, ready] of batch) this.serveKey(name, ready);
      }
    } finally {
      restore();
      this.isServing = false;
      this.hasReady = false;
    }
  }

  private serveKey(name: string, ready: Ready): void {
    const { db, key } = ready;
    const waiters = this.waiters.get(name);
    if (waiters === undefined) return;
    // Those who are blocked again meanwhile come last and are not asked twice.
    let left = waiters.size;
    for (const session of waiters) {
      if (left-- === 0) break;
      const type = this.typeOf(db, key);
      if (type === ABSENT && this.onNoKeyCount === 0) break;
      const blocked = session.blocked as Blocked;
      if (!blocked.onNoKey && type !== TYPE_OF[blocked.kind]) continue;
      if (mustPause(this.engine, session, blocked.request.id)) this.pausedKeys.set(name, ready);
      else this.runAgain(session, blocked);
    }
  }

  /** Those who wait for acknowledgements look again. To be called outside of any command. */
  acknowledged(): void {
    if (this.engine.standstill.isOn) return;
    const waiting = [...this.sessions].filter(({ blocked }) => blocked?.kind === "acknowledgement");
    if (waiting.length === 0) return;
    const restore = this.engine.borrowContext();
    for (const session of waiting) {
      if (session.blocked !== null) this.runAgain(session, session.blocked);
    }
    restore();
    this.engine.later(() => this.resume());
  }

  /**
   * The server became a replica: what clients wait for is decided elsewhere now. Those who can be sent there are, the
   * others lose their connection; readers may go on waiting.
   */
  becameReplica(primary: string): void {
    const { engine } = this;
    for (const session of [...this.sessions]) {
      const { kind, request } = session.blocked as Blocked;
      if (session.readsReplicas && (engine.table.flags[request.id] & WRITE) === 0) continue;
      const isSent = session.capaRedirect && kind !== "acknowledgement";
      this.finish(
        session,
        isSent
          ? `REDIRECT ${primary}`
          : "UNBLOCKED force unblock from blocking operation, instance " +
            "state changed (master -> replica?)",
      );
      if (!isSent) session.endSoon();
    }
    engine.later(() => this.resume());
  }

  /** To be called outside of any batch when a pause of all or some clients is over. */
  unpaused(): void {
    if (this.pausedKeys.size === 0) return;
    for (const { db, key } of this.pausedKeys.values()) this.mark(db, key);
    this.pausedKeys.clear();
    this.serve();
    this.resume();
  }

  private runAgain(session: Session, blocked: Blocked): void {
    const { engine } = this;
    this.release(session);
    session.hold &= ~HOLD_BLOCKED;
    this.again = session;
    this.againUntilMs = blocked.untilMs;
    this.againIsSilent = blocked.isSilent;
    session.reply(() => {
      engine.useRequest(session, blocked.request);
      call(engine, session, blocked.request.id);
    }, blocked.isSilent);
    this.again = null;
    this.againIsSilent = false;
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
    if (this.engine.standstill.isOn) return;
    if (nowMs < this.nextMs) {
      if (this.nextMs !== Infinity) this.engine.wakeAt(this.nextMs);
      return;
    }
    this.nextMs = Infinity;
    const due: Session[] = [];
    for (const session of this.sessions) {
      const { untilMs } = session.blocked as Blocked;
      if (untilMs === 0) continue;
      if (untilMs <= nowMs) due.push(session);
      else this.nextMs = Math.min(this.nextMs, untilMs);
    }
    for (const session of due) this.finish(session, "");
    if (this.nextMs !== Infinity) this.engine.wakeAt(this.nextMs);
    this.resume();
  }

  /** Ends the waiting of all who wait for this, with an error. To be called outside of any batch, or soon before its end. */
  endAll(kind: BlockKind, error: string): void {
    for (const session of [...this.sessions]) {
      if (session.blocked?.kind === kind) this.finish(session, error);
    }
    this.engine.later(() => this.resume());
  }

  /** CLIENT UNBLOCK: ends the waiting of a session, which goes on after the batch; false when it was not blocked. */
  unblock(session: Session, withError: boolean): boolean {
    if (session.blocked === null || session.blocked.kind === "shutdown") return false;
    this.finish(session, withError ? "UNBLOCKED client unblocked via CLIENT UNBLOCK" : "");
    return true;
  }

  /** Ends the waiting with this error, or else as when the time is up. */
  private finish(session: Session, error: string): void {
    const { engine } = this;
    const { kind, request, isSilent } = session.blocked as Blocked;
    const { id } = request;
    this.release(session);
    session.mustAnswer = true;
    const restore = engine.borrowContext();
    session.reply(() => {
      const { out } = engine.ctx;
      const start = out.pos;
      engine.useRequest(session, request);
      if (error !== "") {
        out.errorText(error);
        engine.server.rejected[id]++;
        engine.countError(out);
      } else if (kind === "acknowledgement") {
        this.again = session;
        call(engine, session, id);
        this.again = null;
        return;
      } else {
        out.nullArray();
      }
      countCommand(engine, session, id, 0, out.pos - start);
    }, isSilent);
    restore();
    session.mustAnswer = false;
    session.hold &= ~HOLD_BLOCKED;
    this.resuming.push(session);
  }
}

function someOfType(waiters: Set<Session>, type: number): boolean {
  for (const session of waiters) {
    if (TYPE_OF[(session.blocked as Blocked).kind] === type) return true;
  }
  return false;
}

function someOnNoKey(waiters: Set<Session>): boolean {
  for (const session of waiters) if (session.blocked?.onNoKey === true) return true;
  return false;
}
