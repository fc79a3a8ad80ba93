// server_state.ts: process-wide state and statistics of one engine; the ServerView commands read.

import type {
  DefragView,
  Listener,
  PeersView,
  PersistenceView,
  ServerStats,
  ServerView,
  ShutdownOptions,
} from "../commands/server_view.ts";
import type { ReplicationView } from "../commands/replication_view.ts";
import type { ConfigView } from "../commands/config_view.ts";
import type { Clock, Log, ProcessView, Random } from "../platform/mod.ts";
import { CommandLog } from "./command_log.ts";
import { LatencyMonitor } from "./latency_monitor.ts";
import { Rate, SampleTimer } from "./rates.ts";

/** What the owner of an engine can do for SHUTDOWN. */
export interface ProcessControl {
  /** Starts an orderly end; returns "" or the error text. */
  shutdown(options: ShutdownOptions): string;
  abortShutdown(): boolean;
  /** Blocks the thread (DEBUG SLEEP). */
  sleep(seconds: number): void;
}

/** What INFO shows per second. */
interface Rates {
  timer: SampleTimer;
  commands: Rate;
  input: Rate;
  output: Rate;
  cycles: Rate;
  busyUs: Rate;
}

function newRates(nowMs: number): Rates {
  return {
    timer: new SampleTimer(nowMs),
    commands: new Rate(),
    input: new Rate(),
    output: new Rate(),
    cycles: new Rate(),
    busyUs: new Rate(),
  };
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
    expiredFieldsStalePercent: 0,
    evictedKeys: 0,
    evictedClients: 0,
    evictionExceededUs: 0,
    evictionExceededTotalUs: 0,
    keyspaceHits: 0,
    keyspaceMisses: 0,
    totalErrorReplies: 0,
    replicationInputBytes: 0,
    replicationOutputBytes: 0,
    fullSyncs: 0,
    partialSyncs: 0,
    partialSyncsRefused: 0,
    totalReads: 0,
    totalWrites: 0,
    unexpectedErrors: 0,
    queryBufferLimitDisconnections: 0,
    outputBufferLimitDisconnections: 0,
    activeExpireCycleUs: 0,
    instantaneousOps: 0,
    instantaneousInputKbps: 0,
    instantaneousOutputKbps: 0,
    cronTicks: 0,
    cronUs: 0,
    instantaneousCycles: 0,
    instantaneousCycleUs: 0,
    batchUsMax: 0,
    batchCommandsMax: 0,
    peakMemory: 0,
    peakMemoryMs: 0,
  };
}

/** Until the engine has its own. */
const NO_DEFRAG: DefragView = {
  running: 0,
  hits: 0,
  misses: 0,
  keyHits: 0,
  keyMisses: 0,
  currentMs: 0,
  totalTimeMs: 0,
  purge: () => {},
};

/** State shared by all sessions of an engine. */
export class ServerState implements ServerView {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly process: ProcessView;
  readonly control: ProcessControl;
  persistence: PersistenceView | null = null;
  peers: PeersView | null = null;
  defrag: DefragView = NO_DEFRAG;
  replication: ReplicationView | null = null;
  isReplica = false;
  shutdownAtMs = 0;
  /** Set by the engine. */
  countReplicaKeys: () => number = () => 0;

  get replicaKeyCount(): number {
    return this.countReplicaKeys();
  }
  readonly runId: string;
  readonly commandLog: CommandLog;
  readonly latency: LatencyMonitor;
  private readonly rates: Rates;
  readonly startMs: number;
  tcpPort = 0;
  /** Filled by the owner once it listens. */
  listeners: Listener[] = [];
  configFile = "";
  readonly stats: ServerStats = newStats();
  activeExpire = true;
  cronPaused = false;
  aofFlushSleepUs = 0;
  skipChecksums = false;
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
    this.latency = new LatencyMonitor(commandCount);
    this.runId = hexId(random, 20);
    this.startMs = clock.wallMs();
    this.rates = newRates(this.startMs);
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
    this.latency.resetHistograms();
    this.onReset();
  }

  /** Remembers the statistics; returns a function that puts them back. Until then nothing is measured or logged. */
  keepStats(): () => void {
    const { stats, calls, usec, rejected, failed, latency, commandLog } = this;
    const keptStats = { ...stats };
    const arrays = [calls, usec, rejected, failed];
    const keptArrays = arrays.map((array) => array.slice());
    const errorCounts = new Map(this.errorCounts);
    const { tracking, thresholdUs } = latency;
    latency.tracking = false;
    latency.thresholdUs = Infinity;
    commandLog.mute();
    return () => {
      const { peakMemory, peakMemoryMs } = stats;
      Object.assign(stats, keptStats, { peakMemory, peakMemoryMs });
      arrays.forEach((array, i) => array.set(keptArrays[i]));
      this.errorCounts = errorCounts;
      latency.tracking = tracking;
      latency.thresholdUs = thresholdUs;
      commandLog.readThresholds();
    };
  }

  /** To be called at the end of each tick: counts it and samples the rates of INFO. */
  tickEnded(startUs: number): void {
    const { stats, rates } = this;
    stats.cronTicks++;
    stats.cronUs += this.clock.monotonicUs() - startUs;
    const elapsedMs = rates.timer.due(this.clock.wallMs());
    if (elapsedMs === 0) return;
    const busyUs = this.usec.reduce((sum, usec) => sum + usec, stats.cronUs);
    rates.commands.sample(stats.totalCommands, elapsedMs);
    rates.input.sample(stats.netInputBytes, elapsedMs);
    rates.output.sample(stats.netOutputBytes, elapsedMs);
    rates.cycles.sample(stats.totalReads + stats.cronTicks, elapsedMs);
    rates.busyUs.sample(busyUs, elapsedMs);
    stats.instantaneousOps = Math.floor(rates.commands.perSecond);
    stats.instantaneousInputKbps = rates.input.perSecond / 1024;
    stats.instantaneousOutputKbps = rates.output.perSecond / 1024;
    stats.instantaneousCycles = Math.floor(rates.cycles.perSecond);
    stats.instantaneousCycleUs = stats.instantaneousCycles === 0
      ? 0
      : Math.floor(rates.busyUs.perSecond / rates.cycles.perSecond);
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

/** Random hex digits, two a byte. */
export function hexId(random: Random, bytes: number): string {
  const raw = new Uint8Array(bytes);
  random.fill(raw);
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
