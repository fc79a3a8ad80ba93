// info.ts: streams, groups and consumers described: XINFO.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { recordA, TYPE_STREAM } from "../../engine/record.ts";
import {
  consumerActiveWord,
  consumerSeenWord,
  getNumber,
  GROUP_NAME,
  groupConsumers,
  groupLastWord,
  groupReadWord,
  groupWords,
  PENDING_CONSUMER,
  PENDING_COUNT,
  PENDING_TIME,
  pendingFind,
  pendingOf,
} from "../../engine/stream_groups.ts";
import { ID_MAX, ID_MIN } from "../../engine/stream_id.ts";
import { indexCount, IndexCursor, indexFirst, indexNext } from "../../engine/stream_index.ts";
import { blockOff, nameBuf, nameLen, namesAt, namesCount } from "../../engine/stream_names.ts";
import {
  streamAddedWord,
  streamFirstWord,
  streamGroups,
  streamLastWord,
  streamLength,
  streamMaxDeletedWord,
  streamNodes,
  streamWords,
} from "../../engine/stream_root.ts";
import { groupLag } from "../../engine/stream.ts";
import { streamRadixNodes } from "../../engine/stream_radix.ts";
import { argInt64, argIs, ERR_NO_KEY, ERR_NOT_INTEGER, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { replyHelp, replySubcommandError } from "../help.ts";
import { lookupRead, requireType } from "../lookup.ts";
import { type CommandSpec, LOADING, oneKey, READONLY, STALE } from "../spec.ts";
import { argCText, argGroup, GROUP, KEY } from "./arguments.ts";
import { replyConsumer } from "./pending.ts";
import { replyEdge, replyId, replyRange } from "./replies.ts";

const FULL = word("full");
const COUNT = word("count");
/** How much of each list XINFO STREAM FULL shows unless COUNT says otherwise. */
const COUNT_DEFAULT = 10;

const pair = new Int32Array(2);
const cursor = new IndexCursor();
const inGroup = new IndexCursor();

/** Makes a function that appends a name. */
function label(text: string): (ctx: Ctx) => void {
  const bytes = fromLatin1(text);
  return (ctx) => ctx.out.bulk(bytes, 0, bytes.length);
}

const LENGTH = label("length");
const TREE_KEYS = label("radix-tree-keys");
const TREE_NODES = label("radix-tree-nodes");
const LAST_ID = label("last-generated-id");
const MAX_DELETED_ID = label("max-deleted-entry-id");
const ADDED = label("entries-added");
const FIRST_ID = label("recorded-first-entry-id");
const GROUPS = label("groups");
const FIRST_ENTRY = label("first-entry");
const LAST_ENTRY = label("last-entry");
const ENTRIES = label("entries");
const NAME = label("name");
const CONSUMERS = label("consumers");
const PENDING = label("pending");
const PEL_COUNT = label("pel-count");
const DELIVERED_ID = label("last-delivered-id");
const READ = label("entries-read");
const LAG = label("lag");
const IDLE = label("idle");
const INACTIVE = label("inactive");
const SEEN = label("seen-time");
const ACTIVE = label("active-time");

/** The root of the stream in argument 2; 0 after the error reply. */
function findStream(ctx: Ctx): number {
  const rec = lookupRead(ctx, 2);
  if (rec === 0) ctx.out.error(ERR_NO_KEY);
  else if (requireType(ctx, rec, TYPE_STREAM)) return recordA(ctx.keyspace.arena, rec);
  return 0;
}

function stream(ctx: Ctx): void {
  const { out, argc } = ctx;
  const root = findStream(ctx);
  if (root === 0) return;
  let count = COUNT_DEFAULT;
  if (argc > 3) {
    const isFull = (argc === 4 || argc === 6) && argIs(ctx, 3, FULL) &&
      (argc === 4 || argIs(ctx, 4, COUNT));
    if (!isFull) return replySubcommandError(ctx);
    if (argc === 6) {
      if (!argInt64(ctx, 5, pair)) return out.error(ERR_NOT_INTEGER);
      if (pair[1] >= 0) count = getNumber(pair, 0);
    }
  }
  out.map(argc > 3 ? 9 : 10);
  counters(ctx, root);
  const groups = streamGroups(ctx.keyspace.arena, root);
  const groupCount = namesCount(ctx.keyspace.arena, groups);
  if (argc === 3) {
    GROUPS(ctx);
    out.integer(groupCount);
    FIRST_ENTRY(ctx);
    replyEdge(ctx, root, ID_MIN, ID_MAX, false);
    LAST_ENTRY(ctx);
    replyEdge(ctx, root, ID_MIN, ID_MAX, true);
    return;
  }
  ENTRIES(ctx);
  replyRange(ctx, root, ID_MIN, ID_MAX, count, false);
  GROUPS(ctx);
  out.array(groupCount);
  for (let i = 0; i < groupCount; i++) {
    fullGroup(ctx, root, namesAt(ctx.keyspace.arena, groups, i), count);
  }
}

/** What both forms of XINFO STREAM start with. */
function counters(ctx: Ctx, root: number): void {
  const { out, keyspace } = ctx;
  const { arena } = keyspace;
  const words = streamWords(arena, root);
  const added = streamAddedWord(root);
  LENGTH(ctx);
  out.integer(streamLength(arena, root));
  TREE_KEYS(ctx);
  out.integer(indexCount(arena, streamNodes(arena, root)));
  TREE_NODES(ctx);
  out.integer(streamRadixNodes(keyspace, root));
  LAST_ID(ctx);
  replyId(ctx, words, streamLastWord(root));
  MAX_DELETED_ID(ctx);
  replyId(ctx, words, streamMaxDeletedWord(root));
  ADDED(ctx);
  out.integer64(words[added], words[added + 1]);
  FIRST_ID(ctx);
  replyId(ctx, words, streamFirstWord(root));
}

function replyGroupName(ctx: Ctx, group: number): void {
  const { arena } = ctx.keyspace;
  const off = blockOff(group) + GROUP_NAME;
  NAME(ctx);
  ctx.out.bulk(nameBuf(arena, group), off, nameLen(arena, group));
}

/** Last delivered id, entries read and lag of a group. */
function progress(ctx: Ctx, root: number, group: number): void {
  const { out } = ctx;
  const words = groupWords(ctx.keyspace.arena, group);
  const read = groupReadWord(group);
  DELIVERED_ID(ctx);
  replyId(ctx, words, groupLastWord(group));
  READ(ctx);
  if ((words[read] & words[read + 1]) === -1) out.nullBulk();
  else out.integer64(words[read], words[read + 1]);
  LAG(ctx);
  if (groupLag(ctx.keyspace, root, group, pair)) out.integer64(pair[0], pair[1]);
  else out.nullBulk();
}

/** A group in XINFO STREAM FULL; 0 as `count` shows all. */
function fullGroup(ctx: Ctx, root: number, group: number, count: number): void {
  const { out } = ctx;
  const { arena } = ctx.keyspace;
  const pending = pendingOf(arena, group);
  out.map(7);
  replyGroupName(ctx, group);
  progress(ctx, root, group);
  PEL_COUNT(ctx);
  out.integer(indexCount(arena, pending));
  PENDING(ctx);
  replyPending(ctx, group, group, count);
  CONSUMERS(ctx);
  const consumers = groupConsumers(arena, group);
  const consumerCount = namesCount(arena, consumers);
  out.array(consumerCount);
  for (let i = 0; i < consumerCount; i++) {
    fullConsumer(ctx, group, namesAt(arena, consumers, i), count);
  }
}

function fullConsumer(ctx: Ctx, group: number, consumer: number, count: number): void {
  const { out } = ctx;
  const { arena } = ctx.keyspace;
  const words = groupWords(arena, consumer);
  const seen = consumerSeenWord(consumer);
  const active = consumerActiveWord(consumer);
  out.map(5);
  NAME(ctx);
  replyConsumer(ctx, consumer);
  SEEN(ctx);
  out.integer64(words[seen], words[seen + 1]);
  ACTIVE(ctx);
  out.integer64(words[active], words[active + 1]);
  PEL_COUNT(ctx);
  out.integer(indexCount(arena, pendingOf(arena, consumer)));
  PENDING(ctx);
  replyPending(ctx, group, consumer, count);
}

/** What is pending for a consumer, or, when the owner is the group, for all, then with their names. */
function replyPending(ctx: Ctx, group: number, owner: number, count: number): void {
  const { out } = ctx;
  const { arena } = ctx.keyspace;
  const pending = pendingOf(arena, owner);
  const all = indexCount(arena, pending);
  const shown = count === 0 ? all : Math.min(count, all);
  out.array(shown);
  indexFirst(arena, pending, cursor);
  for (let i = 0; i < shown; i++, indexNext(arena, cursor)) {
    pendingFind(arena, group, cursor.words, cursor.word, inGroup);
    const { words, word } = inGroup;
    out.array(owner === group ? 4 : 3);
    replyId(ctx, words, word);
    if (owner === group) replyConsumer(ctx, words[word + PENDING_CONSUMER]);
    out.integer64(words[word + PENDING_TIME], words[word + PENDING_TIME + 1]);
    out.integer64(words[word + PENDING_COUNT], words[word + PENDING_COUNT + 1]);
  }
}

function groups(ctx: Ctx): void {
  const { out } = ctx;
  const { arena } = ctx.keyspace;
  const root = findStream(ctx);
  if (root === 0) return;
  const list = streamGroups(arena, root);
  const count = namesCount(arena, list);
  out.array(count);
  for (let i = 0; i < count; i++) {
    const group = namesAt(arena, list, i);
    out.map(6);
    replyGroupName(ctx, group);
    CONSUMERS(ctx);
    out.integer(namesCount(arena, groupConsumers(arena, group)));
    PENDING(ctx);
    out.integer(indexCount(arena, pendingOf(arena, group)));
    progress(ctx, root, group);
  }
}

function consumers(ctx: Ctx): void {
  const { out, nowMs } = ctx;
  const { arena } = ctx.keyspace;
  const root = findStream(ctx);
  if (root === 0) return;
  const group = argGroup(ctx, root, 3);
  if (group === 0) {
    out.errorText(
      `NOGROUP No such consumer group '${argCText(ctx, 3)}' for key name '${argCText(ctx, 2)}'`,
    );
    return;
  }
  const list = groupConsumers(arena, group);
  const count = namesCount(arena, list);
  out.array(count);
  for (let i = 0; i < count; i++) {
    const consumer = namesAt(arena, list, i);
    const words = groupWords(arena, consumer);
    const active = getNumber(words, consumerActiveWord(consumer));
    out.map(4);
    NAME(ctx);
    replyConsumer(ctx, consumer);
    PENDING(ctx);
    out.integer(indexCount(arena, pendingOf(arena, consumer)));
    IDLE(ctx);
    out.integer(Math.max(0, nowMs - getNumber(words, consumerSeenWord(consumer))));
    INACTIVE(ctx);
    out.integer(active === -1 ? -1 : nowMs - active);
  }
}

function help(ctx: Ctx): void {
  replyHelp(ctx, [
    "CONSUMERS <key> <group>",
    "    Describe the consumers of a group.",
    "GROUPS <key>",
    "    Describe the groups of a stream.",
    "STREAM <key> [FULL [COUNT <count>]]",
    "    Describe a stream; in full with its first entries, groups and pending entries.",
  ]);
}

/** What the subcommands have in common. */
const SUBCOMMAND = {
  group: "stream",
  since: "5.0.0",
  flags: READONLY,
  acl: ["@stream"],
  keys: [oneKey(2, "RO access")],
  complexity: "O(1)",
} as const;

export const INFO_COMMANDS: readonly CommandSpec[] = [
  {
    name: "XINFO",
    group: "stream",
    since: "5.0.0",
    arity: -2,
    flags: 0,
    summary: "Holds the commands that describe streams.",
    complexity: "That of the subcommand",
    reply: [],
    examples: [],
  },
  {
    ...SUBCOMMAND,
    name: "XINFO|STREAM",
    arity: -3,
    args: [
      KEY,
      {
        name: "full-block",
        type: "block",
        optional: true,
        args: [
          { name: "full", type: "pure-token", token: "FULL" },
          { name: "count", type: "integer", token: "COUNT", optional: true },
        ],
      },
    ],
    summary: "Describes a stream.",
    history: [
      ["6.0.0", "The option FULL."],
      [
        "7.0.0",
        "The greatest deleted id, entries added, first id; for groups, entries read and lag.",
      ],
      ["7.2.0", "For consumers the active time; the seen time is that of any try."],
    ],
    reply: ["map"],
    examples: [["XADD log 1-1 a b", "$3 1-1"], ["XINFO STREAM log", "/^\\*20 \\$6 length :1 /"]],
    run: stream,
  },
  {
    ...SUBCOMMAND,
    name: "XINFO|GROUPS",
    arity: 3,
    args: [KEY],
    summary: "Describes the groups of a stream.",
    history: [["7.0.0", "Entries read and lag."]],
    reply: ["array"],
    examples: [
      ["XGROUP CREATE log team $ MKSTREAM", "+OK"],
      ["XINFO GROUPS log", "/^\\*1 \\*12 \\$4 name \\$4 team /"],
    ],
    run: groups,
  },
  {
    ...SUBCOMMAND,
    name: "XINFO|CONSUMERS",
    arity: 4,
    args: [KEY, GROUP],
    summary: "Describes the consumers of a group.",
    tips: ["nondeterministic_output"],
    history: [["7.2.0", "The time since a consumer was last given something."]],
    reply: ["array"],
    examples: [
      ["XGROUP CREATE log team $ MKSTREAM", "+OK"],
      ["XGROUP CREATECONSUMER log team ann", ":1"],
      ["XINFO CONSUMERS log team", "/^\\*1 \\*8 \\$4 name \\$3 ann \\$7 pending :0 /"],
    ],
    run: consumers,
  },
  {
    ...SUBCOMMAND,
    name: "XINFO|HELP",
    arity: 2,
    flags: LOADING | STALE,
    keys: [],
    summary: "Explains the subcommands of XINFO.",
    reply: ["array"],
    examples: [["XINFO HELP", "/^\\*\\d+ /"]],
    run: help,
  },
];
