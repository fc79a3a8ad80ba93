// fault_node.ts: a file of a FaultDisk, whatever its names: what a process sees, what the platter has, and what lies between.

export const WORDS: Readonly<Record<string, string>> = {
  full: "No space left on device",
  quota: "Disk quota exceeded",
  write: "Input/output error",
  sync: "Input/output error",
  handles: "Too many open files",
  readonly: "Read-only file system",
  rename: "Input/output error",
  cut: "Input/output error",
  missing: "No such file or directory",
};

/** What happened to a file since its last sync. */
export interface Op {
  /** Bytes written at `off`; null where the file was cut to `off` bytes. */
  bytes: Uint8Array | null;
  off: number;
  /** What the platter gets of a write once it is synced. */
  fate: "" | "gone" | "lost" | "misdirected" | "doubled";
}

/** A file, whatever its names. */
export interface Node {
  data: Uint8Array;
  size: number;
  base: Uint8Array;
  ops: Op[];
  /** Something that a failed sync forgot is among what counts as synced. */
  hasGaps: boolean;
}

export function nodeOf(bytes: Uint8Array): Node {
  return { data: bytes, size: bytes.length, base: bytes.subarray(0), ops: [], hasGaps: false };
}

export function contentsOf(node: Node): Uint8Array {
  return node.data.subarray(0, node.size);
}
