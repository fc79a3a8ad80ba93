// timers.ts: the timers of a server. Whoever waits for the system by itself (poll_loop.ts) must know when the next one is due;
// the runtime does not say, so all go through here.

import { setImmediate } from "node:timers";

/** The longest time a timer of the runtimes takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

interface Due {
  ms: number;
}

const pending = new Set<Due>();
let soonCount = 0;

/** Runs a function once, after so many milliseconds. Returns what calls that off. */
export function after(ms: number, run: () => void): () => void {
  const wait = Math.min(Math.max(ms, 0), TIMER_MS_MAX);
  const due = { ms: performance.now() + wait };
  pending.add(due);
  const timer = setTimeout(() => {
    pending.delete(due);
    run();
  }, wait);
  return () => {
    pending.delete(due);
    clearTimeout(timer);
  };
}

/** Runs a function every `ms` milliseconds. Returns what calls that off. */
export function every(ms: number, run: () => void): () => void {
  const due = { ms: performance.now() + ms };
  pending.add(due);
  const timer = setInterval(() => {
    due.ms = performance.now() + ms;
    run();
  }, ms);
  return () => {
    pending.delete(due);
    clearInterval(timer);
  };
}

/** Runs a function once, when other events had their turn. */
export function soon(run: () => void): void {
  soonCount++;
  setImmediate(() => {
    soonCount--;
    run();
  });
}

/** Milliseconds until the next function is to run: 0 when one is due, Infinity when there is none. */
export function nextDueMs(): number {
  if (soonCount > 0) return 0;
  if (pending.size === 0) return Infinity;
  let first = Infinity;
  for (const { ms } of pending) if (ms < first) first = ms;
  return Math.max(0, first - performance.now());
}
