// lookahead.ts: several requests, of all clients of a turn, are parsed before the first is executed, and what they will
// touch in memory is touched for all of them first.
//
// WHY: a look-up waits for two cache misses one after the other, the bucket and then the record. For requests that are
// executed one by one these waits add up; touched in a row, they overlap.
//
//   parse 1..n -> name, hash 1..n -> bucket 1..n -> compare hashes 1..n -> record 1..n -> execute 1..n
//
// Each step is a plain loop of its own: the shorter its body, the more misses are under way at once. What was worked out
// is kept in dense arrays, one place a key, so that no work is done twice:
//
//   rows      | id | keys from | first key argument | arguments that have places | step |     a row each request
//   keys      | hash | entry |                                                                a place each key
//
// PIECES. What one client sent in this turn is a piece of input. Short pieces are read into one table, so that clients
// without a pipeline share the waits as well:
//
//   rows      | of piece 1 | of piece 2 | of piece 3 ..|      each piece to its end, but for the last one: that is where the
//                                                             table is full, or its request incomplete, or wrong
//
// The rows hold as long as nothing else is read; whatever reads or resets the parser drops them, and the pieces that have
// not run are read again.
//
// The record that was found is offered to the look-up as a guess, which compares the key and otherwise searches as ever.
// A guess is dropped when any record moved since (Keyspace.moves) or when the request before it changed the database.
// Small databases lie in the first caches, and a lone key is looked up at once anyway: both are left alone. A command of
// more keys than are worked out at once has the others worked out as it comes to them, in places of their own.

import { PARSE_EMPTY, PARSE_MORE, PARSE_REQUEST, REQUESTS_MAX } from "../codec/request_parser.ts";
import type { RequestParser } from "../codec/request_parser.ts";
import type { Ahead, Ctx } from "../commands/context.ts";
import type { CommandTable } from "../commands/table.ts";
import { dictCount } from "../engine/dict.ts";
import { dictProbe, TOUCH_MAX } from "../engine/dict_ahead.ts";
import { recordReach, recordsTouch } from "../engine/record.ts";
import { type Database, keyHash, type Keyspace } from "../engine/keyspace.ts";

/** Most requests parsed ahead. */
export const LOOKAHEAD_MAX = REQUESTS_MAX;
/** Arguments of a batch beyond which no further request is read ahead. */
const ARGS_MAX = 256;
/** Most keys touched ahead: two or three cache lines each must stay in the first-level cache. */
const KEYS_MAX = TOUCH_MAX;
/** Longer pieces are read alone. */
const PIECE_BYTES_MAX = 8192;
/** Keys a database must have before touching them ahead pays. */
const DATABASE_KEYS_MIN = 4096;

/** The requests read ahead; one per engine, since nothing else runs between reading and executing. */
export class Lookahead implements Ahead {
  /** Command ids by row, -1 for unknown ones. */
  readonly ids: Int32Array = new Int32Array(LOOKAHEAD_MAX);
  /** By place: those of the table, then those of the running request that found no place there. */
  readonly hashes: Int32Array = new Int32Array(2 * KEYS_MAX);
  readonly entries: Int32Array = new Int32Array(2 * KEYS_MAX);
  private readonly furtherHashes = this.hashes.subarray(KEYS_MAX);
  private readonly furtherEntries = this.entries.subarray(KEYS_MAX);
  moves = 0;
  main = 0;
  /** The rows to run: those of the piece under way. */
  from = 0;
  to = 0;
  /** What the parser said last: more, error, or a request. */
  private found = PARSE_MORE;
  /** Keys a database must have before anything is touched ahead. */
  databaseKeysMin = DATABASE_KEYS_MIN;
  /** Bytes beyond which a piece is read alone. */
  pieceBytesMax = PIECE_BYTES_MAX;
  /** How far records reach, judged by one of those touched before. */
  private reach = 0;
  /** Keeps the touching reads alive: an optimiser may not drop them. */
  sink = 0;
  /** Pieces in the table, the next one to run, and where their rows end. */
  private pieces = 0;
  private piece = 0;
  private readonly pieceEnds: Int32Array = new Int32Array(LOOKAHEAD_MAX);
  private readonly places: Int32Array = new Int32Array(LOOKAHEAD_MAX);
  private readonly firsts: Int32Array = new Int32Array(LOOKAHEAD_MAX);
  private readonly spans: Int32Array = new Int32Array(LOOKAHEAD_MAX);
  private readonly shifts: Int32Array = new Int32Array(LOOKAHEAD_MAX);
  /** Argument ranges of the running request, unless they are at the start of the parser's table. */
  private off: Int32Array = new Int32Array(64);
  private len: Int32Array = new Int32Array(64);

