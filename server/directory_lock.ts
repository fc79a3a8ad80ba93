// directory_lock.ts: a directory belongs to one server at a time: two that write the same files would destroy each other's.
//
// The lock is the system's own (flock) on the directory itself: no file is left behind, and it goes with the process,
// however that ends. Both runtimes take the same one. Where the system has none (Windows, some network file systems) there
// is no lock, and nobody is refused.

import { readFileSync, statSync } from "node:fs";
import process from "node:process";
import { lock as lockOnBun } from "./lock_bun.ts";
import { lock as lockOnDeno } from "./lock_deno.ts";

/** The lock of a directory, held until the process ends or `release` is called. */
export interface DirectoryLock {
  release(): void;
}

const NO_LOCK: DirectoryLock = { release: () => {} };

/** Locks a directory; null when another process has it. */
export function lockDirectory(path: string): DirectoryLock | null {
  if (process.platform === "win32") return NO_LOCK;
  try {
    return process.versions.bun !== undefined ? lockOnBun(path) : lockOnDeno(path);
  } catch {
    return NO_LOCK;
  }
}

const LOCK_LIST = "/proc/locks";

/** " (process 123)" for the process that holds the lock of a directory, "" when it is not known. */
export function holderOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    const major = (dev >> 8n) & 0xfffn;
    const minor = (dev & 0xffn) | ((dev >> 12n) & 0xfff00n);
    const hex = (part: bigint) => part.toString(16).padStart(2, "0");
    const wanted = `${hex(major)}:${hex(minor)}:${ino}`;
    for (const line of readFileSync(LOCK_LIST, "latin1").split("\n")) {
      const [, kind, , , pid, where] = line.trim().split(/\s+/);
      if (kind === "FLOCK" && where === wanted) return ` (process ${pid})`;
    }
  } catch {
    // Without the list nobody can be named.
  }
  return "";
}
