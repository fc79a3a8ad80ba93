// sim_contract.ts: what must survive which end of a simulated server: how many units of its stream of changes.
//
// THE CONTRACT, as floors
//   killed, or ended by itself   all units that were there when a reply left
//   power cut, always            the same
//   power cut, everysec          those of two seconds ago; of later when syncs take longer than 900 ms: see `boundMs`
//   power cut, no                those of the last rewrite
//   ended orderly                all units, whatever comes then
//   append-only file not on      the instant of the last good snapshot, or of one that was on its way
//
// A FAILED SYNC puts in doubt what was acknowledged shortly before it. A base settles what came before its instant; of a
// sync that failed behind the instant it says nothing.
//
// THE FIRST BASE makes everything safe that is there when the file begins to count, which is when its mode becomes `on`:
// not when the server says that the rewrite is finished. In between old files are removed, and clients go on.
//
// THE DISK WORKS AGAIN: writes are refused until a background job under way is through, or has failed and the pause behind a
// failure is over, and then a new base is there. All of that waits for the disk, an operation at a time, each as long as a
// sync; nothing else takes longer than a second.

import type { Survival } from "./fault_disk.ts";

export const TICK_MS = 100;
const SYNC_PERIOD_MS = 1000;
const BOUND_MS = 2000;
const FAILURE_PAUSE_MS = 5000;
/** Ticks, and slices of a base. */
const WORK_MS = 1000;
/** Written, synced, renamed, directory synced. */
const SAVE_OPERATIONS = 4;
/** New file and list 2, file before 2, base as a save, file 2, directory 1, list 3, list without the old files 3. */
const REWRITE_OPERATIONS = SAVE_OPERATIONS + 13;

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

/** Longest time that writes are refused when the disk works again, where the append-only file has so many files. */
export function recoveryMs(syncMs: number, files: number): number {
  // Old files are removed one by one.
  const operations = SAVE_OPERATIONS + 2 * REWRITE_OPERATIONS + files;
  return FAILURE_PAUSE_MS + WORK_MS + operations * syncMs;
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
  private rewriteSinceMs = 0;
  /** When syncs failed since the instant of the last base. */
  private syncsFailedMs: number[] = [];
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

  /** The instant that the next base is about. */
  rewriteBegins(nowMs: number, units: number): void {
    this.rewriteSinceMs = nowMs;
    this.rewriteAt = units;
  }

  /** The base is in its place. */
  rewriteEnds(): void {
    this.madeSafe(this.rewriteAt);
    this.syncsFailedMs = this.syncsFailedMs.filter((atMs) => atMs >= this.rewriteSinceMs);
  }

  /** The first base is in its place: all units there are now are safe, but for a file whose sync failed. */
  turnedOn(units: number): void {
    this.rewriteEnds();
    if (this.syncsFailedMs.length === 0) this.madeSafe(units);
  }

  syncFails(nowMs: number): void {
    this.syncsFailedMs.push(nowMs);
  }

  /** Whether a power cut may not take what was acknowledged at some time under everysec. */
  isOld(atMs: number, ends: readonly End[]): boolean {
    const sinceMs = Math.max(atMs, this.policySinceMs);
    if (sinceMs > ends[0].atMs - this.boundMs) return false;
    // What a failed sync was about is in doubt; what was taken behind it must not be.
    return this.syncsFailedMs.every((failedMs) =>
      sinceMs <= failedMs - this.boundMs || atMs > failedMs
    );
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
    this.syncsFailedMs = [];
  }
}
