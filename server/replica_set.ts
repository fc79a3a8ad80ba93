// replica_set.ts: those who follow this server: who may go on and who needs a snapshot, what each has been sent, how far
// each is.
//
//   waiting --snapshot begins--> sending --all of it is out--> online --connection ends--> gone
//   PSYNC whose history is ours -----------------------------> online
//
// THE STREAM is kept once, in the backlog. At the end of a turn every replica is sent what is new there (drain), straight
// from the ring; what its socket does not take is copied. A replica that is still being sent a snapshot keeps its share
// aside (`kept`) until it acknowledges that it has loaded it.
//
// INVARIANT: after drain, all replicas but those that wait have been given the stream up to byte number `drained`; the ring
// never overwrites a byte beyond it.

import { fromLatin1 } from "../lib/bytes/ascii.ts";
import type { ReplicaFacts, ReplicaState } from "../lib/commands/replication_view.ts";
import { Backlog } from "../lib/repl/backlog.ts";
import type { History } from "../lib/repl/history.ts";
import type { Engine } from "../lib/session/engine.ts";
import { GATE_LINK } from "../lib/session/gates.ts";
import type { Session } from "../lib/session/session.ts";

/** A command without effect, for the stream. */
export const PING = fromLatin1("*1\r\n$4\r\nPING\r\n");
const LOG_WARNING = 3;
const LOG_NOTICE = 2;

/** One who follows. */
export interface Replica {
  readonly session: Session;
  readonly facts: ReplicaFacts;
  /** It came with SYNC: it knows no offsets and never acknowledges. */
  readonly isOld: boolean;
  state: "waiting" | "sending" | "online";
  /** The snapshot is out; the stream follows when it says that it has loaded it. */
  awaitsAck: boolean;
  /** Its share of the stream that must not go out yet. */
  kept: Uint8Array[];
  keptBytes: number;
  ackOffset: number;
  aofOffset: number;
  /** When anything came from it, and what had come by then. */
  heardMs: number;
  heardBytes: number;
  /** When the snapshot last made progress, and its bytes that had not gone out by then. */
  movedMs: number;
  leftBytes: number;
  waitsSinceMs: number;
  /** Its snapshot goes to a file first: nothing but signs of life may be sent meanwhile. */
  isBeingSaved: boolean;
  /** A file is on its way to it. */
  isFileUnderWay: boolean;
}

/** Facts of one who has said nothing. */
function noFacts(): ReplicaFacts {
  return {
    port: 0,
    address: "",
    knowsMark: false,
    knowsIds: false,
    snapshotOnly: false,
    functionsOnly: false,
  };
}

/** The replicas of one server, and the stream they are sent. */
export class ReplicaSet {
  readonly all = new Set<Replica>();
  backlog: Backlog | null = null;
  /** When the last replica went, wall time in milliseconds. */
  lonelySinceMs = 0;
  private engine: Engine;
  private history: History;
  private known = new WeakMap<Session, ReplicaFacts>();
  /** Number of the last byte that all have been given. */
  private drained = 0;
  private isDraining = false;
  private onChange: () => void;

  /** `onChange` is called when one comes online or goes. */
  constructor(engine: Engine, history: History, onChange: () => void) {
    this.engine = engine;
    this.history = history;
    this.onChange = onChange;
  }

  private log(text: string, level: 2 | 3 = LOG_NOTICE): void {
    this.engine.server.log.write(level, text);
  }

  facts(session: Session): ReplicaFacts {
    let facts = this.known.get(session);
    if (facts === undefined) this.known.set(session, facts = noFacts());
    return facts;
  }

  of(session: Session): Replica | null {
    for (const replica of this.all) if (replica.session === session) return replica;
    return null;
  }

  /** "ip:port" as logs name it. */
  nameOf(session: Session): string {
    const { port, address } = this.facts(session);
    return `${address || ipOf(session.remote)}:${port === 0 ? "<unknown-replica-port>" : port}`;
  }

  // ---- the stream

  /** Starts to keep the stream. */
  openBacklog(): void {
    const size = this.engine.config.number("repl-backlog-size");
    this.backlog = new Backlog(size, this.history.offset);
    this.drained = this.history.offset;
  }

