// debug.ts: DEBUG: the door for tests and for people who look for a fault. Closed unless enable-debug-command says so.
//
// DEBUG is one command for ACL and statistics; what it can do is the table below, which HELP prints.

import { doubleParse } from "../../bytes/double.ts";
import { equalsIgnoreCase, fromLatin1, latin1 } from "../../bytes/ascii.ts";
import { line } from "../../codec/reply_writer.ts";
import { dictResizeStep, dictSetPolicy, RESIZE_AVOID, RESIZE_FREE } from "../../engine/dict.ts";
import { argNumber, argText, ERR_LOADING, ERR_NOT_INTEGER, word } from "../args.ts";
import type { ClientView } from "../client_view.ts";
import type { Ctx } from "../context.ts";
import { databaseFlushing } from "../lookup.ts";
import { replyHelp, replySubcommandError } from "../help.ts";
import { ADMIN, type CommandSpec, LOADING, NOSCRIPT, PROTECTED, STALE } from "../spec.ts";
import { DEBUG_KEY_SUBCOMMANDS } from "./debug_keys.ts";
import { debugProtocol } from "./debug_protocol.ts";
import type { DebugSubcommand } from "./debug_subcommand.ts";

const ERR_NOT_ALLOWED = line(
  '-ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", ' +
    "you can run it from a local connection, otherwise you need to set this option " +
    "in the configuration file, and then restart the server.",
);
const ERR_RELOAD_OPTION = line(
  "-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
);
const ERR_NO_SNAPSHOTS = line("-ERR this server keeps no snapshots");
const ERR_NO_AOF = line("-ERR there is no append-only file to load here");
const ERR_LOAD_AOF = line("-ERR Error trying to load the AOF files, check server logs.");
const ERR_NO_CRASH = line("-ERR this server does not crash on request");

const HELP_WORD = word("HELP");
const REPLY_BUFFER_PEAK_RESET_MS = 5000;
const WARNING = 3;
const NOTICE = 2;

/** A number as C's atoi reads it: leading digits, else 0. */
function leadingInteger(text: string): number {
  const match = /^\s*[+-]?\d+/.exec(text);
  return match === null ? 0 : Number(match[0]);
}

function isSet(ctx: Ctx, arg: number): boolean {
  return leadingInteger(argText(ctx, arg)) !== 0;
}

// ---- switches

function setActiveExpire(ctx: Ctx): void {
  ctx.server.activeExpire = isSet(ctx, 2);
  ctx.out.ok();
}

function setSkipChecksums(ctx: Ctx): void {
  ctx.server.skipChecksums = isSet(ctx, 2);
  ctx.out.ok();
}

function pauseCron(ctx: Ctx): void {
  ctx.server.cronPaused = isSet(ctx, 2);
  ctx.out.ok();
}

/** Resizing of the tables of all databases; what was put off is done when it is allowed again, but not under a walk. */
function dictResizing(ctx: Ctx): void {
  const { keyspace } = ctx;
  const { arena, dbs } = keyspace;
  const allowed = isSet(ctx, 2);
  keyspace.resizePolicy = allowed ? RESIZE_FREE : RESIZE_AVOID;
  for (const db of dbs) {
    for (const dict of [db.main, db.expires]) {
      if (dict === db.main && keyspace.walks.length > 0) continue;
      dictSetPolicy(arena, dict, keyspace.resizePolicy);
      while (allowed && dictResizeStep(arena, dict));
    }
  }
  ctx.out.ok();
}

