// farewell.ts: the time between the wish that a server ends and its end: replicas get what they have not got yet.
//
//   SHUTDOWN, a signal --> all replicas have everything --------------> the end
//                      \-> waiting: writes are held ----> they have it, or shutdown-timeout is over --> the end
//                                   \-- SHUTDOWN ABORT: everything goes on
//
// SHUTDOWN NOW waits for nobody. Clients that asked get no reply unless the end was called off or cannot be.

import type { ShutdownOptions } from "../lib/commands/server_view.ts";
import type { Engine } from "../lib/session/engine.ts";
import type { ReplicaSet } from "./replica_set.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;
const ERR_FAILED = "ERR Errors trying to SHUTDOWN. Check logs.";

/** What the waiting needs from its server. */
export interface FarewellHost {
  replicas: ReplicaSet;
  /** Number of the last byte of the stream. */
  streamEnd(): number;
  requestAcks(): void;
  /** Ends the server. Returns "" or why it cannot. */
  end(options: ShutdownOptions): string;
}

/** The farewell of one server. */
export class Farewell {
  private engine: Engine;
  private host: FarewellHost;
  private options: ShutdownOptions | null = null;
  private untilMs = 0;
  /** Number of the byte that all replicas should have. */
  private wanted = 0;

  constructor(engine: Engine, host: FarewellHost) {
    this.engine = engine;
    this.host = host;
  }

  private log(text: string, level: 2 | 3 = LOG_NOTICE): void {
    this.engine.server.log.write(level, text);
  }

  /** Replicas that have not acknowledged all there was when writes began to wait. */
  private get lagging(): number {
    const { wanted } = this;
    return [...this.host.replicas.all].filter(({ ackOffset }) => ackOffset < wanted).length;
  }

  /** The server is to end. Returns "" when it is on its way, or why it cannot be. */
  begin(options: ShutdownOptions): string {
    if (this.untilMs === 0) this.wanted = this.host.streamEnd();
    const timeoutMs = this.engine.config.number("shutdown-timeout") * 1000;
    const waits = !options.now && timeoutMs > 0 && this.lagging > 0;
    if (!waits) {
      this.options ??= options;
      return this.finish(options);
    }
    const { clients, server } = this.engine;
    if (this.options !== null) return "";
    this.options = options;
    this.untilMs = server.clock.wallMs() + timeoutMs;
    server.shutdownAtMs = this.untilMs;
    clients.pause("write", FOREVER_MS);
    this.host.requestAcks();
    this.log("Waiting for replicas before shutting down.");
    return "";
  }

  private finish(options: ShutdownOptions): string {
    this.tellOfReplicas();
    const problem = this.host.end(options);
    if (problem !== "" && !options.force) {
      this.log(
        "Errors trying to shut down the server. Check the logs for more information.",
        LOG_WARNING,
      );
      this.callOff();
    }
    return problem;
  }

  private tellOfReplicas(): void {
    const { all } = this.host.replicas;
    const nowMs = this.engine.server.clock.wallMs();
    for (const { session, ackOffset, heardMs, state } of all) {
      if (ackOffset >= this.wanted) continue;
      this.log(
        `Lagging replica ${session.remote} reported offset ${
          this.wanted - ackOffset
        } behind master, ` +
          `lag=${Math.floor((nowMs - heardMs) / 1000)}, state=${state}.`,
      );
    }
    if (all.size === 0) return;
    this.log(`${all.size - this.lagging} of ${all.size} replicas are in sync when shutting down.`);
  }

  /** Called ten times a second. */
  tick(nowMs: number): void {
    const { options } = this;
    if (options === null || this.untilMs === 0) return;
    if (this.lagging > 0 && nowMs < this.untilMs) return;
    this.finish(options);
  }

  /** SHUTDOWN ABORT; false when the server was not about to end. */
  abort(): boolean {
    if (this.untilMs === 0) return false;
    this.callOff();
    this.log("Shutdown manually aborted.");
    return true;
  }

  private callOff(): void {
    const { engine } = this;
    const wasWaiting = this.untilMs !== 0;
    this.options = null;
    this.untilMs = 0;
    engine.server.shutdownAtMs = 0;
    if (!wasWaiting) return;
    engine.clients.unpause();
    engine.blocking.endAll("shutdown", ERR_FAILED);
  }
}
