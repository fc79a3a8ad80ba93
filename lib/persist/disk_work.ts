// disk_work.ts: sequences of operations that wait for a disk, done at once or beside everything else.
//
// Syncs, and changes of names on a busy disk, take from a millisecond to much more. A sequence is written once, as a
// generator that yields these operations; who runs it says whether they are waited for (at the start, at the end) or
// whether commands go on meanwhile.
//
//   function* work() { ...; yield { kind: "sync", file }; file.close(); yield { kind: "rename", from, to }; ... }
//
// Between two yields nothing else runs; over a yield anything may have changed. An operation that fails throws at its yield.

import type { Files, NameOperation, OutputFile } from "../platform/mod.ts";

/** Something that waits for the disk. */
export type SlowOperation = NameOperation | { kind: "sync"; file: OutputFile };

/** A sequence of such operations; what it returns is its result. */
export type DiskWork<T = void> = Generator<SlowOperation, T, void>;

function perform(files: Files, operation: SlowOperation): void {
  if (operation.kind === "sync") operation.file.sync();
  else if (operation.kind === "rename") files.rename(operation.from, operation.to);
  else if (operation.kind === "remove") files.remove(operation.name);
  else files.syncDirectory(operation.name);
}

/** Runs a sequence and returns when it is through. Throws an Error with the system's words. */
export function workNow<T>(files: Files, work: DiskWork<T>): T {
  let next = work.next();
  while (next.done !== true) {
    try {
      perform(files, next.value);
    } catch (error) {
      next = work.throw(error);
      continue;
    }
    next = work.next();
  }
  return next.value;
}

/** Runs a sequence without waiting for its operations; `done` gets "" or what went wrong, at once where nothing is waited for. */
export function workLater(
  files: Files,
  work: DiskWork,
  done: (problem: string) => void,
): void {
  const goOn = (problem: string): void => {
    let next: IteratorResult<SlowOperation, void>;
    try {
      next = problem === "" ? work.next() : work.throw(new Error(problem));
    } catch (error) {
      return done(error instanceof Error ? error.message : String(error));
    }
    if (next.done === true) return done("");
    if (next.value.kind === "sync") next.value.file.syncLater(goOn);
    else files.later(next.value, goOn);
  };
  goOn("");
}
