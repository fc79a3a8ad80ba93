// engine.ts: one complete server without sockets: keyspace, command table, clients, configuration, statistics.
//
// `createEngine` is given clock, random source, log and process view; `connect` makes a session over a transport. The
// owner calls `tick` from its timer. Everything runs on one thread and never blocks.

import { latin1 } from "../bytes/ascii.ts";
import { ReplyWriter } from "../codec/reply_writer.ts";
import { RequestParser } from "../codec/request_parser.ts";
import { Ctx } from "../commands/context.ts";
import type { PauseMode } from "../commands/client_view.ts";
import { MAY_REPLICATE, WRITE } from "../commands/spec.ts";
import { type CommandTable, commandTable } from "../commands/table.ts";
import { extractKeys, KeyList } from "../commands/keys.ts";
import { keyHash, Keyspace, keyTouching } from "../engine/keyspace.ts";
import type { EncodingLimits } from "../engine/value_context.ts";
import { BULK_BYTES_MAX, DATABASES_DEFAULT } from "../limits.ts";
import type { Clock, Log, ProcessView, Random, Socket } from "../platform/mod.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { Blocking } from "./blocking.ts";
import { ClientEviction } from "./client_eviction.ts";
import { Clients } from "./clients.ts";
import { Config } from "./config/config.ts";
import {
  GATE_DISK,
  GATE_LINK,
  GATE_LOADING,
  GATE_MONITOR,
  GATE_PAUSE,
  GATE_PUBSUB,
  GATE_REPLICATION,
  GATE_SNAPSHOT,
  GATE_TIMING,
  HOLD_BLOCKED,
  HOLD_OUTPUT,
  HOLD_PAUSE,
  HOLD_STANDSTILL,
} from "./gates.ts";
import { Eviction } from "./eviction.ts";
import type { ReplicationRules } from "./replication_rules.ts";
import { ReplicaKeys } from "./replica_keys.ts";
import { Propagation } from "./propagation.ts";
import { KeyspaceEvents } from "./keyspace_events.ts";
import { MemoryReserve } from "./memory_reserve.ts";
import { Monitors } from "./monitor.ts";
import type { InputMemory } from "./inbox.ts";
import { Notifications } from "./notifications.ts";
import { OUTBOX_BYTES } from "./outbox.ts";
import type { Journal, WriteRefusal } from "./journal.ts";
import { PubSub } from "./pubsub.ts";
import { Lookahead } from "./lookahead.ts";
import { type ProcessControl, ServerState } from "./server_state.ts";
import { Session } from "./session.ts";
import { commandShapes } from "./shape.ts";
import { Standstill } from "./standstill.ts";
import { Tracking } from "./tracking.ts";
import type { Queued } from "./transaction.ts";
import { Turn } from "./turn.ts";
import { Watches } from "./watch.ts";
import { Upkeep } from "./upkeep.ts";

/** What an engine needs from its owner. */
export interface EngineOptions {
  clock: Clock;
  random: Random;
  log?: Log;
  process?: ProcessView;
  control?: ProcessControl;
  /** Directives; defaults when absent. */
  config?: Config;
  /** Runs a function soon, outside the current command (a microtask or zero timer); at once when absent. */
  later?: (run: () => void) => void;
  /** Runs a function when all that has arrived by now was read; when absent, each read is run and answered at once. */
  afterTurn?: (run: () => void) => void;
  /** Where whoever reads for this engine puts input that needs no copy. */
  input?: InputMemory;
  /** Asks for `wake` to be called at a wall time in milliseconds; when absent, `tick` sees to what is due. */
  wakeAt?: (ms: number) => void;
}

/** So old may the time be for the commands of one turn. */
const CLOCK_AGE_US = 1000;
/** How old the clock is, is asked behind so many commands, or a piece of so many bytes. */
const CLOCK_COMMANDS = 32;
const CLOCK_BYTES = 4096;
const BATCH_ROOM = 512;
/** Replies of a batch that are worth a write of their own. */
const FLUSH_BYTES = 65536;
/** Unread reply bytes beyond which a client without a hard limit is not served further until it reads. */
const OUTPUT_HOLD_BYTES = 16 * 1048576;
/** A request or reply of more bytes is not one of the common path. */
const LARGE_BYTES = 16384;
/** Commands that a RESP2 client with subscriptions may use, with the words of the error that names them. */
const IN_SUBSCRIBED_MODE = [
  "subscribe",
  "unsubscribe",
  "psubscribe",
  "punsubscribe",
  "ssubscribe",
  "sunsubscribe",
  "ping",
  "quit",
  "reset",
];

