// pf.ts: counting different elements: PFADD, PFCOUNT, PFMERGE.
//
// The values are strings (engine/hyperloglog.ts), so what a key holds is checked by its header, and a value that looks
// right may still turn out corrupted half-way. PFCOUNT of one key keeps its result in the value: a reader that writes.

import { line } from "../../codec/reply_writer.ts";
import {
  HLL_CORRUPT,
  HLL_DENSE,
  HLL_EMPTY_BYTES,
  HLL_REGISTERS,
  hllAdd,
  hllCache,
  hllCached,
  hllCountOf,
  hllDenseRaise,
  hllDenseStore,
  hllEncoding,
  hllInit,
  hllInvalidate,
  hllIsValid,
  hllMerge,
  hllRaise,
  hllRegister,
  hllToDense,
} from "../../engine/hyperloglog.ts";
import { hllEstimate, hllEstimateRegisters } from "../../engine/hyperloglog_estimate.ts";
import { ENCODING_RAW, recordEncoding, TYPE_STRING } from "../../engine/record.ts";
import { rawCreate, rawStore, rawView, stringGrow, stringView, view } from "../../engine/string.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_STRING } from "../notify.ts";
import {
  type ArgSpec,
  type CommandSpec,
  DENYOOM,
  FAST,
  keyRange,
  MAY_REPLICATE,
  oneKey,
  READONLY,
  WRITE,
} from "../spec.ts";

const ERR_NOT_HLL = line("-WRONGTYPE Key is not a valid HyperLogLog string value.");
export const ERR_CORRUPT = line("-INVALIDOBJ Corrupted HLL object detected");

const estimate = new Int32Array(2);
const union = new Uint8Array(HLL_REGISTERS);

/** Whether the record holds a HyperLogLog, which `view` then shows; replies with an error and returns false otherwise. */
export function requireHll(ctx: Ctx, rec: number): boolean {
  if (!requireType(ctx, rec, TYPE_STRING)) return false;
  stringView(ctx.keyspace, rec);
  if (hllIsValid(view.buf, view.off, view.len)) return true;
  ctx.out.error(ERR_NOT_HLL);
  return false;
}

/** Makes the HyperLogLog that the last lookup found RAW, and points `view` at it. Returns its record, maybe new. */
export function openHll(ctx: Ctx, rec: number): number {
  if (recordEncoding(ctx.keyspace.arena, rec) === ENCODING_RAW) {
    stringView(ctx.keyspace, rec);
    return rec;
  }
  return stringGrow(ctx.keyspace, ctx.db, ctx.hash, rec, 0, false);
}

/** Adds an empty HyperLogLog under key argument 1, absent according to the last lookup. Returns its record. */
function createHll(ctx: Ctx): number {
  const ks = ctx.keyspace;
  const value = rawCreate(ks, HLL_EMPTY_BYTES);
  rawView(ks, value);
  hllInit(view.buf, view.off);
  return rawStore(ks, ctx.db, ctx.hash, 0, ctx.argBuf, ctx.off[1], ctx.len[1], value, false);
}

function pfadd(ctx: Ctx): void {
  const ks = ctx.keyspace;
  let rec = lookupWrite(ctx, 1);
  let changes = 0;
  if (rec === 0) {
    rec = createHll(ctx);
    changes = 1;
  } else {
    if (!requireHll(ctx, rec)) return;
    rec = openHll(ctx, rec);
    if (hllEncoding(view.buf, view.off) === HLL_DENSE) return replyAdded(ctx, rec, addDense(ctx));
  }
  for (let i = 2; i < ctx.argc; i++) {
    const result = hllAdd(ks, rec, ctx.argBuf, ctx.off[i], ctx.len[i]);
    // What was added before stays, and counts as no change.
    if (result === HLL_CORRUPT) return ctx.out.error(ERR_CORRUPT);
    changes += result;
  }
  replyAdded(ctx, rec, changes);
}

/** Adds the elements to the dense value that `view` shows. Returns how many changed it. */
function addDense(ctx: Ctx): number {
  const { argBuf, argc } = ctx;
  const { buf, off } = view;
  let changes = 0;
  for (let i = 2; i < argc; i++) {
    const count = hllCountOf(argBuf, ctx.off[i], ctx.len[i]);
    changes += hllDenseRaise(buf, off, hllRegister(), count);
  }
  return changes;
}

function replyAdded(ctx: Ctx, rec: number, changes: number): void {
  if (changes === 0) return ctx.out.integer(0);
  stringView(ctx.keyspace, rec);
  hllInvalidate(view.buf, view.off);
  keyChanged(ctx, 1, changes);
  notify(ctx, NOTIFY_STRING, "pfadd", 1);
  ctx.out.integer(1);
}

