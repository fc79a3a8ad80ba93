// aof_rewrite.ts: a new base for the append-only file, in the background: when one is begun, and what becomes of it.
//
//   asked for, due by growth, or needed after a failed sync -> begun at an instant -> base written in slices -> in place
//
// FLUSHALL ends the walk over the keys: the rewrite begins anew, which is quick then. After some failures in a row the next
// try waits, longer each time; but not long when commands are refused until it works.

import { BackgroundSave, keysAllowed, type WriterFor } from "../lib/persist/saver.ts";
import type { AofPart } from "../lib/persist/aof_manifest.ts";
import type { Files, Timer } from "../lib/platform/mod.ts";
import type { Engine } from "../lib/session/engine.ts";

const LOG_WARNING = 3;
const LOG_NOTICE = 2;
const SLICE_US = 1000;
const SLICE_PAUSE_MS = 1;
/** Failed rewrites after which the next ones wait, and the longest they wait. */
const FAILURES_FREE = 3;
const DELAY_MINUTES_MAX = 60;
const MINUTE_MS = 60_000;
/** Pause between tries while commands are refused. */
const URGENT_MS = 5000;
const EMPTIED = "the databases were emptied";
const STOPPED = "the append-only file was turned off";

/** What a rewrite needs from the append-only file. */
export interface RewriteHost {
  readonly timer: Timer;
  /** Begins the file for the changes behind the instant, which is when `done` is called: with "" or why that cannot be. */
  begin(done: (problem: string) => void): void;
  /** The new base, a snapshot if that is wanted, its path, and what writes it. */
  nextBase(wantsSnapshot: boolean): { base: AofPart; path: string; writerFor: WriterFor };
  /** The base is safe: puts it in its place. `done` is called with "" or why that cannot be. */
  replaceBase(base: AofPart, done: (problem: string) => void): void;
  /** It failed. */
  failed(): void;
}

/** The rewrites of one append-only file. */
export class AofRewrite {
  isScheduled = false;
  startedMs = 0;
  lastSeconds = -1;
  wasGood = true;
  rewrites = 0;
  failures = 0;
  private engine: Engine;
  private files: Files;
  private host: RewriteHost;
  private save: BackgroundSave | null = null;
  /** Files change in front of the save or behind it. */
  private isChanging = false;
  /** Grows when what is under way is given up. */
  private turn = 0;
  private base: AofPart = { name: "", seq: 0 };
  /** Whether the base was to be a snapshot when the rewrite was asked for. */
  private wantsSnapshot = true;
  private lastFailureMs = 0;
  private slices: (() => void) | null = null;

  constructor(engine: Engine, files: Files, host: RewriteHost) {
    this.engine = engine;
    this.files = files;
    this.host = host;
  }

  private log(level: 2 | 3, text: string): void {
    this.engine.server.log.write(level, text);
  }

  get isRunning(): boolean {
    return this.save !== null || this.isChanging;
  }

  private get nowMs(): number {
    return this.engine.server.clock.wallMs();
  }

  /** Whether the next try should wait. */
  isLimited(nowMs: number, isUrgent: boolean): boolean {
    const over = this.failures - FAILURES_FREE;
    const pauseMs = isUrgent
      ? this.failures > 0 ? URGENT_MS : 0
      : over < 0
      ? 0
      : Math.min(2 ** over, DELAY_MINUTES_MAX) * MINUTE_MS;
    return nowMs - this.lastFailureMs < pauseMs;
  }

  /**
   * Begins a new base. Outside of transactions only: changes of a unit must not be on both sides of the instant. Returns
   * whether nothing has failed yet.
   */
  start(): boolean {
    const { failures } = this;
    this.isScheduled = false;
    this.rewrites++;
    this.startedMs = this.nowMs;
    this.isChanging = true;
    this.wantsSnapshot = this.engine.config.flag("aof-use-rdb-preamble");
    this.host.begin(this.unlessGivenUp((problem) => {
      if (problem === "") this.begun();
      else this.fail(problem);
    }));
    return this.failures === failures;
  }

  /** What follows a change of files. */
  private unlessGivenUp(follow: (problem: string) => void): (problem: string) => void {
    const { turn } = this;
    return (problem) => {
      if (turn !== this.turn) return;
      this.isChanging = false;
      follow(problem);
    };
  }

  /** This is the instant. */
  private begun(): void {
    const { keyspace, server } = this.engine;
    try {
      const { base, path, writerFor } = this.host.nextBase(this.wantsSnapshot);
      this.base = base;
      this.save = new BackgroundSave(
        keyspace,
        this.files,
        // A name of its own: one that was given up may be renamed yet, by a system that is late.
        `temp-rewriteaof-bg-${server.process.pid}-${this.rewrites}.aof`,
        path,
        writerFor,
        (ended) => this.ended(ended),
      );
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error));
    }
    this.engine.snapshotsChanged();
    this.log(LOG_NOTICE, "Background append only file rewriting started");
    this.sliceLater();
  }

  private sliceLater(): void {
    if (this.slices !== null || this.save === null) return;
    this.slices = this.host.timer(SLICE_PAUSE_MS, () => {
      this.slices = null;
      this.step();
    });
  }

  /** Works on the rewrite under way for a millisecond. */
  step(): void {
    const { save } = this;
    if (save === null || save.isDone) return;
    const delayUs = this.engine.config.number("rdb-key-save-delay");
    const keysMax = keysAllowed(delayUs, this.nowMs - this.startedMs);
    save.step(() => this.engine.server.clock.monotonicUs(), SLICE_US, keysMax);
    if (!save.isDone) this.sliceLater();
  }

  private ended(save: BackgroundSave): void {
    this.save = null;
    this.engine.snapshotsChanged();
    if (save.problem === STOPPED) return;
    if (save.problem === EMPTIED) {
      this.log(LOG_NOTICE, "The databases were emptied: the AOF rewrite begins anew");
      this.isScheduled = true;
      return;
    }
    this.lastSeconds = Math.floor((this.nowMs - this.startedMs) / 1000);
    if (save.problem !== "") return this.fail(save.problem);
    this.isChanging = true;
    this.host.replaceBase(this.base, this.unlessGivenUp((problem) => this.replaced(problem)));
  }

  private replaced(problem: string): void {
    if (problem !== "") return this.fail(problem);
    this.wasGood = true;
    this.failures = 0;
    // Who reads this may ask for the next one.
    this.log(LOG_NOTICE, "Background AOF rewrite finished successfully");
  }

  private fail(problem: string): void {
    this.log(LOG_WARNING, `Background AOF rewrite terminated with error: ${problem}`);
    this.wasGood = false;
    this.failures++;
    this.lastFailureMs = this.nowMs;
    this.host.failed();
  }

  /** Gives up the rewrite under way, if there is one. */
  cancel(): void {
    this.turn++;
    this.isChanging = false;
    this.save?.cancel(STOPPED);
  }

  /** Ends background work. */
  close(): void {
    this.slices?.();
    this.slices = null;
    this.cancel();
  }
}
