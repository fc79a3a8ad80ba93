// primary_link.ts: the connection of a replica to its primary, from the first word to the last.
//
//   connect -> connecting -> handshake -> sync (a snapshot comes) -> connected (the stream comes) -> lost
//                                    \---------- +CONTINUE ---------^
//
// THE STREAM is fed to a session without a socket of its own, through the execution all commands take. What was executed is
// counted request by request, a transaction at its EXEC, and goes to the backlog as it came: so the own replicas get the
// very same bytes, and after a cut the stream goes on behind the last whole request, no matter where it was cut.
//
//   received   [applied ........ | in the session: half a request, an open MULTI, held input ]
//   offsets    history.offset ---^                                                            ^--- readOffset
//
// INVARIANT: `tail` holds the received bytes behind history.offset.

import { copyBytes, fromLatin1 } from "../lib/bytes/ascii.ts";
import type { LinkState } from "../lib/commands/replication_view.ts";
import type { Socket } from "../lib/platform/mod.ts";
import { Handshake, type HandshakeFacts, type Outcome } from "../lib/repl/handshake.ts";
import type { History } from "../lib/repl/history.ts";
import { LineReader, Transfer } from "../lib/repl/transfer.ts";
import type { Engine } from "../lib/session/engine.ts";
import { GATE_LINK } from "../lib/session/gates.ts";
import type { Session, StreamLink } from "../lib/session/session.ts";
import type { Caller, Dial } from "./dial.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const LINE_BYTES_MAX = 65536;
const TAIL_START_BYTES = 4096;
const TAIL_KEPT_BYTES = 1 << 20;

/** What came of a snapshot: "" or what went wrong, and the database the stream behind it is in. */
export interface Loaded {
  problem: string;
  database: number;
}

/** Where a snapshot goes while it comes, and what becomes of it. */
export interface Incoming {
  write(buf: Uint8Array, off: number, len: number): void;
  /** Whether it is at work on what has come, and whether that is so much that no more should come. */
  readonly isBusy: boolean;
  readonly isFull: boolean;
  /** All of it is there. */
  load(): void;
  discard(): void;
}

/** What the connection needs from its server. */
export interface LinkHost {
  dial: Dial;
  handshake(): HandshakeFacts;
  /** A snapshot is about to come; throws an Error with the system's words. */
  incoming(id: string, done: (loaded: Loaded) => void, onRead: () => void): Incoming;
  /** The data set has become that of the primary, `offset` being -1 where it counts no bytes. */
  adopted(id: string, offset: number): void;
  /** What the primary said to PSYNC: whether it lets this server follow. */
  answered(isAccepted: boolean): void;
  /** The stream goes on under this id; "" for the same. */
  continued(id: string): void;
  /** A command of the stream failed, where it had worked on the primary. */
  failed(): void;
  /** A write was applied that the disk does not take. */
  undurable(): void;
  /** Bytes of the stream were applied. */
  applied(buf: Uint8Array, off: number, len: number): void;
  /** Number of the last byte that is safe in the own append-only file; -1 without one. */
  syncedOffset(): number;
  /** The state has changed. */
  changed(): void;
  /** The connection is gone; `wasUp` when the stream was coming, `wasNear` when it or a snapshot was. */
  lost(wasUp: boolean, wasNear: boolean): void;
}

/** One try to follow a primary. */
export class PrimaryLink implements Caller, StreamLink {
  state: LinkState = "connect";
  transfer: Transfer | null = null;
  /** When anything came, wall time in milliseconds. */
  lastIoMs = 0;
  /** Number of the last byte of the stream that came. */
  readOffset = 0;
  /** The database the stream is in. */
  database: number;
  readonly host: string;
  readonly port: number;
  private engine: Engine;
  private history: History;
  private owner: LinkHost;
  private socket: Socket | null = null;
  private lines = new LineReader();
  private handshake: Handshake | null = null;
  private session: Session | null = null;
  private incoming: Incoming | null = null;
  private fullId = "";
  private fullOffset = -1;
  private countsBytes = true;
  private appliedTo = 0;
  private tail = new Uint8Array(0);
  private tailLen = 0;
  private isLoading = false;
  private isPaused = false;
  /** What came behind the snapshot while that is loaded. */
  private early: Uint8Array[] = [];
  private isOver = false;

