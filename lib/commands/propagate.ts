// propagate.ts: what a command leaves behind for files and replicas: by default itself, when it changed something.
//
// A command whose outcome depends on time, chance or order says what happened instead of what was asked for:
//
//   SET k v EX 10   ->  SET k v PXAT 1767225610000         instead
//   SPOP s 2        ->  SREM s a, SREM s b                  also, also, nothing
//
// Call these after the change. While nobody listens `active` is false: build nothing then.

import type { Ctx } from "./context.ts";

/** A word: text of one character per byte, bytes, or the index of an argument of the running command. */
export type Part = string | Uint8Array | number;

/** The stream of changes. Implemented by lib/session/propagation.ts. */
export interface Propagator {
  /** Whether anybody listens. */
  readonly active: boolean;
  /** The running command is passed on as these words. */
  instead(parts: readonly Part[]): void;
  /** These words are passed on as well, before the running command; even when the command changed nothing itself. */
  also(parts: readonly Part[]): void;
  /** The running command itself is not passed on. */
  nothing(): void;
  /** The running command is passed on although it changed nothing. */
  anyway(): void;
}

/** The arguments from `from` to `to` (not included) as parts. */
export function argParts(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The stream of changes while somebody listens to it, else null: `propagating(ctx)?.instead([...])`. */
export function propagating(ctx: Ctx): Propagator | null {
  return ctx.propagator.active ? ctx.propagator : null;
}
