// incr_float.ts: INCRBYFLOAT: adds decimal fractions as the reference's long doubles do (bytes/long_double.ts).
//
// The sum is stored as text even when it is whole, so OBJECT ENCODING never says "int" of it.

import { LONG_DOUBLE_NOT_FINITE, longDoubleAdd } from "../../bytes/long_double.ts";
import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { TYPE_STRING } from "../../engine/record.ts";
import { stringView, textStore, view } from "../../engine/string.ts";
import { ERR_NOT_FLOAT } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_STRING } from "../notify.ts";
import { propagating } from "../propagate.ts";
import { type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";

const ERR_NOT_FINITE = line("-ERR increment would produce NaN or Infinity");
const ZERO = fromLatin1("0");

function incrbyfloat(ctx: Ctx): void {
  const { keyspace, argBuf, off, len } = ctx;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) {
    view.buf = ZERO;
    view.off = 0;
    view.len = ZERO.length;
  } else {
    if (!requireType(ctx, rec, TYPE_STRING)) return;
    stringView(keyspace, rec);
  }
  const sum = longDoubleAdd(view.buf, view.off, view.len, argBuf, off[2], len[2]);
  if (typeof sum === "number") {
    return ctx.out.error(sum === LONG_DOUBLE_NOT_FINITE ? ERR_NOT_FINITE : ERR_NOT_FLOAT);
  }
  const { db, hash } = ctx;
  textStore(keyspace, db, hash, rec, argBuf, off[1], len[1], sum, 0, sum.length, true);
  propagating(ctx)?.instead(["SET", 1, sum, "KEEPTTL"]);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STRING, "incrbyfloat", 1);
  ctx.out.bulk(sum, 0, sum.length);
}

export const INCR_FLOAT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "INCRBYFLOAT",
    group: "string",
    since: "2.6.0",
    arity: 3,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@string"],
    keys: [oneKey(1, "RW access update")],
    args: [
      { name: "key", type: "key", keySpec: 0 },
      { name: "increment", type: "double" },
    ],
    summary: "Adds a decimal fraction to a number kept as a string; an absent key counts from 0.",
    complexity: "O(1)",
    reply: ["bulk"],
    examples: [["SET price 10.50", "+OK"], ["INCRBYFLOAT price 0.1", "$4 10.6"]],
    run: incrbyfloat,
  },
];
