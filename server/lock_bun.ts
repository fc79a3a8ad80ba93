// lock_bun.ts: the lock of a directory on Bun, which has none of its own: the C library's is called.

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import type { DirectoryLock } from "./directory_lock.ts";
import { libc } from "./libc.ts";

// Bits of flock.
const LOCK_EXCLUSIVE = 2;
const LOCK_WITHOUT_WAITING = 4;

/** Values of errno that say that there are no locks here: EBADF, EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP. */
const NO_LOCK_ERRORS = process.platform === "darwin"
  ? [9, 22, 77, 78, 45, 102]
  : [9, 22, 37, 38, 95];

/** Locks the directory; null when somebody else has the lock. Throws where there are no locks. */
export function lock(path: string): DirectoryLock | null {
  const library = libc();
  if (library === null) throw new Error("no C library");
  const fd = openSync(path, "r");
  const isOurs = library.flock(fd, LOCK_EXCLUSIVE | LOCK_WITHOUT_WAITING) === 0;
  const error = isOurs ? 0 : library.errno();
  if (isOurs) return { release: () => closeSync(fd) };
  closeSync(fd);
  if (NO_LOCK_ERRORS.includes(error)) throw new Error(`no locks here: error ${error}`);
  return null;
}
