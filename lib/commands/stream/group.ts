// group.ts: consumer groups and their consumers: XGROUP.

import { line } from "../../codec/reply_writer.ts";
import { ENCODING_STREAM, recordA, TYPE_STREAM } from "../../engine/record.ts";
import {
  consumerCreate,
  consumerDelete,
  consumerFind,
  groupCreate,
  groupDestroy,
  groupSet,
  pendingOf,
} from "../../engine/stream_groups.ts";
import { ID_WORDS, idCopy } from "../../engine/stream_id.ts";
import { indexCount } from "../../engine/stream_index.ts";
import { streamCreate, streamLastWord, streamWords } from "../../engine/stream_root.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { replyHelp, replySubcommandError } from "../help.ts";
import { createKey, keyChanged, keyReady, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_STREAM } from "../notify.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, LOADING, oneKey, STALE, WRITE } from "../spec.ts";
import {
  argCText,
  argGroup,
  argId,
  argIdOrEnd,
  argIsByte,
  CONSUMER,
  GROUP,
  KEY,
} from "./arguments.ts";

const MKSTREAM = word("mkstream");
const ENTRIESREAD = word("entriesread");
const DOLLAR = 0x24;
/** Words of XGROUP CREATE without and with all options. */
const CREATE_ARGC_MAX = 8;
const SETID_ARGC = 5;
const SETID_ARGC_READ = 7;

const ERR_READ = line("-ERR value for ENTRIESREAD must be positive or -1");
const ERR_KEY = line(
  "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to " +
    "use the MKSTREAM option to create an empty stream automatically.",
);
const ERR_BUSY = line("-BUSYGROUP Consumer Group name already exists");

const id = new Int32Array(ID_WORDS);
const read = new Int32Array(2);
const options = { make: false };

/** Reads the options from argument 5 on to `options` and `read`. False after the error reply. */
function parseOptions(ctx: Ctx, creating: boolean): boolean {
  options.make = false;
  read.fill(-1);
  for (let i = 5; i < ctx.argc; i++) {
    if (creating && argIs(ctx, i, MKSTREAM)) {
      options.make = true;
    } else if (argIs(ctx, i, ENTRIESREAD) && i + 1 < ctx.argc) {
      if (!argInt64(ctx, ++i, read)) {
        ctx.out.error(ERR_NOT_INTEGER);
        return false;
      }
      if (read[1] < 0 && (read[0] & read[1]) !== -1) {
        ctx.out.error(ERR_READ);
        return false;
      }
    } else {
      replySubcommandError(ctx);
      return false;
    }
  }
  return true;
}

/** The root of the stream in argument 2; 0 after the error reply. */
function findRoot(ctx: Ctx): number {
  const rec = lookupWrite(ctx, 2);
  if (rec === 0) ctx.out.error(ERR_KEY);
  else if (requireType(ctx, rec, TYPE_STREAM)) return recordA(ctx.keyspace.arena, rec);
  return 0;
}

/** The group in argument 3; 0 after the error reply. */
function findGroup(ctx: Ctx, root: number): number {
  const group = argGroup(ctx, root, 3);
  if (group === 0) {
    ctx.out.errorText(
      `NOGROUP No such consumer group '${argCText(ctx, 3)}' for key name '${argCText(ctx, 2)}'`,
    );
  }
  return group;
}

/** Reads the id in argument 4; "$" is the last one of the stream, 0-0 without a stream. */
function parseId(ctx: Ctx, root: number, withEnds: boolean): boolean {
  if (argIsByte(ctx, 4, DOLLAR)) {
    if (root === 0) id.fill(0);
    else idCopy(streamWords(ctx.keyspace.arena, root), streamLastWord(root), id, 0);
    return true;
  }
  return withEnds ? argIdOrEnd(ctx, 4, 0, id, 0) : argId(ctx, 4, 0, id, 0);
}

