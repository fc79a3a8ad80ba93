// failover.ts: a primary hands over to one of its replicas: FAILOVER.
//
//   no-failover --FAILOVER--> waiting-for-sync --a replica has everything--> failover-in-progress --it accepts--> done
//                                    |  time is up: aborted, or forced                |  it refuses: aborted
//
//   waiting-for-sync       writes wait, nothing expires, nothing is added to the stream; so some replica gets all of it
//   failover-in-progress   this server follows the replica already, and asks it (PSYNC ... FAILOVER) to be the primary
//
// Clients that wait for keys are let go only when it worked. After an abort this server is a primary with a new history.

import type { FailoverOptions, ReplicationState } from "../lib/commands/replication_view.ts";
import type { Engine } from "../lib/session/engine.ts";
import { ipOf, type Replica, type ReplicaSet } from "./replica_set.ts";

const LOG_NOTICE = 2;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

/** What handing over needs from its server. */
export interface FailoverHost {
  isReplica(): boolean;
  /** Number of the last byte of the stream. */
  streamEnd(): number;
  /** Follows the replica, asking it to take over. */
  followTarget(host: string, port: number): void;
  /** Becomes a primary again. */
  takeBack(): void;
  changed(): void;
}

/** The handing over of one server. */
export class Failover {
  state: ReplicationState["failover"] = "no-failover";
  private engine: Engine;
  private replicas: ReplicaSet;
  private host: FailoverHost;
  private target = { host: "", port: 0 };
  private isForced = false;
  /** Wall time in milliseconds, 0 for never. */
  private untilMs = 0;
  /** The pause there was before. */
  private before: { mode: "all" | "write"; untilMs: number } | null = null;

  constructor(engine: Engine, replicas: ReplicaSet, host: FailoverHost) {
    this.engine = engine;
    this.replicas = replicas;
    this.host = host;
  }

  private log(text: string): void {
    this.engine.server.log.write(LOG_NOTICE, text);
  }

  get isOn(): boolean {
    return this.state !== "no-failover";
  }

  private find(host: string, port: number): Replica | null {
    for (const replica of this.replicas.all) {
      const { facts, session } = replica;
      const ip = facts.address || ipOf(session.remote);
      if (ip === host && facts.port === port) return replica;
    }
    return null;
  }

  /** FAILOVER. Returns "" or the error text. */
  begin(options: FailoverOptions): string {
    const { host, port, isForced, timeoutMs } = options;
    if (this.isOn) return "ERR FAILOVER already in progress.";
    if (this.host.isReplica()) return "ERR FAILOVER is not valid when server is a replica.";
    if (this.replicas.all.size === 0) return "ERR FAILOVER requires connected replicas.";
    if (isForced && (timeoutMs === 0 || host === "")) {
      return "ERR FAILOVER with force option requires both a timeout and target HOST and IP.";
    }
    if (host !== "") {
      const replica = this.find(host, port);
      if (replica === null) return "ERR FAILOVER target HOST and PORT is not a replica.";
      if (replica.state !== "online") return "ERR FAILOVER target replica is not online.";
      this.log(`FAILOVER requested to ${host}:${port}.`);
    } else {
      this.log("FAILOVER requested to any replica.");
    }
    this.target = { host, port };
    this.isForced = isForced;
    this.untilMs = timeoutMs === 0 ? 0 : this.engine.ctx.nowMs + timeoutMs;
    this.state = "waiting-for-sync";
    const { clients, pauseMode } = this.engine;
    this.before = clients.isPaused() ? { mode: pauseMode, untilMs: clients.pausedUntilMs } : null;
    clients.pause("write", FOREVER_MS);
    return "";
  }

  /** FAILOVER ABORT. Returns "" or the error text. */
  abortByUser(): string {
    if (!this.isOn) return "ERR No failover in progress.";
    this.abort("Failover manually aborted");
    return "";
  }

  private abort(why: string): void {
    const { host, port } = this.target;
    const whom = host === "" ? "any replica" : `${host}:${port}`;
    this.log(`FAILOVER to ${whom} aborted: ${why}`);
    if (this.state === "failover-in-progress") this.host.takeBack();
    this.end();
  }

  private end(): void {
    this.state = "no-failover";
    this.target = { host: "", port: 0 };
    this.isForced = false;
    this.untilMs = 0;
    const { clients } = this.engine;
    clients.unpause();
    if (this.before !== null) clients.pause(this.before.mode, this.before.untilMs);
    this.before = null;
    this.host.changed();
  }

  /** The target has said whether it takes over. */
  answered(isAccepted: boolean): void {
    if (this.state !== "failover-in-progress") return;
    if (!isAccepted) return this.abort("Failover target rejected psync request");
    const { host, port } = this.target;
    this.end();
    this.engine.blocking.becameReplica(`${host}:${port}`);
  }

  /** Called ten times a second and when a replica acknowledges. */
  tick(nowMs: number): void {
    if (this.state !== "waiting-for-sync") return;
    const { clients } = this.engine;
    // CLIENT UNPAUSE does not concern this.
    if (!clients.isPaused()) clients.pause("write", FOREVER_MS);
    if (this.untilMs > 0 && this.untilMs <= nowMs) {
      if (!this.isForced) return this.abort("Replica never caught up before timeout");
      const { host, port } = this.target;
      this.log(`FAILOVER to ${host}:${port} time out exceeded, failing over.`);
      return this.handOver();
    }
    const { host, port } = this.target;
    const candidates = host === "" ? [...this.replicas.all] : [this.find(host, port)];
    const end = this.host.streamEnd();
    const ready = candidates.find((one) => one?.state === "online" && one.ackOffset === end);
    if (ready === undefined || ready === null) return;
    this.target = {
      host: ready.facts.address || ipOf(ready.session.remote),
      port: ready.facts.port,
    };
    this.log(
      `Failover target ${this.target.host}:${this.target.port} is synced, failing over.`,
    );
    this.handOver();
  }

  private handOver(): void {
    this.state = "failover-in-progress";
    this.host.followTarget(this.target.host, this.target.port);
  }
}
