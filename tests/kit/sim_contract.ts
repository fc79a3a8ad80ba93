// sim_contract.ts: what must survive which end of a simulated server: how many units of its stream of changes.
//
// THE CONTRACT, as floors
//   killed, or ended by itself   all units that were there when a reply left
//   power cut, always            the same
//   power cut, everysec          those of two seconds ago; of later when syncs take longer than 900 ms: see `boundMs`
//   power cut, no                those of the last rewrite
//   ended orderly                all units, whatever comes then
//   append-only file not on      the instant of the last good snapshot, or of one that was on its way

import type { Survival } from "./fault_disk.ts";

const TICK_MS = 100;
const SYNC_PERIOD_MS = 1000;
const BOUND_MS = 2000;

/** How a life ended. */
export interface End {
  readonly how: "kill" | "power" | "itself" | "orderly";
  readonly survival: Survival | "";
  readonly atMs: number;
  /** A sync had failed: the power was cut as well. */
  readonly hasForgotten: boolean;
}

export function isPowerCut({ how, hasForgotten }: End): boolean {
  return how === "power" || hasForgotten;
}

/** The floors of one stream, in units. */
export class Contract {
  /** Units there were when the last reply left, and those that nothing may take. */
  private replied = 0;
  private safe = 0;
  private acknowledged: [atMs: number, units: number][] = [];
  private policySinceMs = 0;
  private policySinceUnits = -1;
  private rewriteAt = 0;
  private syncFailedMs = Infinity;
  private readonly boundMs: number;

  /** `syncMs` is the longest time that a sync takes. */
  constructor(syncMs: number) {
    this.boundMs = Math.max(BOUND_MS, Math.max(syncMs, SYNC_PERIOD_MS) + TICK_MS + 2 * syncMs);
  }

  booted(): void {
    this.policySinceUnits = -1;
  }

  policyChanges(nowMs: number, units: number): void {
    this.policySinceMs = nowMs;
    this.policySinceUnits = units;
  }

  replyLeaves(nowMs: number, units: number, policy: string): void {
    if (policy === "always" && units > this.policySinceUnits) this.safe = units;
    if (units <= this.replied) return;
    this.replied = units;
    this.acknowledged.push([nowMs, units]);
  }

  madeSafe(units: number): void {
    this.safe = Math.max(this.safe, units);
    this.replied = Math.max(this.replied, this.safe);
  }

  rewriteBegins(units: number): void {
    this.rewriteAt = units;
  }

  /** The base is in its place; with the first one, so are the changes up to `units`. */
  rewriteEnds(units: number): void {
    this.madeSafe(Math.max(this.rewriteAt, units));
    this.syncFailedMs = Infinity;
  }

  syncFails(nowMs: number): void {
    this.syncFailedMs = Math.min(this.syncFailedMs, nowMs);
  }

  /** Whether a power cut may not take what was acknowledged at some time under everysec. */
  isOld(atMs: number, ends: readonly End[]): boolean {
    const sinceMs = Math.max(atMs, this.policySinceMs);
    if (sinceMs > ends[0].atMs - this.boundMs) return false;
    // What a failed sync was about is in doubt; what was taken behind it must not be.
    return sinceMs <= this.syncFailedMs - this.boundMs || atMs > this.syncFailedMs;
  }

  /** Units that must be there after these ends. */
  floor(ends: readonly End[], policy: string): number {
    if (!ends.some(isPowerCut)) return this.replied;
    let floor = this.safe;
    if (policy !== "everysec") return floor;
    for (const [atMs, units] of this.acknowledged) {
      if (this.isOld(atMs, ends)) floor = Math.max(floor, units);
    }
    return floor;
  }

  /** A new life begins with so many units; after a power cut they are all on the platter. */
  goesOn(units: number, wasCut: boolean): void {
    this.replied = Math.min(this.replied, units);
    this.safe = wasCut ? units : Math.min(this.safe, units);
    this.acknowledged = this.acknowledged.filter(([, count]) => count <= units);
    this.syncFailedMs = Infinity;
  }
}
