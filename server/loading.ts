// loading.ts: a data set that is being read into memory, slice by slice, so that the server listens and answers meanwhile:
// with how far it is (INFO persistence) and with -LOADING (lib/session/execute.ts) to all who want the data.
//
//   begin -> slice | other events | slice | other events ... -> end
//
// A SLICE ends after loading-process-events-interval-bytes, or SLICE_US if that is sooner; a single value is read in one
// piece. key-load-delay makes it wait between keys, for tests that want to see a server load.

import type { LoadingView } from "../lib/commands/server_view.ts";
import type { Engine } from "../lib/session/engine.ts";
import { after, soon } from "./timers.ts";

const SLICE_US = 10_000;
/** Bytes between two looks at the clock. */
const LOOK_BYTES = 65536;
/** The shortest time a delay waits for: several keys share it. */
const DELAY_US = 1000;
const REPORT_MS = 5000;
const LOG_NOTICE = 2;

/** Something that is read in pieces. */
export interface LoadSource {
  /** Bytes of all files, and those that were read. */
  readonly totalBytes: number;
  readonly loadedBytes: number;
  /** Keys or commands read. */
  readonly count: number;
  /** Memory of the server that wrote the file, 0 when that is not known. */
  readonly usedMemory: number;
  /** "" or why the data set must not be used. */
  readonly problem: string;
  /** Reads about `bytes` more, or `count` keys or commands; false when nothing is left. */
  step(bytes: number, count: number): boolean;
  /** Whether reading on is of no use before more has arrived; for what is not a file. */
  readonly isStarved?: boolean;
  /** Gives the files up. */
  close(): void;
}

/** One data set on its way into memory. */
export class Loading implements LoadingView {
  readonly startMs: number;
  private engine: Engine;
  private source: LoadSource;
  private ended: (problem: string) => void;
  private isOver = false;
  private reportedMs: number;
  /** What is to be waited for the keys read so far. */
  private owedUs = 0;
  private stopTimer: (() => void) | null = null;
  private isIdle = false;
  /** The old data set is served meanwhile. */
  readonly isBeside: boolean;

  /** `ended` is called once, with "" or why the data set must not be used. */
  constructor(
    engine: Engine,
    source: LoadSource,
    ended: (problem: string) => void,
    isBeside = false,
  ) {
    this.engine = engine;
    this.source = source;
    this.ended = ended;
    this.startMs = engine.server.clock.wallMs();
    this.reportedMs = this.startMs;
    this.isBeside = isBeside;
    if (!isBeside) engine.isLoading = true;
  }

  get totalBytes(): number {
    return this.source.totalBytes;
  }

  get loadedBytes(): number {
    return this.source.loadedBytes;
  }

  get usedMemory(): number {
    return this.source.usedMemory;
  }

  /** Reads one slice. False when it is over. */
  step(): boolean {
    if (this.isOver) return false;
    const { source, engine } = this;
    engine.readClock();
    let problem = "";
    let hasMore = false;
    try {
      hasMore = this.slice();
      problem = source.problem;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    if (hasMore && problem === "") {
      this.report();
      return true;
    }
    this.end();
    this.ended(problem);
    return false;
  }

  private slice(): boolean {
    const { source } = this;
    const { config, server } = this.engine;
    const delayUs = delayOf(config.number("key-load-delay"));
    const endBytes = source.loadedBytes + config.number("loading-process-events-interval-bytes");
    const endCount = delayUs > 0 ? source.count + Math.ceil(DELAY_US / delayUs) : Infinity;
    const endUs = server.clock.monotonicUs() + SLICE_US;
    const before = source.count;
    let hasMore = true;
    do {
      const bytes = Math.min(LOOK_BYTES, endBytes - source.loadedBytes);
      hasMore = source.step(bytes, endCount - source.count);
    } while (
      hasMore && !source.isStarved && source.loadedBytes < endBytes && source.count < endCount &&
      server.clock.monotonicUs() < endUs
    );
    this.owedUs += (source.count - before) * delayUs;
    return hasMore;
  }

  private report(): void {
    const { server } = this.engine;
    const nowMs = server.clock.wallMs();
    if (nowMs - this.reportedMs < REPORT_MS) return;
    this.reportedMs = nowMs;
    const { loadedBytes, totalBytes, count } = this.source;
    const percent = (100 * loadedBytes / Math.max(1, totalBytes)).toFixed(2);
    server.log.write(
      LOG_NOTICE,
      `Loading: ${percent}% (${loadedBytes} of ${totalBytes} bytes, ${count} keys or commands)`,
    );
  }

  private takeOwedMs(): number {
    const ms = Math.floor(this.owedUs / 1000);
    this.owedUs -= ms * 1000;
    return ms;
  }

  /** Reads everything at once. */
  run(): void {
    while (this.step()) {
      const ms = this.takeOwedMs();
      if (ms > 0) this.engine.server.debugSleep(ms / 1000);
    }
  }

  /** Reads slice after slice, with other events in between. */
  runInBackground(): void {
    soon(() => this.next());
  }

  private next(): void {
    this.stopTimer = null;
    this.isIdle = false;
    if (!this.step()) return;
    const ms = this.takeOwedMs();
    if (ms > 0) this.stopTimer = after(ms, () => this.next());
    else if (this.source.isStarved) this.isIdle = true;
    else soon(() => this.next());
  }

  /** More has arrived for a source that was starved. */
  wake(): void {
    if (!this.isIdle || this.isOver) return;
    this.isIdle = false;
    soon(() => this.next());
  }

  /** Reads all that has arrived, at once. */
  readArrived(): void {
    while (!this.source.isStarved && this.step());
  }

  /** Gives up without a word: the server ends. */
  cancel(): void {
    if (!this.isOver) this.end();
  }

  private end(): void {
    this.isOver = true;
    this.stopTimer?.();
    this.source.close();
    if (!this.isBeside) this.engine.isLoading = false;
  }
}

/** Microseconds a key; a negative setting is the number of keys that share one. */
function delayOf(setting: number): number {
  return setting < 0 ? -1 / setting : setting;
}
