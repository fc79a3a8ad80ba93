// lock_bun.ts: the lock of a directory on Bun, which has none of its own: the C library's is called.

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import type { DirectoryLock } from "./directory_lock.ts";

// Bits of flock.
const LOCK_EXCLUSIVE = 2;
const LOCK_WITHOUT_WAITING = 4;

/** What is called of the C library. */
interface Native {
  flock(fd: number, operation: number): number;
  /** Where errno is. */
  errnoAt(): number;
}

interface BunForeign {
  dlopen(library: string, symbols: unknown): { symbols: Record<string, unknown> };
  read: { i32(pointer: number, offset: number): number };
}

/** Values of errno that say that there are no locks here: EBADF, EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP. */
const NO_LOCK_ERRORS = process.platform === "darwin"
  ? [9, 22, 77, 78, 45, 102]
  : [9, 22, 37, 38, 95];

let native: Native | null = null;

function bunForeign(): BunForeign {
  return (process as unknown as { getBuiltinModule(name: string): BunForeign })
    .getBuiltinModule("bun:ffi");
}

function nativeOnBun(): Native {
  const isDarwin = process.platform === "darwin";
  const libraries = isDarwin
    ? ["libSystem.B.dylib"]
    : ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
  const errno = isDarwin ? "__error" : "__errno_location";
  for (const library of libraries) {
    try {
      const { symbols } = bunForeign().dlopen(library, {
        flock: { args: ["i32", "i32"], returns: "i32" },
        [errno]: { args: [], returns: "ptr" },
      });
      return { flock: symbols.flock, errnoAt: symbols[errno] } as Native;
    } catch {
      // The next one may be the one of this system.
    }
  }
  throw new Error("no C library");
}

/** Locks the directory; null when somebody else has the lock. Throws where there are no locks. */
export function lock(path: string): DirectoryLock | null {
  native ??= nativeOnBun();
  const fd = openSync(path, "r");
  if (native.flock(fd, LOCK_EXCLUSIVE | LOCK_WITHOUT_WAITING) === 0) {
    return { release: () => closeSync(fd) };
  }
  const errno = bunForeign().read.i32(native.errnoAt(), 0);
  closeSync(fd);
  if (NO_LOCK_ERRORS.includes(errno)) throw new Error(`no locks here: error ${errno}`);
  return null;
}
