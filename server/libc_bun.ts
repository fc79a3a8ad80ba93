// libc_bun.ts: functions of the C library on Bun, for what the runtime has none of or only a slow one.
//
// ADDRESSES. The memory of a large typed array stays where it is as long as the array lives and is not detached: the address
// of the one asked for last is kept, since one buffer is nearly always the next one as well. The memory of a small one
// moves when a view of it is made for the first time, so it is asked for again each time.

import process from "node:process";

/** What is called of the C library. */
interface Native {
  flock(fd: number, operation: number): number;
  send(fd: number, address: number, len: number, flags: number): number;
  /** Where errno is. */
  errnoAt(): number;
}

interface BunForeign {
  dlopen(library: string, symbols: unknown): { symbols: Record<string, unknown> };
  ptr(array: Uint8Array): number;
  read: { i32(pointer: number, offset: number): number };
}

const IS_DARWIN = process.platform === "darwin";
const LIBRARIES = IS_DARWIN
  ? ["libSystem.B.dylib"]
  : ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
const ERRNO = IS_DARWIN ? "__error" : "__errno_location";
/** Bits of send on Linux: without waiting, and without a signal when the peer is gone. */
const SEND_FLAGS = 0x40 | 0x4000;

/** Arrays of at least so many bytes stay in place; the engine's own bound is 1,000. */
const PLACED_BYTES_MIN = 4096;

let foreign: BunForeign;
let native: Native | null = null;
let lastArray: Uint8Array | null = null;
let lastAddress = 0;

function library(): Native {
  if (native !== null) return native;
  foreign = (process as unknown as { getBuiltinModule(name: string): BunForeign })
    .getBuiltinModule("bun:ffi");
  for (const name of LIBRARIES) {
    try {
      const { symbols } = foreign.dlopen(name, {
        flock: { args: ["i32", "i32"], returns: "i32" },
        send: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
        [ERRNO]: { args: [], returns: "ptr" },
      });
      native = { flock: symbols.flock, send: symbols.send, errnoAt: symbols[ERRNO] } as Native;
      return native;
    } catch {
      // The next one may be the one of this system.
    }
  }
  throw new Error("no C library");
}

/** Locks an open file or directory as flock(2) does: 0, or the number of the error. */
export function flock(fd: number, operation: number): number {
  const libc = library();
  return libc.flock(fd, operation) === 0 ? 0 : foreign.read.i32(libc.errnoAt(), 0);
}

/** Whether `send` is there. */
export function canSend(): boolean {
  if (process.platform !== "linux") return false;
  try {
    return library() !== null;
  } catch {
    return false;
  }
}

/** Sends buf[off, off+len) to a socket without waiting. Returns the bytes it took, or -1. */
export function send(fd: number, buf: Uint8Array, off: number, len: number): number {
  if (buf !== lastArray) {
    lastAddress = foreign.ptr(buf);
    lastArray = buf.length < PLACED_BYTES_MIN ? null : buf;
  }
  return (native as Native).send(fd, lastAddress + off, len, SEND_FLAGS);
}
