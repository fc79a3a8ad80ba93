// upkeep.ts: work on the data set that nobody asked for: expired keys and fields, flushed databases. In slices of about a
// millisecond, so that no client waits longer.

import { ActiveExpiry, expireSlice, SLICE_US } from "../engine/expire.ts";
import { expireFieldsSlice, FieldExpiry } from "../engine/expire_fields.ts";
import { keyspaceTrim, reclaimSlice } from "../engine/reclaim.ts";
import { SEGMENT_BYTES } from "../limits.ts";
import { ActiveDefrag } from "./active_defrag.ts";
import type { Engine } from "./engine.ts";
import { GATE_PAUSE } from "./gates.ts";

/** Pause between two slices of freeing: half of the CPU at most. */
const RECLAIM_PAUSE_MS = 1;
/** When the second of keys and fields comes to its turn after the first has used up the slice. */
const TURN_PAUSE_MS = 1;
/** How long spare memory is kept for data that may grow again. */
const SPARE_MS = 10_000;

/** Pauses behind each reminder of the collector. */
const REMINDERS_MS = [1000, 5000];

/** The smaller of two waits, of which 0 means none. */
function soonest(a: number, b: number): number {
  return a === 0 || b === 0 ? a + b : Math.min(a, b);
}

/** The upkeep of one engine. */
export class Upkeep {
  readonly expiry = new ActiveExpiry();
  readonly fieldExpiry = new FieldExpiry();
  readonly defrag: ActiveDefrag;
  private fieldsFirst = false;
  private engine: Engine;
  private clockUs: () => number;
  /** Since when there has been spare memory; 0 while there is none. */
  private spareSinceMs = 0;
  /** Segments of the arena that were dropped until the last look. */
  private dropsSeen = 0;
  /** How often the collector was reminded of them, and when it is next. */
  private reminders = REMINDERS_MS.length;
  private remindMs = 0;

  constructor(engine: Engine) {
    this.engine = engine;
    this.defrag = new ActiveDefrag(engine);
    const { clock } = engine.server;
    this.clockUs = () => clock.monotonicUs();
  }

  /**
   * One slice of everything. Returns after how many milliseconds the next is due; 0 means at the next tick of the
   * engine.
   */
  run(): number {
    const { engine } = this;
    if (engine.standstill.isOn || engine.isLoading) return 0;
    const freeing = reclaimSlice(engine.keyspace, this.clockUs, SLICE_US) ? RECLAIM_PAUSE_MS : 0;
    const expiring = engine.eviction.slice() ? RECLAIM_PAUSE_MS : this.expire();
    const moving = this.defrag.run();
    this.trim();
    return soonest(soonest(freeing, expiring), moving);
  }

  /** Gives memory back that was not needed for a while. */
  private trim(): void {
    const { keyspace } = this.engine;
    const nowMs = this.engine.ctx.nowMs;
    if (keyspace.arena.emptySegments === 0) this.spareSinceMs = 0;
    else if (this.spareSinceMs === 0) this.spareSinceMs = nowMs;
    else if (nowMs - this.spareSinceMs > SPARE_MS) keyspaceTrim(keyspace);
    this.remindCollector();
  }

  /**
   * Where buffers are not detached, a dropped segment's memory comes back when the collector runs; and it runs, beside the
   * program, when it hears of a large buffer being made. This one is never touched, so it costs nothing. It is done
   * once more later, for what the first time was too early.
   */
  private remindCollector(): void {
    const { arena } = this.engine.keyspace;
    if (arena.detachBuffers) return;
    const nowMs = this.engine.ctx.nowMs;
    if (arena.drops !== this.dropsSeen) {
      this.dropsSeen = arena.drops;
      this.reminders = 0;
      this.remindMs = nowMs;
    }
    if (this.reminders === REMINDERS_MS.length || nowMs < this.remindMs) return;
    this.remindMs = nowMs + REMINDERS_MS[this.reminders++];
    try {
      new ArrayBuffer(SEGMENT_BYTES);
    } catch {
      // Without room for it the collector has run already.
    }
  }

  /** While clients are paused no key goes, so that replicas and the file can catch up; nor while keys are imported. */
  private expire(): number {
    const { engine, expiry } = this;
    const { server } = engine;
    if (!server.activeExpire || (engine.gates & GATE_PAUSE) !== 0) return 0;
    engine.replicaKeys.slice(server.clock.wallMs());
    // On a replica keys go when the primary says so.
    if (server.isReplica || engine.config.flag("import-mode")) return 0;
    expiry.effort = engine.config.number("active-expire-effort") || 1;
    const usedUs = expiry.usedUs;
    const due = this.expireBoth();
    server.latency.add("expire-cycle", expiry.usedUs - usedUs, server.clock.wallMs());
    server.stats.expiredTimeCapReached = expiry.timeCapReached;
    server.stats.expiredStalePercent = expiry.stalePercent;
    server.stats.expiredFieldsStalePercent = this.fieldExpiry.stalePercent;
    server.stats.activeExpireCycleUs = expiry.usedUs;
    return due;
  }
  /** Keys and fields share one slice and take turns in being first. */
  private expireBoth(): number {
    const startUs = this.clockUs();
    const fieldsFirst = this.fieldsFirst;
    this.fieldsFirst = !fieldsFirst;
    const first = fieldsFirst ? this.expireFields(SLICE_US) : this.expireKeys();
    const leftUs = SLICE_US - (this.clockUs() - startUs);
    if (leftUs <= 0) return TURN_PAUSE_MS;
    const second = fieldsFirst ? this.expireKeys() : this.expireFields(leftUs);
    return first === 0 || second === 0 ? first + second : Math.min(first, second);
  }

  private expireKeys(): number {
    const { keyspace, server } = this.engine;
    return expireSlice(keyspace, this.expiry, server.clock.wallMs(), this.clockUs);
  }

  private expireFields(budgetUs: number): number {
    const { keyspace, server } = this.engine;
    const nowMs = server.clock.wallMs();
    return expireFieldsSlice(
      keyspace,
      this.fieldExpiry,
      this.expiry,
      nowMs,
      this.clockUs,
      budgetUs,
    );
  }
}