  constructor(
    engine: Engine,
    history: History,
    owner: LinkHost,
    host: string,
    port: number,
    database: number,
  ) {
    this.engine = engine;
    this.history = history;
    this.owner = owner;
    this.host = host;
    this.port = port;
    this.database = database;
    this.lastIoMs = this.nowMs;
  }

  private get nowMs(): number {
    return this.engine.server.clock.wallMs();
  }

  private log(text: string, level: 2 | 3 = LOG_NOTICE): void {
    this.engine.server.log.write(level, text);
  }

  private become(state: LinkState): void {
    this.state = state;
    this.owner.changed();
  }

  /** Number of the last byte that was applied. */
  get offset(): number {
    return this.state === "connected" ? this.appliedTo : this.history.offset;
  }

  get currentDatabase(): number {
    return this.session?.dbIndex ?? this.database;
  }

  /** Seconds since anything came. */
  silentSeconds(): number {
    return Math.max(0, Math.floor((this.nowMs - this.lastIoMs) / 1000));
  }

  connect(localHost: string): void {
    this.become("connecting");
    this.log("PRIMARY <-> REPLICA sync started");
    this.socket = this.owner.dial(this.host, this.port, this, localHost);
  }

  // ---- Caller

  connected(): void {
    if (this.isOver) return;
    this.lastIoMs = this.nowMs;
    this.log("Non blocking connect for SYNC fired the event.");
    this.handshake = new Handshake(this.owner.handshake());
    this.become("handshake");
    this.sayAll(this.handshake.start());
  }

  received(bytes: Uint8Array, off: number, len: number): void {
    const { server } = this.engine;
    this.lastIoMs = this.nowMs;
    server.stats.replicationInputBytes += len;
    let at = off;
    const end = off + len;
    while (at < end && !this.isOver) {
      const state = this.state;
      if (this.isLoading) {
        this.early.push(bytes.slice(at, end));
        return;
      }
      if (state === "handshake") at += this.hear(bytes, at, end - at);
      else if (state === "sync") at += this.take(bytes, at, end - at);
      else {
        this.stream(bytes, at, end - at);
        at = end;
      }
    }
  }

  ended(reason: string): void {
    if (this.isOver) return;
    if (this.state === "connected") {
      this.log("Connection with primary lost.");
    } else if (this.state === "sync") {
      const why = reason === "" ? "connection lost" : reason;
      this.log(`I/O error trying to sync with PRIMARY: ${why}`, LOG_WARNING);
    } else {
      this.log(`Error condition on socket for SYNC: ${reason || "connection lost"}`, LOG_WARNING);
    }
    this.end();
  }

  /** Ends the connection; nothing more is heard of it. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.settle();
    const { session } = this;
    this.session = null;
    if (session !== null) {
      this.database = session.dbIndex;
      session.onEnd = null;
      session.close();
    }
    this.socket?.destroy();
    this.incoming?.discard();
    this.incoming = null;
    this.transfer = null;
  }

  /** Closes, and lets the server try again. */
  private end(): void {
    if (this.isOver) return;
    const wasUp = this.state === "connected";
    const wasNear = wasUp || this.state === "sync";
    this.close();
    this.state = "connect";
    this.owner.lost(wasUp, wasNear);
  }

  // ---- handshake

  private say(words: readonly string[]): void {
    const text = words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
    const bytes = fromLatin1(`*${words.length}\r\n${text}`);
    this.socket?.write(bytes, 0, bytes.length);
  }

  private sayAll(commands: readonly (readonly string[])[]): void {
    for (const words of commands) this.say(words);
  }

  private hear(bytes: Uint8Array, off: number, len: number): number {
    const { lines, handshake } = this;
    const taken = lines.feed(bytes, off, len);
    if (lines.line === null || handshake === null) {
      if (lines.pending > LINE_BYTES_MAX) this.end();
      return taken;
    }
    const step = handshake.line(lines.line);
    for (const { isWarning, text } of step.notes) {
      this.log(text, isWarning ? LOG_WARNING : LOG_NOTICE);
    }
    this.sayAll(step.send);
    if (step.outcome !== null) this.decided(step.outcome);
    return taken;
  }

