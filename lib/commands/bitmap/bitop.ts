// bitop.ts: BITOP, bitwise operations between strings.
//
// Shorter strings count as if zero bytes followed. The result is made in a block of its own, which then becomes the
// target's value, so the target may be one of the sources.

import { BITS_AND, BITS_OR, BITS_XOR, bitsCombine, bitsInvert } from "../../bytes/bits.ts";
import { copyBytes } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import {
  rawCreate,
  rawStore,
  rawView,
  rawWords,
  stringLength,
  stringView,
  stringWords,
  view,
} from "../../engine/string.ts";
import { argIs, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { deleteKey, keyChanged, lookupRead, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_GENERIC, NOTIFY_STRING } from "../notify.ts";
import { type CommandSpec, DENYOOM, keyRange, oneKey, WRITE } from "../spec.ts";

const ERR_NOT_ARITY = line("-ERR BITOP NOT must be called with a single source key.");
const NOT = 3;
const OPERATIONS: readonly { lower: Uint8Array; op: number }[] = [
  { lower: word("and"), op: BITS_AND },
  { lower: word("or"), op: BITS_OR },
  { lower: word("xor"), op: BITS_XOR },
  { lower: word("not"), op: NOT },
];
const TARGET_ARG = 2;
const FIRST_SOURCE_ARG = 3;

function bitop(ctx: Ctx): void {
  const operation = OPERATIONS.find(({ lower }) => argIs(ctx, 1, lower));
  if (operation === undefined) return ctx.out.error(ERR_SYNTAX);
  const { op } = operation;
  if (op === NOT && ctx.argc !== FIRST_SOURCE_ARG + 1) return ctx.out.error(ERR_NOT_ARITY);
  const sources: number[] = [];
  let len = 0;
  for (let i = FIRST_SOURCE_ARG; i < ctx.argc; i++) {
    const rec = lookupRead(ctx, i);
    if (rec !== 0 && !requireType(ctx, rec, TYPE_STRING)) return;
    sources.push(rec);
    if (rec !== 0) len = Math.max(len, stringLength(ctx.keyspace, rec));
  }
  if (len === 0) {
    const rec = lookupWrite(ctx, TARGET_ARG);
    if (rec !== 0) {
      deleteKey(ctx, TARGET_ARG, rec);
      notify(ctx, NOTIFY_GENERIC, "del", TARGET_ARG);
    }
  } else {
    storeResult(ctx, combine(ctx, op, sources, len));
  }
  ctx.out.integer(len);
}

/** A RAW block of `len` bytes with the result. */
function combine(ctx: Ctx, op: number, sources: readonly number[], len: number): number {
  const ks = ctx.keyspace;
  const value = rawCreate(ks, len);
  rawView(ks, value);
  const dst = view.buf;
  const dstOff = view.off;
  const dstWords = rawWords(ks, value);
  viewSource(ctx, sources[0]);
  copyBytes(view.buf, view.off, dst, dstOff, view.len);
  dst.fill(0, dstOff + view.len, dstOff + len);
  if (op === NOT) bitsInvert(dst, dstWords, dstOff, len);
  for (let i = 1; i < sources.length; i++) {
    const words = viewSource(ctx, sources[i]);
    bitsCombine(op, dst, dstWords, dstOff, view.buf, words, view.off, view.len);
    if (op === BITS_AND) dst.fill(0, dstOff + view.len, dstOff + len);
  }
  return value;
}

/** Points `view` at a source, which is empty for record 0. Returns its words, or null where there are none. */
function viewSource(ctx: Ctx, rec: number): Int32Array | null {
  if (rec === 0) {
    view.len = 0;
    return null;
  }
  stringView(ctx.keyspace, rec);
  return stringWords(ctx.keyspace, rec);
}

function storeResult(ctx: Ctx, value: number): void {
  const rec = lookupWrite(ctx, TARGET_ARG);
  const { keyspace, db, hash, argBuf } = ctx;
  const off = ctx.off[TARGET_ARG];
  rawStore(keyspace, db, hash, rec, argBuf, off, ctx.len[TARGET_ARG], value, false);
  keyChanged(ctx, TARGET_ARG);
  notify(ctx, NOTIFY_STRING, "set", TARGET_ARG);
}

export const BITOP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "BITOP",
    group: "bitmap",
    since: "2.6.0",
    arity: -4,
    flags: WRITE | DENYOOM,
    acl: ["@bitmap"],
    keys: [oneKey(2, "OW update"), keyRange(3, -1, 1, "RO access")],
    args: [
      {
        name: "operation",
        type: "oneof",
        args: [
          { name: "and", type: "pure-token", token: "AND" },
          { name: "or", type: "pure-token", token: "OR" },
          { name: "xor", type: "pure-token", token: "XOR" },
          { name: "not", type: "pure-token", token: "NOT" },
        ],
      },
      { name: "destkey", type: "key", keySpec: 0 },
      { name: "key", type: "key", keySpec: 1, multiple: true },
    ],
    summary: "Combines strings bit by bit and stores the result; answers its length in bytes.",
    complexity: "O(N) with N the bytes of the longest string, for each string",
    reply: ["integer"],
    examples: [
      ["MSET a abc b ABC", "+OK"],
      ["BITOP AND c a b", ":3"],
      ["GET c", "$3 ABC"],
      ["BITOP AND c a nothing", ":3"],
      ["BITCOUNT c", ":0"],
    ],
    run: bitop,
  },
];