  closeBacklog(): void {
    this.backlog = null;
  }

  /** The stream goes on: buf[off, off+len). */
  append(buf: Uint8Array, off: number, len: number): void {
    const { backlog, history } = this;
    if (backlog === null) return;
    if (backlog.end + len - this.drained > backlog.size) this.drain();
    if (len > backlog.size) {
      for (const replica of this.all) this.give(replica, buf, off, len);
      this.drained += len;
    }
    backlog.add(buf, off, len);
    history.offset = backlog.end;
    if (this.isDraining || this.all.size === 0) return;
    this.isDraining = true;
    this.engine.turn.atEnd(() => this.drain());
  }

  /** Gives every replica what is new. */
  drain(): void {
    this.isDraining = false;
    const { backlog, drained } = this;
    if (backlog === null || drained >= backlog.end) return;
    this.drained = backlog.end;
    if (this.all.size === 0) return;
    backlog.read(drained + 1, backlog.end, (buf, off, len) => {
      for (const replica of this.all) this.give(replica, buf, off, len);
    });
  }

  private give(replica: Replica, buf: Uint8Array, off: number, len: number): void {
    const { session } = replica;
    if (replica.state === "waiting" || replica.facts.snapshotOnly) return;
    if (replica.state === "online" && !replica.awaitsAck) return session.sendStream(buf, off, len);
    replica.kept.push(buf.slice(off, off + len));
    replica.keptBytes += len;
    const { hard } = this.engine.outputReplica;
    if (hard > 0 && replica.keptBytes > hard) {
      this.engine.closeForOutput(session, "hard");
    }
  }

  // ---- coming and going

  /** The session follows from now on; `state` says with what it begins. */
  add(session: Session, state: "waiting" | "online", isOld: boolean): Replica {
    const nowMs = this.engine.ctx.nowMs;
    const replica: Replica = {
      session,
      facts: this.facts(session),
      isOld,
      state,
      awaitsAck: false,
      kept: [],
      keptBytes: 0,
      ackOffset: 0,
      aofOffset: 0,
      heardMs: nowMs,
      heardBytes: session.netIn,
      movedMs: nowMs,
      leftBytes: 0,
      waitsSinceMs: nowMs,
      isBeingSaved: false,
      isFileUnderWay: false,
    };
    session.isReplica = true;
    session.gates |= GATE_LINK;
    session.onEnd = () => this.drop(replica);
    this.all.add(replica);
    this.onChange();
    return replica;
  }

  private drop(replica: Replica): void {
    if (!this.all.delete(replica)) return;
    this.log(`Connection with replica ${this.nameOf(replica.session)} lost.`);
    replica.kept = [];
    if (this.all.size === 0) this.lonelySinceMs = this.engine.server.clock.wallMs();
    this.onChange();
  }

  /** Ends all connections: replicas come back and learn what has changed. */
  disconnectAll(): void {
    for (const { session } of [...this.all]) session.close();
  }

  /** Goes on with the stream from byte number `next`, which the backlog has. */
  resume(session: Session, next: number): Replica {
    this.drain();
    const { backlog } = this;
    const replica = this.add(session, "online", false);
    const { id } = this.history;
    say(session, replica.facts.knowsIds ? `+CONTINUE ${id}\r\n` : "+CONTINUE\r\n");
    if (backlog !== null) {
      this.log(
        `Partial resynchronization request from ${this.nameOf(session)} accepted. Sending ` +
          `${backlog.end - next + 1} bytes of backlog starting from offset ${next}.`,
      );
      backlog.read(next, backlog.end, (buf, off, len) => session.sendStream(buf, off, len));
    }
    return replica;
  }

  /** The snapshot has left: the stream follows, at once or when the replica has loaded it. */
  putOnline(replica: Replica, awaitsAck: boolean): void {
    const { session } = replica;
    session.isTakingSnapshot = false;
    if (replica.facts.snapshotOnly) {
      const name = this.nameOf(session);
      this.log(`RDB transfer completed, rdb only replica (${name}) should be disconnected asap`);
      return session.endSoon();
    }
    replica.state = "online";
    replica.awaitsAck = awaitsAck;
    replica.heardMs = this.engine.server.clock.wallMs();
    this.log(`Synchronization with replica ${this.nameOf(session)} succeeded`);
    if (!awaitsAck) this.startStream(replica);
    this.onChange();
  }

