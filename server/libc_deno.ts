// libc_deno.ts: how native functions are called on Deno. They need the permission for it, which nobody is asked for here.
//
// An address is an object of the runtime, and bytes are passed as an array: with those a call takes 10 to 20 ns, with
// numbers of 64 bits it takes 80.

import type { Address, Binding, Functions, Kind, Symbols } from "./libc.ts";

const TYPES: Readonly<Record<Kind, Deno.NativeType>> = {
  i32: "i32",
  u32: "u32",
  address: "pointer",
  bytes: "buffer",
};

type BytesCall = (fd: number, bytes: Uint8Array, len: number, flags: number) => number;
type Bytes = Uint8Array<ArrayBuffer>;

/** Loads a library. Throws when it, or one of the functions, is not there, or when that is not allowed. */
export function bind(library: string, symbols: Symbols, errnoAt: string): Binding {
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") throw new Error("no FFI");
  const wanted: Record<string, Deno.ForeignFunction> = {
    [errnoAt]: { parameters: [], result: "pointer" },
  };
  for (const [name, kinds] of Object.entries(symbols)) {
    wanted[name] = { parameters: kinds.map((kind) => TYPES[kind]), result: "i32" };
  }
  const functions = Deno.dlopen(library, wanted).symbols as unknown as Functions;
  const { recv, send } = functions as unknown as Record<string, BytesCall>;
  return {
    functions,
    errno: () => {
      const at = functions[errnoAt]() as unknown as Deno.PointerObject;
      return new Deno.UnsafePointerView(at).getInt32(0);
    },
    addressOf: (array, off) =>
      Deno.UnsafePointer.of(array.subarray(off) as Bytes) as unknown as Address,
    recv: (fd, buf, off, len, flags) =>
      recv(fd, off === 0 ? buf : buf.subarray(off, off + len), len, flags),
    send: (fd, buf, off, len, flags) =>
      send(fd, off === 0 ? buf : buf.subarray(off, off + len), len, flags),
  };
}