/** Reasons for which it is not the client that is idle. */
const HOLDS_OF_SERVER = HOLD_BLOCKED | HOLD_PAUSE | HOLD_STANDSTILL;

/** One class of client-output-buffer-limit: hard bytes, soft bytes, soft seconds; 0 is unlimited. */
export interface OutputLimit {
  hard: number;
  soft: number;
  softSeconds: number;
}

/** Commands that act at once inside MULTI. */
const RUNS_IN_MULTI = ["exec", "discard", "multi", "watch", "quit", "reset"];

/** One server in memory. */
export class Engine {
  readonly keyspace: Keyspace;
  readonly table: CommandTable;
  readonly server: ServerState;
  readonly clients: Clients;
  readonly config: Config;
  readonly events: KeyspaceEvents;
  readonly blocking: Blocking;
  readonly eviction: Eviction;
  readonly clientEviction: ClientEviction;
  /** The stream of changes. */
  readonly propagation: Propagation;
  readonly watches: Watches;
  readonly standstill: Standstill;
  readonly upkeep: Upkeep;
  readonly reserve: MemoryReserve;
  readonly replicaKeys: ReplicaKeys;
  readonly pubsub = new PubSub();
  readonly tracking: Tracking;
  readonly monitors: Monitors;
  readonly notifications: Notifications;
  /** The session whose batch or command runs; null outside of both. */
  active: Session | null = null;
  /** The session whose batch runs: its replies are in the writer. */
  feeding: Session | null = null;
  /** Input, replies and messages of one turn of the event loop. */
  readonly turn: Turn;
  readonly ctx: Ctx;
  /** Gate bits for all sessions; 0 on the common path. */
  gates = 0;
  pauseMode: PauseMode = "all";
  authRequired = false;
  bulkBytesMax = BULK_BYTES_MAX;
  queryBufferMax = 1024 * 1024 * 1024;
  readonly outputNormal: OutputLimit = { hard: 0, soft: 0, softSeconds: 0 };
  readonly outputPubsub: OutputLimit = { hard: 0, soft: 0, softSeconds: 0 };
  readonly outputReplica: OutputLimit = { hard: 0, soft: 0, softSeconds: 0 };
  /** Where the writer is when a running batch looks at its output: time to write, or a limit to check. */
  flushPos = OUTBOX_BYTES + FLUSH_BYTES;
  parser = new RequestParser();
  /** Where the running command's reply starts in the writer. */
  replyStart = OUTBOX_BYTES;
  readonly lookahead = new Lookahead();
  /** Per command id. */
  readonly shapes: Int32Array;
  readonly mayWrite: Uint8Array;
  readonly runsInMulti: Uint8Array;
  readonly inSubscribedMode: Uint8Array;
  readonly clientContainer: Uint8Array;
  readonly execId: number;
  readonly pingId: number;
  /** Where changes are written before anyone hears of them. */
  journal: Journal | null = null;
  /** Which replies in the writer speak of changes. */
  readonly acknowledgements: Acknowledgements = new Acknowledgements();
  writeRefusal: WriteRefusal = null;
  replicationRules: ReplicationRules = NO_RULES;
  /** Bytes of the request that runs. */
  requestBytes = 0;
  /** Where it ends in its buffer. */
  requestEnd = 0;
  /** Requests and replies of fewer bytes need no look at the command log. */
  largeBytes = LARGE_BYTES;
  readonly later: (run: () => void) => void;
  /** Set by the owner: see EngineOptions.wakeAt. */
  wakeAt: (ms: number) => void;

  private parsers: RequestParser[] = [];
  private nextId = 1;
  private batchIds = new Int32Array(BATCH_ROOM);
  private batchCount = 0;
  private keysFound = new KeyList();
  /** Which of its commands are not yet counted for the session that runs. */
  private batchFrom = 0;
  /** When the batch began; -1 while none has. */
  private batchStartUs = 0;
  private clockUs = 0;

