// active_defrag.ts: when to defragment (lib/engine/defrag.ts), how much of the CPU it may take, and what INFO says of it.
//
// Measured is what was used once and stays with the process (arena.touchedBytes) beside what lives (arena.usedBytes).
//
//   activedefrag yes   a run begins when the difference is above active-defrag-ignore-bytes and above
//                      active-defrag-threshold-lower percent; at that threshold it gets active-defrag-cycle-min percent of
//                      the CPU, at active-defrag-threshold-upper active-defrag-cycle-max; never less than it had
//   activedefrag no    pages in which nothing lives go back all the same, as an allocator would give them back: above
//                      FREE_BYTES_MIN, and when they are more than half of what lives, with cycle-min
//   MEMORY PURGE       one run for all that is worth moving, with cycle-max
//
//   slice of active-defrag-cycle-us | pause | slice | pause ...    pause = slice * (100 - percent) / percent
//
// Runs begin at least RETRY_MS after each other, so that what cannot be helped is not tried all the time.

import type { DefragView } from "../commands/server_view.ts";
import { Defrag } from "../engine/defrag.ts";
import { keyspaceTrim } from "../engine/reclaim.ts";
import type { Engine } from "./engine.ts";

/** What a slice takes at most when the directive says 0. */
const SLICE_US = 500;
const FREE_BYTES_MIN = 64 * 1024 * 1024;
/** What a purge leaves, percent. */
const PURGE_GOAL = 2;
const RETRY_MS = 10_000;

/** Why a run is under way. */
type Reason = "" | "purge" | "active" | "pages";

/** Defragmentation of one engine. */
export class ActiveDefrag implements DefragView {
  /** Percent of the CPU it takes now. */
  running = 0;
  private readonly defrag: Defrag;
  private engine: Engine;
  private reason: Reason = "";
  private purgeWanted = false;
  /** Before this wall time no run begins. */
  private retryMs = 0;
  /** Wall time since when a run is under way. */
  private sinceMs = 0;
  private totalMs = 0;

  constructor(engine: Engine) {
    this.engine = engine;
    this.defrag = new Defrag(engine.keyspace);
  }

  get hits(): number {
    return this.defrag.mover.hits;
  }

  get misses(): number {
    return this.defrag.mover.misses;
  }

  get keyHits(): number {
    return this.defrag.keyHits;
  }

  get keyMisses(): number {
    return this.defrag.keyMisses;
  }

  get currentMs(): number {
    return this.defrag.isRunning ? this.engine.server.clock.wallMs() - this.sinceMs : 0;
  }

  get totalTimeMs(): number {
    return this.totalMs + this.currentMs;
  }

  /** CONFIG RESETSTAT. */
  resetStats(): void {
    this.defrag.mover.hits = 0;
    this.defrag.mover.misses = 0;
    this.defrag.keyHits = 0;
    this.defrag.keyMisses = 0;
    this.totalMs = 0;
    this.sinceMs = this.engine.server.clock.wallMs();
  }

  /** MEMORY PURGE. */
  purge(): void {
    keyspaceTrim(this.engine.keyspace);
    this.purgeWanted = true;
    this.retryMs = 0;
  }

  /** One slice, if one is due. Returns after how many milliseconds the next is, 0 for at the next tick. */
  run(): number {
    const { defrag } = this;
    const { server, config } = this.engine;
    if (!defrag.isRunning) this.begin();
    else if (this.reason === "active" && !config.flag("activedefrag")) this.end();
    if (!defrag.isRunning || defrag.isWaiting) return 0;
    this.running = Math.max(this.running, this.percent());
    const budgetUs = config.number("active-defrag-cycle-us") || SLICE_US;
    const startUs = server.clock.monotonicUs();
    const goesOn = defrag.slice(() => server.clock.monotonicUs(), budgetUs);
    const usedUs = server.clock.monotonicUs() - startUs;
    server.latency.add("active-defrag-cycle", usedUs, server.clock.wallMs());
    if (!goesOn) {
      this.end();
      return 0;
    }
    const pauseUs = budgetUs * (100 - this.running) / this.running;
    return Math.max(1, Math.round(pauseUs / 1000));
  }

  private begin(): void {
    const nowMs = this.engine.server.clock.wallMs();
    if (nowMs < this.retryMs) return;
    this.reason = this.reasonNow();
    if (this.reason === "") return;
    this.purgeWanted = false;
    this.retryMs = nowMs + RETRY_MS;
    this.sinceMs = nowMs;
    this.defrag.stubborn.clear();
    // Half of the threshold, so that the next run is not due at once.
    const lower = this.engine.config.number("active-defrag-threshold-lower");
    this.defrag.begin(this.reason === "purge" ? PURGE_GOAL : lower / 2);
  }

  private end(): void {
    this.totalMs += this.engine.server.clock.wallMs() - this.sinceMs;
    this.defrag.stop();
    this.running = 0;
  }

  /** Bytes that were used once and are not now. */
  private get wastedBytes(): number {
    const { arena } = this.engine.keyspace;
    return arena.touchedBytes - arena.usedBytes;
  }

  /** The same in percent of what is used. */
  private get wastedPercent(): number {
    return this.wastedBytes * 100 / Math.max(1, this.engine.keyspace.arena.usedBytes);
  }

  private reasonNow(): Reason {
    const { config, keyspace } = this.engine;
    const { arena } = keyspace;
    if (this.purgeWanted) return "purge";
    if (config.flag("activedefrag")) {
      const isMuch = this.wastedBytes >= config.number("active-defrag-ignore-bytes") &&
        this.wastedPercent >= config.number("active-defrag-threshold-lower");
      return isMuch ? "active" : "";
    }
    // A spare segment goes by itself.
    const freeBytes = arena.emptySegments > 0 ? 0 : arena.touchedBytes - arena.spanBytes;
    return freeBytes > FREE_BYTES_MIN && freeBytes > arena.usedBytes / 2 ? "pages" : "";
  }

  /** How much of the CPU a run should have. */
  private percent(): number {
    const { config } = this.engine;
    const least = config.number("active-defrag-cycle-min");
    const most = Math.max(least, config.number("active-defrag-cycle-max"));
    if (this.reason === "purge") return most;
    if (this.reason === "pages") return least;
    const lower = config.number("active-defrag-threshold-lower");
    const upper = config.number("active-defrag-threshold-upper");
    const share = this.wastedPercent;
    if (share >= upper) return most;
    const part = Math.max(0, share - lower) / Math.max(1, upper - lower);
    return Math.round(least + part * (most - least));
  }
}
