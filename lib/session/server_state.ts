// server_state.ts: process-wide state and statistics of one engine; the ServerView commands read.

import type {
  Listener,
  ServerStats,
  ServerView,
  ShutdownOptions,
} from "../commands/server_view.ts";
import type { ConfigView } from "../commands/config_view.ts";
import type { Clock, Log, ProcessView, Random } from "../platform/mod.ts";
import { CommandLog } from "./command_log.ts";

/** What the owner of an engine can do for SHUTDOWN. */
export interface ProcessControl {
  /** Starts an orderly end; returns "" or the error text. */
  shutdown(options: ShutdownOptions): string;
  abortShutdown(): boolean;
  /** Blocks the thread (DEBUG SLEEP). */
  sleep(seconds: number): void;
}

function newStats(): ServerStats {
  return {
    totalConnections: 0,
    totalCommands: 0,
    netInputBytes: 0,
    netOutputBytes: 0,
    rejectedConnections: 0,
    expiredKeys: 0,
    expiredTimeCapReached: 0,
    expiredStalePercent: 0,
    evictedKeys: 0,
    keyspaceHits: 0,
    keyspaceMisses: 0,
    totalErrorReplies: 0,
    totalReads: 0,
    totalWrites: 0,
    unexpectedErrors: 0,
    queryBufferLimitDisconnections: 0,
    outputBufferLimitDisconnections: 0,
    activeExpireCycleUs: 0,
    instantaneousOps: 0,
    instantaneousInputKbps: 0,
    instantaneousOutputKbps: 0,
    peakMemory: 0,
    peakMemoryMs: 0,
  };
}

/** State shared by all sessions of an engine. */
export class ServerState implements ServerView {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly process: ProcessView;
  readonly control: ProcessControl;
  readonly runId: string;
  readonly commandLog: CommandLog;
  readonly startMs: number;
  tcpPort = 0;
  /** Filled by the owner once it listens. */
  listeners: Listener[] = [];
  replicationId: string;
  configFile = "";
  readonly stats: ServerStats = newStats();
  activeExpire = true;
  cronPaused = false;
  replyBufferPeakResetMs = 5000;
  replyBufferResizing = true;
  dirty = 0;
  lastSaveMs: number;
  /** Per command id: calls, microseconds, rejected calls, failed calls. */
  calls: Float64Array;
  usec: Float64Array;
  rejected: Float64Array;
  failed: Float64Array;
  /** Error replies by prefix ("ERR", "WRONGTYPE"). */
  errorCounts = new Map<string, number>();

  /** Further counters that CONFIG RESETSTAT clears. */
  onReset: () => void = () => {};

  constructor(
    clock: Clock,
    random: Random,
    log: Log,
    process: ProcessView,
    control: ProcessControl,
    commandCount: number,
    config: ConfigView,
  ) {
    this.clock = clock;
    this.random = random;
    this.log = log;
    this.process = process;
    this.control = control;
    this.commandLog = new CommandLog(config);
    this.runId = hexId(random, 20);
    this.replicationId = hexId(random, 20);
    this.startMs = clock.wallMs();
    this.lastSaveMs = this.startMs;
    this.calls = new Float64Array(commandCount);
    this.usec = new Float64Array(commandCount);
    this.rejected = new Float64Array(commandCount);
    this.failed = new Float64Array(commandCount);
  }

  resetStats(): void {
    Object.assign(this.stats, newStats());
    this.calls.fill(0);
    this.usec.fill(0);
    this.rejected.fill(0);
    this.failed.fill(0);
    this.errorCounts.clear();
    this.onReset();
  }

  changeReplicationId(): void {
    this.replicationId = hexId(this.random, 20);
  }

  shutdown(options: ShutdownOptions): string {
    return this.control.shutdown(options);
  }

  abortShutdown(): boolean {
    return this.control.abortShutdown();
  }

  debugSleep(seconds: number): void {
    this.control.sleep(seconds);
  }
}

function hexId(random: Random, bytes: number): string {
  const raw = new Uint8Array(bytes);
  random.fill(raw);
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
