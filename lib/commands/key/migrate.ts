// migrate.ts: MIGRATE: keys move to another server.
//
//   this server                                    target
//   [AUTH] [SELECT db] RESTORE a ... RESTORE b ... ->          in one piece
//                                                  <- +OK +OK +OK -BUSYKEY
//   DEL of each key that was acknowledged; the first error of the target is the reply
//
// Everything stands still from the first look at the keys to the reply (ClientView.standStill), so that each key is on
// one side only. SELECT is left out where the connection, which may be a kept one, has the database selected already.
// A connection that breaks before the target said anything about the keys may be an old one that the target had closed:
// then it is tried once more with a new one. To files and replicas the command is a DEL of what has gone.
//
// Source followed: valkey-doc, "MIGRATE".

import { equalsIgnoreCase, fromLatin1, latin1 } from "../../bytes/ascii.ts";
import { int64ToNumber } from "../../bytes/int64.ts";
import { joined } from "../../bytes/pieces.ts";
import { line } from "../../codec/reply_writer.ts";
import { recordExpireMs } from "../../engine/record.ts";
import { argInt64, argIs, argText, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import type { CommandArgs, KeyList } from "../keys.ts";
import { deleteKey, keyChanged, lookupQuiet, lookupRead } from "../lookup.ts";
import { notify, NOTIFY_GENERIC } from "../notify.ts";
import { propagating } from "../propagate.ts";
import type { Peer, PeerAnswer, PeersView } from "../server_view.ts";
import { type CommandSpec, type KeySpec, oneKey, WRITE } from "../spec.ts";
import { payloadOf } from "./dump.ts";

const HOST_ARG = 1;
const PORT_ARG = 2;
const KEY_ARG = 3;
const DATABASE_ARG = 4;
const TIMEOUT_ARG = 5;
const OPTIONS_ARG = 6;
const TIMEOUT_MS_DEFAULT = 1000;
const PORT_MAX = 65535;

const COPY = word("copy");
const REPLACE = word("replace");
const AUTH = word("auth");
const AUTH2 = word("auth2");
const KEYS = word("keys");

const NO_KEY = line("+NOKEY");
const ERR_KEY_NOT_EMPTY = line(
  "-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
);
const ERR_CONNECTING = line("-IOERR error or timeout connecting to the client");
const ERR_WRITING = line("-IOERR error or timeout writing to target instance");
const ERR_READING = line("-IOERR error or timeout reading to target instance");
const ERR_NO_NETWORK = line("-ERR MIGRATE is not possible here: this server makes no connections");

const LINE_END = fromLatin1("\r\n");

/** What was asked for. Lives as long as the command. */
interface Migration {
  readonly ctx: Ctx;
  readonly peers: PeersView;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly timeoutMs: number;
  readonly copies: boolean;
  /** The AUTH request, null when there is none. */
  readonly login: Uint8Array | null;
  /** Arguments of the keys that are sent, and a RESTORE for each. */
  readonly keys: readonly number[];
  readonly restores: readonly Uint8Array[];
  /** Runs the rest of the command. */
  readonly goOn: (rest: () => void) => void;
  mayRetry: boolean;
}

/** The options of the running MIGRATE. */
interface Options {
  copies: boolean;
  replaces: boolean;
  /** First argument and number of the keys. */
  firstKey: number;
  keyCount: number;
  /** Arguments to log in with, 0 for none. */
  userArg: number;
  passwordArg: number;
}

const options: Options = {
  copies: false,
  replaces: false,
  firstKey: KEY_ARG,
  keyCount: 1,
  userArg: 0,
  passwordArg: 0,
};

/** Reads the options; false after an error reply. */
function readOptions(ctx: Ctx): boolean {
  options.copies = false;
  options.replaces = false;
  options.firstKey = KEY_ARG;
  options.keyCount = 1;
  options.userArg = 0;
  options.passwordArg = 0;
  for (let i = OPTIONS_ARG; i < ctx.argc; i++) {
    const more = ctx.argc - 1 - i;
    const logins = argIs(ctx, i, AUTH) ? 1 : argIs(ctx, i, AUTH2) ? 2 : 0;
    if (logins > 0 && more >= logins) {
      if (logins === 2) options.userArg = i + 1;
      i += logins;
      options.passwordArg = i;
    } else if (argIs(ctx, i, COPY)) {
      options.copies = true;
    } else if (argIs(ctx, i, REPLACE)) {
      options.replaces = true;
    } else if (argIs(ctx, i, KEYS)) {
      if (ctx.len[KEY_ARG] > 0) {
        ctx.out.error(ERR_KEY_NOT_EMPTY);
        return false;
      }
      options.firstKey = i + 1;
      options.keyCount = more;
      return true;
    } else {
      ctx.out.error(ERR_SYNTAX);
      return false;
    }
  }
  return true;
}

const pair = new Int32Array(2);

/** The number in an argument; NaN after an error reply. */
function integerArg(ctx: Ctx, arg: number): number {
  if (argInt64(ctx, arg, pair)) return int64ToNumber(pair[0], pair[1]);
  ctx.out.error(ERR_NOT_INTEGER);
  return NaN;
}

/** The number that a text starts with; 0 when it starts with none or is no port. */
function portOf(text: string): number {
  const port = Number(/^\s*\+?(\d+)/.exec(text)?.[1] ?? "0");
  return port <= PORT_MAX ? port : 0;
}

function migrate(ctx: Ctx): void {
  if (!readOptions(ctx)) return;
  const timeoutMs = integerArg(ctx, TIMEOUT_ARG);
  if (Number.isNaN(timeoutMs) || Number.isNaN(integerArg(ctx, DATABASE_ARG))) return;
  const keys: number[] = [];
  const restores: Uint8Array[] = [];
  let isAnyThere = false;
  for (let arg = options.firstKey; arg < options.firstKey + options.keyCount; arg++) {
    const rec = lookupRead(ctx, arg);
    if (rec === 0) continue;
    isAnyThere = true;
    const ttlMs = ttlOf(ctx, rec);
    // An expired key is there for the one who imports it; it is not worth a journey.
    if (ttlMs < 0) continue;
    keys.push(arg);
    restores.push(restoreOf(ctx, arg, rec, ttlMs));
  }
  if (!isAnyThere) return ctx.out.raw(NO_KEY);
  const { peers } = ctx.server;
  if (peers === null) return ctx.out.error(ERR_NO_NETWORK);
  const migration: Migration = {
    ctx,
    peers,
    host: argText(ctx, HOST_ARG),
    port: portOf(argText(ctx, PORT_ARG)),
    database: argText(ctx, DATABASE_ARG),
    timeoutMs: timeoutMs > 0 ? timeoutMs : TIMEOUT_MS_DEFAULT,
    copies: options.copies,
    login: loginOf(ctx),
    keys,
    restores,
    goOn: ctx.client.standStill(),
    mayRetry: true,
  };
  connect(migration);
}

/** What is left of a record's time, 0 when it has no end, -1 when it is over. */
function ttlOf(ctx: Ctx, rec: number): number {
  const whenMs = recordExpireMs(ctx.keyspace.arena, rec);
  if (whenMs < 0) return 0;
  const leftMs = whenMs - ctx.nowMs;
  return leftMs < 0 ? -1 : Math.max(1, leftMs);
}

// ---- requests

/** A request of words: text of one character a byte, or bytes. */
function requestOf(words: readonly (string | Uint8Array)[]): Uint8Array {
  const pieces = [fromLatin1(`*${words.length}\r\n`)];
  for (const one of words) {
    const bytes = typeof one === "string" ? fromLatin1(one) : one;
    pieces.push(fromLatin1(`$${bytes.length}\r\n`), bytes, LINE_END);
  }
  return joined(pieces);
}

function loginOf(ctx: Ctx): Uint8Array | null {
  const { userArg, passwordArg } = options;
  if (passwordArg === 0) return null;
  const words = ["AUTH"];
  if (userArg !== 0) words.push(argText(ctx, userArg));
  words.push(argText(ctx, passwordArg));
  return requestOf(words);
}

function restoreOf(ctx: Ctx, arg: number, rec: number, ttlMs: number): Uint8Array {
  const name = ctx.config.flag("cluster-enabled") ? "RESTORE-ASKING" : "RESTORE";
  const words = [name, argText(ctx, arg), String(ttlMs), payloadOf(ctx, rec)];
  if (options.replaces) words.push("REPLACE");
  return requestOf(words);
}

// ---- the journey

function connect(migration: Migration): void {
  const { peers, host, port, timeoutMs, ctx, goOn } = migration;
  peers.connect(host, port, timeoutMs, (peer) => {
    if (peer === "unreachable") goOn(() => ctx.out.error(ERR_CONNECTING));
    else if (peer === "refused") unanswered(migration, "writing", false);
    else send(migration, peer);
  });
}

function send(migration: Migration, peer: Peer): void {
  const { login, database, restores, timeoutMs } = migration;
  const first: Uint8Array[] = [];
  if (login !== null) first.push(login);
  if (peer.database !== database) first.push(requestOf(["SELECT", database]));
  const request = joined([...first, ...restores]);
  peer.exchange(request, first.length + restores.length, timeoutMs, (answer) => {
    arrived(migration, peer, answer, first.length);
  });
}

/** The answer is there, or no more of it will come. Its first lines are about AUTH and SELECT. */
function arrived(
  migration: Migration,
  peer: Peer,
  answer: PeerAnswer,
  firstCount: number,
): void {
  const { lines, failure, isTimeout } = answer;
  if (failure !== "") peer.close();
  if (failure === "writing" || (failure === "reading" && lines.length <= firstCount)) {
    unanswered(migration, failure, isTimeout);
  } else {
    migration.goOn(() => finish(migration, peer, answer, firstCount));
  }
}

/** The target said nothing about any key. */
function unanswered(
  migration: Migration,
  failure: "writing" | "reading",
  isTimeout: boolean,
): void {
  const { ctx, goOn } = migration;
  if (migration.mayRetry && !isTimeout) {
    migration.mayRetry = false;
    connect(migration);
  } else {
    goOn(() => ctx.out.error(failure === "writing" ? ERR_WRITING : ERR_READING));
  }
}

/** Deletes what was acknowledged, and replies. */
function finish(migration: Migration, peer: Peer, answer: PeerAnswer, firstCount: number): void {
  const { ctx, keys, copies, database } = migration;
  const replies = answer.lines.slice(firstCount);
  const refusal = answer.lines.slice(0, firstCount).find(isError);
  if (refusal === undefined && !copies) {
    const gone = keys.slice(0, replies.length).filter((_, i) => !isError(replies[i]));
    for (const arg of gone) deleteMoved(ctx, arg);
    if (gone.length > 0) propagating(ctx)?.instead(["DEL", ...gone]);
  }
  const error = replies.length === 0 ? undefined : refusal ?? replies.find(isError);
  if (error !== undefined) {
    peer.database = UNKNOWN_DATABASE;
    ctx.out.errorText(`ERR Target instance replied with error: ${error.slice(1)}`);
  } else if (answer.failure !== "") {
    ctx.out.error(ERR_READING);
  } else {
    peer.database = database;
    ctx.out.ok();
  }
}

const UNKNOWN_DATABASE = "-1";

function isError(reply: string): boolean {
  return reply.startsWith("-");
}

/** A key that was named twice, and acknowledged twice with REPLACE, counts twice. */
function deleteMoved(ctx: Ctx, arg: number): void {
  const rec = lookupQuiet(ctx, arg);
  if (rec === 0) keyChanged(ctx, arg);
  else deleteKey(ctx, arg, rec, ctx.keyspace.lazyOverwrite);
  notify(ctx, NOTIFY_GENERIC, "del", arg);
}

// ---- declaration

const MOVED_FLAGS = ["RW", "access", "delete"];

/** The one key, or those behind KEYS; none when both are given. */
function findKeys(args: CommandArgs, out: KeyList): void {
  for (let i = OPTIONS_ARG; i < args.argc; i++) {
    if (equalsIgnoreCase(args.argBuf, args.off[i], args.len[i], KEYS)) {
      if (args.len[KEY_ARG] > 0) return;
      for (let arg = i + 1; arg < args.argc; arg++) out.add(arg, MOVED_FLAGS);
      return;
    }
    i += loginWords(args, i);
  }
  out.add(KEY_ARG, MOVED_FLAGS);
}

/** How many words behind argument `i` belong to it as an option that logs in. */
function loginWords(args: CommandArgs, i: number): number {
  const name = latin1(args.argBuf, args.off[i], args.len[i]).toLowerCase();
  return name === "auth" ? 1 : name === "auth2" ? 2 : 0;
}

function isSecret(ctx: Ctx, arg: number): boolean {
  for (let i = OPTIONS_ARG; i < arg; i++) {
    if (argIs(ctx, i, KEYS)) return false;
    const words = loginWords(ctx, i);
    if (arg <= i + words) return true;
    i += words;
  }
  return false;
}

const KEYS_BEHIND_WORD: KeySpec = {
  flags: [...MOVED_FLAGS, "incomplete"],
  begin: { at: "keyword", keyword: "KEYS", from: -2 },
  find: { by: "range", last: -1, step: 1, limit: 0 },
};

export const MIGRATE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "MIGRATE",
    group: "generic",
    since: "2.6.0",
    arity: -6,
    flags: WRITE,
    acl: ["@keyspace", "@dangerous"],
    keys: [oneKey(KEY_ARG, MOVED_FLAGS.join(" ")), KEYS_BEHIND_WORD],
    findKeys,
    isSecret,
    args: [
      { name: "host", type: "string" },
      { name: "port", type: "integer" },
      {
        name: "key-selector",
        type: "oneof",
        args: [
          { name: "key", type: "key", keySpec: 0 },
          { name: "empty-string", type: "pure-token", token: '""' },
        ],
      },
      { name: "destination-db", type: "integer" },
      { name: "timeout", type: "integer" },
      { name: "copy", type: "pure-token", token: "COPY", optional: true, since: "3.0.0" },
      { name: "replace", type: "pure-token", token: "REPLACE", optional: true, since: "3.0.0" },
      {
        name: "authentication",
        type: "oneof",
        optional: true,
        args: [
          { name: "auth", type: "string", token: "AUTH", display: "password", since: "4.0.7" },
          {
            name: "auth2",
            type: "block",
            token: "AUTH2",
            since: "6.0.0",
            args: [{ name: "username", type: "string" }, { name: "password", type: "string" }],
          },
        ],
      },
      {
        name: "keys",
        type: "key",
        token: "KEYS",
        display: "key",
        keySpec: 1,
        optional: true,
        multiple: true,
        since: "3.0.6",
      },
    ],
    summary: "Moves keys to another server, or copies them, while nothing else happens here.",
    complexity: "That of DUMP and DEL here and of RESTORE there, O(N) for N bytes on the way",
    tips: ["nondeterministic_output"],
    history: [
      ["3.0.0", "The options COPY and REPLACE."],
      ["3.0.6", "The option KEYS."],
      ["4.0.7", "The option AUTH."],
      ["6.0.0", "The option AUTH2."],
    ],
    reply: ["simple"],
    examples: [
      ["MIGRATE 127.0.0.1 6380 a 0 1000", "+NOKEY"],
      [
        "MIGRATE 127.0.0.1 6380 a 0 1000 KEYS b",
        "-ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
      ],
    ],
    run: migrate,
  },
];
