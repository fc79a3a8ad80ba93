// rdb_file_writer.ts: a whole data set in the snapshot format.
//
//   "VALKEY080"
//   fa name value                     auxiliary fields: who wrote it, when, how much memory it took
//   fe index  [fb keys volatile]      in front of keys of another database; how many there are, once, as a hint
//     [fc expiry(8)] [f8 idle] [f9 frequency(1)] kind name value      for each key
//   ff  CRC-64 of all before (8 bytes, zeros when not wanted)
//
// Numbers without a size are lengths (rdb_output.ts), names and values strings or what their kind says (rdb_value.ts).
//
// The bytes go to a drain in pieces, so that memory does not grow with the data set.
//
// Source followed: the format as Valkey 9.1 reads and writes it.

import { fromLatin1 } from "../bytes/ascii.ts";
import { CRC64_BYTES, crc64Store, crc64Update } from "../bytes/crc64.ts";
import { chain, dictBucketCount, dictBucketRead } from "../engine/dict.ts";
import { keyCount, keyCountVolatile, type Keyspace } from "../engine/keyspace.ts";
import {
  HAS_EXPIRE,
  recordClock,
  recordExpirePair,
  recordKeyBuf,
  recordKeyLen,
  recordKeyOff,
  recordMeta,
  recordReach,
  recordsTouch,
} from "../engine/record.ts";
import { RdbOutput } from "./rdb_output.ts";
import {
  OPCODE_AUX,
  OPCODE_EOF,
  OPCODE_EXPIRE_MS,
  OPCODE_FREQUENCY,
  OPCODE_FUNCTION,
  OPCODE_IDLE,
  OPCODE_RESIZE,
  OPCODE_SELECT,
  RDB_MAGIC,
} from "./rdb_types.ts";
import { valueKind, writeValue } from "./rdb_value.ts";

/** Takes the next bytes of a file; must not keep the buffer. */
export type Drain = (buf: Uint8Array, off: number, len: number) => void;

/** What a snapshot says of itself, and how it is written. */
export interface SnapshotOptions {
  /** Auxiliary fields in their order. */
  aux: readonly (readonly [name: string, value: string])[];
  /** Sources of function libraries. */
  functions: readonly Uint8Array[];
  compress: boolean;
  checksum: boolean;
  /** Whether idle times (LRU) or frequencies (LFU) are written with the keys. */
  access: "idle" | "frequency" | "none";
}

/** Small enough to be written in a fraction of a millisecond, and to be in the cache when it is summed. */
const DRAIN_BYTES = 1 << 17;
const CLOCK_MASK = 0xffffff;
const BUCKETS_AT_ONCE = 4;

const expiry = new Int32Array(2);
let records = new Int32Array(64);

/** Writes a data set part by part: head, keys in any order, end. */
export interface DataWriter {
  head(): void;
  /** Adds the first `count` records, of one database. */
  keys(dbIndex: number, records: Int32Array, count: number): void;
  end(): void;
}

/** Writes all databases at once as a snapshot. */
export function snapshotWrite(ks: Keyspace, options: SnapshotOptions, drain: Drain): void {
  allWrite(ks, new SnapshotWriter(ks, options, drain));
}

/** Writes all databases at once. */
export function allWrite(ks: Keyspace, writer: DataWriter): void {
  writer.head();
  for (const db of ks.dbs) {
    const buckets = keyCount(ks, db) === 0 ? 0 : dictBucketCount(ks.arena, db.main);
    for (let index = 0; index < buckets;) {
      let count = 0;
      for (const end = Math.min(buckets, index + BUCKETS_AT_ONCE); index < end; index++) {
        const found = dictBucketRead(ks.arena, db.main, index);
        // Writing a value walks tables of its own, through the same scratch.
        if (count + found > records.length) {
          const longer = new Int32Array((count + found) * 2);
          longer.set(records);
          records = longer;
        }
        for (let i = 0; i < found; i++) records[count++] = chain.entries[i];
      }
      writer.keys(db.index, records, count);
    }
  }
  writer.end();
}

