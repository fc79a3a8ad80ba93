// move.ts: from one list to another, or around in one: LMOVE, RPOPLPUSH, and BLMOVE, BRPOPLPUSH, which wait for something.
//
// The element is taken first and put down then, so a list may be its own destination; a list of one element is never
// deleted by that. Events come in the other order: that of the destination first.

import { copyBytes } from "../../bytes/ascii.ts";
import { edge, listDrop, listPeek } from "../../engine/list.ts";
import { ENCODING_QUICKLIST, recordEncoding, TYPE_LIST } from "../../engine/record.ts";
import { argTimeout } from "../args.ts";
import type { Ctx } from "../context.ts";
import { keyChanged, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_LIST } from "../notify.ts";
import { propagating } from "../propagate.ts";
import { type ArgSpec, BLOCKING, type CommandSpec, DENYOOM, oneKey, WRITE } from "../spec.ts";
import {
  createList,
  elementsPopped,
  pushElement,
  SIDE_LEFT,
  SIDE_NONE,
  sideArg,
  sideSpec,
} from "./elements.ts";

const SCRATCH_BYTES = 4096;
/** Arguments that hold the time to wait. */
const BLMOVE_TIMEOUT = 5;
const BRPOPLPUSH_TIMEOUT = 3;

/** The element on its way: its bytes cannot stay where they are. */
let carried = new Uint8Array(SCRATCH_BYTES);

function lmove(ctx: Ctx): void {
  const from = sideArg(ctx, 3);
  if (from === SIDE_NONE) return;
  const to = sideArg(ctx, 4);
  if (to === SIDE_NONE) return;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  move(ctx, rec, from === SIDE_LEFT, to === SIDE_LEFT);
}

function rpoplpush(ctx: Ctx): void {
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.nullBulk();
  move(ctx, rec, false, true);
}

function blmove(ctx: Ctx): void {
  const from = sideArg(ctx, 3);
  if (from === SIDE_NONE) return;
  const to = sideArg(ctx, 4);
  if (to === SIDE_NONE) return;
  moveOrWait(ctx, BLMOVE_TIMEOUT, from === SIDE_LEFT, to === SIDE_LEFT);
}

function brpoplpush(ctx: Ctx): void {
  moveOrWait(ctx, BRPOPLPUSH_TIMEOUT, false, true);
}

function moveOrWait(ctx: Ctx, timeoutArg: number, fromFront: boolean, toFront: boolean): void {
  const untilMs = argTimeout(ctx, timeoutArg, false);
  if (Number.isNaN(untilMs)) return;
  const rec = lookupWrite(ctx, 1);
  if (rec !== 0) {
    move(ctx, rec, fromFront, toFront);
    const isOld = timeoutArg === BRPOPLPUSH_TIMEOUT;
    propagating(ctx)?.instead(isOld ? ["RPOPLPUSH", 1, 2] : ["LMOVE", 1, 2, 3, 4]);
    return;
  }
  if (ctx.client.mayBlock) ctx.client.block("list", 1, 1, untilMs);
  else ctx.out.nullBulk();
}

/** Moves one element of `rec`, the record of argument 1, which was looked up last, to the list of argument 2. */
function move(ctx: Ctx, rec: number, fromFront: boolean, toFront: boolean): void {
  const { keyspace: ks, out } = ctx;
  if (!requireType(ctx, rec, TYPE_LIST)) return;
  const { hash } = ctx;
  let target = lookupWrite(ctx, 2);
  if (target !== 0 && !requireType(ctx, target, TYPE_LIST)) return;
  listPeek(ks, rec, fromFront);
  const { len } = edge;
  // A number taken from a long list does not count, as in Valkey, where it is no text at that moment.
  const isText = !edge.isInt || recordEncoding(ks.arena, rec) !== ENCODING_QUICKLIST;
  if (len > carried.length) carried = new Uint8Array(len);
  copyBytes(edge.buf, edge.off, carried, 0, len);
  listDrop(ks, rec, fromFront);
  if (target === 0) target = createList(ctx, 2);
  pushElement(ctx, target, carried, 0, len, toFront, isText ? len : 0);
  keyChanged(ctx, 2, 0);
  notify(ctx, NOTIFY_LIST, toFront ? "lpush" : "rpush", 2);
  out.bulk(carried, 0, len);
  if (len > SCRATCH_BYTES) carried = new Uint8Array(SCRATCH_BYTES);
  ctx.hash = hash;
  elementsPopped(ctx, 1, rec, fromFront, 1);
}

const KEYS = [oneKey(1, "RW access delete"), oneKey(2, "RW insert")];
const KEY_ARGS: readonly ArgSpec[] = [
  { name: "source", type: "key", keySpec: 0 },
  { name: "destination", type: "key", keySpec: 1 },
];
const SIDE_ARGS: readonly ArgSpec[] = [sideSpec("wherefrom"), sideSpec("whereto")];
const TIMEOUT: ArgSpec = { name: "timeout", type: "double" };

export const MOVE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LMOVE",
    group: "list",
    since: "6.2.0",
    arity: 5,
    flags: WRITE | DENYOOM,
    acl: ["@list"],
    keys: KEYS,
    args: [...KEY_ARGS, ...SIDE_ARGS],
    summary: "Moves an element from one end of a list to one end of the same or another list.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [
      ["RPUSH l a b c", ":3"],
      ["LMOVE l done LEFT RIGHT", "$1 a"],
      ["LRANGE done 0 -1", "*1 $1 a"],
    ],
    run: lmove,
  },
  {
    name: "RPOPLPUSH",
    group: "list",
    since: "1.2.0",
    arity: 3,
    flags: WRITE | DENYOOM,
    acl: ["@list"],
    keys: KEYS,
    args: KEY_ARGS,
    summary: "Moves the last element of a list to the head of the same or another list.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [["RPUSH l a b", ":2"], ["RPOPLPUSH l l", "$1 b"], ["LINDEX l 0", "$1 b"]],
    run: rpoplpush,
  },
  {
    name: "BLMOVE",
    group: "list",
    since: "6.2.0",
    arity: 6,
    flags: WRITE | DENYOOM | BLOCKING,
    acl: ["@list"],
    keys: KEYS,
    args: [...KEY_ARGS, ...SIDE_ARGS, TIMEOUT],
    summary: "Moves an element between ends of lists, and waits for one if the source is absent.",
    complexity: "O(1)",
    reply: ["bulk", "null"],
    examples: [["RPUSH l a b", ":2"], ["BLMOVE l done LEFT LEFT 0", "$1 a"]],
    run: blmove,
  },
  {
    name: "BRPOPLPUSH",
    group: "list",
    since: "2.2.0",
    arity: 4,
    flags: WRITE | DENYOOM | BLOCKING,
    acl: ["@list"],
    keys: KEYS,
    args: [...KEY_ARGS, TIMEOUT],
    summary: "Moves the last element of a list to the head of another, and waits for one if the " +
      "source is absent.",
    complexity: "O(1)",
    history: [["6.0.0", "The time may have a fraction."]],
    reply: ["bulk", "null"],
    examples: [["RPUSH l a b", ":2"], ["BRPOPLPUSH l done 0", "$1 b"]],
    run: brpoplpush,
  },
];
