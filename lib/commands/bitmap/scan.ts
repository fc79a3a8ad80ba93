// scan.ts: commands that walk the bits of a string or a range of it: BITCOUNT, BITPOS.
//
// A range is given in bytes or in bits. In bits, its first and last byte count only in part:
//
//     start 3         end 21
//        v              v
//     ...11111 11111111 111111..      firstMask 0x1f, lastMask 0xfc

import { bitsCount, bitsFind, byteCount, byteFind } from "../../bytes/bits.ts";
import { line } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import { stringView, stringWords, view } from "../../engine/string.ts";
import { argInt64, argIs, argNumber, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type ArgSpec, type CommandSpec, oneKey, READONLY } from "../spec.ts";
import { clampIndex, isReversed } from "../string/indexes.ts";
import { byteOf } from "./operands.ts";

const ERR_BIT = line("-ERR The bit argument must be 1 or 0.");
const BIT = word("bit");
const BYTE = word("byte");

const first = new Int32Array(2);
const last = new Int32Array(2);

/** The range of the running command. */
const range: {
  hasStart: boolean;
  hasEnd: boolean;
  isBits: boolean;
  /** Bytes, both included; empty when start is greater. */
  start: number;
  end: number;
  firstMask: number;
  lastMask: number;
} = {
  hasStart: false,
  hasEnd: false,
  isBits: false,
  start: 0,
  end: 0,
  firstMask: 0xff,
  lastMask: 0xff,
};

/** Reads [start [end [BIT | BYTE]]] from argument `from` on. Replies and returns false when that is not what is there. */
function readRange(ctx: Ctx, from: number): boolean {
  const given = ctx.argc - from;
  range.hasStart = given > 0;
  range.hasEnd = given > 1;
  range.isBits = given === 3 && argIs(ctx, from + 2, BIT);
  let error: Uint8Array | null = null;
  if (given > 3) error = ERR_SYNTAX;
  else if (given > 0 && !argInt64(ctx, from, first)) error = ERR_NOT_INTEGER;
  else if (given === 3 && !range.isBits && !argIs(ctx, from + 2, BYTE)) error = ERR_SYNTAX;
  else if (given > 1 && !argInt64(ctx, from + 1, last)) error = ERR_NOT_INTEGER;
  if (error !== null) ctx.out.error(error);
  return error === null;
}

/** Turns the indexes that were read into the bytes and masks of a string of `len` bytes. */
function resolveRange(len: number): void {
  const total = range.isBits ? len * 8 : len;
  range.start = range.hasStart ? clampIndex(first, total) : 0;
  range.end = range.hasEnd ? Math.min(clampIndex(last, total), total - 1) : len - 1;
  range.firstMask = 0xff;
  range.lastMask = 0xff;
  if (!range.isBits || range.start > range.end) return;
  range.firstMask = 0xff >> (range.start & 7);
  range.lastMask = 0xff << (7 - (range.end & 7)) & 0xff;
  range.start = byteOf(range.start);
  range.end = byteOf(range.end);
}

function bitcount(ctx: Ctx): void {
  if (!readRange(ctx, 2)) return;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STRING)) return;
  stringView(ctx.keyspace, rec);
  resolveRange(view.len);
  const { start, end } = range;
  if (start > end || (range.hasEnd && isReversed(first, last))) return ctx.out.integer(0);
  const { buf, off } = view;
  const count = bitsCount(buf, stringWords(ctx.keyspace, rec), off + start, end - start + 1) -
    byteCount(buf[off + start] & ~range.firstMask) - byteCount(buf[off + end] & ~range.lastMask);
  ctx.out.integer(count);
}

function bitpos(ctx: Ctx): void {
  if (!argInt64(ctx, 2, first)) return ctx.out.error(ERR_NOT_INTEGER);
  const bit = argNumber(ctx, 2, 0, 1);
  if (Number.isNaN(bit)) return ctx.out.error(ERR_BIT);
  if (!readRange(ctx, 3)) return;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(bit === 1 ? -1 : 0);
  if (!requireType(ctx, rec, TYPE_STRING)) return;
  stringView(ctx.keyspace, rec);
  resolveRange(view.len);
  if (range.start > range.end) return ctx.out.integer(-1);
  const pos = findInRange(stringWords(ctx.keyspace, rec), bit);
  // Without an end, zeros go on behind the string for ever.
  const isEndless = bit === 0 && !range.hasEnd;
  ctx.out.integer(pos < 0 && isEndless ? view.len * 8 : pos);
}

/** The first bit in `range` of `view` that equals `bit`, counted from the start of the string, or -1. */
function findInRange(words: Int32Array | null, bit: number): number {
  const { buf, off } = view;
  const { start, end, firstMask, lastMask } = range;
  // Bits outside the masks are made the opposite of what is sought.
  const fill = bit === 1 ? 0 : 0xff;
  const mask = start === end ? firstMask & lastMask : firstMask;
  let pos = byteFind((buf[off + start] & mask) | (fill & ~mask), bit);
  if (pos >= 0) return start * 8 + pos;
  if (start === end) return -1;
  pos = bitsFind(buf, words, off + start + 1, end - start - 1, bit);
  if (pos >= 0) return (start + 1) * 8 + pos;
  pos = byteFind((buf[off + end] & lastMask) | (fill & ~lastMask), bit);
  return pos < 0 ? -1 : end * 8 + pos;
}

const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
const RANGE: ArgSpec = {
  name: "range",
  type: "block",
  optional: true,
  args: [
    { name: "start", type: "integer" },
    {
      name: "end-unit-block",
      type: "block",
      optional: true,
      args: [
        { name: "end", type: "integer" },
        {
          name: "unit",
          type: "oneof",
          since: "7.0.0",
          optional: true,
          args: [
            { name: "byte", type: "pure-token", token: "BYTE" },
            { name: "bit", type: "pure-token", token: "BIT" },
          ],
        },
      ],
    },
  ],
};

export const SCAN_COMMANDS: readonly CommandSpec[] = [
  {
    name: "BITCOUNT",
    group: "bitmap",
    since: "2.6.0",
    arity: -2,
    flags: READONLY,
    acl: ["@bitmap"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, RANGE],
    summary: "Counts the bits that are set in a string or a range of it.",
    complexity: "O(N) with N the bytes of the range",
    history: [
      ["7.0.0", "The units BYTE and BIT."],
      ["8.0.0", "The end may be left out; the range then goes to the last byte."],
    ],
    reply: ["integer"],
    examples: [
      ["SET letters foobar", "+OK"],
      ["BITCOUNT letters", ":26"],
      ["BITCOUNT letters 1 1", ":6"],
      ["BITCOUNT letters 5 30 BIT", ":17"],
    ],
    run: bitcount,
  },
  {
    name: "BITPOS",
    group: "bitmap",
    since: "2.8.7",
    arity: -3,
    flags: READONLY,
    acl: ["@bitmap"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, { name: "bit", type: "integer" }, RANGE],
    summary: "Finds the first bit that is set, or clear, in a string or a range of it.",
    complexity: "O(N) with N the bytes of the range",
    history: [["7.0.0", "The units BYTE and BIT."]],
    reply: ["integer"],
    examples: [
      [`SET flags "\\x00\\xff\\xf0"`, "+OK"],
      ["BITPOS flags 1", ":8"],
      ["BITPOS flags 0 1", ":20"],
      ["BITPOS flags 1 2 2", ":16"],
    ],
    run: bitpos,
  },
];
