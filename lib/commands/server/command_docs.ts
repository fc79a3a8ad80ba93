// command_docs.ts: COMMAND DOCS: the declarations as nested maps, for people and for clients that complete commands.

import { argText } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { ArgSpec, CommandSpec } from "../spec.ts";

/** COMMAND DOCS [command ...]: unknown names are left out. */
export function commandDocs(ctx: Ctx): void {
  const { out, table } = ctx;
  if (ctx.argc === 2) {
    const ids = table.topLevel();
    out.map(ids.length);
    for (const id of ids) replyNamedDocs(ctx, id);
    return;
  }
  const mark = out.deferredStart();
  let count = 0;
  for (let i = 2; i < ctx.argc; i++) {
    const id = table.idOf(argText(ctx, i).toLowerCase());
    if (id < 0) continue;
    replyNamedDocs(ctx, id);
    count++;
  }
  out.deferredMap(mark, count);
}

function replyNamedDocs(ctx: Ctx, id: number): void {
  ctx.out.bulkText(ctx.table.specs[id].name.toLowerCase());
  replyDocs(ctx, id);
}

/** The name of a group as documentation writes it. */
function groupName(spec: CommandSpec): string {
  return spec.group.replaceAll("_", "-");
}

/** A map of what is known; entries that say nothing are left out. */
function replyDocs(ctx: Ctx, id: number): void {
  const { out, table } = ctx;
  const spec = table.specs[id];
  const mark = out.deferredStart();
  let pairs = 0;
  const text = (name: string, value: string | undefined) => {
    if (value === undefined) return;
    out.bulkText(name);
    out.bulkText(value);
    pairs++;
  };
  text("summary", spec.summary);
  text("since", spec.since);
  text("group", groupName(spec));
  text("complexity", spec.complexity);
  if (spec.docFlags !== undefined) {
    out.bulkText("doc_flags");
    out.set(spec.docFlags.length);
    for (const flag of spec.docFlags) out.simple(flag);
    pairs++;
  }
  text("deprecated_since", spec.deprecatedSince);
  text("replaced_by", spec.replacedBy);
  if (spec.history !== undefined) {
    out.bulkText("history");
    replyHistory(ctx, spec.history);
    pairs++;
  }
  if (spec.args !== undefined) {
    out.bulkText("arguments");
    replyArguments(ctx, spec.args);
    pairs++;
  }
  const subcommands = table.subcommands[id];
  if (subcommands !== null) {
    out.bulkText("subcommands");
    out.map(subcommands.size);
    for (const sub of subcommands.values()) replyNamedDocs(ctx, sub);
    pairs++;
  }
  out.deferredMap(mark, pairs);
}

function replyHistory(ctx: Ctx, history: NonNullable<CommandSpec["history"]>): void {
  const { out } = ctx;
  out.set(history.length);
  for (const [version, change] of history) {
    out.array(2);
    out.bulkText(version);
    out.bulkText(change);
  }
}

function replyArguments(ctx: Ctx, args: readonly ArgSpec[]): void {
  ctx.out.array(args.length);
  for (const arg of args) replyArgument(ctx, arg);
}

/** Flags of an argument, in reply order. */
function argFlags(arg: ArgSpec): string[] {
  const flags: string[] = [];
  if (arg.optional) flags.push("optional");
  if (arg.multiple) flags.push("multiple");
  if (arg.multipleToken) flags.push("multiple_token");
  return flags;
}

function replyArgument(ctx: Ctx, arg: ArgSpec): void {
  const { out } = ctx;
  const isNested = arg.type === "oneof" || arg.type === "block";
  const flags = argFlags(arg);
  const mark = out.deferredStart();
  let pairs = 0;
  const text = (name: string, value: string | undefined) => {
    if (value === undefined) return;
    out.bulkText(name);
    out.bulkText(value);
    pairs++;
  };
  text("name", arg.name);
  text("type", arg.type);
  if (!isNested) text("display_text", arg.display ?? arg.name);
  if (arg.keySpec !== undefined) {
    out.bulkText("key_spec_index");
    out.integer(arg.keySpec);
    pairs++;
  }
  text("token", arg.token);
  text("summary", arg.summary);
  text("since", arg.since);
  text("deprecated_since", arg.deprecatedSince);
  if (flags.length > 0) {
    out.bulkText("flags");
    out.set(flags.length);
    for (const flag of flags) out.simple(flag);
    pairs++;
  }
  if (isNested) {
    out.bulkText("arguments");
    replyArguments(ctx, arg.args ?? []);
    pairs++;
  }
  out.deferredMap(mark, pairs);
}

/** The declaration of COMMAND DOCS but for what all subcommands of COMMAND share. */
export const DOCS_COMMAND = {
  name: "COMMAND|DOCS",
  group: "server",
  since: "7.0.0",
  arity: -2,
  args: [{ name: "command-name", type: "string", optional: true, multiple: true }],
  summary: "Documents some commands or all of them.",
  complexity: "O(N) where N is the number of commands asked for",
  tips: ["nondeterministic_output_order"],
  reply: ["map"],
  examples: [["COMMAND DOCS nosuch", "*0"]],
} satisfies Omit<CommandSpec, "flags">;