  private decided(outcome: Outcome): void {
    if (this.handshake?.hasAsked) this.owner.answered(["full", "continue"].includes(outcome.kind));
    // A failover that was refused has made this server a primary again.
    if (this.isOver) return;
    if (outcome.kind === "later" || outcome.kind === "failed") {
      return this.end();
    }
    if (outcome.kind === "continue") {
      this.log("PRIMARY <-> REPLICA sync: Primary accepted a Partial Resynchronization.");
      this.owner.continued(outcome.id);
      return this.startStream();
    }
    this.fullId = outcome.id;
    this.fullOffset = outcome.offset;
    this.transfer = new Transfer();
    try {
      this.incoming = this.owner.incoming(
        outcome.id,
        (loaded) => this.loaded(loaded),
        () => this.resume(),
      );
    } catch (error) {
      this.log(
        `Opening the temp file needed for PRIMARY <-> REPLICA synchronization: ${
          (error as Error).message
        }`,
        LOG_WARNING,
      );
      return this.end();
    }
    this.become("sync");
  }

  // ---- snapshot

  private take(bytes: Uint8Array, off: number, len: number): number {
    const transfer = this.transfer as Transfer;
    const incoming = this.incoming as Incoming;
    const wasUnderWay = transfer.isUnderWay;
    let taken = 0;
    try {
      taken = transfer.feed(bytes, off, len, (buf, from, count) => {
        incoming.write(buf, from, count);
      });
    } catch (error) {
      transfer.problem =
        `Write error or short write writing to the DB dump file needed for PRIMARY <-> REPLICA ` +
        `synchronization: ${(error as Error).message}`;
    }
    if (!wasUnderWay && transfer.isUnderWay) {
      this.log(
        transfer.hasMark
          ? "PRIMARY <-> REPLICA sync: receiving streamed RDB from primary with EOF"
          : `PRIMARY <-> REPLICA sync: receiving ${transfer.total} bytes from primary`,
      );
    }
    if (this.isOver) return taken;
    if (transfer.problem !== "") {
      this.log(transfer.problem, LOG_WARNING);
      this.end();
    } else if (transfer.isDone) {
      this.load(incoming);
    } else if (incoming.isFull) {
      this.isPaused = true;
      this.socket?.pauseInput(true);
    }
    return taken;
  }

  /** Goes on taking bytes when the loading is no longer behind. */
  private resume(): void {
    if (!this.isPaused || this.incoming?.isFull) return;
    this.isPaused = false;
    this.lastIoMs = this.nowMs;
    if (!this.isLoading) this.socket?.pauseInput(false);
  }

  /** Nothing more is read before it is loaded; what came with it already waits. */
  private load(incoming: Incoming): void {
    this.isLoading = true;
    this.socket?.pauseInput(true);
    incoming.load();
  }

  private loaded({ problem, database }: Loaded): void {
    if (this.isOver) return;
    this.isLoading = false;
    this.incoming = null;
    this.transfer = null;
    this.lastIoMs = this.nowMs;
    if (problem !== "") {
      this.log(problem, LOG_WARNING);
      return this.end();
    }
    this.countsBytes = this.fullOffset >= 0;
    this.database = database;
    this.owner.adopted(this.fullId, this.fullOffset);
    this.log("PRIMARY <-> REPLICA sync: Finished with success");
    this.startStream();
    this.sendAck();
    const { early } = this;
    this.early = [];
    for (const bytes of early) this.received(bytes, 0, bytes.length);
    this.socket?.pauseInput(false);
  }

  // ---- stream

  private startStream(): void {
    const { engine } = this;
    this.readOffset = this.history.offset;
    this.appliedTo = this.history.offset;
    this.tailLen = 0;
    const session = engine.connect(this.sessionSocket());
    engine.server.stats.totalConnections--;
    session.login("default");
    session.dbIndex = engine.keyspace.dbs[this.database] === undefined ? 0 : this.database;
    session.mustAnswer = true;
    session.link = this;
    session.gates |= GATE_LINK;
    session.onEnd = () => this.killed();
    this.session = session;
    this.become("connected");
  }

