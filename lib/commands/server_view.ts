// server_view.ts: process-wide state and statistics as commands see them. Implemented by lib/session/server_state.ts.

import type { ReplicationView } from "./replication_view.ts";
import type { Clock, Log, ProcessView, Random } from "../platform/mod.ts";

/** How SHUTDOWN was asked for. */
export interface ShutdownOptions {
  save: "save" | "nosave" | "default";
  now: boolean;
  force: boolean;
  safe: boolean;
  failover: boolean;
}

/** A set of addresses that clients can connect to. */
export interface Listener {
  name: string;
  binds: readonly string[];
  port: number;
}

/** Why a command is in the command log. */
export type CommandLogKind = "slow" | "request" | "reply";

/** One entry of the command log; texts are latin-1. */
export interface CommandLogEntry {
  id: number;
  /** Wall time, seconds. */
  seconds: number;
  /** Microseconds, or bytes. */
  value: number;
  args: readonly string[];
  /** Address and name of the client. */
  address: string;
  name: string;
}

/** The command log. */
export interface CommandLogView {
  count(kind: CommandLogKind): number;
  /** Up to `count` entries, newest first. */
  newest(kind: CommandLogKind, count: number): readonly CommandLogEntry[];
  reset(kind: CommandLogKind): void;
}

/** Delays of one kind. */
export interface LatencySeries {
  event: string;
  /** One for each second that had any, oldest first: wall time and greatest delay of that second. */
  samples: readonly { seconds: number; ms: number }[];
  /** Of all delays ever. */
  maxMs: number;
  sumMs: number;
  count: number;
}

/** How long things take. */
export interface LatencyView {
  events(): readonly LatencySeries[];
  event(name: string): LatencySeries | null;
  /** Forgets one event (in any case) or all; returns how many there were. */
  forget(name: string | null): number;
  /** Whether the command was called since the last reset. */
  hasHistogram(id: number): boolean;
  calls(id: number): number;
  /** Pairs of microseconds and how many calls took no longer, where that number grows. */
  cumulative(id: number): [us: number, calls: number][];
  /** Nanoseconds that `percent` of the calls did not exceed. */
  percentileNs(id: number, percent: number): number;
}

/** The data set as a whole, in the format of files. Implemented by the process (server/persistence.ts). */
export interface PersistenceView {
  /**
   * Saves the data set if `save` and reads it back, after emptying all databases if `flush`; with `merge` keys may be there
   * already. Returns "" or the error text.
   */
  reload(save: boolean, flush: boolean, merge: boolean): string;
  /** Writes the file and returns when it is safe; "" or the error text. */
  saveNow(): string;
  /**
   * Starts writing the file in the background: "now", "behind" what is under way, or "later" in any case. Returns "" or
   * the error text; `state.isSaving` says whether it started.
   */
  saveLater(when: "now" | "behind" | "later"): string;
  /** Gives up what is being written or scheduled. */
  cancelSave(): "running" | "scheduled" | "none";
  readonly state: SaveState;
  /** What is being loaded; null while nothing is. */
  readonly loading: LoadingView | null;
  /** The append-only file; null where there are no files. */
  readonly aof: AofView | null;
}

/** How far loading is. */
export interface LoadingView {
  /** Wall time in milliseconds. */
  readonly startMs: number;
  readonly totalBytes: number;
  readonly loadedBytes: number;
  /** Memory of the server that wrote the snapshot, 0 when that is not known. */
  readonly usedMemory: number;
  /** Whether the old data set is served meanwhile. */
  readonly isBeside: boolean;
}

/** The append-only file. */
export interface AofView {
  /** Starts writing it anew in the background, or schedules that. */
  rewriteLater(isInExec: boolean): "started" | "scheduled" | "busy" | "failed";
  readonly state: AofState;
  /** Empties all databases and loads the file, inside of `goOn`; `done` gets "" or what is wrong. */
  reload(goOn: (rest: () => void) => void, done: (problem: string) => void): void;
}

/** How the append-only file is. */
export interface AofState {
  isEnabled: boolean;
  isRewriting: boolean;
  isScheduled: boolean;
  /** Wall time in milliseconds. */
  rewriteStartedMs: number;
  /** How long the last rewrite took, -1 before the first. */
  lastRewriteSeconds: number;
  wasRewriteGood: boolean;
  rewrites: number;
  /** Rewrites that failed since one worked. */
  failures: number;
  /** Why commands that write are refused, "" when they are not. */
  problem: string;
  /** Bytes: of all files, of all files after the last rewrite or the start, of what is not written yet. */
  currentSize: number;
  baseSize: number;
  bufferBytes: number;
  isSyncing: boolean;
  /** Seconds in which a sync was due while the one before was still under way. */
  delayedSyncs: number;
}

/** How an exchange with another server went. */
export interface PeerAnswer {
  /** The lines received, without their ends, one character a byte; all of them when nothing failed. */
  readonly lines: readonly string[];
  readonly failure: "" | "writing" | "reading";
  /** Whether it failed because the time was up. */
  readonly isTimeout: boolean;
}

/** A connection to another server. One exchange at a time. */
export interface Peer {
  /** For its user: the database last selected over it, as text; "-1" when that is unknown, as at first. */
  database: string;
  /**
   * Sends the request and waits for `lineCount` lines. `timeoutMs` is the time for each piece sent and each line. `done` is
   * called in any case, never before this returns, and outside of any command.
   */
  exchange(
    request: Uint8Array,
    lineCount: number,
    timeoutMs: number,
    done: (answer: PeerAnswer) => void,
  ): void;
  /** Ends the connection; the next one to the same address will be new. */
  close(): void;
}

/** Nobody listens there; or there is no such address, or no word from it in time. */
export type NoPeer = "refused" | "unreachable";