/** Writes a snapshot. */
export class SnapshotWriter implements DataWriter {
  private ks: Keyspace;
  private out = new RdbOutput();
  private crc = new Int32Array(2);
  private options: SnapshotOptions;
  private drain: Drain;
  /** Database of the last key; -1 at the start. */
  private dbIndex = -1;
  private named = new Set<number>();
  private drainBytes: number;
  private sink = 0;
  /** How far records reach, judged by one of those touched before. */
  private reach = 0;

  /** `drainBytes`: how much is collected before it is handed on. */
  constructor(
    ks: Keyspace,
    options: SnapshotOptions,
    drain: Drain,
    drainBytes = DRAIN_BYTES,
  ) {
    this.ks = ks;
    this.options = options;
    this.drain = drain;
    this.drainBytes = drainBytes;
    this.out.compress = options.compress;
  }

  head(): void {
    const { out } = this;
    out.bytes(RDB_MAGIC, 0, RDB_MAGIC.length);
    for (const [name, value] of this.options.aux) {
      out.byte(OPCODE_AUX);
      this.text(name);
      this.text(value);
    }
    for (const source of this.options.functions) {
      out.byte(OPCODE_FUNCTION);
      out.string(source, 0, source.length);
    }
  }

  private text(text: string): void {
    const bytes = fromLatin1(text);
    this.out.string(bytes, 0, bytes.length);
  }

  /** Adds the first `count` records, of one database. */
  keys(dbIndex: number, records: Int32Array, count: number): void {
    if (count === 0) return;
    this.select(dbIndex);
    // Records lie anywhere: the waits for them overlap.
    this.sink ^= recordsTouch(this.ks.arena, records, count, this.reach);
    this.reach = recordReach(this.ks.arena, records[0]);
    for (let i = 0; i < count; i++) this.key(records[i]);
  }

  private select(dbIndex: number): void {
    if (dbIndex === this.dbIndex) return;
    const { out, ks } = this;
    this.dbIndex = dbIndex;
    out.byte(OPCODE_SELECT);
    out.length(dbIndex);
    if (this.named.has(dbIndex)) return;
    this.named.add(dbIndex);
    const db = ks.dbs[dbIndex];
    out.byte(OPCODE_RESIZE);
    out.length(keyCount(ks, db));
    out.length(keyCountVolatile(ks, db));
  }

  private key(rec: number): void {
    const { out, ks } = this;
    const { arena } = ks;
    if ((recordMeta(arena, rec) & HAS_EXPIRE) !== 0) {
      recordExpirePair(arena, rec, expiry);
      out.byte(OPCODE_EXPIRE_MS);
      out.int64(expiry[0], expiry[1]);
    }
    const clock = recordClock(arena, rec);
    if (this.options.access === "idle") {
      out.byte(OPCODE_IDLE);
      out.length((ks.lruSeconds - clock) & CLOCK_MASK);
    } else if (this.options.access === "frequency") {
      out.byte(OPCODE_FREQUENCY);
      out.byte(clock & 0xff);
    }
    out.byte(valueKind(ks, rec));
    out.string(recordKeyBuf(arena, rec), recordKeyOff(arena, rec), recordKeyLen(arena, rec));
    writeValue(out, ks, rec);
    if (out.pos >= this.drainBytes) this.flush();
  }

  end(): void {
    const { out, crc } = this;
    out.byte(OPCODE_EOF);
    this.flush();
    out.reserve(CRC64_BYTES);
    if (!this.options.checksum) crc.fill(0);
    crc64Store(crc, out.buf, 0);
    this.drain(out.buf, 0, CRC64_BYTES);
  }

  private flush(): void {
    const { out } = this;
    if (this.options.checksum) crc64Update(this.crc, out.buf, 0, out.pos);
    this.drain(out.buf, 0, out.pos);
    out.pos = 0;
  }
}
