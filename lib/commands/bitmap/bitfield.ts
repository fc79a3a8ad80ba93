// bitfield.ts: BITFIELD and BITFIELD_RO: integers of 1 to 64 bits anywhere in a string.
//
// All operations are parsed first, so that a mistake in the last one leaves the string alone; then they run in order.
// An integer is stored with its most significant bit first:
//
//    u5 = 23 (10111) at offset 7:      bit  0      7 8        15
//                                          00000001 01110000
//
// Arithmetic is done with numbers where operand and sum are exact as such (`stepNarrow`), else with BigInt
// (`stepWide`). Both give the new value and whether it left the type's range; then OVERFLOW decides:
//    WRAP  the low bits of the value      SAT  the end of the range on that side      FAIL  null, nothing is written

import {
  int64FromBigInt,
  int64FromNumber,
  int64Parse,
  int64ToBigInt,
  int64ToNumber,
} from "../../bytes/int64.ts";
import { line } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, requireType } from "../lookup.ts";
import { notify, NOTIFY_STRING } from "../notify.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, READONLY, WRITE } from "../spec.ts";
import { bitOffset, byteOf, openBits } from "./operands.ts";

const ERR_TYPE = line(
  "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);
const ERR_OVERFLOW_WORD = line("-ERR Invalid OVERFLOW type specified");
const ERR_READ_ONLY = line("-ERR BITFIELD_RO only supports the GET subcommand");

const GET = word("get");
const SET = word("set");
const INCRBY = word("incrby");
const OVERFLOW = word("overflow");
const WRAP = word("wrap");
const SAT = word("sat");
const FAIL = word("fail");

const LOWER_I = 0x69;
const LOWER_U = 0x75;
/** Types up to this width, and operands up to 2 to this power, go with numbers: their sum stays exact. */
const NARROW_BITS_MAX = 52;
const NARROW_MAX = 2 ** NARROW_BITS_MAX;

type OpKind = "get" | "set" | "incrby";
type Overflow = "wrap" | "sat" | "fail";

/** One operation as parsed. */
interface FieldOp {
  kind: OpKind;
  signed: boolean;
  bits: number;
  /** Of its first bit. */
  offset: number;
  overflow: Overflow;
  /** Operand of SET and INCRBY. */
  lo: number;
  hi: number;
}

const pair = new Int32Array(2);
/** What readField found. */
const oldValue = new Int32Array(2);
/** What a step gives to be stored. */
const newValue = new Int32Array(2);

function bitfield(ctx: Ctx): void {
  runFields(ctx, false);
}

function bitfieldRo(ctx: Ctx): void {
  runFields(ctx, true);
}

function runFields(ctx: Ctx, isReadOnly: boolean): void {
  const ops = parseOps(ctx);
  if (ops === null) return;
  const lastBits = ops.map((op) => op.kind === "get" ? -1 : op.offset + op.bits - 1);
  const lastBit = Math.max(-1, ...lastBits);
  let isLonger = 0;
  if (lastBit < 0) {
    if (!viewForReading(ctx)) return;
  } else {
    if (isReadOnly) return ctx.out.error(ERR_READ_ONLY);
    isLonger = openBits(ctx, lastBit);
    if (isLonger < 0) return;
  }
  ctx.out.array(ops.length);
  let changes = 0;
  for (const op of ops) {
    readField(op);
    if (op.kind === "get") ctx.out.integer64(oldValue[0], oldValue[1]);
    else if (writeField(ctx, op) && (isLonger !== 0 || isChanged())) changes++;
  }
  if (changes > 0) {
    keyChanged(ctx, 1, changes);
    notify(ctx, NOTIFY_STRING, "setbit", 1);
  }
}

/** Points `view` at the string of key argument 1, empty when the key is absent; false after a WRONGTYPE reply. */
function viewForReading(ctx: Ctx): boolean {
  const rec = lookupRead(ctx, 1);
  view.len = 0;
  if (rec === 0) return true;
  if (!requireType(ctx, rec, TYPE_STRING)) return false;
  stringView(ctx.keyspace, rec);
  return true;
}

// ---- parsing

/** The operations of the command, or null after an error reply. */
function parseOps(ctx: Ctx): FieldOp[] | null {
  const ops: FieldOp[] = [];
  let overflow: Overflow = "wrap";
  for (let i = 2; i < ctx.argc;) {
    const left = ctx.argc - i - 1;
    if (left >= 1 && argIs(ctx, i, OVERFLOW)) {
      const named = overflowNamed(ctx, i + 1);
      if (named === null) return failed(ctx, ERR_OVERFLOW_WORD);
      overflow = named;
      i += 2;
      continue;
    }
    const kind = kindNamed(ctx, i, left);
    if (kind === null) return failed(ctx, ERR_SYNTAX);
    const op = parseOp(ctx, i, kind, overflow);
    if (op === null) return null;
    ops.push(op);
    i += kind === "get" ? 3 : 4;
  }
  return ops;
}

function failed(ctx: Ctx, error: Uint8Array): null {
  ctx.out.error(error);
  return null;
}

/** The operation argument `arg` names when enough arguments are left behind it. */
function kindNamed(ctx: Ctx, arg: number, left: number): OpKind | null {
  if (left >= 2 && argIs(ctx, arg, GET)) return "get";
  if (left >= 3 && argIs(ctx, arg, SET)) return "set";
  if (left >= 3 && argIs(ctx, arg, INCRBY)) return "incrby";
  return null;
}

function overflowNamed(ctx: Ctx, arg: number): Overflow | null {
  if (argIs(ctx, arg, WRAP)) return "wrap";
  if (argIs(ctx, arg, SAT)) return "sat";
  return argIs(ctx, arg, FAIL) ? "fail" : null;
}

/** Parses type, offset and operand behind the word at argument `arg`; null after an error reply. */
function parseOp(ctx: Ctx, arg: number, kind: OpKind, overflow: Overflow): FieldOp | null {
  const first = ctx.len[arg + 1] === 0 ? 0 : ctx.argBuf[ctx.off[arg + 1]];
  const signed = first === LOWER_I;
  if (!signed && first !== LOWER_U) return failed(ctx, ERR_TYPE);
  const isInteger = int64Parse(ctx.argBuf, ctx.off[arg + 1] + 1, ctx.len[arg + 1] - 1, pair);
  const bits = isInteger ? int64ToNumber(pair[0], pair[1]) : 0;
  if (bits < 1 || bits > (signed ? 64 : 63)) return failed(ctx, ERR_TYPE);
  const offset = bitOffset(ctx, arg + 2, bits);
  if (offset < 0) return null;
  pair.fill(0);
  if (kind !== "get" && !argInt64(ctx, arg + 3, pair)) return failed(ctx, ERR_NOT_INTEGER);
  return { kind, signed, bits, offset, overflow, lo: pair[0], hi: pair[1] };
}

// ---- fields in `view`

/** Reads a field into `oldValue`; bits beyond the end of the string are zero. */
function readField({ signed, bits, offset }: FieldOp): void {
  let byte = byteOf(offset);
  let shift = 7 - (offset & 7);
  let current = byte < view.len ? view.buf[view.off + byte] : 0;
  // The sign is what is shifted out of the way to the left.
  const isNegative = signed && ((current >> shift) & 1) === 1;
  let lo = isNegative ? -1 : 0;
  let hi = lo;
  for (let i = 0; i < bits; i++) {
    hi = (hi << 1) | (lo >>> 31);
    lo = (lo << 1) | ((current >> shift) & 1);
    shift--;
    if (shift >= 0) continue;
    shift = 7;
    byte++;
    current = byte < view.len ? view.buf[view.off + byte] : 0;
  }
  oldValue[0] = lo;
  oldValue[1] = hi;
}

/** Writes the low bits of `newValue` as a field, which lies within the string. */
function storeField({ bits, offset }: FieldOp): void {
  const { buf, off } = view;
  for (let i = 0; i < bits; i++) {
    const place = bits - 1 - i;
    const bit = (place < 32 ? newValue[0] >>> place : newValue[1] >>> (place - 32)) & 1;
    const at = off + byteOf(offset + i);
    const shift = 7 - ((offset + i) & 7);
    buf[at] = (buf[at] & ~(1 << shift)) | (bit << shift);
  }
}

function isChanged(): boolean {
  return oldValue[0] !== newValue[0] || oldValue[1] !== newValue[1];
}

/** Runs SET or INCRBY on the field whose value is in `oldValue` and replies. Returns false when nothing was written. */
function writeField(ctx: Ctx, op: FieldOp): boolean {
  const number = int64ToNumber(op.lo, op.hi);
  const isNarrow = op.bits <= NARROW_BITS_MAX && Math.abs(number) <= NARROW_MAX;
  const isOver = isNarrow ? stepNarrow(op, number) : stepWide(op);
  if (isOver && op.overflow === "fail") {
    ctx.out.nullBulk();
    return false;
  }
  storeField(op);
  const reply = op.kind === "set" ? oldValue : newValue;
  ctx.out.integer64(reply[0], reply[1]);
  return true;
}

// ---- arithmetic: from `oldValue` and the operand to `newValue`; true when the value left the range of the type

function stepNarrow({ kind, signed, bits, overflow }: FieldOp, operand: number): boolean {
  const size = 2 ** bits;
  const min = signed ? -size / 2 : 0;
  const max = signed ? size / 2 - 1 : size - 1;
  const isSet = kind === "set";
  let value = isSet ? operand : int64ToNumber(oldValue[0], oldValue[1]) + operand;
  const isOver = value > max || value < min;
  if (isOver && overflow === "sat") {
    // An unsigned field takes a negative SET operand as a very large number.
    value = value > max || (isSet && !signed) ? max : min;
  } else if (isOver) {
    value = (value - min) % size;
    value = (value < 0 ? value + size : value) + min;
  }
  int64FromNumber(value, newValue);
  return isOver;
}

function stepWide({ kind, signed, bits, overflow, lo, hi }: FieldOp): boolean {
  const operand = int64ToBigInt(lo, hi);
  const old = int64ToBigInt(oldValue[0], oldValue[1]);
  const isSet = kind === "set";
  const size = 1n << BigInt(bits);
  const min = signed ? -size / 2n : 0n;
  const max = signed ? size / 2n - 1n : size - 1n;
  let value = isSet ? operand : old + operand;
  const isOver = value > max || value < min;
  if (isOver && overflow === "sat") {
    value = value > max || (isSet && isSetTooLow(operand, signed, max)) ? max : min;
  } else if (isOver) {
    value = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  }
  int64FromBigInt(value, newValue);
  return isOver;
}

/**
 * Whether a SET operand below the range saturates at the upper end, as the reference has it: always for unsigned types,
 * and for signed ones where the distance to the upper end does not fit 64 bits.
 */
function isSetTooLow(operand: bigint, signed: boolean, max: bigint): boolean {
  return !signed || max - operand >= 1n << 63n;
}

/** BITFIELD only reads its key when all its operations are GET. */
function bitfieldKeyFlags(ctx: Ctx): string {
  for (let i = 2; i < ctx.argc;) {
    const left = ctx.argc - i - 1;
    if (left >= 2 && argIs(ctx, i, GET)) i += 3;
    else if (left >= 1 && argIs(ctx, i, OVERFLOW)) i += 2;
    else return "RW access update";
  }
  return "RO access";
}

const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
const ENCODING: ArgSpec = { name: "encoding", type: "string" };
const OFFSET: ArgSpec = { name: "offset", type: "integer" };

export const BITFIELD_COMMANDS: readonly CommandSpec[] = [
  {
    name: "BITFIELD",
    group: "bitmap",
    since: "3.2.0",
    arity: -2,
    flags: WRITE | DENYOOM,
    acl: ["@bitmap"],
    keys: [
      {
        ...oneKey(1, "RW access update variable_flags"),
        notes: "With nothing but GET the key is only read.",
      },
    ],
    args: [
      KEY,
      {
        name: "operation",
        type: "oneof",
        optional: true,
        multiple: true,
        args: [
          { name: "get-block", type: "block", token: "GET", args: [ENCODING, OFFSET] },
          {
            name: "write",
            type: "block",
            args: [
              {
                name: "overflow-block",
                type: "oneof",
                token: "OVERFLOW",
                optional: true,
                args: [
                  { name: "wrap", type: "pure-token", token: "WRAP" },
                  { name: "sat", type: "pure-token", token: "SAT" },
                  { name: "fail", type: "pure-token", token: "FAIL" },
                ],
              },
              {
                name: "write-operation",
                type: "oneof",
                args: [
                  {
                    name: "set-block",
                    type: "block",
                    token: "SET",
                    args: [ENCODING, OFFSET, { name: "value", type: "integer" }],
                  },
                  {
                    name: "incrby-block",
                    type: "block",
                    token: "INCRBY",
                    args: [ENCODING, OFFSET, { name: "increment", type: "integer" }],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    summary: "Reads, sets and counts integers of any width that are packed in a string.",
    complexity: "O(1) for each operation",
    reply: ["array"],
    examples: [
      ["BITFIELD stats SET u8 #1 250 INCRBY u8 #1 10", "*2 :0 :4"],
      ["BITFIELD stats OVERFLOW SAT INCRBY u8 #1 300 GET u4 0", "*2 :255 :0"],
      ["BITFIELD stats OVERFLOW FAIL INCRBY u8 #1 1", "*1 $-1"],
    ],
    keyFlags: bitfieldKeyFlags,
    run: bitfield,
  },
  {
    name: "BITFIELD_RO",
    group: "bitmap",
    since: "6.0.0",
    arity: -2,
    flags: READONLY | FAST,
    acl: ["@bitmap"],
    keys: [oneKey(1, "RO access")],
    args: [
      KEY,
      {
        name: "get-block",
        type: "block",
        token: "GET",
        optional: true,
        multiple: true,
        multipleToken: true,
        args: [ENCODING, OFFSET],
      },
    ],
    summary: "Reads integers of any width that are packed in a string.",
    complexity: "O(1) for each operation",
    reply: ["array"],
    examples: [
      ["SET stats abc", "+OK"],
      ["BITFIELD_RO stats GET u8 #1 GET i4 0", "*2 :98 :6"],
    ],
    run: bitfieldRo,
  },
];
