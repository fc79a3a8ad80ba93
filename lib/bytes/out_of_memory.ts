// out_of_memory.ts: what is thrown when a buffer cannot be had, so that those who can answer it know it from a fault.

/** Memory cannot be had. */
export class OutOfMemoryError extends Error {
  constructor(what: string, bytes: number) {
    super(`${what}: cannot reserve ${bytes} bytes`);
    this.name = "OutOfMemoryError";
  }
}

/** New bytes; throws an OutOfMemoryError when the runtime has none. */
export function bytesNew(bytes: number, what: string): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch {
    throw new OutOfMemoryError(what, bytes);
  }
}
