// command.ts: COMMAND and its subcommands but DOCS: what the server knows about its own commands.
//
// Every answer is read off the declarations. Names are those of the declarations, in lower case, whatever a command was
// renamed to; look-ups follow the renames.

import { globMatch } from "../../bytes/glob.ts";
import { fromLatin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { argBytes, argIs, argText, ERR_SYNTAX, word } from "../args.ts";
import { ACL_CATEGORIES, categoryNames, flagNames } from "../categories.ts";
import type { Ctx } from "../context.ts";
import { replyHelp } from "../help.ts";
import { extractKeys, hasKeys, KeyList, legacyRange } from "../keys.ts";
import {
  type CommandSpec,
  type KeyBegin,
  type KeyFind,
  type KeySpec,
  LOADING,
  NO_MANDATORY_KEYS,
  STALE,
} from "../spec.ts";
import { commandDocs, DOCS_COMMAND } from "./command_docs.ts";

const ERR_INVALID_COMMAND = line("-ERR Invalid command specified");
const ERR_NO_KEYS = line("-ERR The command has no key arguments");
const ERR_COUNT = line("-ERR Invalid number of arguments specified for command");
const ERR_ARGUMENTS = line("-ERR Invalid arguments specified for command");

const FILTERBY = word("FILTERBY");
const MODULE = word("MODULE");
const ACLCAT = word("ACLCAT");
const PATTERN = word("PATTERN");

// ---- COMMAND, COMMAND INFO, COMMAND COUNT

function command(ctx: Ctx): void {
  const ids = ctx.table.topLevel();
  ctx.out.array(ids.length);
  for (const id of ids) replyInfo(ctx, id);
}

function commandInfo(ctx: Ctx): void {
  if (ctx.argc === 2) return command(ctx);
  ctx.out.array(ctx.argc - 2);
  for (let i = 2; i < ctx.argc; i++) {
    const id = ctx.table.idOf(argText(ctx, i).toLowerCase());
    if (id < 0) ctx.out.nullBulk();
    else replyInfo(ctx, id);
  }
}

function commandCount(ctx: Ctx): void {
  ctx.out.integer(ctx.table.topLevel().length);
}

/** The ten elements that describe a command and, nested, its subcommands. */
function replyInfo(ctx: Ctx, id: number): void {
  const { out, table } = ctx;
  const spec = table.specs[id];
  const range = legacyRange(spec.keys);
  out.array(10);
  out.bulkText(spec.name.toLowerCase());
  out.integer(spec.arity);
  replyNames(ctx, flagNames(spec));
  out.integer(range.first);
  out.integer(range.last);
  out.integer(range.step);
  replyNames(ctx, categoryNames(spec));
  const tips = spec.tips ?? [];
  out.set(tips.length);
  for (const tip of tips) out.bulkText(tip);
  const keys = spec.keys ?? [];
  out.set(keys.length);
  for (const key of keys) replyKeySpec(ctx, key);
  const subcommands = table.subcommands[id];
  if (subcommands === null) return out.set(0);
  out.array(subcommands.size);
  for (const sub of subcommands.values()) replyInfo(ctx, sub);
}

/** A set of status lines. */
function replyNames(ctx: Ctx, names: readonly string[]): void {
  ctx.out.set(names.length);
  for (const name of names) ctx.out.simple(name);
}

function replyKeySpec(ctx: Ctx, { notes, flags, begin, find }: KeySpec): void {
  const { out } = ctx;
  out.map(notes === undefined ? 3 : 4);
  if (notes !== undefined) {
    out.bulkText("notes");
    out.bulkText(notes);
  }
  out.bulkText("flags");
  replyNames(ctx, flags);
  out.bulkText("begin_search");
  replySearch(ctx, begin.at, beginFields(begin));
  out.bulkText("find_keys");
  replySearch(ctx, find.by, findFields(find));
}

type Field = readonly [name: string, value: number | string];

function beginFields(begin: KeyBegin): Field[] {
  if (begin.at === "index") return [["index", begin.index]];
  if (begin.at === "keyword") return [["keyword", begin.keyword], ["startfrom", begin.from]];
  return [];
}

function findFields(find: KeyFind): Field[] {
  if (find.by === "range") {
    return [["lastkey", find.last], ["keystep", find.step], ["limit", find.limit]];
  }
  if (find.by === "keynum") {
    return [["keynumidx", find.index], ["firstkey", find.first], ["keystep", find.step]];
  }
  return [];
}

function replySearch(ctx: Ctx, type: string, fields: readonly Field[]): void {
  const { out } = ctx;
  out.map(2);
  out.bulkText("type");
  out.bulkText(type);
  out.bulkText("spec");
  out.map(fields.length);
  for (const [name, value] of fields) {
    out.bulkText(name);
    if (typeof value === "number") out.integer(value);
    else out.bulkText(value);
  }
}

// ---- COMMAND LIST

type Filter = (spec: CommandSpec) => boolean;

function commandList(ctx: Ctx): void {
  const filter = ctx.argc === 2 ? everyCommand : listFilter(ctx);
  if (filter === null) return ctx.out.error(ERR_SYNTAX);
  const { out, table } = ctx;
  const mark = out.deferredStart();
  let count = 0;
  const list = (id: number) => {
    if (filter(table.specs[id])) {
      out.bulkText(table.specs[id].name.toLowerCase());
      count++;
    }
    for (const sub of table.subcommands[id]?.values() ?? []) list(sub);
  };
  for (const id of table.topLevel()) list(id);
  out.deferredArray(mark, count);
}

function everyCommand(): boolean {
  return true;
}

/** The filter of FILTERBY kind value, or null when the arguments are something else. */
function listFilter(ctx: Ctx): Filter | null {
  if (ctx.argc !== 5 || !argIs(ctx, 2, FILTERBY)) return null;
  // No command comes from a module.
  if (argIs(ctx, 3, MODULE)) return () => false;
  if (argIs(ctx, 3, ACLCAT)) {
    const category = argText(ctx, 4).toLowerCase();
    if (!ACL_CATEGORIES.includes(category)) return () => false;
    return (spec) => categoryNames(spec).includes("@" + category);
  }
  if (!argIs(ctx, 3, PATTERN)) return null;
  const pattern = argBytes(ctx, 4);
  return (spec) => {
    const name = fromLatin1(spec.name.toLowerCase());
    return globMatch(pattern, 0, pattern.length, name, 0, name.length, true);
  };
}

// ---- COMMAND GETKEYS, COMMAND GETKEYSANDFLAGS

const found = new KeyList();

function commandGetKeys(ctx: Ctx): void {
  replyKeys(ctx, false);
}

function commandGetKeysAndFlags(ctx: Ctx): void {
  replyKeys(ctx, true);
}

/** Id of the command that starts at argument `at`, a subcommand where the container has them, or -1. */
function commandAt(ctx: Ctx, at: number): number {
  const { table } = ctx;
  const id = table.commandId(ctx.argBuf, ctx.off[at], ctx.len[at]);
  if (id < 0 || at + 1 >= ctx.argc) return id;
  const subcommands = table.subcommands[id];
  if (subcommands === null) return id;
  return subcommands.get(argText(ctx, at + 1).toLowerCase()) ?? -1;
}

const COMMAND_AT = 2;

function replyKeys(ctx: Ctx, withFlags: boolean): void {
  const { out, table } = ctx;
  const id = commandAt(ctx, COMMAND_AT);
  if (id < 0) return out.error(ERR_INVALID_COMMAND);
  const spec = table.specs[id];
  const argc = ctx.argc - COMMAND_AT;
  if (!hasKeys(spec)) return out.error(ERR_NO_KEYS);
  if (spec.arity > 0 ? argc !== spec.arity : argc < -spec.arity) return out.error(ERR_COUNT);
  const flags = keysOfInner(ctx, id, withFlags);
  if (found.count === 0) {
    if ((spec.flags & NO_MANDATORY_KEYS) !== 0) return out.array(0);
    return out.error(ERR_ARGUMENTS);
  }
  out.array(found.count);
  for (let i = 0; i < found.count; i++) {
    const arg = found.args[i] + COMMAND_AT;
    if (withFlags) out.array(2);
    out.bulk(ctx.argBuf, ctx.off[arg], ctx.len[arg]);
    if (withFlags) replyNames(ctx, flags[i]);
  }
}

/** Finds the keys of the command inside this one, in `found`, and returns their flags. */
function keysOfInner(ctx: Ctx, id: number, withFlags: boolean): (readonly string[])[] {
  const { off, len, argc } = ctx;
  ctx.off = off.subarray(COMMAND_AT);
  ctx.len = len.subarray(COMMAND_AT);
  ctx.argc = argc - COMMAND_AT;
  const count = extractKeys(ctx.table, id, ctx, found);
  const flags = found.flags.slice(0, count);
  const keyFlags = ctx.table.specs[id].keyFlags;
  if (withFlags && keyFlags !== undefined) {
    for (let i = 0; i < count; i++) flags[i] = keyFlags(ctx, found.args[i]).split(" ");
  }
  ctx.off = off;
  ctx.len = len;
  ctx.argc = argc;
  return flags;
}

// ---- COMMAND HELP

const HELP = [
  "(without a subcommand)",
  "    Describes every command.",
  "COUNT",
  "    Says how many commands there are.",
  "DOCS [<command> ...]",
  "    Documents the commands named, or all of them.",
  "GETKEYS <command> [<argument> ...]",
  "    Lists the keys among the arguments of a command.",
  "GETKEYSANDFLAGS <command> [<argument> ...]",
  "    Lists those keys and how the command uses each of them.",
  "INFO [<command> ...]",
  "    Describes the commands named, or all of them.",
  "LIST [FILTERBY (MODULE <module>|ACLCAT <category>|PATTERN <pattern>)]",
  "    Lists the names of all commands, or of those that pass the filter.",
];

function commandHelp(ctx: Ctx): void {
  replyHelp(ctx, HELP);
}

const FLAGS = LOADING | STALE;
const ACL = ["@connection"];

export const COMMAND_COMMANDS: readonly CommandSpec[] = [
  {
    name: "COMMAND",
    group: "server",
    since: "2.8.13",
    arity: -1,
    flags: FLAGS,
    acl: ACL,
    summary: "Describes every command: arity, flags, keys, categories, tips and subcommands.",
    complexity: "O(N) where N is the number of commands",
    tips: ["nondeterministic_output_order"],
    reply: ["array"],
    examples: [["COMMAND", "/^\\*\\d+ \\*10 /"]],
    run: command,
  },
  {
    name: "COMMAND|COUNT",
    group: "server",
    since: "2.8.13",
    arity: 2,
    flags: FLAGS,
    acl: ACL,
    summary: "Counts the commands, without their subcommands.",
    complexity: "O(1)",
    reply: ["integer"],
    examples: [["COMMAND COUNT", "/^:\\d+$/"]],
    run: commandCount,
  },
  {
    ...DOCS_COMMAND,
    flags: FLAGS,
    acl: ACL,
    run: commandDocs,
  },
  {
    name: "COMMAND|GETKEYS",
    group: "server",
    since: "2.8.13",
    arity: -3,
    flags: FLAGS,
    acl: ACL,
    args: [
      { name: "command", type: "string" },
      { name: "arg", type: "string", optional: true, multiple: true },
    ],
    summary: "Lists the keys among the arguments of a command.",
    complexity: "O(N) where N is the number of arguments",
    reply: ["array"],
    examples: [["COMMAND GETKEYS MSET a 1 b 2", "*2 $1 a $1 b"]],
    run: commandGetKeys,
  },
  {
    name: "COMMAND|GETKEYSANDFLAGS",
    group: "server",
    since: "7.0.0",
    arity: -3,
    flags: FLAGS,
    acl: ACL,
    args: [
      { name: "command", type: "string" },
      { name: "arg", type: "string", optional: true, multiple: true },
    ],
    summary: "Lists the keys among the arguments of a command and what it does with each.",
    complexity: "O(N) where N is the number of arguments",
    reply: ["array"],
    examples: [["COMMAND GETKEYSANDFLAGS GET a", "*1 *2 $1 a *2 +RO +access"]],
    run: commandGetKeysAndFlags,
  },
  {
    name: "COMMAND|HELP",
    group: "server",
    since: "5.0.0",
    arity: 2,
    flags: FLAGS,
    acl: ACL,
    summary: "Explains the subcommands of COMMAND.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["COMMAND HELP", "/^\\*17 \\+COMMAND /"]],
    run: commandHelp,
  },
  {
    name: "COMMAND|INFO",
    group: "server",
    since: "2.8.13",
    arity: -2,
    flags: FLAGS,
    acl: ACL,
    args: [{ name: "command-name", type: "string", optional: true, multiple: true }],
    summary: "Describes some commands: arity, flags, keys, categories, tips and subcommands.",
    complexity: "O(N) where N is the number of commands asked for",
    tips: ["nondeterministic_output_order"],
    history: [["7.0.0", "Without names, all commands are described."]],
    reply: ["array"],
    examples: [["COMMAND INFO nosuch", "*1 $-1"]],
    run: commandInfo,
  },
  {
    name: "COMMAND|LIST",
    group: "server",
    since: "7.0.0",
    arity: -2,
    flags: FLAGS,
    acl: ACL,
    args: [{
      name: "filterby",
      type: "oneof",
      token: "FILTERBY",
      optional: true,
      args: [
        { name: "module-name", type: "string", token: "MODULE" },
        { name: "category", type: "string", token: "ACLCAT" },
        { name: "pattern", type: "pattern", token: "PATTERN" },
      ],
    }],
    summary: "Lists the names of commands and subcommands.",
    complexity: "O(N) where N is the number of commands",
    tips: ["nondeterministic_output_order"],
    reply: ["array"],
    examples: [["COMMAND LIST FILTERBY PATTERN command|co*", "*1 $13 command|count"]],
    run: commandList,
  },
];
