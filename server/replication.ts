// replication.ts: what this server is to others: a primary with its replicas, or a replica with its primary (and replicas
// of its own).
//
//   primary   changes --(lib/session/propagation.ts)--> backlog, replicas (replica_set.ts)
//   replica   the primary's stream (primary_link.ts) --> execution; and, as it came, --> backlog, own replicas
//
//   primary --follow--> replica --promote--> primary        a replica that loses its primary goes on trying
//
// The history (lib/repl/history.ts) says whose stream the data is the result of. It is kept over the end of a connection,
// over a change of roles and, in snapshots, over restarts, so that a snapshot is sent as seldom as possible.

import { fromLatin1 } from "../lib/bytes/ascii.ts";
import { joined } from "../lib/bytes/pieces.ts";
import type { ClientView } from "../lib/commands/client_view.ts";
import type {
  FailoverOptions,
  PrimaryState,
  ReplicaFacts,
  ReplicationState,
  ReplicationView,
} from "../lib/commands/replication_view.ts";
import type { Database } from "../lib/engine/keyspace.ts";
import type { Files, Timer } from "../lib/platform/mod.ts";
import type { HandshakeFacts } from "../lib/repl/handshake.ts";
import { History, isHistoryId } from "../lib/repl/history.ts";
import type { Engine } from "../lib/session/engine.ts";
import { hexId } from "../lib/session/server_state.ts";
import type { Session } from "../lib/session/session.ts";
import { VALKEY_VERSION } from "../lib/version.ts";
import type { Dial } from "./dial.ts";
import type { HistoryHost, Persistence } from "./persistence.ts";
import { Failover, type FailoverHost } from "./failover.ts";
import { type Incoming, type LinkHost, type Loaded, PrimaryLink } from "./primary_link.ts";
import { incomingSnapshot } from "./replica_load.ts";
import { PING, ReplicaSet } from "./replica_set.ts";
import { SyncRequests } from "./sync_requests.ts";
import { SyncedOffset } from "./synced_offset.ts";
import { ReplicaSync } from "./replica_sync.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
/** Between two connections to a primary that fail. */
const RECONNECT_PAUSE_MS = 100;
const COMPLAINT_PERIOD_MS = 10_000;
const SECOND_MS = 1000;
const LINE_END = fromLatin1("\r\n");
const GETACK = fromLatin1("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n");

/** Directives that change what is allowed. */
const RULES = [
  "replica-read-only",
  "replica-serve-stale-data",
  "min-replicas-to-write",
  "min-replicas-max-lag",
];

/** Replication of one engine. */
export class Replication implements ReplicationView, LinkHost, HistoryHost {
  readonly history: History;
  readonly replicas: ReplicaSet;
  readonly syncs: ReplicaSync;
  readonly dial: Dial;
  private readonly timer: Timer | null;
  private readonly fatal: () => void;
  private failing: Failover;
  private requests: SyncRequests;
  private synced: SyncedOffset;
  private engine: Engine;
  private persistence: Persistence;
  private files: Files | null;
  private primaryHost = "";
  private primaryPort = 0;
  private link: PrimaryLink | null = null;
  /** Whether the history is good for going on with a primary. */
  private isKnown = false;
  /** The database the primary's stream is in. */
  private database = 0;
  /** Since when the primary is away, 0 when it never was there. */
  private downSinceMs = 0;
  private lastSecondMs = 0;
  private lastPingMs = 0;
  private wantsAcks = false;
  private looksAgain = false;
  private complainedMs = 0;
  private reconnectedMs = 0;
  private isImpatient = false;
  private isStarted = false;
  private loadsBeside = false;
  private isClosed = false;
  private readonly sink = {
    feed: (buf: Uint8Array, off: number, len: number) => this.fedStream(buf, off, len),
  };

