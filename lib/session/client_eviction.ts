// client_eviction.ts: what connections hold together, and keeping it within maxmemory-clients: those that hold most are
// ended.
//
// The sum, which counts against maxmemory as well, is kept up to date while there is one of the two limits: a session is
// counted anew after each of its reads, when replies stay behind, and at each tick. Messages that wait for the end of the
// turn are not part of it: they are gone by the next command, or stay behind and are counted then. Enforced is it behind
// a read and at the tick, never in the middle of a batch; a client whose own output limit is exceeded has gone before.
// CLIENT NO-EVICT is counted but stays; replicas are not counted, for keys that are evicted make their buffers larger.
//
// COSTS: O(1) a read, nothing without a limit; O(clients) for each one that is ended.
// Source followed: valkey-doc, "Redis Clients", section on client eviction.

import { sessionBytes } from "./client_line.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

const NOTICE = 2;

/** Memory limit on the connections of one engine. */
export class ClientEviction {
  /** Bytes; 0 is no limit. */
  limit = 0;
  /** Whether the sum is kept. */
  isCounting = false;
  /** Bytes of all connections but for replicas, and of the replication backlog. */
  total = 0;
  private backlogBytes = 0;
  private engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Reads the directives. A percentage is one of maxmemory. */
  follow(): void {
    const { config } = this.engine;
    const value = config.number("maxmemory-clients");
    const maxmemory = config.number("maxmemory");
    this.limit = value < 0 ? Math.floor(maxmemory * -value / 100) : value;
    this.isCounting = this.limit > 0 || maxmemory > 0;
    if (this.isCounting) this.countAll();
  }

  /** Brings the sum up to date with one session. */
  count(session: Session): void {
    if (!this.isCounting || session.closed) return;
    const bytes = session.isReplica ? 0 : sessionBytes(session) - session.pushBytes;
    this.total += bytes - session.countedBytes;
    session.countedBytes = bytes;
  }

  /** Takes an ended session out of the sum. */
  forget(session: Session): void {
    this.total -= session.countedBytes;
    session.countedBytes = 0;
  }

  /** Counts all and ends those that are too many; for the tick. */
  tick(): void {
    if (!this.isCounting) return;
    this.countAll();
    this.enforce();
  }

  /** Ends the sessions that hold most until the limit holds. To be called outside of any batch. */
  enforce(): void {
    while (this.limit > 0 && this.total - this.backlogBytes > this.limit) {
      const session = this.largest();
      if (session === null) return;
      const line = this.engine.clients.describe(session);
      session.close();
      // One for which everything stands still ends later.
      if (!session.closed) return;
      this.engine.server.log.write(NOTICE, `Evicting client: ${line}`);
      this.engine.server.stats.evictedClients++;
    }
  }

  private countAll(): void {
    this.backlogBytes = this.engine.server.replication?.state().backlog?.bytes ?? 0;
    this.total = this.backlogBytes;
    for (const session of this.engine.clients.sessions.values()) {
      session.countedBytes = 0;
      this.count(session);
    }
  }

  private largest(): Session | null {
    let found: Session | null = null;
    for (const session of this.engine.clients.sessions.values()) {
      if (session.noEvict || session.isReplica || session.isPrimary) continue;
      if (found === null || session.countedBytes > found.countedBytes) found = session;
    }
    return found;
  }
}
