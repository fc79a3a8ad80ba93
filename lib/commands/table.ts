// table.ts: all commands: the declarations flattened into dense arrays for the hot path.
//
// Cold: `specs[id]` and the tree of subcommands. Hot: `commandId(buf, off, len)` hashes the name's bytes in lower case,
// compares them in `names`, and yields an id; arity, flags and handler are arrays indexed by it. Ids stay in memory;
// nothing outside the process ever sees them.
//
//   slot table: Int16Array of SLOTS entries, open addressing, holds id + 1
//   names     : bytes of all lower-case names, one after the other; nameOff[id], nameLen[id]

import type { Ctx } from "./context.ts";
import type { CommandSpec } from "./spec.ts";
import { fromLatin1 } from "../bytes/ascii.ts";
import { legacyRange } from "./keys.ts";
import { CONNECTION_COMMANDS } from "./connection/mod.ts";
import { STRING_COMMANDS } from "./string/mod.ts";
import { BITMAP_COMMANDS } from "./bitmap/mod.ts";
import { LIST_COMMANDS } from "./list/mod.ts";
import { SET_COMMANDS } from "./set/mod.ts";
import { HASH_COMMANDS } from "./hash/mod.ts";
import { ZSET_COMMANDS } from "./zset/mod.ts";
import { STREAM_COMMANDS } from "./stream/mod.ts";
import { HYPERLOGLOG_COMMANDS } from "./hyperloglog/mod.ts";
import { GEO_COMMANDS } from "./geo/mod.ts";
import { PUBSUB_COMMANDS } from "./pubsub/mod.ts";
import { KEY_COMMANDS } from "./key/mod.ts";
import { SERVER_COMMANDS } from "./server/mod.ts";
import { TRANSACTION_COMMANDS } from "./txn/mod.ts";

/** Every declaration, containers before their subcommands. */
export const ALL_COMMANDS: readonly CommandSpec[] = [
  ...CONNECTION_COMMANDS,
  ...STRING_COMMANDS,
  ...BITMAP_COMMANDS,
  ...LIST_COMMANDS,
  ...SET_COMMANDS,
  ...HASH_COMMANDS,
  ...ZSET_COMMANDS,
  ...STREAM_COMMANDS,
  ...HYPERLOGLOG_COMMANDS,
  ...GEO_COMMANDS,
  ...PUBSUB_COMMANDS,
  ...KEY_COMMANDS,
  ...SERVER_COMMANDS,
  ...TRANSACTION_COMMANDS,
];

const SLOTS = 2048;

/** Flattened declarations. Read-only but for renames, which are those of one server: each has a copy of a table built once. */
export class CommandTable {
  readonly specs: readonly CommandSpec[];
  readonly arity: Int32Array;
  readonly flags: Int32Array;
  readonly run: (((ctx: Ctx) => void) | undefined)[];
  /** For a container: its subcommands by lower-case name. */
  readonly subcommands: (Map<string, number> | null)[];
  /** For a subcommand: the id of its container, else -1. */
  readonly parent: Int32Array;
  /** Keys at fixed places: first argument (0: none), last (negative: from the end), step. */
  readonly firstKey: Int32Array;
  readonly lastKey: Int32Array;
  readonly keyStep: Int32Array;

  /** The declared names in lower case. */
  private readonly declared: readonly string[];
  private slots: Int16Array;
  private names: Uint8Array[];
  private ids: Map<string, number>;
  /** The name found last, as it was written, and its id. */
  private recent = new Uint8Array(32);
  private recentLen = -1;
  private recentId = -1;

  /** A table of these declarations, or a copy of a table. */
  constructor(from: readonly CommandSpec[] | CommandTable) {
    if (from instanceof CommandTable) {
      this.specs = from.specs;
      this.declared = from.declared;
      this.run = from.run.slice();
      this.arity = from.arity;
      this.flags = from.flags;
      this.parent = from.parent;
      this.firstKey = from.firstKey;
      this.lastKey = from.lastKey;
      this.keyStep = from.keyStep;
      this.subcommands = from.subcommands;
      this.slots = from.slots.slice();
      this.names = from.names.slice();
      this.ids = new Map(from.ids);
      return;
    }
    this.specs = from;
    this.declared = from.map((spec) => spec.name.toLowerCase());
    this.run = from.map((spec) => spec.run);
    this.arity = Int32Array.from(from, (spec) => spec.arity);
    this.flags = Int32Array.from(from, (spec) => spec.flags);
    this.parent = new Int32Array(from.length).fill(-1);
    this.firstKey = new Int32Array(from.length);
    this.lastKey = new Int32Array(from.length);
    this.keyStep = new Int32Array(from.length);
    this.subcommands = new Array(from.length).fill(null);
    this.slots = new Int16Array(SLOTS);
    this.names = this.declared.map(fromLatin1);
    this.ids = new Map();
    for (let id = 0; id < from.length; id++) this.add(id);
  }

