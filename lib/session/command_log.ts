// command_log.ts: the last commands that took long, were sent with many bytes or answered with many bytes.
//
// Three lists, newest entry first when shown, each with a threshold and a greatest length that configuration sets. An
// entry is text only: nothing in it points into buffers or the data set.
//
// WHO IS MEASURED. Sizes are known for every command, so `largeRequest` and `largeReply` are compared for each of them.
// Durations of quick commands are shared out over a batch of input (see execute.ts) and never reach a threshold worth
// having; `mustTime` says when each command has to be measured alone.
//
// Source: valkey-doc, "COMMANDLOG GET".

import { latin1 } from "../bytes/ascii.ts";
import type { CommandLogEntry, CommandLogKind, CommandLogView } from "../commands/server_view.ts";
import type { ConfigView } from "../commands/config_view.ts";
import type { Ctx } from "../commands/context.ts";
import { SKIP_COMMANDLOG } from "../commands/spec.ts";
import { LOGGED_ARG_BYTES_MAX, LOGGED_ARGS_MAX } from "../limits.ts";

/** Slower than this, and measuring in batches is good enough: no quick command takes that long. */
const SHARED_TIMING_US = 10_000;
const REDACTED = "(redacted)";

interface List {
  entries: CommandLogEntry[];
  nextId: number;
  lengthDirective: string;
}

/** The three lists of an engine. */
export class CommandLog implements CommandLogView {
  /** Least microseconds, request bytes and reply bytes that are logged; Infinity for none. */
  slowUs = Infinity;
  largeRequest = Infinity;
  largeReply = Infinity;

  private config: ConfigView;
  private lists: Record<CommandLogKind, List> = {
    slow: newList("commandlog-slow-execution-max-len"),
    request: newList("commandlog-large-request-max-len"),
    reply: newList("commandlog-large-reply-max-len"),
  };

  constructor(config: ConfigView) {
    this.config = config;
    this.readThresholds();
  }

  /** To be called when a threshold or length changed. */
  readThresholds(): void {
    const { config, lists } = this;
    const threshold = (name: string, list: List) => {
      const value = config.number(name);
      return value < 0 || config.number(list.lengthDirective) === 0 ? Infinity : value;
    };
    this.slowUs = threshold("commandlog-execution-slower-than", lists.slow);
    this.largeRequest = threshold("commandlog-request-larger-than", lists.request);
    this.largeReply = threshold("commandlog-reply-larger-than", lists.reply);
  }

  /** Logs nothing until readThresholds is called. */
  mute(): void {
    this.slowUs = Infinity;
    this.largeRequest = Infinity;
    this.largeReply = Infinity;
  }

  /** True when durations shared over a batch would hide slow commands. */
  get mustTime(): boolean {
    return this.slowUs < SHARED_TIMING_US;
  }

  /** Logs the command of `ctx` where it reached a threshold; `usec` is 0 for one that was not measured alone. */
  add(ctx: Ctx, id: number, usec: number, requestBytes: number, replyBytes: number): void {
    if ((ctx.table.flags[id] & SKIP_COMMANDLOG) !== 0) return;
    if (usec >= this.slowUs) this.push("slow", ctx, id, Math.floor(usec));
    if (requestBytes >= this.largeRequest) this.push("request", ctx, id, requestBytes);
    if (replyBytes >= this.largeReply) this.push("reply", ctx, id, replyBytes);
  }

  private push(kind: CommandLogKind, ctx: Ctx, id: number, value: number): void {
    const list = this.lists[kind];
    list.entries.unshift({
      id: list.nextId++,
      seconds: Math.floor(ctx.nowMs / 1000),
      value,
      args: loggedArgs(ctx, id),
      address: ctx.client.remote,
      name: ctx.client.name,
    });
    const max = this.config.number(list.lengthDirective);
    if (list.entries.length > max) list.entries.length = max;
  }

  count(kind: CommandLogKind): number {
    return this.lists[kind].entries.length;
  }

  newest(kind: CommandLogKind, count: number): readonly CommandLogEntry[] {
    return this.lists[kind].entries.slice(0, count);
  }

  reset(kind: CommandLogKind): void {
    this.lists[kind].entries = [];
  }
}

function newList(lengthDirective: string): List {
  return { entries: [], nextId: 0, lengthDirective };
}

/** The arguments as the log keeps them: long ones and long lists cut, secrets hidden. */
function loggedArgs(ctx: Ctx, id: number): string[] {
  const isSecret = ctx.table.specs[id].isSecret;
  const shown = Math.min(ctx.argc, LOGGED_ARGS_MAX);
  const isCut = ctx.argc > LOGGED_ARGS_MAX;
  const args: string[] = [];
  for (let i = 0; i < shown; i++) {
    const rest = ctx.len[i] - LOGGED_ARG_BYTES_MAX;
    if (isCut && i === shown - 1) args.push(`... (${ctx.argc - shown + 1} more arguments)`);
    else if (isSecret !== undefined && isSecret(ctx, i)) args.push(REDACTED);
    else if (rest <= 0) args.push(latin1(ctx.argBuf, ctx.off[i], ctx.len[i]));
    else {
      const start = latin1(ctx.argBuf, ctx.off[i], LOGGED_ARG_BYTES_MAX);
      args.push(`${start}... (${rest} more bytes)`);
    }
  }
  return args;
}
