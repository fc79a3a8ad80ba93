// aof_base_writer.ts: a whole data set as commands, for the base of an append-only file that is not to be a snapshot
// (aof-use-rdb-preamble no): what has to be executed on empty databases.
//
//   [#TS:seconds]
//   SELECT index                                          in front of keys of another database
//   SET | RPUSH | SADD | ZADD | HSET name elements ...    at most ELEMENTS_MAX elements a command
//   HSETEX name PXAT ms FIELDS 1 field value              for each field with a time
//   PEXPIREAT name ms                                     for a key with a time
//   RESTORE name 0 payload                                for streams, whose groups no command could set up again
//
// Same steps as SnapshotWriter (rdb_file_writer.ts): head, keys in any order, end.

import { fromLatin1 } from "../bytes/ascii.ts";
import { doubleFormat } from "../bytes/double.ts";
import { INT64_TEXT_MAX, int64Format, uintFormat } from "../bytes/int64.ts";
import { hashIsVolatile, hashLength } from "../engine/hash.ts";
import { HashCursor } from "../engine/hash_walk.ts";
import type { Keyspace } from "../engine/keyspace.ts";
import { listLength } from "../engine/list.ts";
import { ListCursor } from "../engine/list_cursor.ts";
import {
  HAS_EXPIRE,
  recordExpirePair,
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordType,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
} from "../engine/record.ts";
import { setCount } from "../engine/set.ts";
import { SetCursor } from "../engine/set_walk.ts";
import { stringView, view } from "../engine/string.ts";
import { zsetCount } from "../engine/zset.ts";
import { ZsetCursor } from "../engine/zset_range.ts";
import type { DataWriter, Drain } from "./rdb_file_writer.ts";
import { RdbOutput } from "./rdb_output.ts";
import { payloadWrite } from "./rdb_value.ts";

const ELEMENTS_MAX = 64;
const DRAIN_BYTES = 1 << 17;
const DOUBLE_BYTES_MAX = 32;
const STAR = 42;
const DOLLAR = 36;
/** No field is gone for this. */
const ALL_FIELDS = 0;

const SELECT = fromLatin1("SELECT");
const SET = fromLatin1("SET");
const RPUSH = fromLatin1("RPUSH");
const SADD = fromLatin1("SADD");
const ZADD = fromLatin1("ZADD");
const HSET = fromLatin1("HSET");
const HSETEX = fromLatin1("HSETEX");
const PXAT = fromLatin1("PXAT");
const FIELDS = fromLatin1("FIELDS");
const PEXPIREAT = fromLatin1("PEXPIREAT");
const RESTORE = fromLatin1("RESTORE");
const ZERO = fromLatin1("0");
const ONE = fromLatin1("1");

const list = new ListCursor();
const set = new SetCursor();
const zset = new ZsetCursor();
const hash = new HashCursor();
const expiry = new Int32Array(2);
/** Text of a number that is a word; that of lengths. */
const text = new Uint8Array(Math.max(INT64_TEXT_MAX, DOUBLE_BYTES_MAX));
const lengthText = new Uint8Array(INT64_TEXT_MAX);

/** Writes a data set as commands. */
export class CommandsWriter implements DataWriter {
  private ks: Keyspace;
  private out = new RdbOutput();
  private payload = new RdbOutput();
  private drain: Drain;
  private seconds: number;
  private dbIndex = -1;
  /** Elements of the command under way that are still to come, and of the value. */
  private room = 0;
  private left = 0;

  /** `seconds` is the time to begin with, 0 for none. */
  constructor(ks: Keyspace, seconds: number, compress: boolean, drain: Drain) {
    this.ks = ks;
    this.seconds = seconds;
    this.drain = drain;
    this.payload.compress = compress;
  }

  head(): void {
    if (this.seconds === 0) return;
    const bytes = fromLatin1(`#TS:${this.seconds}\r\n`);
    this.out.bytes(bytes, 0, bytes.length);
  }

  /** Adds the first `count` records, of one database. */
  keys(dbIndex: number, records: Int32Array, count: number): void {
    if (count > 0 && dbIndex !== this.dbIndex) {
      this.dbIndex = dbIndex;
      this.line(STAR, 2);
      this.word(SELECT);
      this.number(dbIndex, 0);
    }
    for (let i = 0; i < count; i++) this.key(records[i]);
  }

  end(): void {
    this.drain(this.out.buf, 0, this.out.pos);
    this.out.pos = 0;
  }