  /**
   * Without a timer all work is done at once, or in `tick`. `fatal` ends the process at once: its data is not what it
   * should be.
   */
  constructor(
    engine: Engine,
    persistence: Persistence,
    files: Files | null,
    dial: Dial,
    timer: Timer | null,
    fatal: () => void = () => {},
  ) {
    this.engine = engine;
    this.persistence = persistence;
    this.files = files;
    this.dial = dial;
    this.timer = timer;
    this.fatal = fatal;
    this.history = new History(() => hexId(engine.server.random, 20));
    this.replicas = new ReplicaSet(engine, this.history, () => {
      this.changed();
      this.syncs.left();
    });
    this.syncs = new ReplicaSync(engine, this.replicas, this.history, {
      options: () => persistence.options(),
      maySave: () => persistence.maySave,
      save: (done) => persistence.saveFor(done),
      cancelSave: () => persistence.cancelSave(),
      read: () => persistence.readFile(),
      hasFiles: persistence.hasFiles,
    }, timer);
    this.requests = new SyncRequests(engine, this.history, this.replicas, this.syncs, {
      isReplica: () => this.isReplica,
      isLinked: () => this.link?.state === "connected",
      isFailingOver: () => this.failing.isOn,
      takeOver: () => this.takeOver(),
      streamBegins: () => {
        if (!this.isReplica) engine.propagation.attach(this.sink);
      },
    });
    this.failing = new Failover(engine, this.replicas, this.failoverHost());
    this.synced = new SyncedOffset(persistence.aof);
    persistence.history = this;
    engine.server.replication = this;
    this.followConfig();
  }

  private failoverHost(): FailoverHost {
    return {
      isReplica: () => this.isReplica,
      streamEnd: () => this.history.offset,
      followTarget: (host, port) => this.followInstead(host, port, false),
      takeBack: () => this.takeOver(),
      changed: () => this.changed(),
    };
  }

  private followConfig(): void {
    const { config } = this.engine;
    const follow = (name: string, apply: () => void) =>
      config.onApply(name, () => {
        apply();
        return "";
      });
    for (const name of RULES) follow(name, () => this.changed());
    follow("repl-backlog-size", () => {
      this.replicas.drain();
      this.replicas.backlog?.resize(config.number("repl-backlog-size"));
    });
    const [host, port] = config.text("replicaof").split(" ");
    if (port === undefined) return;
    this.primaryHost = host;
    this.primaryPort = Number(port);
    this.engine.server.isReplica = true;
  }

  private log(text: string, level: 2 | 3 = LOG_NOTICE): void {
    this.engine.server.log.write(level, text);
  }

  private get nowMs(): number {
    return this.engine.server.clock.wallMs();
  }

  get isReplica(): boolean {
    return this.engine.server.isReplica;
  }

  /** What is allowed may have changed. */
  changed(): void {
    if (!this.isStarted) return;
    const { engine, isReplica } = this;
    const { config } = engine;
    const least = config.number("min-replicas-to-write");
    const lag = config.number("min-replicas-max-lag");
    engine.setReplicationRules({
      readOnly: isReplica && config.flag("replica-read-only"),
      stale: isReplica && this.link?.state !== "connected" &&
        !config.flag("replica-serve-stale-data"),
      lacksReplicas: !isReplica && least > 0 && lag > 0 &&
        this.replicas.countGood(this.nowMs, lag) < least,
      primary: isReplica ? `${this.primaryHost}:${this.primaryPort}` : "",
      loadsBeside: this.loadsBeside,
      isFailingOver: this.failing.state === "failover-in-progress",
    });
  }

  // ---- roles

  follow(host: string, port: number, client: ClientView): boolean {
    const { engine, primaryHost, primaryPort } = this;
    const isSame = host.toLowerCase() === primaryHost.toLowerCase() && port === primaryPort;
    if (this.isReplica && isSame) {
      this.log(
        "REPLICAOF would result into synchronization with the primary we are already connected " +
          "with. No operation performed.",
      );
      return false;
    }
    this.followInstead(host, port, true);
    this.log(
      `REPLICAOF ${host}:${port} enabled (user request from '${engine.clients.describe(client)}')`,
    );
    return true;
  }

  /** Follows this primary; with `endsWaits` clients that wait for keys are let go. */
  private followInstead(host: string, port: number, endsWaits: boolean): void {
    const { engine } = this;
    const wasPrimary = !this.isReplica;
    this.leave();
    this.replicas.drain();
    this.primaryHost = host;
    this.primaryPort = port;
    engine.server.isReplica = true;
    engine.config.load("replicaof", [host, String(port)], false);
    if (wasPrimary) {
      this.isKnown = true;
      this.database = engine.propagation.database;
      engine.propagation.detach(this.sink);
      if (endsWaits) engine.blocking.becameReplica(`${host}:${port}`);
    }
    this.connect();
  }