  constructor(options: EngineOptions) {
    const { clock, random } = options;
    this.later = options.later ?? ((run) => run());
    this.wakeAt = options.wakeAt ?? (() => {});
    this.config = options.config ?? new Config();
    this.table = commandTable();
    const seed = new Int32Array(2);
    random.fill(new Uint8Array(seed.buffer));
    const databases = this.config.number("databases") || DATABASES_DEFAULT;
    this.keyspace = new Keyspace(databases, seed, () => random.next32());
    this.server = new ServerState(
      clock,
      random,
      options.log ?? { write: () => {} },
      options.process ?? NO_PROCESS,
      options.control ?? NO_CONTROL,
      this.table.count,
      this.config,
    );
    this.server.countReplicaKeys = () => this.replicaKeys.count;
    this.server.onReset = () => {
      this.keyspace.expiredKeys = 0;
      this.keyspace.expiredFields = 0;
      this.keyspace.reclaimedKeys = 0;
      this.upkeep.expiry.resetStats();
      this.upkeep.fieldExpiry.resetStats();
      this.upkeep.defrag.resetStats();
    };
    this.turn = new Turn(this, options.afterTurn ?? null, options.input);
    this.events = new KeyspaceEvents(this.keyspace);
    this.blocking = new Blocking(this);
    this.eviction = new Eviction(this);
    this.clientEviction = new ClientEviction(this);
    this.propagation = new Propagation(this);
    this.clients = new Clients(this);
    this.watches = new Watches(this);
    this.standstill = new Standstill(this);
    this.upkeep = new Upkeep(this);
    this.replicaKeys = new ReplicaKeys(this);
    this.server.defrag = this.upkeep.defrag;
    this.reserve = new MemoryReserve(this);
    this.tracking = new Tracking(this);
    this.monitors = new Monitors(this);
    this.notifications = new Notifications(this);
    this.ctx = new Ctx(
      new ReplyWriter(this.turn.memory, OUTBOX_BYTES),
      this.keyspace,
      this.clients,
      this.server,
      this.config,
      this.table,
    );
    this.ctx.ahead = this.lookahead;
    this.ctx.pubsub = this.pubsub;
    this.ctx.tracking = this.tracking;
    this.ctx.notifier = this.notifications;
    this.ctx.propagator = this.propagation;
    this.shapes = commandShapes(this.table);
    this.runsInMulti = this.table.mark((name) => RUNS_IN_MULTI.includes(name));
    this.inSubscribedMode = this.table.mark((name) => IN_SUBSCRIBED_MODE.includes(name));
    this.clientContainer = this.table.mark((name) => name.startsWith("client|"));
    this.mayWrite = this.table.mark((_, flags) => (flags & (WRITE | MAY_REPLICATE)) !== 0);
    this.execId = this.table.idOf("exec");
    this.pingId = this.table.idOf("ping");
    this.readClock();
    this.followConfig();
  }

