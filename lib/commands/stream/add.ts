// add.ts: growing streams and cutting them: XADD, XTRIM.

import { line } from "../../codec/reply_writer.ts";
import { ENCODING_STREAM, recordA, TYPE_STREAM } from "../../engine/record.ts";
import {
  NODE_BYTES_MAX,
  streamAppend,
  streamNextId,
  streamTrim,
} from "../../engine/stream_entries.ts";
import {
  ID_AUTO_SEQ,
  ID_INVALID,
  ID_WORDS,
  idCompare,
  idCopy,
  idIncrement,
  idIsMax,
  idIsZero,
  idParse,
} from "../../engine/stream_id.ts";
import {
  streamCreate,
  streamFirstWord,
  streamLastWord,
  streamLength,
  streamWords,
} from "../../engine/stream_root.ts";
import { argInt64, argIs, ERR_NOT_INTEGER, ERR_SYNTAX, word } from "../args.ts";
import type { Ctx } from "../context.ts";
import { createKey, keyChanged, keyReady, lookupWrite, requireType } from "../lookup.ts";
import { notify, NOTIFY_STREAM } from "../notify.ts";
import { argParts, type Part, propagating } from "../propagate.ts";
import { type ArgSpec, type CommandSpec, DENYOOM, FAST, oneKey, WRITE } from "../spec.ts";
import { argId, argIsByte, KEY } from "./arguments.ts";
import { idText } from "./passing.ts";
import { replyId } from "./replies.ts";

const MAXLEN = word("maxlen");
const MINID = word("minid");
const LIMIT = word("limit");
const NOMKSTREAM = word("nomkstream");
const STAR = 0x2a;
const TILDE = 0x7e;
const EQUALS = 0x3d;

const ERR_ARITY = line("-ERR wrong number of arguments for 'xadd' command");
const ERR_ID = line("-ERR Invalid stream ID specified as stream command argument");
const ERR_BOTH = line(
  "-ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
);
const ERR_MAXLEN = line("-ERR The MAXLEN argument must be >= 0.");
const ERR_LIMIT = line("-ERR The LIMIT argument must be >= 0.");
const ERR_LIMIT_ALONE = line(
  "-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
);
const ERR_LIMIT_EXACT = line(
  "-ERR syntax error, LIMIT cannot be used without the special ~ option",
);
const ERR_NO_STRATEGY = line(
  "-ERR syntax error, XTRIM must be called with a trimming strategy",
);
const ERR_ZERO = line("-ERR The ID specified in XADD must be greater than 0-0");
const ERR_EXHAUSTED = line(
  "-ERR The stream has exhausted the last possible ID, unable to add more items",
);
const ERR_NOT_GREATER = line(
  "-ERR The ID specified in XADD is equal or smaller than the target stream top item",
);
const ERR_TOO_LARGE = line("-ERR Elements are too large to be stored");

const NONE = 0;
const BY_LENGTH = 1;
const BY_ID = 2;
/** Where LIMIT is not given: nodes of entries that approximate trimming may take, and the bounds of what that makes. */
const LIMIT_NODES = 100;
const LIMIT_DEFAULT = 10000;
const LIMIT_MAX = 1000000;

/** What the options said. */
const options = {
  strategy: NONE,
  maxLength: 0,
  approximate: false,
  limit: 0,
  /** Arguments of the threshold and of LIMIT, 0 for none. */
  thresholdArg: 0,
  limitArg: 0,
  noCreate: false,
  /** How the id was given: "*" is ID_INVALID. */
  idKind: ID_INVALID,
};
const minId = new Int32Array(ID_WORDS);
const id = new Int32Array(ID_WORDS);
const pair = new Int32Array(2);

/** Reads an argument that must be 0 or more; NaN after the error reply. */
function natural(ctx: Ctx, index: number, error: Uint8Array): number {
  if (!argInt64(ctx, index, pair)) ctx.out.error(ERR_NOT_INTEGER);
  else if (pair[1] < 0) ctx.out.error(error);
  else return pair[1] * 4294967296 + (pair[0] >>> 0);
  return NaN;
}

/** Reads the options from argument 2 on. Returns the argument of the id (for XTRIM: the end), or 0 after the reply. */
function parseOptions(ctx: Ctx, adding: boolean): number {
  const { out, argc } = ctx;
  resetOptions();
  let limitGiven = false;
  let i = 2;
  for (; i < argc; i++) {
    const more = argc - 1 - i;
    if (adding && argIsByte(ctx, i, STAR)) break;
    if (more > 0 && (argIs(ctx, i, MAXLEN) || argIs(ctx, i, MINID))) {
      i = parseStrategy(ctx, i);
      if (i === 0) return 0;
    } else if (more > 0 && argIs(ctx, i, LIMIT)) {
      options.limitArg = i;
      options.limit = natural(ctx, ++i, ERR_LIMIT);
      if (Number.isNaN(options.limit)) return 0;
      limitGiven = true;
    } else if (adding && argIs(ctx, i, NOMKSTREAM)) {
      options.noCreate = true;
    } else if (adding) {
      options.idKind = idParse(ctx.argBuf, ctx.off[i], ctx.len[i], 0, id, 0);
      if (options.idKind !== ID_INVALID) break;
      out.error(ERR_ID);
      return 0;
    } else {
      out.error(ERR_SYNTAX);
      return 0;
    }
  }
  const error = complaint(adding, limitGiven);
  if (error === null) {
    if (!limitGiven && options.approximate) options.limit = defaultLimit(ctx);
    return i;
  }
  out.error(error);
  return 0;
}