  promote(client: ClientView): void {
    if (!this.isReplica) return;
    this.takeOver();
    this.log(
      `PRIMARY MODE enabled (user request from '${this.engine.clients.describe(client)}')`,
    );
  }

  /** Becomes a primary. The own replicas learn of it by coming back. */
  private takeOver(): void {
    const { engine } = this;
    this.leave();
    this.history.promote();
    this.replicas.disconnectAll();
    engine.server.isReplica = false;
    engine.config.load("replicaof", ["no", "one"], false);
    this.primaryHost = "";
    this.primaryPort = 0;
    this.downSinceMs = 0;
    this.replicas.lonelySinceMs = this.nowMs;
    if (this.replicas.backlog !== null) engine.propagation.attach(this.sink);
    engine.propagation.nameDatabase();
    this.changed();
  }

  /** Ends the connection to the primary. */
  private leave(): void {
    const { link } = this;
    if (link === null) return;
    if (link.state === "connected") this.downSinceMs = this.nowMs;
    link.close();
    this.database = link.database;
    this.link = null;
  }

  private connect(): void {
    if (this.isClosed) return;
    const { engine, primaryHost, primaryPort } = this;
    this.log(`Connecting to PRIMARY ${primaryHost}:${primaryPort}`);
    const link = new PrimaryLink(
      engine,
      this.history,
      this,
      primaryHost,
      primaryPort,
      this.database,
    );
    this.link = link;
    link.connect(engine.config.text("bind-source-addr"));
  }

  // ---- LinkHost

  handshake(): HandshakeFacts {
    const { config, server } = this.engine;
    return {
      user: config.text("primaryuser"),
      password: config.text("primaryauth"),
      port: config.number("replica-announce-port") || server.tcpPort,
      address: config.text("replica-announce-ip"),
      version: VALKEY_VERSION,
      id: this.isKnown ? this.history.id : "",
      next: this.history.offset + 1,
      isFailover: this.failing.state === "failover-in-progress",
    };
  }

  incoming(id: string, done: (loaded: Loaded) => void, onRead: () => void): Incoming {
    const { engine, files, persistence } = this;
    return incomingSnapshot(
      {
        engine,
        files,
        persistence,
        inBackground: this.timer !== null,
        before: () => this.beforeLoading(),
        isSameHistory: () => this.isKnown && id === this.history.id,
        beside: (isLoading) => {
          this.loadsBeside = isLoading;
          this.changed();
        },
      },
      done,
      onRead,
    );
  }

  /** From here on the data is not what the history says, before it is something new. */
  private beforeLoading(): void {
    this.isKnown = false;
    this.replicas.disconnectAll();
    this.replicas.closeBacklog();
    this.persistence.cancelSave();
    this.syncs.cancel();
  }

  answered(isAccepted: boolean): void {
    this.failing.answered(isAccepted);
  }

  adopted(id: string, offset: number): void {
    if (offset < 0) {
      this.history.renew();
      this.history.offset = 0;
    } else {
      this.history.adopt(id, offset);
    }
    this.isKnown = offset >= 0;
    this.replicas.openBacklog();
    this.downSinceMs = 0;
  }

  continued(id: string): void {
    this.downSinceMs = 0;
    if (id !== "" && id !== this.history.id) {
      this.log(`Primary replication ID changed to ${id}`);
      this.history.inherit(id);
      this.replicas.disconnectAll();
    }
    if (this.replicas.backlog === null) this.replicas.openBacklog();
  }

  failed(): void {
    const { config } = this.engine;
    const behavior = config.text("propagation-error-behavior");
    if (behavior === "ignore" || !config.flag("replica-read-only")) return;
    this.log("This replica panicked sending an error to its primary", LOG_WARNING);
    this.fatal();
  }

  undurable(): void {
    const { nowMs } = this;
    if (!this.engine.config.flag("replica-ignore-disk-write-errors")) {
      this.log("Replica was unable to write command to disk.", LOG_WARNING);
      return this.fatal();
    }
    if (nowMs - this.complainedMs < COMPLAINT_PERIOD_MS) return;
    this.complainedMs = nowMs;
    this.log(
      "Replica is applying a command even though it is unable to write to disk.",
      LOG_WARNING,
    );
  }

  applied(buf: Uint8Array, off: number, len: number): void {
    this.replicas.append(buf, off, len);
  }

  syncedOffset(): number {
    return this.synced.offset(this.offset());
  }