/** Connections to other servers, kept open for a while. Implemented by server/peers.ts. */
export interface PeersView {
  readonly count: number;
  /** A new or kept connection, or why there is none. `done` is called as that of Peer.exchange. */
  connect(
    host: string,
    port: number,
    timeoutMs: number,
    done: (peer: Peer | NoPeer) => void,
  ): void;
}

/** How saving and loading went. */
export interface SaveState {
  isSaving: boolean;
  /** Whether the last background save worked. */
  wasGood: boolean;
  /** How long it took, -1 before the first. */
  lastSeconds: number;
  /** When the one under way started, wall time in milliseconds. */
  startedMs: number;
  saves: number;
  /** Keys written by the one under way, and keys there were at its start. */
  keysDone: number;
  keysTotal: number;
  /** Keys loaded at the start, and left out because their time was up. */
  loadedKeys: number;
  expiredKeys: number;
}

/** Counters and controls of the running server. */
export interface ServerView {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly process: ProcessView;
  /** Absent where nobody knows the format of files. */
  readonly persistence: PersistenceView | null;
  /** Absent where no connections are made. */
  readonly peers: PeersView | null;
  /** 40 hex digits, new at each start. */
  readonly runId: string;
  /** Wall time of the start, milliseconds. */
  readonly startMs: number;
  readonly tcpPort: number;
  readonly configFile: string;
  /** What is listened on, for INFO: name ("tcp", "unix"), addresses or paths, and the port (0 for none). */
  readonly listeners: readonly Listener[];
  /** Absent where nobody can follow or be followed. */
  readonly replication: ReplicationView | null;
  /** Whether this server follows another one: what has a time goes when the primary says so. */
  readonly isReplica: boolean;
  /** When the server ends whether its replicas have everything or not, wall time in milliseconds; 0 when it does not end. */
  readonly shutdownAtMs: number;
  /** Keys that are remembered because a client of this replica gave them a time. */
  readonly replicaKeyCount: number;
  /** Per command id, cleared by CONFIG RESETSTAT: calls, their microseconds, refused and failed ones. */
  readonly calls: Float64Array;
  readonly usec: Float64Array;
  readonly rejected: Float64Array;
  readonly failed: Float64Array;
  readonly commandLog: CommandLogView;
  readonly latency: LatencyView;
  /** Error replies by their first word ("ERR", "WRONGTYPE"). */
  readonly errorCounts: ReadonlyMap<string, number>;
  readonly defrag: DefragView;
  /** Plain counters of INFO, by INFO field name; all start at 0 and are cleared by CONFIG RESETSTAT. */
  readonly stats: ServerStats;
  /** CONFIG RESETSTAT. */
  resetStats(): void;
  /** Stops the server; returns "" when it is under way, else the error text. Aborts with `abortShutdown`. */
  shutdown(options: ShutdownOptions): string;
  /** False when no shutdown was under way. */
  abortShutdown(): boolean;
  /** Closes and restarts, crashes and sleeps for DEBUG; answers an error text when not possible. */
  debugSleep(seconds: number): void;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpire: boolean;
  /** DEBUG PAUSE-CRON. */
  cronPaused: boolean;
  /** DEBUG AOF-FLUSH-SLEEP: microseconds to wait before each write to the append-only file. */
  aofFlushSleepUs: number;
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION: checksums of payloads do not matter. */
  skipChecksums: boolean;
  /** DEBUG REPLYBUFFER settings (peak reset milliseconds, resizing on). */
  replyBufferPeakResetMs: number;
  replyBufferResizing: boolean;
  /** Changes since the last save. */
  dirty: number;
  lastSaveMs: number;
}

/** Defragmentation. */
export interface DefragView {
  /** Percent of the CPU it takes now; 0 when it rests. */
  readonly running: number;
  /** Blocks that were moved, and that were looked at and left; keys of which some block was moved, and none. */
  readonly hits: number;
  readonly misses: number;
  readonly keyHits: number;
  readonly keyMisses: number;
  /** How long the run under way has taken, and all of them. */
  readonly currentMs: number;
  readonly totalTimeMs: number;
  /** Gives back what can be given back, in the background. */
  purge(): void;
}

/** Counters of INFO stats. */
export interface ServerStats {
  totalConnections: number;
  totalCommands: number;
  netInputBytes: number;
  netOutputBytes: number;
  rejectedConnections: number;
  expiredKeys: number;
  expiredTimeCapReached: number;
  expiredStalePercent: number;
  expiredFieldsStalePercent: number;
  evictedKeys: number;
  evictedClients: number;
  /** Since when, and how long in all, memory has been over the limit. */
  evictionExceededUs: number;
  evictionExceededTotalUs: number;
  keyspaceHits: number;
  keyspaceMisses: number;
  totalErrorReplies: number;
  /** Bytes of replication streams, received and sent. */
  replicationInputBytes: number;
  replicationOutputBytes: number;
  fullSyncs: number;
  partialSyncs: number;
  partialSyncsRefused: number;
  totalReads: number;
  totalWrites: number;
  unexpectedErrors: number;
  queryBufferLimitDisconnections: number;
  outputBufferLimitDisconnections: number;
  activeExpireCycleUs: number;
  instantaneousOps: number;
  instantaneousInputKbps: number;
  instantaneousOutputKbps: number;
  /** Periodic work: how often, its microseconds. */
  cronTicks: number;
  cronUs: number;
  /** Cycles (reads and ticks) per second, and their microseconds on the average. */
  instantaneousCycles: number;
  instantaneousCycleUs: number;
  /** The longest batch of input in microseconds, and the most commands of one. */
  batchUsMax: number;
  batchCommandsMax: number;
  peakMemory: number;
  peakMemoryMs: number;
}