  /** Copies directives that the hot path reads into fields, now and at each change. */
  private followConfig(): void {
    const { config } = this;
    const follow = (name: string, apply: () => void) => {
      apply();
      config.onApply(name, () => {
        apply();
        return "";
      });
    };
    follow("proto-max-bulk-len", () => this.bulkBytesMax = config.number("proto-max-bulk-len"));
    follow("client-query-buffer-limit", () => {
      this.queryBufferMax = config.number("client-query-buffer-limit");
    });
    for (const what of ["execution-slower-than", "request-larger-than", "reply-larger-than"]) {
      follow(`commandlog-${what}`, () => this.followCommandLog());
    }
    for (const what of ["slow-execution", "large-request", "large-reply"]) {
      follow(`commandlog-${what}-max-len`, () => this.followCommandLog());
    }
    follow("latency-monitor-threshold", () => this.followLatency());
    follow("latency-tracking", () => this.followLatency());
    follow("requirepass", () => this.authRequired = config.text("requirepass") !== "");
    for (const name of ["maxmemory", "maxmemory-clients"]) {
      follow(name, () => this.clientEviction.follow());
    }
    for (const name of ["maxmemory", "maxmemory-samples", "maxmemory-eviction-tenacity"]) {
      follow(name, () => this.eviction.follow());
    }
    follow("lazyfree-lazy-eviction", () => {
      this.keyspace.lazyEvict = config.flag("lazyfree-lazy-eviction");
    });
    follow("maxmemory-policy", () => {
      this.keyspace.lfuEnabled = config.text("maxmemory-policy").endsWith("lfu");
      this.eviction.follow();
    });
    follow("lfu-log-factor", () => this.keyspace.lfuLogFactor = config.number("lfu-log-factor"));
    follow("lfu-decay-time", () => this.keyspace.lfuDecayMinutes = config.number("lfu-decay-time"));
    follow("lazyfree-lazy-expire", () => {
      this.keyspace.lazyExpire = config.flag("lazyfree-lazy-expire");
    });
    follow("lazyfree-lazy-user-del", () => {
      this.keyspace.lazyUserDel = config.flag("lazyfree-lazy-user-del");
    });
    follow("lazyfree-lazy-server-del", () => {
      this.keyspace.lazyOverwrite = config.flag("lazyfree-lazy-server-del");
    });
    this.followLimits();
    follow("client-output-buffer-limit", () => {
      this.followOutputLimit("normal", this.outputNormal);
      this.followOutputLimit("pubsub", this.outputPubsub);
      this.followReplicaLimit();
      const { hard } = this.outputNormal;
      this.flushPos = this.ctx.out.start + (hard > 0 ? Math.min(hard, FLUSH_BYTES) : FLUSH_BYTES);
    });
    follow("repl-backlog-size", () => this.followReplicaLimit());
    follow("notify-keyspace-events", () => {
      this.notifications.follow(config.text("notify-keyspace-events"));
    });
    follow("tracking-table-max-keys", () => {
      this.tracking.keysMax = config.number("tracking-table-max-keys");
    });
  }

  /** What is kept for all replicas anyway is no burden of one. */
  private followReplicaLimit(): void {
    const limit = this.outputReplica;
    this.followOutputLimit("slave", limit);
    const least = this.config.number("repl-backlog-size");
    if (limit.hard > 0) limit.hard = Math.max(limit.hard, least);
    if (limit.soft > 0) limit.soft = Math.max(limit.soft, least);
  }

  private followOutputLimit(name: string, limit: OutputLimit): void {
    const words = this.config.text("client-output-buffer-limit").split(" ");
    const at = words.indexOf(name);
    limit.hard = Number(words[at + 1]);
    limit.soft = Number(words[at + 2]);
    limit.softSeconds = Number(words[at + 3]);
  }

  /** Directives that say how long values keep their compact form. */
  private followLimits(): void {
    const { config } = this;
    const { limits } = this.keyspace;
    const names: Readonly<Record<Exclude<keyof EncodingLimits, "listPackedThreshold">, string>> = {
      hashMaxListpackEntries: "hash-max-listpack-entries",
      hashMaxListpackValue: "hash-max-listpack-value",
      listMaxListpackSize: "list-max-listpack-size",
      listCompressDepth: "list-compress-depth",
      setMaxIntsetEntries: "set-max-intset-entries",
      setMaxListpackEntries: "set-max-listpack-entries",
      setMaxListpackValue: "set-max-listpack-value",
      zsetMaxListpackEntries: "zset-max-listpack-entries",
      zsetMaxListpackValue: "zset-max-listpack-value",
      hllSparseMaxBytes: "hll-sparse-max-bytes",
      streamNodeMaxBytes: "stream-node-max-bytes",
      streamNodeMaxEntries: "stream-node-max-entries",
    };
    for (const field of Object.keys(names) as (keyof typeof names)[]) {
      const apply = () => {
        limits[field] = config.number(names[field]);
        return "";
      };
      apply();
      config.onApply(names[field], apply);
    }
  }

  private followLatency(): void {
    const { latency } = this.server;
    const ms = this.config.number("latency-monitor-threshold");
    latency.thresholdUs = ms === 0 ? Infinity : ms * 1000;
    latency.tracking = this.config.flag("latency-tracking");
    this.followCommandLog();
  }

  private followCommandLog(): void {
    const { commandLog, latency } = this.server;
    commandLog.readThresholds();
    this.largeBytes = Math.min(LARGE_BYTES, commandLog.largeRequest, commandLog.largeReply);
    if (commandLog.mustTime || latency.thresholdUs !== Infinity) this.gates |= GATE_TIMING;
    else this.gates &= ~GATE_TIMING;
  }