  /** Number of commands and subcommands. */
  get count(): number {
    return this.specs.length;
  }

  /** Id of a top-level command by the bytes of its name in any case, or -1. */
  commandId(buf: Uint8Array, off: number, len: number): number {
    // Clients say the same again and again, in the same case.
    const { recent } = this;
    if (len === this.recentLen) {
      let i = 0;
      while (i < len && buf[off + i] === recent[i]) i++;
      if (i === len) return this.recentId;
    }
    const id = this.findId(buf, off, len);
    if (id >= 0 && len <= recent.length) {
      for (let i = 0; i < len; i++) recent[i] = buf[off + i];
      this.recentLen = len;
      this.recentId = id;
    }
    return id;
  }

  private findId(buf: Uint8Array, off: number, len: number): number {
    let slot = nameHash(buf, off, len) & (SLOTS - 1);
    for (;;) {
      const id = this.slots[slot] - 1;
      if (id < 0) return -1;
      const name = this.names[id];
      if (name.length === len && sameName(name, buf, off, len)) return id;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  /** Id by full lower-case name, "get" or "config|get", or -1. */
  idOf(lowerName: string): number {
    return this.ids.get(lowerName) ?? -1;
  }

  /** Ids of the top-level commands that can be called, in the order of their declarations. */
  topLevel(): number[] {
    return [...this.ids.values()].filter((id) => this.parent[id] < 0).sort((a, b) => a - b);
  }

  /** Renames a top-level command; an empty new name removes it. Returns false when `from` is unknown or `to` is taken. */
  rename(from: string, to: string): boolean {
    const id = this.ids.get(from.toLowerCase()) ?? -1;
    const target = to.toLowerCase();
    if (id < 0 || this.parent[id] >= 0 || (target !== "" && this.ids.has(target))) return false;
    this.ids.delete(from.toLowerCase());
    this.names[id] = fromLatin1(target);
    if (target !== "") this.ids.set(target, id);
    this.slots.fill(0);
    this.recentLen = -1;
    for (const [, known] of this.ids) if (this.parent[known] < 0) this.hashIn(known);
    return true;
  }

  /** By id, 1 for those whose declared name in lower case and flags pass a test. */
  mark(test: (name: string, flags: number) => boolean): Uint8Array {
    const { declared, flags } = this;
    const marks = new Uint8Array(declared.length);
    for (let id = 0; id < marks.length; id++) if (test(declared[id], flags[id])) marks[id] = 1;
    return marks;
  }

  private add(id: number): void {
    const spec = this.specs[id];
    const lower = this.declared[id];
    const range = legacyRange(spec.keys);
    this.firstKey[id] = range.first;
    this.lastKey[id] = range.last;
    this.keyStep[id] = range.step;
    this.ids.set(lower, id);
    const bar = lower.indexOf("|");
    if (bar < 0) {
      this.hashIn(id);
      return;
    }
    const container = this.ids.get(lower.slice(0, bar));
    if (container === undefined) throw new Error(`table: ${spec.name} comes before its container`);
    this.parent[id] = container;
    this.subcommands[container] ??= new Map();
    this.subcommands[container].set(lower.slice(bar + 1), id);
  }

  private hashIn(id: number): void {
    const name = this.names[id];
    let slot = nameHash(name, 0, name.length) & (SLOTS - 1);
    while (this.slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    this.slots[slot] = id + 1;
  }
}

let ofAllCommands: CommandTable | undefined;

/** The table of all commands, for one server. */
export function commandTable(): CommandTable {
  ofAllCommands ??= new CommandTable(ALL_COMMANDS);
  return new CommandTable(ofAllCommands);
}

function nameHash(buf: Uint8Array, off: number, len: number): number {
  let hash = len;
  for (let i = 0; i < len; i++) hash = Math.imul(hash ^ (buf[off + i] | 0x20), 0x01000193);
  return hash ^ (hash >>> 15);
}

function sameName(name: Uint8Array, buf: Uint8Array, off: number, len: number): boolean {
  for (let i = 0; i < len; i++) {
    let byte = buf[off + i];
    if (byte >= 65 && byte <= 90) byte |= 0x20;
    if (name[i] !== byte) return false;
  }
  return true;
}