function resetOptions(): void {
  options.strategy = NONE;
  options.maxLength = 0;
  options.approximate = false;
  options.limit = 0;
  options.thresholdArg = 0;
  options.limitArg = 0;
  options.noCreate = false;
  options.idKind = ID_INVALID;
}

/** Reads MAXLEN or MINID at argument `at`. Returns its last argument, or 0 after the error reply. */
function parseStrategy(ctx: Ctx, at: number): number {
  if (options.strategy !== NONE) {
    ctx.out.error(ERR_BOTH);
    return 0;
  }
  const byLength = argIs(ctx, at, MAXLEN);
  let i = at + 1;
  if (i + 1 < ctx.argc) {
    options.approximate = argIsByte(ctx, i, TILDE);
    if (options.approximate || argIsByte(ctx, i, EQUALS)) i++;
  }
  options.strategy = byLength ? BY_LENGTH : BY_ID;
  options.thresholdArg = i;
  options.maxLength = byLength ? natural(ctx, i, ERR_MAXLEN) : -1;
  if (Number.isNaN(options.maxLength)) return 0;
  return byLength || argId(ctx, i, 0, minId, 0) ? i : 0;
}

/** What is wrong with the options together. */
function complaint(adding: boolean, limitGiven: boolean): Uint8Array | null {
  const { strategy, limit, approximate } = options;
  if (limit !== 0 && strategy === NONE) return ERR_LIMIT_ALONE;
  if (!adding && strategy === NONE) return ERR_NO_STRATEGY;
  return limitGiven && !approximate ? ERR_LIMIT_EXACT : null;
}

function defaultLimit(ctx: Ctx): number {
  const limit = LIMIT_NODES * ctx.keyspace.limits.streamNodeMaxEntries;
  return limit <= 0 ? LIMIT_DEFAULT : Math.min(limit, LIMIT_MAX);
}

/** Trims as the options say. Returns how many entries went. */
function trim(ctx: Ctx, root: number): number {
  const { strategy, maxLength, approximate, limit } = options;
  if (strategy === NONE) return 0;
  const taken = streamTrim(ctx.keyspace, root, maxLength, minId, approximate, limit);
  if (taken > 0) notify(ctx, NOTIFY_STREAM, "xtrim", 1);
  return taken;
}

function xadd(ctx: Ctx): void {
  const { out, keyspace } = ctx;
  const idArg = parseOptions(ctx, true);
  if (idArg === 0) return;
  const pairs = (ctx.argc - idArg - 1) / 2;
  if (pairs < 1 || !Number.isInteger(pairs)) return out.error(ERR_ARITY);
  const { idKind } = options;
  const isGiven = idKind !== ID_INVALID && idKind !== ID_AUTO_SEQ;
  if (isGiven && idIsZero(id, 0)) return out.error(ERR_ZERO);
  let rec = lookupWrite(ctx, 1);
  const isNew = rec === 0;
  if (!isNew && !requireType(ctx, rec, TYPE_STREAM)) return;
  if (isNew) {
    if (options.noCreate) return out.nullBulk();
    rec = createKey(ctx, 1, TYPE_STREAM, ENCODING_STREAM, streamCreate(keyspace.arena));
  }
  const root = recordA(keyspace.arena, rec);
  const error = chooseId(ctx, root) ?? sizeError(ctx, idArg + 1);
  if (error !== null) return out.error(error);
  streamAppend(keyspace, root, id, ctx.argBuf, ctx.off, ctx.len, idArg + 1, pairs);
  keyChanged(ctx, 1);
  notify(ctx, NOTIFY_STREAM, "xadd", 1);
  replyId(ctx, id, 0);
  trim(ctx, root);
  if (!isGiven || options.approximate) passWords(ctx, root, isGiven ? 0 : idArg);
  if (!isNew) keyReady(ctx, rec);
}

/**
 * Passes the command on with the id that was chosen at argument `idArg` (0: it was given), and with the outcome of
 * approximate trimming as an exact threshold.
 */
function passWords(ctx: Ctx, root: number, idArg: number): void {
  const propagator = propagating(ctx);
  if (propagator === null) return;
  const parts: Part[] = argParts(0, ctx.argc);
  if (idArg > 0) parts[idArg] = idText(id, 0);
  if (options.approximate) {
    const { arena } = ctx.keyspace;
    const at = options.thresholdArg;
    parts[at - 1] = "=";
    parts[at] = options.strategy === BY_LENGTH
      ? String(streamLength(arena, root))
      : idText(streamWords(arena, root), streamFirstWord(root));
    // An exact threshold takes no LIMIT.
    if (options.limitArg > 0) parts.splice(options.limitArg, 2);
  }
  propagator.instead(parts);
}