  lost(wasUp: boolean, wasNear: boolean): void {
    const { link } = this;
    if (link === null) return;
    this.database = link.database;
    this.link = null;
    if (wasUp) this.downSinceMs = this.nowMs;
    this.changed();
    if (!wasNear || this.isClosed) return;
    // At once, for the backlog of the primary grows; but one that always fails must not be all there is to do.
    if (this.nowMs - this.reconnectedMs < RECONNECT_PAUSE_MS) {
      this.isImpatient = true;
      return;
    }
    this.reconnect();
  }

  private reconnect(): void {
    this.isImpatient = false;
    this.reconnectedMs = this.nowMs;
    this.log(`Reconnecting to PRIMARY ${this.primaryHost}:${this.primaryPort} after failure`);
    this.connect();
  }

  // ---- HistoryHost

  aux(): readonly (readonly [name: string, value: string])[] {
    if (!this.isReplica && this.replicas.backlog === null) return [];
    if (this.isReplica && !this.isKnown) return [];
    const { history } = this;
    const database = this.isReplica
      ? this.link?.currentDatabase ?? this.database
      : this.engine.propagation.database;
    return [
      ["repl-stream-db", String(database)],
      ["repl-id", history.id],
      ["repl-offset", String(this.link?.offset ?? history.offset)],
    ];
  }

  /** A snapshot is loaded at the start: what it says of its history. */
  loaded(said: ReadonlyMap<string, string>): void {
    const id = said.get("repl-id") ?? "";
    const offset = Number(said.get("repl-offset") ?? "-1");
    const database = Number(said.get("repl-stream-db") ?? "-1");
    if (!isHistoryId(id) || !(offset >= 0) || !(database >= 0)) return;
    if (this.isReplica) {
      this.history.adopt(id, offset);
      this.isKnown = true;
      this.database = database;
      return;
    }
    this.history.continueAfter(id, offset);
    this.replicas.openBacklog();
    this.replicas.lonelySinceMs = this.nowMs;
    this.engine.propagation.attach(this.sink);
  }

  leftOut(db: Database, key: Uint8Array): void {
    const { propagation } = this.engine;
    if (propagation.active) propagation.expired(db, key, 0, key.length);
  }

  /** A unit went to the append-only file: it is counted there when nobody else counts. */
  fed(): void {
    if (!this.isReplica && this.replicas.backlog === null) {
      this.history.offset++;
      this.noteWriter();
    }
    this.synced.fed(this.offset());
  }

  /** Number of the last byte of the stream that is in the data. */
  private offset(): number {
    const { link } = this;
    return link !== null && link.state === "connected" ? link.offset : this.history.offset;
  }

  safer(): void {
    this.synced.safer();
    this.lookAgain();
  }

  // ---- the stream of a primary

  private fedStream(buf: Uint8Array, off: number, len: number): void {
    this.replicas.append(buf, off, len);
    this.noteWriter();
  }

  private noteWriter(): void {
    const { active } = this.engine;
    if (active !== null) active.writeOffset = this.history.offset;
  }

  sync(client: ClientView, id: string | null, next: number, isFailover: boolean): string {
    return this.requests.ask(client as Session, id, next, isFailover);
  }

  facts(client: ClientView): ReplicaFacts {
    return this.replicas.facts(client as Session);
  }

  acknowledged(client: ClientView, offset: number, aofOffset: number): void {
    this.replicas.acknowledged(client as Session, offset, aofOffset);
    this.lookAgain();
  }

  /** Clients that wait for acknowledgements look again, behind the running command. */
  private lookAgain(): void {
    if (this.looksAgain) return;
    this.looksAgain = true;
    this.engine.later(() => {
      this.looksAgain = false;
      this.engine.blocking.acknowledged();
    });
  }

  sendAck(): void {
    this.link?.sendAck();
  }

  // ---- WAIT, WAITAOF

  writeOffset(client: ClientView): number {
    return (client as Session).writeOffset;
  }

  countApplied(offset: number): number {
    return this.replicas.countApplied(offset);
  }

  countSynced(offset: number): number {
    return this.replicas.countSynced(offset);
  }

  isSynced(offset: number): boolean {
    return this.syncedOffset() >= offset;
  }

  requestAcks(): void {
    if (this.wantsAcks || this.replicas.all.size === 0) return;
    this.wantsAcks = true;
    this.engine.turn.atEnd(() => {
      this.wantsAcks = false;
      if (!this.isReplica) this.replicas.append(GETACK, 0, GETACK.length);
      this.replicas.drain();
    });
  }