  /** A new client over a transport. */
  connect(socket: Socket): Session {
    this.readClock();
    const session = new Session(this, this.nextId++, socket);
    this.clients.sessions.set(session.id, session);
    this.server.stats.totalConnections++;
    return session;
  }

  /** Reads the clocks for input that is about to be run. */
  freshen(): void {
    this.readClock();
    this.clockUs = this.server.clock.monotonicUs();
    this.batchStart(this.clockUs);
  }

  /** Removes an ended session. */
  forget(session: Session): void {
    this.clients.sessions.delete(session.id);
    this.clientEviction.forget(session);
  }

  // ---- around a batch of input (called by sessions)

  enter(session: Session): void {
    const { ctx } = this;
    this.server.stats.totalReads++;
    ctx.client = session;
    this.active = session;
    this.feeding = session;
    ctx.db = this.keyspace.dbs[session.dbIndex];
    ctx.out.proto = session.proto;
    ctx.noTouch = session.noTouch;
    this.batchFrom = this.batchCount;
  }

  /** Ends a piece of `len` bytes. */
  leave(len: number): void {
    this.creditBatch();
    if (this.batchCount >= CLOCK_COMMANDS || len >= CLOCK_BYTES) this.batchEnd();
    if (this.batchStartUs - this.clockUs <= CLOCK_AGE_US) return;
    this.readClock();
    this.clockUs = this.batchStartUs;
  }

  /** Counts the commands of the batch that the running session gave. */
  private creditBatch(): void {
    (this.ctx.client as Session).commands += this.batchCount - this.batchFrom;
    this.batchFrom = this.batchCount;
  }

  /** Forgets the requests that the parser of all has read and that have not run. */
  forgetRead(): void {
    this.lookahead.drop();
    this.parser.reset();
  }

  /** Forgets a batch that ended with an exception: nothing that it left may reach the next one. */
  abandonBatch(): void {
    this.ctx.out.clear();
    this.acknowledgements.cut(0);
    this.forgetRead();
    this.batchEnd();
    this.active = null;
    this.feeding = null;
  }

  /** Remembers the surroundings of the running command. Returns a function that puts them back. */
  borrowContext(): () => void {
    const { ctx } = this;
    const { argBuf, off, len, argc, rawOff, rawLen, aheadSpan, client, db, noTouch, hash, dirty } =
      ctx;
    const { proto, errors } = ctx.out;
    const requestBytes = this.requestBytes;
    this.batchEnd();
    return () => {
      Object.assign(ctx, { argBuf, off, len, argc, rawOff, rawLen, aheadSpan });
      Object.assign(ctx, { client, db, noTouch, hash });
      ctx.dirty = dirty;
      ctx.out.proto = proto;
      // Errors of others are no failure of this command.
      ctx.out.errors = errors;
      this.requestBytes = requestBytes;
    };
  }

  /** Points the context at a kept request of the session whose `reply` is under way. */
  useRequest(session: Session, request: Queued): void {
    const { ctx } = this;
    session.lastCommand = request.id;
    ctx.argBuf = request.buf;
    ctx.off = request.off;
    ctx.len = request.len;
    ctx.argc = request.argc;
    ctx.aheadSpan = 0;
    ctx.rawOff = -1;
    this.requestBytes = request.buf.length;
  }

  /** Lets snapshots under way see the keys of the running command before it changes them. */
  touchKeys(id: number): void {
    const { keyspace, ctx, table } = this;
    if ((table.flags[id] & (WRITE | MAY_REPLICATE)) === 0) return;
    const count = extractKeys(table, id, ctx, this.keysFound);
    for (let i = 0; i < count; i++) {
      const arg = this.keysFound.args[i];
      keyTouching(keyspace, ctx.db, keyHash(keyspace, ctx.argBuf, ctx.off[arg], ctx.len[arg]));
    }
  }

  /** Refuses commands that write from now on with this reply; null ends that. */
  refuseWrites(refusal: WriteRefusal): void {
    this.writeRefusal = refusal;
    if (refusal !== null) this.gates |= GATE_DISK;
    else this.gates &= ~GATE_DISK;
  }

  /** Whether the data set is being loaded: commands that need it are refused, and nothing in it expires. */
  get isLoading(): boolean {
    return (this.gates & GATE_LOADING) !== 0;
  }