function create(ctx: Ctx): void {
  const { arena } = ctx.keyspace;
  if (!parseOptions(ctx, true)) return;
  let rec = lookupWrite(ctx, 2);
  if (rec !== 0 && !requireType(ctx, rec, TYPE_STREAM)) return;
  if (rec === 0 && !options.make) return ctx.out.error(ERR_KEY);
  if (ctx.argc > CREATE_ARGC_MAX) return replySubcommandError(ctx);
  if (!parseId(ctx, rec === 0 ? 0 : recordA(arena, rec), false)) return;
  if (rec === 0) {
    rec = createKey(ctx, 2, TYPE_STREAM, ENCODING_STREAM, streamCreate(arena));
    keyChanged(ctx, 2, 0);
  }
  const root = recordA(arena, rec);
  const { argBuf, off, len } = ctx;
  if (groupCreate(arena, root, argBuf, off[3], len[3], id, 0, read[0], read[1]) === 0) {
    return ctx.out.error(ERR_BUSY);
  }
  ctx.dirty++;
  notify(ctx, NOTIFY_STREAM, "xgroup-create", 2);
  ctx.out.ok();
}

function setid(ctx: Ctx): void {
  if (!parseOptions(ctx, false)) return;
  const root = findRoot(ctx);
  if (root === 0) return;
  const group = findGroup(ctx, root);
  if (group === 0) return;
  if (ctx.argc !== SETID_ARGC && ctx.argc !== SETID_ARGC_READ) return replySubcommandError(ctx);
  if (!parseId(ctx, root, true)) return;
  groupSet(ctx.keyspace.arena, group, id, 0, read[0], read[1]);
  ctx.dirty++;
  notify(ctx, NOTIFY_STREAM, "xgroup-setid", 2);
  ctx.out.ok();
}

/** Clients that wait for the group are woken and learn that it is gone. */
function destroy(ctx: Ctx): void {
  const { arena } = ctx.keyspace;
  const rec = lookupWrite(ctx, 2);
  if (rec === 0) return ctx.out.error(ERR_KEY);
  if (!requireType(ctx, rec, TYPE_STREAM)) return;
  if (!groupDestroy(arena, recordA(arena, rec), ctx.argBuf, ctx.off[3], ctx.len[3])) {
    return ctx.out.integer(0);
  }
  ctx.dirty++;
  notify(ctx, NOTIFY_STREAM, "xgroup-destroy", 2);
  ctx.out.integer(1);
  keyReady(ctx, rec);
}

function createconsumer(ctx: Ctx): void {
  const root = findRoot(ctx);
  if (root === 0) return;
  const group = findGroup(ctx, root);
  if (group === 0) return;
  const { argBuf, off, len, nowMs } = ctx;
  const { arena } = ctx.keyspace;
  if (consumerCreate(arena, group, argBuf, off[4], len[4], nowMs) === 0) return ctx.out.integer(0);
  ctx.dirty++;
  notify(ctx, NOTIFY_STREAM, "xgroup-createconsumer", 2);
  ctx.out.integer(1);
}

function delconsumer(ctx: Ctx): void {
  const { arena } = ctx.keyspace;
  const root = findRoot(ctx);
  if (root === 0) return;
  const group = findGroup(ctx, root);
  if (group === 0) return;
  const consumer = consumerFind(arena, group, ctx.argBuf, ctx.off[4], ctx.len[4]);
  if (consumer === 0) return ctx.out.integer(0);
  const pending = indexCount(arena, pendingOf(arena, consumer));
  consumerDelete(arena, group, consumer);
  ctx.dirty++;
  notify(ctx, NOTIFY_STREAM, "xgroup-delconsumer", 2);
  ctx.out.integer(pending);
}

function help(ctx: Ctx): void {
  replyHelp(ctx, [
    "CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <number>]",
    "    Make a group that gets what is behind the id; $ is the end of the stream.",
    "    MKSTREAM makes an absent stream, ENTRIESREAD tells how many entries the group has read.",
    "CREATECONSUMER <key> <group> <consumer>",
    "    Make a consumer.",
    "DELCONSUMER <key> <group> <consumer>",
    "    Delete a consumer and forget what is pending for it.",
    "DESTROY <key> <group>",
    "    Delete a group.",
    "SETID <key> <group> <id|$> [ENTRIESREAD <number>]",
    "    Go on behind another id.",
  ]);
}

