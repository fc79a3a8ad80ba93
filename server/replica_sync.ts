// replica_sync.ts: snapshots for replicas: who gets one when, and how it gets there.
//
//   straight   walked and sent at once, in slices; a mark says where it ends (replicas that know marks)
//   by file    saved like any snapshot, then sent with its length in front
//
// Replicas that come within repl-diskless-sync-delay share a straight one; those that came while one is under way wait for
// the next. The walk stops while a replica has much unread, so that memory does not grow with the data set. It sees the
// keys as they were at its start (lib/engine/point_in_time.ts); the stream behind that instant is kept meanwhile
// (replica_set.ts). FLUSHALL ends the walk: the replicas lose the connection and come back.

import { fromLatin1 } from "../lib/bytes/ascii.ts";
import { joined } from "../lib/bytes/pieces.ts";
import { PointInTime } from "../lib/engine/point_in_time.ts";
import { type SnapshotOptions, SnapshotWriter } from "../lib/persist/rdb_file_writer.ts";
import type { History } from "../lib/repl/history.ts";
import { transferHead } from "../lib/repl/transfer.ts";
import type { Timer } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";
import { hexId } from "../lib/session/server_state.ts";
import { type Replica, type ReplicaSet, say } from "./replica_set.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const SLICE_US = 1000;
const SLICE_PAUSE_MS = 1;
/** Pause while a replica has too much unread. */
const FULL_PAUSE_MS = 5;
/** Buckets between two looks at the clock. */
const BUCKETS_PER_LOOK = 8;
/** Unread bytes of a replica at which the snapshot waits for it. */
const UNREAD_BYTES_MAX = 4 * 1048576;
const FILE_PIECE_BYTES = 1048576;

/** What snapshots for replicas need from their server. */
export interface SyncHost {
  options(): SnapshotOptions;
  /** Whether a save can begin now. */
  maySave(): boolean;
  /** Saves to the usual file in the background; `done` gets "" or what went wrong. */
  save(done: (problem: string) => void): void;
  cancelSave(): void;
  /** The file that was saved; null where there are no files. */
  read(): Uint8Array | null;
  hasFiles: boolean;
}

/** Snapshots for the replicas of one server. */
export class ReplicaSync {
  private engine: Engine;
  private replicas: ReplicaSet;
  private history: History;
  private host: SyncHost;
  /** The straight one under way. */
  private walk: PointInTime | null = null;
  private writer: SnapshotWriter | null = null;
  private mark = "";
  private group: Replica[] = [];
  private startedMs = 0;
  /** Whether one is being saved to the file. */
  private isSaving = false;
  /** Saved ones on their way. */
  private files = new Map<Replica, { bytes: Uint8Array; sent: number }>();
  private timer: (() => void) | null = null;
  private readonly after: Timer | null;
  private isClosed = false;

  /** Without `after` the owner calls `step`. */
  constructor(
    engine: Engine,
    replicas: ReplicaSet,
    history: History,
    host: SyncHost,
    after: Timer | null,
  ) {
    this.engine = engine;
    this.replicas = replicas;
    this.history = history;
    this.host = host;
    this.after = after;
  }

  private log(text: string, level: 2 | 3 = LOG_NOTICE): void {
    this.engine.server.log.write(level, text);
  }

  /** Whether a snapshot is being made for replicas. */
  get isBusy(): boolean {
    return this.walk !== null || this.isSaving;
  }

  private waiting(): Replica[] {
    return [...this.replicas.all].filter(({ state }) => state === "waiting");
  }

  /** A replica that waits for a snapshot has come. */
  came(replica: Replica): void {
    const { config } = this.engine;
    const goesStraight = config.flag("repl-diskless-sync") && replica.facts.knowsMark;
    if (goesStraight && config.number("repl-diskless-sync-delay") > 0) {
      this.log("Delay next BGSAVE for diskless SYNC");
    } else {
      this.startDue();
    }
  }

