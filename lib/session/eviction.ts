// eviction.ts: keeping within maxmemory: keys go before a command runs, and when none can go, commands that would use
// more memory are refused.
//
// Counted is what the arena holds and what connections hold (client_eviction.ts). Work ends after a time that
// maxmemory-eviction-tenacity names; what is left is done by the upkeep, and commands run meanwhile.
//
//   tenacity 10 -> 0.5 ms     +1 -> 0.05 ms less or more below it, 15 % more above     100 -> no limit
//
// Source followed: valkey-doc, "Key eviction".

import { type EvictionOrder, Evictor } from "../engine/evict.ts";
import { keyDelete } from "../engine/keyspace.ts";
import { reclaimSlice } from "../engine/reclaim.ts";
import { recordKeyBuf, recordKeyLen, recordKeyOff } from "../engine/record.ts";
import { NOTIFY_EVICTED } from "../commands/notify.ts";
import type { Engine } from "./engine.ts";
import { GATE_MEMORY } from "./gates.ts";

const KEYS_PER_LOOK = 16;

/** Memory limit of one engine. */
export class Eviction {
  /** maxmemory; 0 is no limit. */
  limit = 0;
  /** Monotonic microseconds since when the limit is exceeded; 0 while it is not. */
  private exceededUs = 0;
  private exceededTotalUs = 0;
  private engine: Engine;
  private readonly evictor: Evictor;
  private canEvict = false;
  private timeLimitUs = 500;
  private isRunning = false;

  constructor(engine: Engine) {
    this.engine = engine;
    this.evictor = new Evictor(engine.keyspace);
  }

  /** Reads the directives. */
  follow(): void {
    const { config } = this.engine;
    const policy = config.text("maxmemory-policy");
    this.limit = config.number("maxmemory");
    this.canEvict = policy !== "noeviction";
    this.evictor.volatileOnly = policy.startsWith("volatile");
    if (this.canEvict) this.evictor.order = policy.slice(policy.indexOf("-") + 1) as EvictionOrder;
    this.evictor.samples = config.number("maxmemory-samples");
    this.evictor.forget();
    this.timeLimitUs = timeLimit(config.number("maxmemory-eviction-tenacity"));
    if (this.limit > 0) this.engine.gates |= GATE_MEMORY;
    else this.engine.gates &= ~GATE_MEMORY;
    // A limit that is exceeded from the start is enforced even when nobody sends a command.
    if (this.limit > 0) this.isRunning = true;
  }

  /** Whether the limit is exceeded. */
  get isOver(): boolean {
    const { keyspace, clientEviction } = this.engine;
    return keyspace.arena.usedBytes + clientEviction.total > this.limit;
  }

  /** Lets keys go until memory is within the limit. Returns false when it is not and nothing more can go. */
  makeRoom(): boolean {
    if (this.limit === 0 || !this.isOver) return this.done(true);
    const { engine } = this;
    if (engine.server.isReplica && engine.config.flag("replica-ignore-maxmemory")) {
      return this.done(true);
    }
    // While clients are paused nothing may change.
    if (engine.clients.isPaused()) return true;
    if (!this.canEvict || engine.config.flag("import-mode")) return this.done(false);
    const clock = engine.server.clock;
    const startUs = clock.monotonicUs();
    const hasRoom = this.evictUntil(startUs + this.timeLimitUs);
    const usedUs = clock.monotonicUs() - startUs;
    engine.server.latency.add("eviction-cycle", usedUs, clock.wallMs());
    return this.done(hasRoom);
  }

  /** What is told of evicted keys makes buffers of connections larger; that must not make more keys go. */
  private evictUntil(endUs: number): boolean {
    const { engine } = this;
    const { clock } = engine.server;
    const { arena } = engine.keyspace;
    const clockUs = () => clock.monotonicUs();
    const allowed = this.limit - engine.clientEviction.total;
    for (let keys = 1; arena.usedBytes > allowed; keys++) {
      if (!this.evictOne()) {
        // What was condemned earlier may be enough.
        while (
          arena.usedBytes > allowed && reclaimSlice(engine.keyspace, clockUs, this.timeLimitUs / 4)
        ) {
          if (clockUs() >= endUs) return true;
        }
        return arena.usedBytes <= allowed;
      }
      if (keys % KEYS_PER_LOOK === 0) {
        if (engine.keyspace.condemnedValues.length > 0) reclaimSlice(engine.keyspace, clockUs, 100);
        if (clockUs() >= endUs) {
          this.isRunning = true;
          return true;
        }
      }
    }
    this.isRunning = false;
    return true;
  }

  private evictOne(): boolean {
    const { engine } = this;
    const { keyspace, propagation, ctx } = engine;
    const victim = this.evictor.choose();
    if (victim === null) return false;
    const { db, rec, hash } = victim;
    const off = recordKeyOff(keyspace.arena, rec);
    const key = recordKeyBuf(keyspace.arena, rec).slice(
      off,
      off + recordKeyLen(keyspace.arena, rec),
    );
    keyDelete(keyspace, db, hash, rec, keyspace.lazyEvict);
    engine.server.stats.evictedKeys++;
    keyspace.observer?.touched(db, key, 0, key.length);
    if ((ctx.notifier.mask & NOTIFY_EVICTED) !== 0) {
      ctx.notifier.publish(NOTIFY_EVICTED, "evicted", db.index, key, 0, key.length);
    }
    if (propagation.active) {
      propagation.appendTo(db.index, [keyspace.lazyEvict ? "UNLINK" : "DEL", key]);
      propagation.end(true);
    }
    return true;
  }

  private done(hasRoom: boolean): boolean {
    const nowUs = this.engine.server.clock.monotonicUs();
    if (hasRoom && !this.isRunning) {
      if (this.exceededUs > 0) this.exceededTotalUs += nowUs - this.exceededUs;
      this.exceededUs = 0;
    } else if (this.exceededUs === 0) {
      this.exceededUs = nowUs;
    }
    const { stats } = this.engine.server;
    stats.evictionExceededUs = this.exceededUs === 0 ? 0 : nowUs - this.exceededUs;
    stats.evictionExceededTotalUs = this.exceededTotalUs + stats.evictionExceededUs;
    return hasRoom;
  }

  /** Goes on with what ran out of time. Returns true when there is more to do. */
  slice(): boolean {
    if (!this.isRunning) return false;
    this.isRunning = false;
    this.makeRoom();
    return this.isRunning;
  }
}

/** Microseconds for a tenacity of 0 to 100. */
function timeLimit(tenacity: number): number {
  if (tenacity <= 10) return 50 * tenacity;
  if (tenacity < 100) return 500 * 1.15 ** (tenacity - 10);
  return Infinity;
}