  private startStream(replica: Replica): void {
    replica.awaitsAck = false;
    // So that no online replica stands at 0, as one does that has nothing.
    if (this.history.offset === 0 && !this.engine.server.isReplica) {
      this.append(PING, 0, PING.length);
    }
    const { kept } = replica;
    replica.kept = [];
    replica.keptBytes = 0;
    for (const piece of kept) replica.session.sendStream(piece, 0, piece.length);
  }

  /** A replica says how far it is. */
  acknowledged(session: Session, offset: number, aofOffset: number): void {
    const replica = this.of(session);
    if (replica === null) return;
    replica.ackOffset = Math.max(replica.ackOffset, offset);
    replica.aofOffset = Math.max(replica.aofOffset, aofOffset);
    replica.heardMs = this.engine.ctx.nowMs;
    if (replica.awaitsAck && replica.state === "online") this.startStream(replica);
  }

  // ---- periodic work

  /** Notes who was heard of, and ends connections that are silent, or stuck in a snapshot, for too long. */
  tick(nowMs: number): void {
    const timeoutMs = this.engine.config.number("repl-timeout") * 1000;
    for (const replica of [...this.all]) {
      const { session } = replica;
      if (session.netIn !== replica.heardBytes) {
        replica.heardBytes = session.netIn;
        replica.heardMs = nowMs;
      }
      if (session.pendingBytes !== replica.leftBytes || session.pendingBytes === 0) {
        replica.leftBytes = session.pendingBytes;
        replica.movedMs = nowMs;
      }
      const isSilent = replica.state === "online" && !replica.isOld &&
        nowMs - replica.heardMs > timeoutMs;
      const isStuck = replica.state === "sending" && nowMs - replica.movedMs > timeoutMs;
      if (!isSilent && !isStuck) continue;
      const what = isSilent ? "streaming sync" : "full sync";
      this.log(`Disconnecting timedout replica (${what}): ${this.nameOf(session)}`, LOG_WARNING);
      session.close();
    }
  }

  /** A sign of life to those who wait for a snapshot; it does not count as part of the stream. */
  cheer(): void {
    for (const { session, state, isBeingSaved } of this.all) {
      if (state === "waiting" || isBeingSaved) say(session, "\n");
    }
  }

  // ---- for INFO, ROLE, WAIT

  states(nowMs: number): ReplicaState[] {
    return [...this.all].map(({ session, facts, state, isFileUnderWay, ackOffset, heardMs }) => ({
      ip: facts.address || ipOf(session.remote),
      port: facts.port,
      // A snapshot that is made while it is sent counts as being made.
      state: state === "online" ? "online" : isFileUnderWay ? "send_bulk" : "wait_bgsave",
      offset: ackOffset,
      lagSeconds: state === "online" ? Math.max(0, Math.floor((nowMs - heardMs) / 1000)) : 0,
    }));
  }

  /** Replicas that are online and were heard of within `lagSeconds`. */
  countGood(nowMs: number, lagSeconds: number): number {
    return count(
      this.all,
      ({ state, heardMs }) => state === "online" && nowMs - heardMs < (lagSeconds + 1) * 1000,
    );
  }

  countApplied(offset: number): number {
    return count(this.all, (one) => one.state === "online" && one.ackOffset >= offset);
  }

  countSynced(offset: number): number {
    return count(this.all, (one) => one.state === "online" && one.aofOffset >= offset);
  }

  /** Bytes that wait for replicas besides what their connections hold. */
  get keptBytes(): number {
    let bytes = 0;
    for (const replica of this.all) bytes += replica.keptBytes;
    return bytes;
  }
}

function count(all: Iterable<Replica>, test: (replica: Replica) => boolean): number {
  let found = 0;
  for (const replica of all) if (test(replica)) found++;
  return found;
}

/** Sends text that is no part of the stream. */
export function say(session: Session, text: string): void {
  const bytes = fromLatin1(text);
  session.sendStream(bytes, 0, bytes.length);
}

/** The address of "ip:port" or "[ip6]:port". */
export function ipOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}