function replyBuffer(ctx: Ctx): void {
  const { server } = ctx;
  const what = argText(ctx, 2).toLowerCase();
  if (what === "resizing") {
    server.replyBufferResizing = isSet(ctx, 3);
  } else if (what === "peak-reset-time") {
    const value = argText(ctx, 3).toLowerCase();
    if (value === "never") server.replyBufferPeakResetMs = -1;
    else if (value === "reset") server.replyBufferPeakResetMs = REPLY_BUFFER_PEAK_RESET_MS;
    else {
      const ms = argNumber(ctx, 3, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      if (Number.isNaN(ms)) return ctx.out.error(ERR_NOT_INTEGER);
      server.replyBufferPeakResetMs = ms;
    }
  } else {
    return replySubcommandError(ctx);
  }
  ctx.out.ok();
}

/** Replies have one kind of buffer here, so there is nothing to enforce. */
function enforceReplyList(ctx: Ctx): void {
  ctx.out.ok();
}

/** Tables change their size one bucket at a time, so there is no shrinking that could be given up. */
function canAbortShrink(ctx: Ctx): void {
  ctx.out.ok();
}

// ---- actions

function sleep(ctx: Ctx): void {
  const seconds = doubleParse(ctx.argBuf, ctx.off[2], ctx.len[2]);
  if (seconds > 0) ctx.server.debugSleep(seconds);
  ctx.out.ok();
}

function log(ctx: Ctx): void {
  ctx.server.log.write(WARNING, `DEBUG LOG: ${argText(ctx, 2)}`);
  ctx.out.ok();
}

/** The argument as an error reply, whatever its first word; it does not count as a failure of DEBUG. */
function error(ctx: Ctx): void {
  ctx.out.raw(fromLatin1(`-${argText(ctx, 2).replace(/[\r\n]/g, " ")}\r\n`));
}

function changeReplId(ctx: Ctx): void {
  ctx.server.log.write(NOTICE, "Changing replication IDs after receiving DEBUG change-repl-id");
  ctx.server.replication?.renew();
  ctx.out.ok();
}

function configRewriteForceAll(ctx: Ctx): void {
  const problem = ctx.config.rewrite(true);
  if (problem === "") return ctx.out.ok();
  ctx.out.errorText(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${problem.replace(/^ERR /, "")}`);
}

/** Through the file; in memory where there are no files. */
function reload(ctx: Ctx): void {
  let save = true;
  let flush = true;
  let merge = false;
  for (let i = 2; i < ctx.argc; i++) {
    const option = argText(ctx, i).toLowerCase();
    if (option === "nosave") save = false;
    else if (option === "noflush") flush = false;
    else if (option === "merge") merge = true;
    else return ctx.out.error(ERR_RELOAD_OPTION);
  }
  const { persistence } = ctx.server;
  if (persistence === null) return ctx.out.error(ERR_NO_SNAPSHOTS);
  if (persistence.loading !== null) return ctx.out.error(ERR_LOADING);
  if (flush) databaseFlushing(ctx, -1);
  const problem = persistence.reload(save, flush, merge);
  if (problem === "") ctx.out.ok();
  else ctx.out.errorText(problem);
}

/** Everything waits while the append-only file is loaded, as after a restart. */
function loadAof(ctx: Ctx): void {
  const aof = ctx.server.persistence?.aof ?? null;
  if (aof === null || ctx.client.inExec) return ctx.out.error(ERR_NO_AOF);
  if (ctx.server.persistence?.loading) return ctx.out.error(ERR_LOADING);
  aof.reload(ctx.client.standStill(), (problem) => {
    if (problem === "") ctx.out.ok();
    else ctx.out.error(ERR_LOAD_AOF);
  });
}

function noCrash(ctx: Ctx): void {
  ctx.out.error(ERR_NO_CRASH);
}

function structSize(ctx: Ctx): void {
  ctx.out.bulkText("bits:64 robj:12 dictentry:8 ");
}

function aofFlushSleep(ctx: Ctx): void {
  ctx.server.aofFlushSleepUs = leadingInteger(argText(ctx, 2));
  ctx.out.ok();
}

/** Not even a command that exists. */
function replicate(ctx: Ctx): void {
  const words = [];
  for (let i = 2; i < ctx.argc; i++) {
    words.push(ctx.argBuf.slice(ctx.off[i], ctx.off[i] + ctx.len[i]));
  }
  ctx.server.replication?.emit(words);
  ctx.out.ok();
}

const SUBCOMMANDS: readonly DebugSubcommand[] = [
  {
    name: "AOF-FLUSH-SLEEP",
    usage: "<microseconds>",
    help: ["    Waits before each write to the append-only file."],
    least: 3,
    most: 3,
    run: aofFlushSleep,
  },
  {
    name: "CHANGE-REPL-ID",
    help: ["    Gives the data set a new replication id."],
    least: 2,
    most: 2,
    run: changeReplId,
  },
  {
    name: "CLIENT-ENFORCE-REPLY-LIST",
    usage: "<0|1>",
    help: ["    Accepted for test suites; there is one kind of reply buffer."],
    least: 3,
    most: 3,
    run: enforceReplyList,
  },
  {
    name: "CONFIG-REWRITE-FORCE-ALL",
    help: ["    Rewrites the configuration file with all directives in it."],
    least: 2,
    most: 2,
    run: configRewriteForceAll,
  },
  {
    name: "RELOAD",
    usage: "[MERGE] [NOFLUSH] [NOSAVE]",
    help: [
      "    Saves the data set and reads it back; in memory where there are no files.",
      "    MERGE lets keys be there already, NOFLUSH leaves them there, NOSAVE reads what is there.",
    ],
    least: 2,
    most: 5,
    run: reload,
  },
  {
    name: "LOADAOF",
    help: ["    Empties all databases and loads the append-only file."],
    least: 2,
    most: 2,
    run: loadAof,
  },
  {
    name: "DICT-RESIZING",
    usage: "<0|1>",
    help: ["    Forbids or allows the tables of keys to change their size."],
    least: 3,
    most: 3,
    run: dictResizing,
  },
  {
    name: "ERROR",
    usage: "<text>",
    help: ["    Answers with an error of this text."],
    least: 3,
    most: 3,
    run: error,
  },
  {
    name: "HASHTABLE-CAN-ABORT-SHRINK",
    usage: "<0|1>",
    help: ["    Accepted for test suites; tables shrink by one bucket at a time."],
    least: 3,
    most: 3,
    run: canAbortShrink,
  },
  {
    name: "LOG",
    usage: "<text>",
    help: ["    Writes the text to the log."],
    least: 3,
    most: 3,
    run: log,
  },
  {
    name: "PAUSE-CRON",
    usage: "<0|1>",
    help: ["    Stops or restarts the periodic work."],
    least: 3,
    most: 3,
    run: pauseCron,
  },
  {
    name: "PROTOCOL",
    usage: "<type>",
    help: [
      "    Answers with a sample of the type: string, integer, double, bignum, null, array, set,",
      "    map, attrib, push, verbatim, true or false.",
    ],
    least: 3,
    most: 3,
    run: debugProtocol,
  },
  {
    name: "REPLICATE",
    usage: "<command> [<argument> ...]",
    help: ["    Sends a command to the replicas, whatever it is."],
    least: 3,
    most: Infinity,
    run: replicate,
  },
  {
    name: "REPLYBUFFER",
    usage: "(PEAK-RESET-TIME <NEVER|RESET|milliseconds>|RESIZING <0|1>)",
    help: ["    Says how long the peak use of a reply buffer is remembered, and if it may shrink."],
    least: 4,
    most: 4,
    run: replyBuffer,
  },
  {
    name: "SET-ACTIVE-EXPIRE",
    usage: "<0|1>",
    help: ["    With 0, expired keys go only when somebody asks for them."],
    least: 3,
    most: 3,
    run: setActiveExpire,
  },
  {
    name: "SET-SKIP-CHECKSUM-VALIDATION",
    usage: "<0|1>",
    help: ["    With 1, RESTORE takes payloads whatever their checksum."],
    least: 3,
    most: 3,
    run: setSkipChecksums,
  },
  {
    name: "SLEEP",
    usage: "<seconds>",
    help: ["    Does nothing for a time, fractions allowed; all clients wait."],
    least: 3,
    most: 3,
    run: sleep,
  },
  {
    name: "STRUCTSIZE",
    help: ["    Shows the bytes of a record's header and of its place in the table."],
    least: 2,
    most: 2,
    run: structSize,
  },
  ...["ASSERT", "OOM", "PANIC", "SEGFAULT"].map((name) => ({
    name,
    least: 2,
    most: Infinity,
    run: noCrash,
  })),
  ...DEBUG_KEY_SUBCOMMANDS,
];

const BY_NAME = new Map(SUBCOMMANDS.map((entry) => [entry.name, entry]));

/** HELP lines of everything that has an explanation. */
function helpLines(): string[] {
  return SUBCOMMANDS.filter((entry) => entry.help !== undefined)
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap((entry) => [[entry.name, entry.usage ?? ""].join(" ").trim(), ...entry.help ?? []]);
}

/** True for connections from this machine. */
function isLocal(client: ClientView): boolean {
  const { remote, local } = client;
  return remote.startsWith("127.") || remote.startsWith("[::1]:") ||
    (remote.endsWith(":0") && local.endsWith(":0"));
}

function isAllowed(ctx: Ctx): boolean {
  const setting = ctx.config.text("enable-debug-command");
  return setting === "yes" || (setting === "local" && isLocal(ctx.client));
}

function debug(ctx: Ctx): void {
  if (!isAllowed(ctx)) return ctx.out.error(ERR_NOT_ALLOWED);
  if (ctx.argc === 2 && equalsIgnoreCase(ctx.argBuf, ctx.off[1], ctx.len[1], HELP_WORD)) {
    return replyHelp(ctx, helpLines());
  }
  const name = latin1(ctx.argBuf, ctx.off[1], ctx.len[1]).toUpperCase();
  const entry = BY_NAME.get(name);
  if (entry === undefined || ctx.argc < entry.least || ctx.argc > entry.most) {
    return replySubcommandError(ctx);
  }
  entry.run(ctx);
}

export const DEBUG_COMMANDS: readonly CommandSpec[] = [
  {
    name: "DEBUG",
    group: "server",
    since: "1.0.0",
    arity: -2,
    flags: ADMIN | NOSCRIPT | LOADING | STALE | PROTECTED,
    summary: "Looks into the server and steers it, for tests and fault finding.",
    complexity: "Depends on the subcommand",
    docFlags: ["syscmd"],
    reply: ["simple", "bulk", "array", "any"],
    examples: [["DEBUG SLEEP 0", "/^(\\+OK|-ERR DEBUG command not allowed)/"]],
    run: debug,
  },
];
