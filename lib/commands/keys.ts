// keys.ts: which arguments of a command are keys, told by the key specifications of its declaration.
//
// A specification finds a start (a fixed index, or the argument after a keyword) and from there a run of keys (up to
// a last argument, or as many as a number says). Several specifications are read in order; one that does not fit the
// arguments makes the whole answer empty, as the command will refuse them anyway, unless the declaration has a
// `findKeys` of its own, which is then asked instead (SORT, MIGRATE: their specifications cannot tell everything).
//
//   ZUNIONSTORE d 2 a b WEIGHTS 1 2      specification 0: index 1, range last 0           -> d
//                                        specification 1: index 2, number at +0, keys +1  -> a b
//   XREAD COUNT 1 STREAMS x y 0 0        keyword STREAMS, range last -1, limit 2          -> x y
//
// Nothing is allocated: the caller keeps a KeyList, which grows to the largest command seen.
//
// Source: valkey-doc, "Command key specifications".

import { equalsIgnoreCase, fromLatin1 } from "../bytes/ascii.ts";
import { int64Parse } from "../bytes/int64.ts";
import type { CommandSpec, KeySpec } from "./spec.ts";
import type { CommandTable } from "./table.ts";

/** Arguments of a command: argument i is argBuf[off[i], off[i] + len[i]); 0 is the name. A Ctx is one. */
export interface CommandArgs {
  argBuf: Uint8Array;
  off: Int32Array;
  len: Int32Array;
  argc: number;
}

/** Keys found in a command, in the order of the specifications. Kept and reused by the caller. */
export class KeyList {
  /** Argument indexes of the keys. */
  args: Int32Array = new Int32Array(16);
  /** Flags of each key by the same place: a list of the declaration, or one that `findKeys` gave. */
  flags: (readonly string[])[] = [];
  count = 0;

  add(arg: number, flags: readonly string[]): void {
    if (this.count === this.args.length) {
      const bigger = new Int32Array(this.count * 2);
      bigger.set(this.args);
      this.args = bigger;
    }
    this.args[this.count] = arg;
    this.flags[this.count] = flags;
    this.count++;
  }
}

/** Whether a specification names something that is no key (a channel, a shard hint). */
function isFake(spec: KeySpec): boolean {
  return spec.flags.includes("not_key");
}

/** Whether a command can have keys at all. */
export function hasKeys(spec: CommandSpec): boolean {
  return spec.findKeys !== undefined || (spec.keys !== undefined && !spec.keys.every(isFake));
}

/**
 * Finds the keys of command `id` among `args`, whose count must satisfy the arity. Returns how many there are; 0 also
 * when the arguments do not fit.
 */
export function extractKeys(
  table: CommandTable,
  id: number,
  args: CommandArgs,
  out: KeyList,
): number {
  const spec = table.specs[id];
  const keys = spec.keys;
  out.count = 0;
  if (keys === undefined) return 0;
  for (let i = 0; i < keys.length; i++) {
    if (isFake(keys[i])) continue;
    if (addKeys(keys[i], args, out)) continue;
    out.count = 0;
    if (spec.findKeys !== undefined) spec.findKeys(args, out);
    return out.count;
  }
  return out.count;
}

/** Adds the keys of one specification; false when it cannot tell them. */
function addKeys(spec: KeySpec, args: CommandArgs, out: KeyList): boolean {
  let first = beginOf(spec, args);
  if (first === 0) return true;
  const find = spec.find;
  if (first < 0 || find.by === "unknown") return false;
  const argc = args.argc;
  let last: number;
  if (find.by === "range") {
    if (find.last >= 0) last = first + find.last;
    else if (find.limit === 0) last = argc + find.last;
    else last = first + Math.trunc((argc - first) / find.limit) + find.last;
  } else {
    const number = countAt(args, first + find.index);
    if (number < 0) return false;
    first += find.first;
    last = first + (number - 1) * find.step;
  }
  if (last >= argc || last < first || first >= argc) return false;
  for (let arg = first; arg <= last; arg += find.step) out.add(arg, spec.flags);
  return !spec.flags.includes("incomplete");
}

/** Where the keys start; 0 when the keyword is absent, -1 when the specification cannot tell. */
function beginOf(spec: KeySpec, args: CommandArgs): number {
  const begin = spec.begin;
  if (begin.at === "index") return begin.index;
  if (begin.at === "unknown") return -1;
  const keyword = keywordBytes(begin.keyword);
  const argc = args.argc;
  const forward = begin.from > 0;
  const from = forward ? begin.from : argc + begin.from;
  const end = forward ? argc - 1 : 1;
  const step = from <= end ? 1 : -1;
  for (let i = from; i !== end && i >= 1 && i < argc; i += step) {
    if (equalsIgnoreCase(args.argBuf, args.off[i], args.len[i], keyword)) return i + 1;
  }
  return 0;
}

const keywords = new Map<string, Uint8Array>();

function keywordBytes(keyword: string): Uint8Array {
  let bytes = keywords.get(keyword);
  if (bytes === undefined) {
    bytes = fromLatin1(keyword.toLowerCase());
    keywords.set(keyword, bytes);
  }
  return bytes;
}

const parsed = new Int32Array(2);

/** A number of keys at an argument: 0 to 2^31 - 1, or -1. */
function countAt(args: CommandArgs, arg: number): number {
  if (arg >= args.argc) return -1;
  if (!int64Parse(args.argBuf, args.off[arg], args.len[arg], parsed)) return -1;
  return parsed[1] === 0 && parsed[0] >= 0 ? parsed[0] : -1;
}

/** First key, last key (negative from the end) and step as COMMAND INFO shows them; zeros when there are none. */
export interface LegacyRange {
  first: number;
  last: number;
  step: number;
  /** True when these three do not tell all keys. */
  movable: boolean;
}

/** Sums key specifications up in the older form of first key, last key and step. */
export function legacyRange(keys: readonly KeySpec[] = []): LegacyRange {
  const range: LegacyRange = { first: 0, last: 0, step: 0, movable: false };
  let previousLast = 0;
  for (const { begin, find, flags } of keys) {
    const plain = begin.at === "index" && find.by === "range";
    const follows = plain && (previousLast === 0 || previousLast === begin.index - 1);
    if (!follows || (keys.length > 1 && find.step !== 1)) {
      range.movable = true;
      continue;
    }
    if (flags.includes("incomplete")) range.movable = true;
    const last = find.last >= 0 ? begin.index + find.last : find.last;
    range.first = range.first === 0 ? begin.index : Math.min(range.first, begin.index);
    // As unsigned numbers: a last key counted from the end is behind every other.
    range.last = range.last >>> 0 > last >>> 0 ? range.last : last;
    range.step = find.step;
    previousLast = range.last;
  }
  return range;
}