  /** Parses up to `most` requests of buf[.., end), from where the parser is. */
  read(parser: RequestParser, buf: Uint8Array, end: number, most: number): void {
    this.drop();
    parser.clear();
    this.parse(parser, buf, end, most);
    this.from = 0;
    this.to = parser.count;
  }

  /** Parses a further piece, from where the parser is to `end`. False when no other may follow it. */
  readPiece(parser: RequestParser, buf: Uint8Array, end: number): boolean {
    this.parse(parser, buf, end, LOOKAHEAD_MAX);
    this.pieceEnds[this.pieces++] = parser.count;
    return this.found === PARSE_MORE && parser.pos >= end && !parser.isPartial &&
      parser.count < LOOKAHEAD_MAX && this.pieces < LOOKAHEAD_MAX;
  }

  private parse(parser: RequestParser, buf: Uint8Array, end: number, most: number): void {
    let found = PARSE_REQUEST;
    while (
      parser.count < most && (parser.count === 0 || parser.args < ARGS_MAX) &&
      (found === PARSE_REQUEST || found === PARSE_EMPTY)
    ) {
      found = parser.parse(buf, end);
    }
    this.found = found;
  }

  /** Whether pieces wait in the table. */
  get hasPiece(): boolean {
    return this.piece < this.pieces;
  }

  /** What the parser said last about the piece under way. */
  get foundLast(): number {
    return this.hasPiece ? PARSE_MORE : this.found;
  }

  /** Goes on to the rows of the next piece. */
  nextPiece(): void {
    this.from = this.piece === 0 ? 0 : this.to;
    this.to = this.pieceEnds[this.piece++];
  }

  /** Forgets the pieces in the table. */
  drop(): void {
    this.pieces = 0;
    this.piece = 0;
  }

  /** Finds the commands of the requests and touches what they will look up. */
  prepare(
    parser: RequestParser,
    buf: Uint8Array,
    ks: Keyspace,
    db: Database,
    table: CommandTable,
  ): void {
    const { ids, spans } = this;
    const { count, off, len } = parser;
    const isLarge = dictCount(ks.arena, db.main) >= this.databaseKeysMin;
    let keys = 0;
    for (let row = 0; row < count; row++) {
      const first = parser.firstArg(row);
      const argBuf = parser.bufOf(row, buf);
      const id = table.commandId(argBuf, off[first], len[first]);
      ids[row] = id;
      spans[row] = 0;
      if (!isLarge || id < 0) continue;
      const arg = table.firstKey[id];
      if (table.lastKey[id] !== arg) {
        keys = this.hashKeys(parser, row, argBuf, ks, table, keys);
        continue;
      }
      // A lone key gains nothing: its look-up comes at once.
      if (count === 1 || arg === 0 || arg >= parser.argCount(row) || keys >= KEYS_MAX) continue;
      this.firsts[row] = arg;
      this.places[row] = keys;
      this.spans[row] = 1;
      this.shifts[row] = 0;
      this.hashes[keys++] = keyHash(ks, argBuf, off[first + arg], len[first + arg]);
    }
    if (keys === 0) return;
    this.touch(ks, db, this.hashes, this.entries, keys);
    this.moves = ks.moves;
    this.main = db.main;
  }

