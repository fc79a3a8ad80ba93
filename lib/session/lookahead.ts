// lookahead.ts: several requests of one read are parsed before the first is executed, and what they will touch in
// memory is touched for all of them first.
//
// WHY: a look-up waits for two cache misses one after the other, the bucket and then the record. For requests that are
// executed one by one these waits add up; touched in a row, they overlap.
//
//   parse 1..n -> hash 1..n, bucket 1..n -> record 1..n -> execute 1..n
//
// The hashes are kept in the requests, so the work of hashing is only moved. Nanoseconds a command, 16 requests a read,
// keys at random, 16 + 3 bytes, Bun / Deno, best of 40, without -> with:
//
//   keys          100 k                     400 k                     1 M
//   GET   311 / 298 -> 344 / 326    490 / 489 -> 469 / 508    619 / 634 -> 491 / 560
//   SET   300 / 313 -> 334 / 379    527 / 552 -> 478 / 551    598 / 735 -> 515 / 634
//
// So only large databases are touched ahead; smaller ones lie in the third-level cache, whose waits are short.
//
// The record that was found is offered to the look-up as a guess, which compares the key and otherwise searches as ever.
// A guess is dropped when any record moved since (Keyspace.moves) or when the request before it changed the database.

import {
  PARSE_EMPTY,
  PARSE_REQUEST,
  Request,
  type RequestParser,
} from "../codec/request_parser.ts";
import type { CommandTable } from "../commands/table.ts";
import { dictCount, dictProbe, dictTouchBucket } from "../engine/dict.ts";
import { recordTouchLines } from "../engine/record.ts";
import { type Database, keyHash, type Keyspace } from "../engine/keyspace.ts";

/** Most requests parsed ahead. */
export const LOOKAHEAD_MAX = 32;
/** Arguments beyond this are not looked at. */
const ARG_MAX = 128;
/** Most keys touched ahead: two or three cache lines each must stay in the first-level cache. */
const KEYS_MAX = 128;
/** Keys from which touching ahead pays; see above. */
const DATABASE_KEYS_MIN = 524288;

/** The requests read ahead; one per engine, since nothing else runs between reading and executing. */
export class Lookahead {
  readonly requests: Request[] = [];
  count = 0;
  /** Keys a database must have before anything is touched ahead. */
  databaseKeysMin = DATABASE_KEYS_MIN;
  /** Keeps the touching reads alive: an optimiser may not drop them. */
  sink = 0;
  private keyHashes = new Int32Array(KEYS_MAX);

  constructor() {
    for (let i = 0; i < LOOKAHEAD_MAX; i++) this.requests.push(new Request());
  }

  /** Parses up to `most` requests. Returns what the parser said last: more, error, or a request. */
  read(parser: RequestParser, buf: Uint8Array, end: number, most: number): number {
    this.count = 0;
    let found = PARSE_REQUEST;
    while (this.count < most && (found === PARSE_REQUEST || found === PARSE_EMPTY)) {
      found = parser.parse(buf, end);
      if (found !== PARSE_REQUEST) continue;
      // The parser's request joins the list; it gets the one whose place that takes.
      const done = parser.request;
      parser.request = this.requests[this.count];
      this.requests[this.count++] = done;
    }
    return found;
  }

  /** Hashes the keys of the requests, then touches their buckets, then their records. */
  prefetch(ks: Keyspace, db: Database, table: CommandTable): void {
    const { arena } = ks;
    const { main } = db;
    const { count, keyHashes } = this;
    if (dictCount(arena, main) < this.databaseKeysMin) return;
    // One plain loop for each kind of miss: the shorter its body, the more of them are under way at once.
    let keys = 0;
    for (let i = 0; i < count; i++) keys = this.hashKeys(ks, table, this.requests[i], keys);
    if (keys < 2) return;
    let sink = 0;
    for (let k = 0; k < keys; k++) sink ^= dictTouchBucket(arena, main, keyHashes[k]);
    for (let i = 0; i < count; i++) sink ^= this.probeEntries(ks, db, this.requests[i]);
    this.sink ^= sink;
  }

  /** Finds the likely records of one request's keys and reads their first two cache lines. */
  private probeEntries(ks: Keyspace, db: Database, request: Request): number {
    const { arena } = ks;
    const { main } = db;
    const { hashes, entries, hashed } = request;
    let sink = 0;
    for (let arg = 1; arg < hashed; arg++) {
      if (hashes[arg] < 0) continue;
      const entry = dictProbe(arena, main, hashes[arg]);
      entries[arg] = entry;
      sink ^= recordTouchLines(arena, entry);
    }
    request.probedMoves = ks.moves;
    request.probedMain = main;
    return sink;
  }

  /** Hashes the keys of one request; returns how many hashes there are now. */
  private hashKeys(ks: Keyspace, table: CommandTable, request: Request, before: number): number {
    const { argBuf, off, len, argc } = request;
    const id = table.commandId(argBuf, off[0], len[0]);
    if (id < 0) return before;
    const first = table.firstKey[id];
    if (first === 0 || first >= argc) return before;
    let last = table.lastKey[id];
    if (last < 0) last += argc;
    if (last > ARG_MAX) last = ARG_MAX;
    if (last >= argc) last = argc - 1;
    // A lone key gains nothing: its look-up comes at once.
    if (this.count === 1 && first === last) return before;
    if (request.hashes.length <= last) {
      request.hashes = new Int32Array(ARG_MAX + 1);
      request.entries = new Int32Array(ARG_MAX + 1);
    }
    const { hashes } = request;
    const { keyHashes } = this;
    const step = table.keyStep[id];
    let keys = before;
    for (let arg = 0; arg <= last; arg++) hashes[arg] = -1;
    for (let arg = first; arg <= last && keys < KEYS_MAX; arg += step) {
      const hash = keyHash(ks, argBuf, off[arg], len[arg]);
      hashes[arg] = hash;
      keyHashes[keys++] = hash;
    }
    request.hashed = last + 1;
    return keys;
  }
}