  set isLoading(isLoading: boolean) {
    if (isLoading) this.gates |= GATE_LOADING;
    else this.gates &= ~GATE_LOADING;
  }

  /** What replication forbids from now on. */
  setReplicationRules(rules: ReplicationRules): void {
    this.replicationRules = rules;
    this.replicaKeys.follow(this.server.isReplica && !rules.readOnly);
    const { readOnly, stale, lacksReplicas, primary } = rules;
    if (readOnly || stale || lacksReplicas || primary !== "") this.gates |= GATE_REPLICATION;
    else this.gates &= ~GATE_REPLICATION;
  }

  /** To be called when a snapshot begins or ends. */
  snapshotsChanged(): void {
    if (this.keyspace.walks.length > 0) this.gates |= GATE_SNAPSHOT;
    else this.gates &= ~GATE_SNAPSHOT;
  }

  /** What is due at the time asked for with `wakeAt`. */
  wake(): void {
    this.readClock();
    this.blocking.expireWaits(this.ctx.nowMs);
    this.turn.settle();
  }

  /** Takes the time for the commands that follow. */
  readClock(): void {
    const nowMs = this.server.clock.wallMs();
    this.ctx.nowMs = nowMs;
    this.keyspace.lruSeconds = Math.floor(nowMs / 1000) & 0xffffff;
    this.keyspace.lfuMinutes = Math.floor(nowMs / 60000) & 0xffff;
  }

  /** Leaves out of all batches what happens until the next quick command. */
  batchPause(): void {
    this.batchEnd();
    this.batchStart(-1);
  }

  batchStart(startUs: number): void {
    this.batchStartUs = startUs;
    this.batchCount = 0;
    this.batchFrom = 0;
  }

  /** Counts a quick command of the running batch. */
  batch(id: number): void {
    if (this.batchStartUs < 0) this.batchStart(this.server.clock.monotonicUs());
    if (this.batchCount === BATCH_ROOM) {
      this.batchEnd();
      this.readClock();
    }
    this.batchIds[this.batchCount++] = id;
  }

  /** Shares the time since batchStart among the commands counted. */
  batchEnd(): void {
    const count = this.batchCount;
    if (count === 0) return;
    const { server } = this;
    const nowUs = server.clock.monotonicUs();
    const usec = nowUs - this.batchStartUs;
    this.batchStartUs = nowUs;
    const each = usec / count;
    if (usec > server.stats.batchUsMax) server.stats.batchUsMax = usec;
    if (count > server.stats.batchCommandsMax) server.stats.batchCommandsMax = count;
    const { latency } = server;
    for (let i = 0, next = 0; i < count; i = next) {
      const id = this.batchIds[i];
      while (next < count && this.batchIds[next] === id) next++;
      server.calls[id] += next - i;
      server.usec[id] += each * (next - i);
      if (latency.tracking) latency.record(id, each, next - i);
    }
    server.stats.totalCommands += count;
    this.creditBatch();
    this.batchCount = 0;
    this.batchFrom = 0;
  }

  /** Adds the last error of the writer to the error statistics. */
  countError(out: ReplyWriter): void {
    const { stats, errorCounts } = this.server;
    stats.totalErrorReplies++;
    const start = out.errorOff + 1;
    let end = start;
    while (end < out.pos && out.buf[end] !== 32 && out.buf[end] !== 13 && end - start < 32) end++;
    const prefix = latin1(out.buf, start, end - start);
    errorCounts.set(prefix, (errorCounts.get(prefix) ?? 0) + 1);
  }

  // ---- buffers

  spareParser(): RequestParser {
    return this.parsers.pop() ?? new RequestParser();
  }

  giveParser(parser: RequestParser): void {
    parser.reset();
    if (this.parsers.length < 64) this.parsers.push(parser);
  }

  /** The limits on the output of a session; those who monitor are normal clients here. */
  outputLimitOf(session: Session): OutputLimit {
    if (session.isReplica) return session.isTakingSnapshot ? NO_LIMIT : this.outputReplica;
    return (session.gates & GATE_PUBSUB) !== 0 ? this.outputPubsub : this.outputNormal;
  }