  /** What the stream's session takes for its socket: replies go nowhere. */
  private sessionSocket(): Socket {
    const socket = this.socket as Socket;
    return {
      write: (_buf, _off, len) => len,
      pauseInput: (isPaused) => socket.pauseInput(isPaused),
      end: () => {},
      destroy: () => {},
      remote: socket.remote,
      local: socket.local,
      isUnix: false,
      fd: socket.fd,
    };
  }

  /** Somebody ended the session: CLIENT KILL, or a stream that makes no sense. */
  private killed(): void {
    if (this.isOver) return;
    this.log("Connection with primary lost.");
    this.end();
  }

  private stream(bytes: Uint8Array, off: number, len: number): void {
    const session = this.session as Session;
    this.readOffset += len;
    if (this.tailLen > 0) this.keep(bytes, off, len);
    const hadTail = this.tailLen > 0;
    session.feedNow(bytes, off, len);
    if (hadTail) return this.settle();
    const applied = Math.min(len, this.appliedTo - this.history.offset);
    if (applied > 0) this.owner.applied(bytes, off, applied);
    if (applied < len && !this.isOver) this.keep(bytes, off + applied, len - applied);
  }

  private keep(bytes: Uint8Array, off: number, len: number): void {
    if (this.tailLen + len > this.tail.length) {
      const size = Math.max(TAIL_START_BYTES, this.tail.length * 2, this.tailLen + len);
      const bigger = new Uint8Array(size);
      copyBytes(this.tail, 0, bigger, 0, this.tailLen);
      this.tail = bigger;
    }
    copyBytes(bytes, off, this.tail, this.tailLen, len);
    this.tailLen += len;
  }

  /** Hands on what was applied of the bytes that were kept. */
  private settle(): void {
    const applied = Math.min(this.tailLen, this.appliedTo - this.history.offset);
    if (applied <= 0 || this.state !== "connected") return;
    const { tail } = this;
    this.tailLen -= applied;
    this.owner.applied(tail, 0, applied);
    tail.copyWithin(0, applied, applied + this.tailLen);
    if (this.tailLen === 0 && tail.length > TAIL_KEPT_BYTES) this.tail = new Uint8Array(0);
  }

  ran(session: Session, rest: number, isError: boolean): void {
    if (isError) this.owner.failed();
    if (!session.inMulti) this.appliedTo = this.readOffset - rest;
  }

  undurable(): void {
    this.owner.undurable();
  }

  /** Acknowledges what was applied. */
  sendAck(): void {
    if (this.state !== "connected" || !this.countsBytes) return;
    const words = ["REPLCONF", "ACK", String(this.appliedTo)];
    const synced = this.owner.syncedOffset();
    if (synced >= 0) words.push("FACK", String(synced));
    this.say(words);
  }

  // ---- periodic work

  /** Called once a second. */
  tick(timeoutMs: number): void {
    if (this.isOver) return;
    this.settle();
    const isAtWork = this.isLoading || this.incoming?.isBusy === true;
    const isLate = !isAtWork && this.nowMs - this.lastIoMs > timeoutMs;
    if (!isLate) {
      if (this.state === "connected") this.sendAck();
      // A sign of life: the primary sees that its snapshot is still wanted.
      else if (this.state === "sync") this.socket?.write(NEWLINE, 0, 1);
      return;
    }
    if (this.state === "connected") {
      this.log("PRIMARY timeout: no data nor PING received...", LOG_WARNING);
    } else if (this.state === "sync") {
      this.log(
        "Timeout receiving bulk data from PRIMARY... If the problem persists try to set the " +
          "'repl-timeout' parameter in valkey.conf to a larger value.",
        LOG_WARNING,
      );
    } else {
      this.log("Timeout connecting to the PRIMARY...", LOG_WARNING);
    }
    this.end();
  }
}

const NEWLINE = fromLatin1("\n");
