// libc_bun.ts: how native functions are called on Bun, where an address is a number.
//
// ADDRESSES. The memory of a large typed array stays where it is as long as the array lives and is not detached: the address
// of the ones used last are kept, since one buffer is nearly always the next one as well. The memory of a small one
// moves when a view of it is made for the first time, so it is asked for again each time.

import process from "node:process";
import { type Address, type Binding, type Functions, type Kind, PLACED_BYTES_MIN } from "./libc.ts";
import type { Symbols } from "./libc.ts";

interface BunForeign {
  dlopen(library: string, symbols: unknown): { symbols: Functions };
  ptr(array: Uint8Array): number;
  read: { i32(pointer: number, offset: number): number };
}

const typeOf = (kind: Kind) => kind === "address" || kind === "bytes" ? "ptr" : kind;
const asAddress = (address: number) => address as unknown as Address;

/** Loads a library. Throws when it, or one of the functions, is not there. */
export function bind(library: string, symbols: Symbols, errnoAt: string): Binding {
  const foreign = (process as unknown as { getBuiltinModule(name: string): BunForeign })
    .getBuiltinModule("bun:ffi");
  const wanted: Record<string, unknown> = { [errnoAt]: { args: [], returns: "ptr" } };
  for (const [name, kinds] of Object.entries(symbols)) {
    wanted[name] = { args: kinds.map(typeOf), returns: "i32" };
  }
  const functions = foreign.dlopen(library, wanted).symbols;
  const { recv, send } = functions;
  let lastArray: Uint8Array | null = null;
  let lastAddress = 0;
  let lastInput: Uint8Array | null = null;
  let inputAddress = 0;
  return {
    functions,
    errno: () => foreign.read.i32(functions[errnoAt](), 0),
    addressOf: (array, off) => asAddress(foreign.ptr(array) + off),
    recv(fd, buf, off, len, flags) {
      if (buf !== lastInput) {
        inputAddress = foreign.ptr(buf);
        lastInput = buf.length < PLACED_BYTES_MIN ? null : buf;
      }
      return recv(fd, asAddress(inputAddress + off), len, flags);
    },
    send(fd, buf, off, len, flags) {
      if (buf !== lastArray) {
        lastAddress = foreign.ptr(buf);
        lastArray = buf.length < PLACED_BYTES_MIN ? null : buf;
      }
      return send(fd, asAddress(lastAddress + off), len, flags);
    },
  };
}