  failover(options: FailoverOptions): string {
    return this.failing.begin(options);
  }

  abortFailover(): string {
    return this.failing.abortByUser();
  }

  renew(): void {
    this.history.renew();
  }

  emit(words: readonly Uint8Array[]): void {
    if (this.isReplica) return;
    const parts = words.flatMap((word) => [fromLatin1(`$${word.length}\r\n`), word, LINE_END]);
    const bytes = joined([fromLatin1(`*${words.length}\r\n`), ...parts]);
    this.replicas.append(bytes, 0, bytes.length);
  }

  // ---- periodic work

  /** Called ten times a second, outside of commands. */
  tick(nowMs: number): void {
    this.syncs.step();
    this.failing.tick(nowMs);
    if (this.isImpatient && this.isReplica && this.link === null) this.reconnect();
    if (!this.isStarted || nowMs - this.lastSecondMs < SECOND_MS) return;
    this.lastSecondMs = nowMs;
    const { config } = this.engine;
    const { replicas } = this;
    if (this.isReplica) {
      if (this.link === null) this.connect();
      else this.link.tick(config.number("repl-timeout") * SECOND_MS);
    }
    const periodMs = config.number("repl-ping-replica-period") * SECOND_MS;
    const mayPing = !this.isReplica && !this.failing.isOn && replicas.all.size > 0;
    if (mayPing && nowMs - this.lastPingMs >= periodMs) {
      this.lastPingMs = nowMs;
      replicas.append(PING, 0, PING.length);
    }
    replicas.cheer();
    replicas.tick(nowMs);
    this.forgetBacklog(nowMs);
    this.syncs.startDue();
    this.changed();
  }

  /** Without replicas for long enough, a primary keeps no stream; the next one begins a new history. */
  private forgetBacklog(nowMs: number): void {
    const { replicas } = this;
    const ttlMs = this.engine.config.number("repl-backlog-ttl") * SECOND_MS;
    if (this.isReplica || replicas.backlog === null || replicas.all.size > 0 || ttlMs === 0) return;
    if (nowMs - replicas.lonelySinceMs <= ttlMs) return;
    this.history.renew();
    replicas.closeBacklog();
    this.engine.propagation.detach(this.sink);
    this.log(
      `Replication backlog freed after ${ttlMs / SECOND_MS} seconds without connected replicas.`,
    );
  }

  // ---- INFO, ROLE

  state(): ReplicationState {
    const { history, replicas, nowMs } = this;
    const { backlog } = replicas;
    const { config } = this.engine;
    return {
      primary: this.isReplica ? this.primaryState() : null,
      replicas: replicas.states(nowMs),
      goodReplicas: replicas.countGood(nowMs, config.number("min-replicas-max-lag")),
      failover: this.failing.state,
      isSavingForReplicas: this.syncs.isBusy,
      id: history.id,
      id2: history.id2,
      offset: history.offset,
      secondOffset: history.secondOffset,
      backlog: backlog === null
        ? null
        : { first: backlog.first, length: backlog.length, bytes: backlog.bytes },
      replicaBytes: replicas.keptBytes,
    };
  }

  private primaryState(): PrimaryState {
    const { link, history, nowMs } = this;
    const offset = link?.state === "connected" ? link.offset : this.isKnown ? history.offset : 1;
    const transfer = link?.transfer ?? null;
    return {
      host: this.primaryHost,
      port: this.primaryPort,
      link: link?.state ?? "connect",
      lastIoSeconds: link === null ? -1 : link.silentSeconds(),
      readOffset: link?.state === "connected" ? link.readOffset : offset,
      offset,
      transfer: link === null || transfer === null ? null : {
        total: Math.max(0, transfer.total),
        read: transfer.received,
        lastIoSeconds: link.silentSeconds(),
      },
      downSeconds: this.downSinceMs === 0 ? -1 : Math.floor((nowMs - this.downSinceMs) / SECOND_MS),
    };
  }

  /** Starts to follow what the configuration names. To be called when the data is loaded and clients may come. */
  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.lastPingMs = this.nowMs;
    this.changed();
    if (this.isReplica) this.connect();
  }

  close(): void {
    this.isClosed = true;
    this.leave();
    this.syncs.close();
  }
}