const SELECTOR: ArgSpec = {
  name: "id-selector",
  type: "oneof",
  args: [
    { name: "id", type: "string" },
    { name: "new-id", type: "pure-token", token: "$" },
  ],
};
const READ: ArgSpec = {
  name: "entriesread",
  display: "entries-read",
  type: "integer",
  token: "ENTRIESREAD",
  optional: true,
};
const HISTORY = [["7.0.0", "The option ENTRIESREAD."]] as const;

/** What the subcommands have in common. */
const SUBCOMMAND = {
  group: "stream",
  since: "5.0.0",
  flags: WRITE,
  acl: ["@stream"],
  complexity: "O(1)",
} as const;

export const GROUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "XGROUP",
    group: "stream",
    since: "5.0.0",
    arity: -2,
    flags: 0,
    summary: "Holds the commands for consumer groups.",
    complexity: "That of the subcommand",
    reply: [],
    examples: [],
  },
  {
    ...SUBCOMMAND,
    name: "XGROUP|CREATE",
    arity: -5,
    flags: WRITE | DENYOOM,
    keys: [oneKey(2, "RW insert")],
    args: [
      KEY,
      GROUP,
      SELECTOR,
      { name: "mkstream", type: "pure-token", token: "MKSTREAM", optional: true },
      READ,
    ],
    summary: "Makes a group, and the stream if asked to.",
    history: HISTORY,
    reply: ["simple"],
    examples: [["XGROUP CREATE log team $ MKSTREAM", "+OK"]],
    run: create,
  },
  {
    ...SUBCOMMAND,
    name: "XGROUP|SETID",
    arity: -5,
    keys: [oneKey(2, "RW update")],
    args: [KEY, GROUP, SELECTOR, READ],
    summary: "Sets the id behind which a group goes on reading.",
    history: HISTORY,
    reply: ["simple"],
    examples: [
      ["XGROUP CREATE log team $ MKSTREAM", "+OK"],
      ["XGROUP SETID log team 0", "+OK"],
    ],
    run: setid,
  },
  {
    ...SUBCOMMAND,
    name: "XGROUP|DESTROY",
    arity: 4,
    keys: [oneKey(2, "RW delete")],
    args: [KEY, GROUP],
    summary: "Deletes a group with its consumers and all that is pending.",
    complexity: "O(N) with N the number of pending entries",
    reply: ["integer"],
    examples: [
      ["XGROUP CREATE log team $ MKSTREAM", "+OK"],
      ["XGROUP DESTROY log team", ":1"],
    ],
    run: destroy,
  },
  {
    ...SUBCOMMAND,
    name: "XGROUP|CREATECONSUMER",
    since: "6.2.0",
    arity: 5,
    flags: WRITE | DENYOOM,
    keys: [oneKey(2, "RW insert")],
    args: [KEY, GROUP, CONSUMER],
    summary: "Adds a consumer to a group.",
    reply: ["integer"],
    examples: [
      ["XGROUP CREATE log team $ MKSTREAM", "+OK"],
      ["XGROUP CREATECONSUMER log team ann", ":1"],
      ["XGROUP CREATECONSUMER log team ann", ":0"],
    ],
    run: createconsumer,
  },
  {
    ...SUBCOMMAND,
    name: "XGROUP|DELCONSUMER",
    arity: 5,
    keys: [oneKey(2, "RW delete")],
    args: [KEY, GROUP, CONSUMER],
    summary: "Deletes a consumer and tells how much was pending for it.",
    reply: ["integer"],
    examples: [
      ["XGROUP CREATE log team $ MKSTREAM", "+OK"],
      ["XGROUP DELCONSUMER log team ann", ":0"],
    ],
    run: delconsumer,
  },
  {
    ...SUBCOMMAND,
    name: "XGROUP|HELP",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Explains the subcommands of XGROUP.",
    reply: ["array"],
    examples: [["XGROUP HELP", "/^\\*\\d+ /"]],
    run: help,
  },
];