function pfcount(ctx: Ctx): void {
  if (ctx.argc > 2) return countUnion(ctx);
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireHll(ctx, rec)) return;
  openHll(ctx, rec);
  const { buf, off, len } = view;
  if (!hllCached(buf, off, estimate)) {
    if (!hllEstimate(buf, off, len, estimate)) return ctx.out.error(ERR_CORRUPT);
    hllCache(buf, off, estimate[0], estimate[1]);
    keyChanged(ctx, 1);
  }
  ctx.out.integer64(estimate[0], estimate[1]);
}

function countUnion(ctx: Ctx): void {
  if (mergeKeys(ctx) < 0) return;
  hllEstimateRegisters(union, estimate);
  ctx.out.integer64(estimate[0], estimate[1]);
}

/**
 * Merges the values of all key arguments into `union`. Returns 1 when one of them is dense, 0 when none is, -1 after an
 * error was replied.
 */
function mergeKeys(ctx: Ctx): number {
  let isDense = 0;
  union.fill(0);
  for (let i = 1; i < ctx.argc; i++) {
    const rec = lookupRead(ctx, i);
    if (rec === 0) continue;
    if (!requireHll(ctx, rec)) return -1;
    if (hllEncoding(view.buf, view.off) === HLL_DENSE) isDense = 1;
    if (!hllMerge(view.buf, view.off, view.len, union)) {
      ctx.out.error(ERR_CORRUPT);
      return -1;
    }
  }
  return isDense;
}

function pfmerge(ctx: Ctx): void {
  const ks = ctx.keyspace;
  const isDense = mergeKeys(ctx);
  if (isDense < 0) return;
  let rec = lookupWrite(ctx, 1);
  rec = rec === 0 ? createHll(ctx) : openHll(ctx, rec);
  if (isDense === 1) {
    if (!hllToDense(ks, rec)) return ctx.out.error(ERR_CORRUPT);
    stringView(ks, rec);
    hllDenseStore(view.buf, view.off, union);
  } else {
    for (let i = 0; i < HLL_REGISTERS; i++) {
      if (union[i] !== 0) hllRaise(ks, rec, i, union[i]);
    }
    stringView(ks, rec);
  }
  hllInvalidate(view.buf, view.off);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "pfadd", 1);
  ctx.out.ok();
}

const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };

export const PF_COMMANDS: readonly CommandSpec[] = [
  {
    name: "PFADD",
    group: "hyperloglog",
    since: "2.8.9",
    arity: -2,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@hyperloglog"],
    keys: [oneKey(1, "RW insert")],
    args: [KEY, { name: "element", type: "string", optional: true, multiple: true }],
    summary: "Shows elements to a HyperLogLog, which is made when absent; tells whether its " +
      "estimate may have changed.",
    complexity: "O(1) for each element",
    reply: ["integer"],
    examples: [
      ["PFADD visitors ann bob cid", ":1"],
      ["PFADD visitors bob", ":0"],
      ["PFCOUNT visitors", ":3"],
    ],
    run: pfadd,
  },
  {
    name: "PFCOUNT",
    group: "hyperloglog",
    since: "2.8.9",
    arity: -2,
    flags: READONLY | MAY_REPLICATE,
    acl: ["@hyperloglog"],
    keys: [
      {
        ...keyRange(1, -1, 1, "RW access"),
        notes: "RW because the estimate of a single key is kept in its value.",
      },
    ],
    args: [{ ...KEY, multiple: true }],
    summary: "Estimates how many different elements a HyperLogLog has seen, or several together.",
    complexity: "O(1) for a single key whose estimate is kept; O(N) for N keys, with a large " +
      "constant: all registers are read",
    reply: ["integer"],
    examples: [
      ["PFADD monday ann bob", ":1"],
      ["PFADD tuesday bob cid", ":1"],
      ["PFCOUNT monday", ":2"],
      ["PFCOUNT monday tuesday", ":3"],
    ],
    run: pfcount,
  },
  {
    name: "PFMERGE",
    group: "hyperloglog",
    since: "2.8.9",
    arity: -2,
    flags: WRITE | DENYOOM,
    acl: ["@hyperloglog"],
    keys: [oneKey(1, "RW access insert"), keyRange(2, -1, 1, "RO access")],
    args: [
      { name: "destkey", type: "key", keySpec: 0 },
      { name: "sourcekey", type: "key", keySpec: 1, optional: true, multiple: true },
    ],
    summary: "Adds to a HyperLogLog, which is made when absent, all that others have seen.",
    complexity: "O(N) for N keys, with a large constant: all registers are read",
    reply: ["simple"],
    examples: [
      ["PFADD monday ann bob", ":1"],
      ["PFADD tuesday bob cid", ":1"],
      ["PFMERGE week monday tuesday", "+OK"],
      ["PFCOUNT week", ":3"],
    ],
    run: pfmerge,
  },
];