  /** Begins what is due; called when something has changed, and periodically. */
  startDue(): void {
    if (this.isClosed || this.walk !== null || this.isSaving) return;
    if (this.engine.standstill.isOn) return;
    const waiting = this.waiting();
    if (waiting.length === 0) return;
    const { config, server } = this.engine;
    const [first] = waiting;
    const isStraight = config.flag("repl-diskless-sync") && first.facts.knowsMark;
    const group = waiting.filter((one) =>
      one.facts.functionsOnly === first.facts.functionsOnly &&
      (!isStraight || one.facts.knowsMark)
    );
    if (isStraight || first.facts.functionsOnly) {
      const most = config.number("repl-diskless-sync-max-replicas");
      const waitedMs = server.clock.wallMs() - Math.min(...group.map((one) => one.waitsSinceMs));
      const isDue = waitedMs >= config.number("repl-diskless-sync-delay") * 1000;
      if (isDue || (most > 0 && group.length >= most)) this.startStraight(group);
    } else {
      this.startSaving(group);
    }
  }

  /** This is the instant: what these replicas are sent of the stream is what comes behind it. */
  private begin(group: readonly Replica[]): void {
    this.replicas.drain();
    this.engine.propagation.nameDatabase();
    for (const replica of group) {
      replica.state = "sending";
      replica.session.isTakingSnapshot = true;
      replica.movedMs = this.engine.server.clock.wallMs();
      if (replica.isOld) continue;
      say(replica.session, `+FULLRESYNC ${this.history.id} ${this.history.offset}\r\n`);
    }
  }

  // ---- straight

  private startStraight(group: Replica[]): void {
    const { engine } = this;
    const { server, keyspace } = engine;
    this.log("Starting BGSAVE for SYNC with target: replicas sockets");
    this.group = group;
    this.startedMs = server.clock.wallMs();
    this.mark = hexId(server.random, 20);
    const options = this.host.options();
    this.begin(group);
    this.send(fromLatin1(transferHead(0, this.mark)));
    const writer = new SnapshotWriter(keyspace, options, (buf, off, len) => {
      for (const { session } of this.group) session.sendStream(buf, off, len);
    }, 65536);
    writer.head();
    this.writer = writer;
    this.walk = new PointInTime(keyspace, (dbIndex, records, count) => {
      if (!group[0].facts.functionsOnly) writer.keys(dbIndex, records, count);
    });
    engine.snapshotsChanged();
    this.log("Background RDB transfer started by pid " + server.process.pid);
    this.step();
  }

  private send(bytes: Uint8Array): void {
    for (const { session } of this.group) session.sendStream(bytes, 0, bytes.length);
  }

  /** Works for about a millisecond on what is under way. */
  step(): void {
    if (this.isClosed) return;
    const isFull = this.walk !== null && !this.stepWalk();
    this.sendFiles();
    if (this.timer !== null || (this.walk === null && this.files.size === 0)) return;
    if (this.after === null) return;
    this.timer = this.after(isFull ? FULL_PAUSE_MS : SLICE_PAUSE_MS, () => {
      this.timer = null;
      this.step();
    });
  }

  /** Returns false when somebody has to read first. */
  private stepWalk(): boolean {
    const walk = this.walk as PointInTime;
    this.group = this.group.filter(({ session }) => !session.closed);
    if (this.group.length === 0) {
      this.log("Diskless rdb transfer, last replica dropped, killing fork child");
      this.endWalk();
      return true;
    }
    if (walk.lost) {
      this.log("The databases were emptied: replicas begin anew", LOG_WARNING);
      this.endWalk();
      for (const { session } of [...this.group]) session.close();
      return true;
    }
    if (this.group.some(({ session }) => session.pendingBytes > UNREAD_BYTES_MAX)) return false;
    const { clock } = this.engine.server;
    const endUs = clock.monotonicUs() + SLICE_US;
    const allowed = this.keysAllowed();
    while (walk.keys <= allowed) {
      if (!walk.step(allowed === Infinity ? BUCKETS_PER_LOOK : 1)) {
        this.finishWalk();
        return true;
      }
      if (clock.monotonicUs() >= endUs) break;
    }
    return true;
  }

