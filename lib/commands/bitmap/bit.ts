// bit.ts: single bits of a string: SETBIT, GETBIT.

import { line } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import { stringView, view } from "../../engine/string.ts";
import { argNumber } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupRead, requireType } from "../lookup.ts";
import { notify, NOTIFY_STRING } from "../notify.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, READONLY, WRITE } from "../spec.ts";
import { bitOffset, byteOf, openBits } from "./operands.ts";

const ERR_BIT = line("-ERR bit is not an integer or out of range");

function setbit(ctx: Ctx): void {
  const offset = bitOffset(ctx, 2);
  if (offset < 0) return;
  const bit = argNumber(ctx, 3, 0, 1);
  if (Number.isNaN(bit)) return ctx.out.error(ERR_BIT);
  const isLonger = openBits(ctx, offset);
  if (isLonger < 0) return;
  const at = view.off + byteOf(offset);
  const shift = 7 - (offset & 7);
  const old = (view.buf[at] >> shift) & 1;
  if (isLonger !== 0 || old !== bit) {
    view.buf[at] = (view.buf[at] & ~(1 << shift)) | (bit << shift);
    keyChanged(ctx, 1);
    notify(ctx, NOTIFY_STRING, "setbit", 1);
  }
  ctx.out.integer(old);
}

function getbit(ctx: Ctx): void {
  const offset = bitOffset(ctx, 2);
  if (offset < 0) return;
  const rec = lookupRead(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STRING)) return;
  stringView(ctx.keyspace, rec);
  const byte = byteOf(offset);
  const value = byte < view.len ? view.buf[view.off + byte] : 0;
  ctx.out.integer((value >> (7 - (offset & 7))) & 1);
}

const KEY: ArgSpec = { name: "key", type: "key", keySpec: 0 };
const OFFSET: ArgSpec = { name: "offset", type: "integer" };

export const BIT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "SETBIT",
    group: "bitmap",
    since: "2.2.0",
    arity: 4,
    flags: WRITE | DENYOOM,
    acl: ["@bitmap"],
    keys: [oneKey(1, "RW access update")],
    args: [KEY, OFFSET, { name: "value", type: "integer" }],
    summary:
      "Sets or clears a bit of a string, which grows as needed; answers the bit's old value.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SETBIT seen 7 1", ":0"], ["SETBIT seen 7 0", ":1"], ["STRLEN seen", ":1"]],
    run: setbit,
  },
  {
    name: "GETBIT",
    group: "bitmap",
    since: "2.2.0",
    arity: 3,
    flags: READONLY | FAST,
    acl: ["@bitmap"],
    keys: [oneKey(1, "RO access")],
    args: [KEY, OFFSET],
    summary: "Reads a bit of a string; 0 beyond its end.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["SETBIT seen 7 1", ":0"], ["GETBIT seen 7", ":1"], ["GETBIT seen 1000", ":0"]],
    run: getbit,
  },
];