  private key(rec: number): void {
    const { arena } = this.ks;
    const type = recordType(arena, rec);
    if (type === TYPE_STRING) this.string(rec);
    else if (type === TYPE_LIST) this.list(rec);
    else if (type === TYPE_SET) this.set(rec);
    else if (type === TYPE_HASH) this.hash(rec);
    else if (type === TYPE_STREAM) this.restore(rec);
    else this.zset(rec);
    if ((recordMeta(arena, rec) & HAS_EXPIRE) !== 0) {
      recordExpirePair(arena, rec, expiry);
      this.begin(PEXPIREAT, rec, 3);
      this.number(expiry[0], expiry[1]);
    }
    if (this.out.pos >= DRAIN_BYTES) this.end();
  }

  // ---- values

  private string(rec: number): void {
    this.begin(SET, rec, 3);
    stringView(this.ks, rec);
    this.bulk(view.buf, view.off, view.len);
  }

  private list(rec: number): void {
    this.left = listLength(this.ks, rec);
    list.start(this.ks, rec, 0, false);
    while (this.left > 0 && list.next()) {
      this.element(RPUSH, rec, 1);
      this.bulk(list.buf, list.off, list.len);
    }
  }

  private set(rec: number): void {
    this.left = setCount(this.ks, rec);
    set.start(this.ks, rec);
    while (this.left > 0 && set.next()) {
      this.element(SADD, rec, 1);
      this.bulk(set.buf, set.off, set.len);
    }
  }

  private zset(rec: number): void {
    this.left = zsetCount(this.ks, rec);
    zset.start(this.ks, rec, 0, false);
    while (this.left > 0 && zset.next()) {
      this.element(ZADD, rec, 2);
      this.bulk(text, 0, doubleFormat(zset.score, text, 0));
      this.bulk(zset.buf, zset.off, zset.len);
    }
  }

  private hash(rec: number): void {
    const { ks } = this;
    const isVolatile = hashIsVolatile(ks, rec);
    this.left = hashLength(ks, rec) - (isVolatile ? this.timedFields(rec) : 0);
    hash.start(ks, rec, ALL_FIELDS);
    while (this.left > 0 && hash.next()) {
      if (isVolatile && hash.timed) continue;
      this.element(HSET, rec, 2);
      this.bulk(hash.nameBuf, hash.nameOff, hash.nameLen);
      this.bulk(hash.buf, hash.off, hash.len);
    }
  }

  /** Writes the fields with a time. Returns how many there are. */
  private timedFields(rec: number): number {
    let count = 0;
    hash.start(this.ks, rec, ALL_FIELDS);
    while (hash.next()) {
      if (!hash.timed) continue;
      count++;
      this.begin(HSETEX, rec, 8);
      this.word(PXAT);
      this.number(hash.lo, hash.hi);
      this.word(FIELDS);
      this.word(ONE);
      this.bulk(hash.nameBuf, hash.nameOff, hash.nameLen);
      this.bulk(hash.buf, hash.off, hash.len);
    }
    return count;
  }

  private restore(rec: number): void {
    const { payload } = this;
    const len = payloadWrite(payload, this.ks, rec);
    this.begin(RESTORE, rec, 4);
    this.word(ZERO);
    this.bulk(payload.buf, 0, len);
  }

  // ---- commands

  /** Begins a command of `argc` words with the name of a key. */
  private begin(name: Uint8Array, rec: number, argc: number): void {
    const { arena } = this.ks;
    this.line(STAR, argc);
    this.word(name);
    this.bulk(recordKeyBuf(arena, rec), recordKeyOff(arena, rec), recordKeyLen(arena, rec));
  }

  /** An element of `words` words follows, in the command under way or in a new one. */
  private element(name: Uint8Array, rec: number, words: number): void {
    if (this.room === 0) {
      this.room = Math.min(this.left, ELEMENTS_MAX);
      this.begin(name, rec, 2 + this.room * words);
    }
    this.room--;
    this.left--;
    if (this.out.pos >= DRAIN_BYTES) this.end();
  }

  private line(type: number, count: number): void {
    const { out } = this;
    out.byte(type);
    out.bytes(lengthText, 0, uintFormat(count, lengthText, 0));
    out.byte(13);
    out.byte(10);
  }

  private word(bytes: Uint8Array): void {
    this.bulk(bytes, 0, bytes.length);
  }

  private number(lo: number, hi: number): void {
    this.bulk(text, 0, int64Format(lo, hi, text, 0));
  }

  private bulk(buf: Uint8Array, off: number, len: number): void {
    this.line(DOLLAR, len);
    this.out.bytes(buf, off, len);
    this.out.byte(13);
    this.out.byte(10);
  }
}