  /** Touches what the first `keys` hashes will lead to, and writes that to `entries`. */
  private touch(
    ks: Keyspace,
    db: Database,
    hashes: Int32Array,
    entries: Int32Array,
    keys: number,
  ): void {
    const sink = dictProbe(ks.arena, db.main, hashes, entries, keys);
    this.sink ^= sink ^ recordsTouch(ks.arena, entries, keys, this.reach);
    if (entries[0] !== 0) this.reach = recordReach(ks.arena, entries[0]);
  }

  /** Points the context at a request. */
  point(ctx: Ctx, parser: RequestParser, row: number, buf: Uint8Array): void {
    const first = parser.firstArg(row);
    const argc = parser.argCount(row);
    ctx.argc = argc;
    const argBuf = parser.bufOf(row, buf);
    // Nearly always it is that of the request before, and a comparison costs less than storing a reference.
    if (ctx.argBuf !== argBuf) ctx.argBuf = argBuf;
    if (first === 0) {
      ctx.off = parser.off;
      ctx.len = parser.len;
    } else {
      if (argc > this.off.length) this.grow(argc);
      const { off, len } = this;
      const from = parser.off;
      const fromLen = parser.len;
      for (let i = 0; i < argc; i++) {
        off[i] = from[first + i];
        len[i] = fromLen[first + i];
      }
      if (ctx.off !== off) {
        ctx.off = off;
        ctx.len = len;
      }
    }
    const span = this.spans[row];
    ctx.aheadSpan = span;
    if (span === 0) return;
    ctx.aheadFirst = this.firsts[row];
    ctx.aheadPlace = this.places[row];
    ctx.aheadShift = this.shifts[row];
  }

  private grow(argc: number): void {
    this.off = new Int32Array(argc * 2);
    this.len = new Int32Array(argc * 2);
  }

  /** Hashes the keys of a request that may have several; returns how many hashes there are now. */
  private hashKeys(
    parser: RequestParser,
    row: number,
    argBuf: Uint8Array,
    ks: Keyspace,
    table: CommandTable,
    before: number,
  ): number {
    const id = this.ids[row];
    const first = table.firstKey[id];
    const argc = parser.argCount(row);
    const step = table.keyStep[id];
    if (first === 0 || first >= argc || step > 2) return before;
    const last = lastKey(table, id, argc);
    const { hashes } = this;
    const { off, len } = parser;
    const base = parser.firstArg(row);
    let keys = before;
    for (let arg = first; arg <= last && keys < KEYS_MAX; arg += step) {
      hashes[keys++] = keyHash(ks, argBuf, off[base + arg], len[base + arg]);
    }
    this.firsts[row] = first;
    this.places[row] = before;
    this.spans[row] = (keys - before) << (step - 1);
    this.shifts[row] = step - 1;
    return keys;
  }

  /**
   * Hashes keys of the running command from argument `arg` on. Their records are guesses only while the table's are, since
   * they share what says so; touched they are in any case.
   */
  further(ctx: Ctx, arg: number): boolean {
    const { argBuf, off, len, keyspace, table } = ctx;
    const id = table.commandId(argBuf, off[0], len[0]);
    const last = lastKey(table, id, ctx.argc);
    const step = table.keyStep[id];
    if (arg > last || step !== 1 << ctx.aheadShift) return false;
    const { furtherHashes } = this;
    let keys = 0;
    for (let at = arg; at <= last && keys < KEYS_MAX; at += step) {
      furtherHashes[keys++] = keyHash(keyspace, argBuf, off[at], len[at]);
    }
    this.touch(keyspace, ctx.db, furtherHashes, this.furtherEntries, keys);
    ctx.aheadFirst = arg;
    ctx.aheadPlace = KEYS_MAX;
    ctx.aheadSpan = keys << ctx.aheadShift;
    return true;
  }
}

/** The last key argument of a command with `argc` arguments. */
function lastKey(table: CommandTable, id: number, argc: number): number {
  const last = table.lastKey[id];
  return last < 0 ? last + argc : Math.min(last, argc - 1);
}
