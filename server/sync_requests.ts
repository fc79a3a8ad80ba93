// sync_requests.ts: who wants to follow, and what becomes of that: goes on where it was, gets a snapshot, or is sent away.
//
//   PSYNC id next, the history is ours and the backlog has it   +CONTINUE, and the stream from there on
//   otherwise, and SYNC                                         a snapshot, when one is due (replica_sync.ts)
//   PSYNC id next FAILOVER, from our own primary                this server takes over first
//
// A replica can be followed while it follows: its stream is that of its primary.

import type { History } from "../lib/repl/history.ts";
import type { Engine } from "../lib/session/engine.ts";
import type { Session } from "../lib/session/session.ts";
import type { ReplicaSet } from "./replica_set.ts";
import type { ReplicaSync } from "./replica_sync.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;

/** What the decision depends on. */
export interface RequestHost {
  isReplica(): boolean;
  /** Whether the own primary is there. */
  isLinked(): boolean;
  isFailingOver(): boolean;
  /** Becomes a primary. */
  takeOver(): void;
  /** There is a backlog now: changes go to it. */
  streamBegins(): void;
}

/** Decides about those who want to follow one server. */
export class SyncRequests {
  private engine: Engine;
  private history: History;
  private replicas: ReplicaSet;
  private syncs: ReplicaSync;
  private host: RequestHost;

  constructor(
    engine: Engine,
    history: History,
    replicas: ReplicaSet,
    syncs: ReplicaSync,
    host: RequestHost,
  ) {
    this.engine = engine;
    this.history = history;
    this.replicas = replicas;
    this.syncs = syncs;
    this.host = host;
  }

  private log(text: string, level: 2 | 3 = LOG_NOTICE): void {
    this.engine.server.log.write(level, text);
  }

  /** PSYNC, or SYNC without `id`; see ReplicationView.sync. */
  ask(session: Session, id: string | null, next: number, isFailover: boolean): string {
    const { replicas } = this;
    if (session.isReplica) return "";
    const problem = this.refusal(session, id, isFailover);
    if (problem !== "") return problem;
    const { stats } = this.engine.server;
    this.log(`Replica ${replicas.nameOf(session)} asks for synchronization`);
    if (id !== null) {
      if (Number.isNaN(next)) {
        this.log(
          `Replica ${replicas.nameOf(session)} asks for synchronization but with a wrong offset`,
          LOG_WARNING,
        );
        return "ERR value is not an integer or out of range";
      }
      if (this.mayGoOn(session, id, next)) {
        stats.partialSyncs++;
        replicas.resume(session, next);
        return "";
      }
      if (!id.startsWith("?")) stats.partialSyncsRefused++;
    }
    stats.fullSyncs++;
    const replica = replicas.add(session, "waiting", id === null);
    if (replicas.backlog === null) this.beginHistory();
    this.syncs.came(replica);
    return "";
  }

  /** Why there is no synchronization now, or "". */
  private refusal(session: Session, id: string | null, isFailover: boolean): string {
    if (isFailover) {
      if (!this.host.isReplica()) return "ERR PSYNC FAILOVER can't be sent to a master.";
      this.log(`Failover request received for replid ${id}.`);
      if (id?.toLowerCase() !== this.history.id) {
        return "ERR PSYNC FAILOVER replid must match my replid.";
      }
      this.host.takeOver();
      const line = this.engine.clients.describe(session);
      this.log(`PRIMARY MODE enabled (failover request from '${line}')`);
    }
    if (this.host.isFailingOver()) return "NOMASTERLINK Can't SYNC while failing over";
    if (this.host.isReplica() && !this.host.isLinked()) {
      return "NOMASTERLINK Can't SYNC while not connected with my master";
    }
    if (session.pendingBytes > 0 || this.engine.ctx.out.size > 0) {
      return "ERR SYNC and PSYNC are invalid with pending output";
    }
    const { functionsOnly, knowsMark } = this.replicas.facts(session);
    return functionsOnly && !knowsMark ? "ERR Filtered replica requires EOF capability" : "";
  }

  private beginHistory(): void {
    this.history.renew();
    this.replicas.openBacklog();
    this.log(
      `Replication backlog created, my new replication IDs are '${this.history.id}' and ` +
        `'${this.history.id2}'`,
    );
    this.host.streamBegins();
  }

  /** Whether a replica that has history `id` up to before byte number `next` needs no snapshot. */
  private mayGoOn(session: Session, id: string, next: number): boolean {
    const { history, replicas } = this;
    const { backlog } = replicas;
    const name = replicas.nameOf(session);
    const refusal = history.refusal(id, next);
    if (id.startsWith("?")) {
      this.log(`Full resync requested by replica ${name}`);
      return false;
    }
    if (refusal === "other") {
      this.log(
        `Partial resynchronization not accepted: Replication ID mismatch (Replica asked for ` +
          `'${id}', my replication IDs are '${history.id}' and '${history.id2}')`,
      );
      return false;
    }
    if (refusal === "late") {
      this.log(
        `Partial resynchronization not accepted: Requested offset for second ID was ${next}, ` +
          `but I can reply up to ${history.secondOffset}`,
      );
      return false;
    }
    if (backlog?.has(next)) return true;
    const range = backlog === null
      ? ""
      : `, and I can only reply with the range [${backlog.first}, ${backlog.end + 1}]`;
    this.log(
      `Unable to partial resync with replica ${name} for lack of backlog (Replica request was ` +
        `${id}:${next}${range}).`,
    );
    return false;
  }
}
