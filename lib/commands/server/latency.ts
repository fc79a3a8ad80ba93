// latency.ts: LATENCY: what took longer than it should, and how long each command takes.

import { fromLatin1 } from "../../bytes/ascii.ts";
import { argText } from "../args.ts";
import type { Ctx } from "../context.ts";
import { replyHelp } from "../help.ts";
import type { LatencySeries } from "../server_view.ts";
import { ADMIN, type CommandSpec, LOADING, NOSCRIPT, STALE } from "../spec.ts";

// ---- events

function history(ctx: Ctx): void {
  const samples = ctx.server.latency.event(argText(ctx, 2))?.samples ?? [];
  ctx.out.array(samples.length);
  for (const { seconds, ms } of samples) {
    ctx.out.array(2);
    ctx.out.integer(seconds);
    ctx.out.integer(ms);
  }
}

function latest(ctx: Ctx): void {
  const { out } = ctx;
  const events = ctx.server.latency.events();
  out.array(events.length);
  for (const { event, samples, maxMs, sumMs, count } of events) {
    const last = samples[samples.length - 1];
    out.array(6);
    out.bulkText(event);
    out.integer(last.seconds);
    out.integer(last.ms);
    out.integer(maxMs);
    out.integer(sumMs);
    out.integer(count);
  }
}

function reset(ctx: Ctx): void {
  const { latency } = ctx.server;
  let count = ctx.argc === 2 ? latency.forget(null) : 0;
  for (let i = 2; i < ctx.argc; i++) count += latency.forget(argText(ctx, i));
  ctx.out.integer(count);
}

// ---- reports

const GRAPH_ROWS = 4;
const GRAPH_COLUMNS_MAX = 80;

