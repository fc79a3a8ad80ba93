// lock_deno.ts: the lock of a directory on Deno.

import type { DirectoryLock } from "./directory_lock.ts";

/** Locks the directory; null when somebody else has the lock. Throws where there are no locks. */
export function lock(path: string): DirectoryLock | null {
  const file = Deno.openSync(path, { read: true });
  if (file.tryLockSync(true)) return { release: () => file.close() };
  file.close();
  return null;
}