/** Completes `id`. Returns what is wrong with it, or null. */
function chooseId(ctx: Ctx, root: number): Uint8Array | null {
  const words = streamWords(ctx.keyspace.arena, root);
  const last = streamLastWord(root);
  if (idIsMax(words, last)) return ERR_EXHAUSTED;
  if (options.idKind === ID_INVALID) {
    streamNextId(ctx.keyspace, root, ctx.nowMs, id);
  } else if (
    options.idKind === ID_AUTO_SEQ && id[0] === words[last] && id[1] === words[last + 1]
  ) {
    if ((words[last + 2] & words[last + 3]) === -1) return ERR_NOT_GREATER;
    idCopy(words, last, id, 0);
    idIncrement(id, 0);
  }
  return idCompare(id, 0, words, last) > 0 ? null : ERR_NOT_GREATER;
}

function sizeError(ctx: Ctx, from: number): Uint8Array | null {
  let bytes = 0;
  for (let i = from; i < ctx.argc; i++) bytes += ctx.len[i];
  return bytes > NODE_BYTES_MAX ? ERR_TOO_LARGE : null;
}

function xtrim(ctx: Ctx): void {
  if (parseOptions(ctx, false) === 0) return;
  const rec = lookupWrite(ctx, 1);
  if (rec === 0) return ctx.out.integer(0);
  if (!requireType(ctx, rec, TYPE_STREAM)) return;
  const taken = trim(ctx, recordA(ctx.keyspace.arena, rec));
  if (taken > 0) keyChanged(ctx, 1, taken);
  if (taken > 0 && options.approximate) passWords(ctx, recordA(ctx.keyspace.arena, rec), 0);
  ctx.out.integer(taken);
}

const TRIM_ARGS: readonly ArgSpec[] = [
  {
    name: "strategy",
    type: "oneof",
    args: [
      { name: "maxlen", type: "pure-token", token: "MAXLEN" },
      { name: "minid", type: "pure-token", token: "MINID", since: "6.2.0" },
    ],
  },
  {
    name: "operator",
    type: "oneof",
    optional: true,
    args: [
      { name: "equal", type: "pure-token", token: "=" },
      { name: "approximately", type: "pure-token", token: "~" },
    ],
  },
  { name: "threshold", type: "string" },
  { name: "count", type: "integer", token: "LIMIT", optional: true, since: "6.2.0" },
];

export const ADD_COMMANDS: readonly CommandSpec[] = [
  {
    name: "XADD",
    group: "stream",
    since: "5.0.0",
    arity: -5,
    flags: WRITE | DENYOOM | FAST,
    acl: ["@stream"],
    keys: [{ ...oneKey(1, "RW update"), notes: "Update is meant: the data returned is its own." }],
    args: [
      KEY,
      {
        name: "nomkstream",
        type: "pure-token",
        token: "NOMKSTREAM",
        optional: true,
        since: "6.2.0",
      },
      { name: "trim", type: "block", optional: true, args: TRIM_ARGS },
      {
        name: "id-selector",
        type: "oneof",
        args: [
          { name: "auto-id", type: "pure-token", token: "*" },
          { name: "id", type: "string" },
        ],
      },
      {
        name: "data",
        type: "block",
        multiple: true,
        args: [{ name: "field", type: "string" }, { name: "value", type: "string" }],
      },
    ],
    summary: "Adds an entry to the end of a stream and tells its id; may trim the stream as well.",
    complexity: "O(1) to add; with trimming O(N) with N the number of entries that go",
    tips: ["nondeterministic_output"],
    history: [
      ["6.2.0", "The options NOMKSTREAM, MINID and LIMIT."],
      ["7.0.0", "Ids of the form <ms>-*."],
    ],
    reply: ["bulk", "null"],
    examples: [
      ["XADD log 1-1 level info", "$3 1-1"],
      ["XADD log 1-* level warning", "$3 1-2"],
      ["XADD other NOMKSTREAM * a b", "$-1"],
    ],
    run: xadd,
  },
  {
    name: "XTRIM",
    group: "stream",
    since: "5.0.0",
    arity: -4,
    flags: WRITE,
    acl: ["@stream"],
    keys: [oneKey(1, "RW delete")],
    args: [KEY, { name: "trim", type: "block", args: TRIM_ARGS }],
    summary: "Takes entries from the start of a stream until it is short or young enough.",
    complexity: "O(N) with N the number of entries that go",
    tips: ["nondeterministic_output"],
    history: [["6.2.0", "The options MINID and LIMIT."]],
    reply: ["integer"],
    examples: [
      ["XADD log 1-1 level info", "$3 1-1"],
      ["XADD log 2-1 level info", "$3 2-1"],
      ["XTRIM log MAXLEN 1", ":1"],
    ],
    run: xtrim,
  },
];