/** "12s", "3m", "2h", "5d": four characters at most. */
function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86400)}d`;
}

/** A bar for each sample between the lowest and the highest, the age of each read downwards below it. */
function graphOf(series: LatencySeries, nowMs: number): string {
  const samples = series.samples.slice(-GRAPH_COLUMNS_MAX);
  const all = samples.map((sample) => sample.ms);
  const [high, low] = [Math.max(...all), Math.min(...all)];
  const now = Math.floor(nowMs / 1000);
  const ages = samples.map((sample) => ageText(Math.max(0, now - sample.seconds)));
  const bars = all.map((ms) =>
    high === low ? GRAPH_ROWS : 1 + Math.round((ms - low) / (high - low) * (GRAPH_ROWS - 1))
  );
  const lines = [
    `${series.event} - high ${high} ms, low ${low} ms (highest ever ${series.maxMs} ms)`,
    "-".repeat(GRAPH_COLUMNS_MAX),
  ];
  for (let row = GRAPH_ROWS; row > 0; row--) {
    lines.push(bars.map((bar) => bar >= row ? "#" : " ").join("").trimEnd());
  }
  lines.push("");
  for (let row = 0; ages.some((age) => age.length > row); row++) {
    lines.push(ages.map((age) => age[row] ?? " ").join("").trimEnd());
  }
  return lines.join("\n") + "\n";
}

function graph(ctx: Ctx): void {
  const name = argText(ctx, 2);
  const series = ctx.server.latency.event(name);
  if (series === null) return ctx.out.errorText(`ERR No samples available for event '${name}'`);
  ctx.out.verbatim("txt", fromLatin1(graphOf(series, ctx.nowMs)));
}

/** What can be done about an event, by the first part of its name. */
const ADVICE: readonly (readonly [prefix: string, advice: string])[] = [
  ["command", "Some commands are slow by nature: look for them with COMMANDLOG GET 10 slow."],
  ["fast-command", "Even quick commands waited: the machine or the runtime was busy elsewhere."],
  ["expire", "Many keys expire in the same moment: spread their times to live."],
  ["eviction", "Memory is short: raise maxmemory or store less."],
  ["aof", "The disk is slow: look at appendfsync and at what else writes to it."],
  ["rdb", "Snapshots cost time: save less often or to a faster disk."],
];

function doctorText(ctx: Ctx): string {
  const events = ctx.server.latency.events();
  if (events.length === 0) {
    return ctx.config.number("latency-monitor-threshold") === 0
      ? 'Nothing is watched. "CONFIG SET latency-monitor-threshold <milliseconds>" says from when ' +
        "on a delay is worth a sample.\n"
      : "No delay has reached the threshold.\n";
  }
  const lines = events.map(({ event, samples, maxMs, sumMs, count }, i) => {
    const last = samples[samples.length - 1];
    const mean = Math.round(sumMs / count);
    const age = ageText(Math.max(0, Math.floor(ctx.nowMs / 1000) - last.seconds));
    const advice = ADVICE.find(([prefix]) => event.startsWith(prefix))?.[1] ?? "";
    return `${
      i + 1
    }. ${event}: ${count} delays of ${mean} ms on the average, ${maxMs} ms at most, ` +
      `the last one ${age} ago. ${advice}`.trimEnd();
  });
  return `Delays were seen:\n\n${lines.join("\n")}\n`;
}

function doctor(ctx: Ctx): void {
  ctx.out.verbatim("txt", fromLatin1(doctorText(ctx)));
}

// ---- histograms

/** Writes name and histogram of a command that has one; returns whether it did. */
function replyHistogram(ctx: Ctx, id: number): boolean {
  const { out, table } = ctx;
  const { latency } = ctx.server;
  if (!latency.hasHistogram(id)) return false;
  const pairs = latency.cumulative(id);
  out.bulkText(table.specs[id].name.toLowerCase());
  out.map(2);
  out.bulkText("calls");
  out.integer(latency.calls(id));
  out.bulkText("histogram_usec");
  out.map(pairs.length);
  for (const [us, calls] of pairs) {
    out.integer(us);
    out.integer(calls);
  }
  return true;
}

function histogram(ctx: Ctx): void {
  const { out, table } = ctx;
  const ids: number[] = [];
  const addWithSubcommands = (id: number) => {
    ids.push(id, ...table.subcommands[id]?.values() ?? []);
  };
  if (ctx.argc === 2) {
    for (const id of table.topLevel()) addWithSubcommands(id);
  } else {
    for (let i = 2; i < ctx.argc; i++) {
      const id = table.idOf(argText(ctx, i).toLowerCase());
      if (id >= 0) addWithSubcommands(id);
    }
  }
  const mark = out.deferredStart();
  let count = 0;
  for (const id of ids) if (replyHistogram(ctx, id)) count++;
  out.deferredMap(mark, count);
}

function help(ctx: Ctx): void {
  replyHelp(ctx, [
    "DOCTOR",
    "    Explains the delays that were seen.",
    "GRAPH <event>",
    "    Draws the samples of an event.",
    "HISTOGRAM [<command> ...]",
    "    Shows how many calls took how many microseconds at most, for the commands named or all.",
    "HISTORY <event>",
    "    Lists the samples of an event: time in seconds and delay in milliseconds.",
    "LATEST",
    "    Lists the events: last sample, greatest, sum and number of all.",
    "RESET [<event> ...]",
    "    Forgets the events named, or all.",
  ]);
}

const FLAGS = ADMIN | NOSCRIPT | LOADING | STALE;
const REPORT_TIPS = [
  "nondeterministic_output",
  "request_policy:all_nodes",
  "response_policy:special",
];

export const LATENCY_COMMANDS: readonly CommandSpec[] = [
  {
    name: "LATENCY",
    group: "server",
    since: "2.8.13",
    arity: -2,
    flags: 0,
    summary: "Holds the commands about delays.",
    complexity: "Depends on the subcommand",
    reply: [],
    examples: [],
  },
  {
    name: "LATENCY|DOCTOR",
    group: "server",
    since: "2.8.13",
    arity: 2,
    flags: FLAGS,
    summary: "Explains the delays that were seen.",
    complexity: "O(1)",
    tips: REPORT_TIPS,
    reply: ["verbatim"],
    examples: [["LATENCY DOCTOR", "/^\\$\\d+ /"]],
    run: doctor,
  },
  {
    name: "LATENCY|GRAPH",
    group: "server",
    since: "2.8.13",
    arity: 3,
    flags: FLAGS,
    args: [{ name: "event", type: "string" }],
    summary: "Draws the samples of an event.",
    complexity: "O(1)",
    tips: REPORT_TIPS,
    reply: ["verbatim"],
    examples: [["LATENCY GRAPH nosuch", "-ERR No samples available for event 'nosuch'"]],
    run: graph,
  },
  {
    name: "LATENCY|HELP",
    group: "server",
    since: "2.8.13",
    arity: 2,
    flags: LOADING | STALE,
    summary: "Explains the subcommands of LATENCY.",
    complexity: "O(1)",
    reply: ["array"],
    examples: [["LATENCY HELP", "/^\\*15 \\+LATENCY /"]],
    run: help,
  },
  {
    name: "LATENCY|HISTOGRAM",
    group: "server",
    since: "7.0.0",
    arity: -2,
    flags: FLAGS,
    args: [{ name: "command", type: "string", optional: true, multiple: true }],
    summary: "Shows how long the calls of commands took.",
    complexity: "O(N) where N is the number of commands with calls",
    tips: REPORT_TIPS,
    reply: ["map"],
    examples: [["LATENCY HISTOGRAM nosuch", "*0"]],
    run: histogram,
  },
  {
    name: "LATENCY|HISTORY",
    group: "server",
    since: "2.8.13",
    arity: 3,
    flags: FLAGS,
    args: [{ name: "event", type: "string" }],
    summary: "Lists the samples of an event.",
    complexity: "O(1)",
    tips: REPORT_TIPS,
    reply: ["array"],
    examples: [["LATENCY HISTORY command", "*0"]],
    run: history,
  },
  {
    name: "LATENCY|LATEST",
    group: "server",
    since: "2.8.13",
    arity: 2,
    flags: FLAGS,
    summary: "Lists the events with their last and greatest samples.",
    complexity: "O(1)",
    tips: REPORT_TIPS,
    reply: ["array"],
    examples: [["LATENCY LATEST", "*0"]],
    run: latest,
  },
  {
    name: "LATENCY|RESET",
    group: "server",
    since: "2.8.13",
    arity: -2,
    flags: FLAGS,
    args: [{ name: "event", type: "string", optional: true, multiple: true }],
    summary: "Forgets the samples of some events or of all.",
    complexity: "O(1)",
    tips: ["request_policy:all_nodes", "response_policy:agg_sum"],
    reply: ["integer"],
    examples: [["LATENCY RESET", ":0"]],
    run: reset,
  },
];