  /** A session could not send everything: enforces the output limits and back-pressure. */
  outputGrew(session: Session): void {
    const bytes = session.pendingBytes;
    const { hard, soft, softSeconds } = this.outputLimitOf(session);
    if (hard > 0 && bytes > hard) {
      this.closeForOutput(session, "hard");
    } else if (soft > 0 && bytes > soft) {
      if (session.softLimitMs === 0) session.softLimitMs = this.ctx.nowMs;
      else if (this.ctx.nowMs - session.softLimitMs > softSeconds * 1000) {
        this.closeForOutput(session, "soft");
      }
    } else {
      session.softLimitMs = 0;
    }
    if (hard === 0 && bytes > OUTPUT_HOLD_BYTES && !session.closed && !session.isReplica) {
      session.holdInput(HOLD_OUTPUT);
      session.socket.pauseInput(true);
    }
  }

  /** Drops a client whose replies of one batch alone exceed the hard limit. */
  checkBatch(session: Session): void {
    const { out } = this.ctx;
    if (session.pendingBytes + out.size > this.outputLimitOf(session).hard) this.dropBatch(session);
  }

  /** Drops a client and its replies in the writer. */
  dropBatch(session: Session): void {
    this.ctx.out.clear();
    this.acknowledgements.cut(0);
    this.closeForOutput(session, "hard");
  }

  /** Ends a connection that leaves too many replies unread; `kind` says which limit that was. */
  closeForOutput(session: Session, kind: string): void {
    this.server.stats.outputBufferLimitDisconnections++;
    this.server.log.write(
      3,
      `Client ${
        this.clients.describe(session)
      } scheduled to be closed ASAP for overcoming of output buffer limits (${kind}).`,
    );
    session.close();
  }

  /**
   * Periodic work: pauses that end, idle timeouts, soft limits, upkeep of the data. The owner calls it about ten times
   * a second. Returns after how many milliseconds `upkeep.run` wants to be called in between, 0 for never. Without
   * `withUpkeep`, that is under way already: two slices in a row would be one of twice the length.
   */
  tick(withUpkeep = true): number {
    this.readClock();
    const startUs = this.server.clock.monotonicUs();
    const nowMs = this.ctx.nowMs;
    if ((this.gates & GATE_PAUSE) !== 0 && nowMs >= this.clients.pausedUntilMs) {
      this.clients.unpause();
    }
    const timeoutMs = this.config.number("timeout") * 1000;
    const { replyBufferResizing, replyBufferPeakResetMs } = this.server;
    for (const session of this.clients.sessions.values()) {
      const isWaiting = (session.hold & HOLDS_OF_SERVER) !== 0 ||
        (session.gates & (GATE_PUBSUB | GATE_MONITOR | GATE_LINK)) !== 0;
      if (timeoutMs > 0 && !isWaiting && nowMs - session.lastActiveMs > timeoutMs) {
        this.server.log.write(1, "Closing idle client");
        session.close();
      } else if (session.softLimitMs > 0) {
        this.outputGrew(session);
      }
      if (replyBufferResizing) {
        session.replyBuffer.adapt(nowMs, replyBufferPeakResetMs, session.pendingBytes);
      }
    }
    this.tracking.shrink();
    this.clientEviction.tick();
    const wait = withUpkeep ? this.upkeep.run() : 0;
    this.afterUpkeep();
    this.server.tickEnded(startUs);
    return wait;
  }

  /** Serves clients that wait for what the upkeep changed, and those whose time is up. */
  afterUpkeep(): void {
    this.blocking.expireWaits(this.ctx.nowMs);
    this.blocking.serve();
    this.turn.settle();
    this.blocking.resume();
  }
}

/** Makes an engine. */
export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}

const NO_LIMIT: OutputLimit = { hard: 0, soft: 0, softSeconds: 0 };

const NO_RULES: ReplicationRules = {
  readOnly: false,
  stale: false,
  lacksReplicas: false,
  primary: "",
  loadsBeside: false,
  isFailingOver: false,
};

const NO_PROCESS: ProcessView = {
  pid: 0,
  residentBytes: () => 0,
  cpuUs: () => ({ user: 0, system: 0 }),
  os: "",
  executable: "",
  systemMemoryBytes: 0,
  runtime: "",
};

const NO_CONTROL: ProcessControl = {
  shutdown: () => "ERR Errors trying to SHUTDOWN. Check logs.",
  abortShutdown: () => false,
  sleep: () => {},
};