  /** Keys that may be out by now (rdb-key-save-delay). */
  private keysAllowed(): number {
    const delayUs = this.engine.config.number("rdb-key-save-delay");
    if (delayUs <= 0) return Infinity;
    return (this.engine.server.clock.wallMs() - this.startedMs) * 1000 / delayUs;
  }

  private finishWalk(): void {
    const { group } = this;
    this.writer?.end();
    this.send(fromLatin1(this.mark));
    this.log(`Diskless rdb transfer, done reading from pipe, ${group.length} replicas still up`);
    this.endWalk();
    this.log("Background RDB transfer terminated with success");
    for (const replica of group) {
      const { session } = replica;
      this.log(
        `Streamed replica synchronization with replica ${
          this.replicas.nameOf(session)
        } succeeded (socket). Waiting for REPLCONF ACK from replica to enable streaming`,
      );
      this.replicas.putOnline(replica, true);
    }
  }

  private endWalk(): void {
    this.walk?.end();
    this.walk = null;
    this.writer = null;
    this.engine.snapshotsChanged();
  }

  // ---- by file

  private startSaving(group: Replica[]): void {
    if (!this.host.hasFiles) return this.sendFromMemory(group);
    // Another snapshot is being saved: the next try is at its end.
    if (!this.host.maySave()) return;
    this.isSaving = true;
    this.log("Starting BGSAVE for SYNC with target: disk");
    this.begin(group);
    for (const replica of group) replica.isBeingSaved = true;
    this.host.save((problem) => this.saved(group, problem));
  }

  /** A replica went: a save that nobody wants any more is given up. */
  left(): void {
    if (!this.isSaving || this.engine.config.text("save") !== "") return;
    const isWanted = [...this.replicas.all].some(({ isBeingSaved }) => isBeingSaved);
    if (!isWanted) this.host.cancelSave();
  }

  private saved(group: readonly Replica[], problem: string): void {
    this.isSaving = false;
    const bytes = problem === "" ? this.host.read() : null;
    for (const replica of group) {
      replica.isBeingSaved = false;
      if (replica.session.closed) continue;
      if (bytes === null) {
        this.log("SYNC failed. BGSAVE child returned an error", LOG_WARNING);
        replica.session.close();
      } else {
        this.sendFile(replica, bytes);
      }
    }
    this.startDue();
  }

  /** Without files the snapshot is made at once, in memory. */
  private sendFromMemory(group: readonly Replica[]): void {
    const { keyspace } = this.engine;
    const pieces: Uint8Array[] = [];
    const options = this.host.options();
    this.begin(group);
    const writer = new SnapshotWriter(keyspace, options, (buf, off, len) => {
      pieces.push(buf.slice(off, off + len));
    });
    writer.head();
    const walk = new PointInTime(keyspace, (dbIndex, records, count) => {
      writer.keys(dbIndex, records, count);
    });
    while (walk.step(BUCKETS_PER_LOOK));
    walk.end();
    writer.end();
    const bytes = joined(pieces);
    for (const replica of group) this.sendFile(replica, bytes);
  }

  private sendFile(replica: Replica, bytes: Uint8Array): void {
    say(replica.session, transferHead(bytes.length, ""));
    replica.isFileUnderWay = true;
    this.files.set(replica, { bytes, sent: 0 });
    this.step();
  }

  private sendFiles(): void {
    for (const [replica, file] of this.files) {
      const { session } = replica;
      while (!session.closed && file.sent < file.bytes.length) {
        if (session.pendingBytes > UNREAD_BYTES_MAX) break;
        const piece = Math.min(FILE_PIECE_BYTES, file.bytes.length - file.sent);
        session.sendStream(file.bytes, file.sent, piece);
        file.sent += piece;
      }
      if (!session.closed && file.sent < file.bytes.length) continue;
      this.files.delete(replica);
      if (!session.closed) this.replicas.putOnline(replica, false);
    }
  }

  /** Gives up what is being made: the data set is about to be replaced. */
  cancel(): void {
    if (this.walk === null) return;
    const { group } = this;
    this.endWalk();
    for (const { session } of group) session.close();
  }

  close(): void {
    this.timer?.();
    this.timer = null;
    this.walk?.end();
    this.walk = null;
    this.isClosed = true;
  }
}
