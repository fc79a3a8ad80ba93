// libc.ts: functions of the C library, for what the runtimes have none of or only a slow one.
//
// A failed call returns -1; `errno` is to be asked for at once, before anything else runs.

import process from "node:process";
import { bind as bindOnBun } from "./libc_bun.ts";
import { bind as bindOnDeno } from "./libc_deno.ts";

/** How an argument is passed: a signed or an unsigned word, the address of memory that stays in place, or any bytes. */
export type Kind = "i32" | "u32" | "address" | "bytes";

/** Names and the arguments of functions that return a word, but for `errnoAt`, which returns an address. */
export type Symbols = Readonly<Record<string, readonly Kind[]>>;

/** An address as the runtime likes it. */
export interface Address {
  readonly isAddress: true;
}

type Argument = number | Address;

/** Native functions by name. */
export type Functions = Readonly<Record<string, (...args: Argument[]) => number>>;

/** What a runtime offers. */
export interface Binding {
  functions: Functions;
  /** The number of the last error. */
  errno(): number;
  /** The address of array[off]; the array must be large, see PLACED_BYTES_MIN, and live as long as it is used. */
  addressOf(array: Uint8Array, off: number): Address;
  /** recv(2) of up to `len` bytes to buf[off ...]. */
  recv(fd: number, buf: Uint8Array, off: number, len: number, flags: number): number;
  /** send(2) of buf[off, off+len). */
  send(fd: number, buf: Uint8Array, off: number, len: number, flags: number): number;
}

/** Arrays of at least so many bytes stay in place; the engine's own bound on Bun is 1,000. */
export const PLACED_BYTES_MIN = 4096;

const IS_DARWIN = process.platform === "darwin";
const LIBRARIES = IS_DARWIN
  ? ["libSystem.B.dylib"]
  : ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
const ERRNO_AT = IS_DARWIN ? "__error" : "__errno_location";

const EVERYWHERE: Symbols = { flock: ["i32", "i32"] };
const ON_LINUX: Symbols = {
  accept4: ["i32", "address", "address", "i32"],
  bind: ["i32", "address", "u32"],
  close: ["i32"],
  epoll_create1: ["i32"],
  epoll_ctl: ["i32", "i32", "i32", "address"],
  epoll_wait: ["i32", "address", "i32", "i32"],
  getsockname: ["i32", "address", "address"],
  inet_ntop: ["i32", "address", "address", "u32"],
  inet_pton: ["i32", "address", "address"],
  listen: ["i32", "i32"],
  recv: ["i32", "bytes", "u32", "i32"],
  send: ["i32", "bytes", "u32", "i32"],
  setsockopt: ["i32", "i32", "i32", "address", "u32"],
  socket: ["i32", "i32", "i32"],
};

/** Functions of the C library under the names they have there. Those of sockets are there on Linux only. */
export interface Libc extends Pick<Binding, "errno" | "addressOf" | "recv" | "send"> {
  flock(fd: number, operation: number): number;
  accept4(fd: number, address: Address, len: Address, flags: number): number;
  bind(fd: number, address: Address, len: number): number;
  close(fd: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: Address): number;
  epoll_wait(epoll: number, events: Address, most: number, ms: number): number;
  getsockname(fd: number, address: Address, len: Address): number;
  inet_ntop(family: number, address: Address, text: Address, most: number): number;
  inet_pton(family: number, text: Address, address: Address): number;
  listen(fd: number, backlog: number): number;
  setsockopt(fd: number, level: number, name: number, value: Address, len: number): number;
  socket(family: number, type: number, protocol: number): number;
}

let found: Libc | null | undefined;

/** The C library of this system; null where it cannot be called. */
export function libc(): Libc | null {
  if (found === undefined) found = load();
  return found;
}

function load(): Libc | null {
  const bind = process.versions.bun !== undefined ? bindOnBun : bindOnDeno;
  const symbols = process.platform === "linux" ? { ...EVERYWHERE, ...ON_LINUX } : EVERYWHERE;
  for (const name of LIBRARIES) {
    try {
      const { functions, ...others } = bind(name, symbols, ERRNO_AT);
      return { ...functions, ...others } as unknown as Libc;
    } catch {
      // The next one may be the one of this system.
    }
  }
  return null;
}
