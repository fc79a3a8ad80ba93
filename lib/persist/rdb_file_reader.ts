// rdb_file_reader.ts: a data set from the snapshot format (drawn in rdb_file_writer.ts): every version and kind of value
// the reference reads.
//
// Nothing of the file is trusted; what is wrong is said with the offset at which it was found. Keys read before stay.
//
// OPCODES besides the writer's: f3 slot import (refused: no slots here), f4 slot sizes (skipped), f5 a function library,
// f6 one of a preview (refused), f7 module data (refused: there are no modules), fd expiry in seconds (4 bytes).
//
// Source followed: the format as Valkey 9.1 reads and writes it.

import { copyBytes, latin1 } from "../bytes/ascii.ts";
import { CRC64_BYTES, crc64Matches } from "../bytes/crc64.ts";
import { int64FromNumber, int64ToNumber } from "../bytes/int64.ts";
import {
  type Database,
  keyAdd,
  keyDelete,
  keyFind,
  keyHash,
  type Keyspace,
  recordAbandon,
  recordCreate,
  recordDiscard,
  recordSetExpire,
} from "../engine/keyspace.ts";
import { ENCODING_LISTPACK, metaByte, recordSetClock, TYPE_STRING } from "../engine/record.ts";
import { dictReserve, dictResizeStep } from "../engine/dict.ts";
import { stringStore } from "../engine/string.ts";
import { KeysAhead } from "./rdb_ahead.ts";
import { RdbInput } from "./rdb_input.ts";
import {
  isValueType,
  OPCODE_AUX,
  OPCODE_EOF,
  OPCODE_EXPIRE_MS,
  OPCODE_EXPIRE_SECONDS,
  OPCODE_FREQUENCY,
  OPCODE_FUNCTION,
  OPCODE_FUNCTION_PREVIEW,
  OPCODE_IDLE,
  OPCODE_MODULE_AUX,
  OPCODE_RESIZE,
  OPCODE_SELECT,
  OPCODE_SLOT_IMPORT,
  OPCODE_SLOT_SIZES,
  RDB_FOREIGN_TYPE_MIN,
  RDB_FOREIGN_VERSION_MAX,
  RDB_FOREIGN_VERSION_MIN,
  RDB_VERSION,
  READ_CORRUPT,
  READ_EMPTY,
  READ_EXPIRED,
  READ_OK,
} from "./rdb_types.ts";
import { readValue, valueTypeOf } from "./rdb_value.ts";

/** How a file is read. */
export interface SnapshotReadOptions {
  /** Keys and fields whose time is before this are left out; 0 keeps all. */
  nowMs: number;
  /** Versions of others and of the future are taken as far as they can be understood. */
  relaxed: boolean;
  checksum: boolean;
  /** A key that is there already is replaced; otherwise the file is refused. */
  merge: boolean;
  /** Told of each auxiliary field; true when fields of hashes are to be kept from there on whatever their time. */
  aux?: (name: string, value: string) => boolean;
  /** Told of each key that is left out because its time is up. */
  expired?: (db: Database, key: Uint8Array) => void;
  /** The databases that are filled; those of the keyspace when absent. */
  dbs?: readonly Database[];
}

/** What came of reading a file. */
export interface SnapshotRead {
  /** "" or what is wrong with the file. */
  error: string;
  /** Bytes read. */
  offset: number;
  version: number;
  keys: number;
  /** Keys left out because their time was up, or because they had no elements. */
  expired: number;
  empty: number;
  /** The first names of the latter. */
  emptyKeys: Uint8Array[];
  /** The key whose value is wrong, where that is the error. */
  corruptKey: Uint8Array | null;
  aux: [name: string, value: string][];
  /** Sources of function libraries. */
  functions: Uint8Array[];
}

const EMPTY_KEYS_NAMED = 10;
const MAGIC_BYTES = 9;
const CHECKSUM_VERSION_MIN = 5;
/** No key takes fewer bytes in a table than this; and so many buckets of tables are made in one step. */
const TABLE_BYTES_MIN = 16;
const ROOM_STEP = 16_384;
const CLOCK_SECONDS = 1 << 24;
const CLOCK_MASK = CLOCK_SECONDS - 1;

/** Reads the file in buf[off, off+len) into the databases of `ks`. */
export function snapshotRead(
  ks: Keyspace,
  buf: Uint8Array,
  off: number,
  len: number,
  options: SnapshotReadOptions,
): SnapshotRead {
  return new SnapshotReader(ks, new RdbInput(buf, off, len), options).read();
}

/**
 * One pass over a file, at once or in steps. What is said of it and how values are kept may be overridden
 * (rdb_file_checker.ts).
 */
export class SnapshotReader {
  protected ks: Keyspace;
  protected input: RdbInput;
  private isBegun = false;
  private options: SnapshotReadOptions;
  private dbs: readonly Database[];
  private db: Database;
  /** The name of the last key: key[keyOff, keyOff + keyLen), and its hash. */
  protected key: Uint8Array = new Uint8Array(256);
  protected keyOff = 0;
  protected keyLen = 0;
  private hash = 0;
  private ownKey = this.key;
  private ahead = new KeysAhead();
  /** Keys to come in this database, and those of them with a time, for which its tables have no room yet. */
  private roomFor = 0;
  private roomForVolatile = 0;
  /** Databases with tables as large as was announced. */
  private roomy: Database[] = [];
  // What was said of the next key.
  protected hasExpiry = false;
  protected expiry: Int32Array = new Int32Array(2);
  private keepsFields = false;
  private idleSeconds = -1;
  private frequency = -1;
  /** Whether the file ended with a checksum. */
  protected hasChecksum = false;
  /** What is known so far; final once there is nothing left. */
  readonly result: SnapshotRead = {
    error: "",
    offset: 0,
    version: 0,
    keys: 0,
    expired: 0,
    empty: 0,
    emptyKeys: [],
    corruptKey: null,
    aux: [],
    functions: [],
  };

  constructor(ks: Keyspace, input: RdbInput, options: SnapshotReadOptions) {
    this.ks = ks;
    this.input = input;
    this.options = options;
    this.dbs = options.dbs ?? ks.dbs;
    this.db = this.dbs[0];
  }

  read(): SnapshotRead {
    while (this.step(Infinity, Infinity));
    return this.result;
  }

  /** Reads on to about this offset of the file or this number of keys; false when nothing is left to read. */
  step(offsetMax: number, keysMax: number): boolean {
    const { input, result } = this;
    if (!this.isBegun) {
      input.mark();
      if (!this.head()) return this.tookBack() || this.ended();
      this.isBegun = true;
    }
    while (input.offset < offsetMax && result.keys < keysMax) {
      if (this.roomFor > 0 && this.makesRoom()) break;
      const { hasExpiry, idleSeconds, frequency } = this;
      input.mark();
      const opcode = input.byte();
      if (opcode === OPCODE_EOF) this.end();
      if (opcode === OPCODE_EOF || opcode < 0 || !this.part(opcode)) {
        if (!this.tookBack()) return this.ended();
        this.hasExpiry = hasExpiry;
        this.idleSeconds = idleSeconds;
        this.frequency = frequency;
        return true;
      }
    }
    result.offset = input.offset;
    return true;
  }

  /** Whether the part under way has not arrived as a whole; it will be read again. */
  private tookBack(): boolean {
    const { input, result } = this;
    if (!input.takeBack()) return false;
    result.offset = input.offset;
    return true;
  }

  private ended(): false {
    const { input, result } = this;
    if (result.error === "" && input.failed) {
      const isDamaged = !input.ended && input.reason !== "";
      result.error = isDamaged ? input.reason : "Unexpected EOF reading RDB file";
    }
    result.offset = input.offset;
    this.giveRoomBack();
    return false;
  }

  protected fail(error: string): false {
    if (!this.input.failed) this.result.error = error;
    return false;
  }

  protected head(): boolean {
    const { input, result } = this;
    if (!input.need(MAGIC_BYTES)) return false;
    const magic = latin1(input.buf, input.pos, MAGIC_BYTES);
    input.pos += MAGIC_BYTES;
    const found = /^(REDIS0|VALKEY)(.*)$/s.exec(magic);
    if (found === null) return this.fail("Wrong signature trying to load DB from file");
    const digits = /^\s*[+-]?\d+/.exec(found[2]);
    const version = digits === null ? 0 : Number(digits[0]);
    result.version = version;
    if (this.accepts(version, found[1] === "VALKEY")) return true;
    return this.fail(`Can't handle RDB format version ${version}`);
  }

  protected accepts(version: number, isValkey: boolean): boolean {
    if (version < 1 || isValkey !== version > RDB_FOREIGN_VERSION_MAX) return false;
    if (this.options.relaxed) return true;
    return version <= RDB_VERSION && !isForeign(version);
  }

  /** Reads what follows an opcode or kind; false when it is the last there is to read. */
  protected part(opcode: number): boolean {
    const { input } = this;
    switch (opcode) {
      case OPCODE_EXPIRE_SECONDS:
        return this.expireSeconds();
      case OPCODE_EXPIRE_MS:
        this.hasExpiry = input.int64();
        this.expiry[0] = input.lo;
        this.expiry[1] = input.hi;
        return this.hasExpiry;
      case OPCODE_FREQUENCY:
        this.frequency = input.byte();
        return !input.failed;
      case OPCODE_IDLE:
        this.idleSeconds = this.length();
        return !input.failed;
      case OPCODE_SELECT:
        return this.select(this.length());
      case OPCODE_RESIZE:
        return this.sizes();
      case OPCODE_SLOT_SIZES:
        return this.length() >= 0 && this.length() >= 0 && this.length() >= 0;
      case OPCODE_AUX:
        return this.aux();
      case OPCODE_FUNCTION:
        return this.library();
      case OPCODE_FUNCTION_PREVIEW:
        return this.fail("Pre-release function format not supported.");
      case OPCODE_MODULE_AUX:
        return this.fail("The RDB file contains AUX module data I can't load");
      case OPCODE_SLOT_IMPORT:
        return this.fail("The RDB file contains a slot import, which needs cluster mode");
      default:
        return this.keyAndValue(opcode);
    }
  }

  /** A length; -1 when it fails or is none. */
  protected length(): number {
    const { input } = this;
    const length = input.length();
    if (!input.special) return length;
    this.fail("Unexpected special length");
    return -1;
  }

  /** How many keys there will be, and how many of them with a time: a hint that is believed as far as the bytes go. */
  private sizes(): boolean {
    const keys = this.length();
    const volatile = this.length();
    if (volatile < 0) return false;
    const most = Math.floor(this.input.left / TABLE_BYTES_MIN);
    this.reserve(Math.min(keys, most), Math.min(keys, volatile, most));
    return true;
  }

  protected reserve(keys: number, volatile: number): void {
    this.roomFor = keys;
    this.roomForVolatile = volatile;
  }

  /** Makes some of the room that is wanted; true while there is more to make. Filling a table is cheaper than growing it. */
  private makesRoom(): boolean {
    const { ks, db } = this;
    if (dictReserve(ks.arena, db.main, this.roomFor, ROOM_STEP)) return true;
    if (dictReserve(ks.arena, db.expires, this.roomForVolatile, ROOM_STEP)) return true;
    this.roomFor = 0;
    this.roomy.push(db);
    return false;
  }

  /** The keys that were announced may not have come. */
  private giveRoomBack(): void {
    const { arena } = this.ks;
    for (const db of this.roomy) {
      while (dictResizeStep(arena, db.main));
      while (dictResizeStep(arena, db.expires));
    }
    this.roomy = [];
  }

  private expireSeconds(): boolean {
    const { input } = this;
    if (!input.need(4)) return false;
    const { buf, pos } = input;
    const seconds = buf[pos] | (buf[pos + 1] << 8) | (buf[pos + 2] << 16) | (buf[pos + 3] << 24);
    input.pos = pos + 4;
    int64FromNumber(seconds * 1000, this.expiry);
    this.hasExpiry = true;
    return true;
  }

  protected select(index: number): boolean {
    if (index < 0) return false;
    const db = this.dbs[index];
    if (db === undefined) {
      return this.fail(
        `FATAL: Data file was created with a server configured to handle more than ` +
          `${this.dbs.length} databases. Exiting`,
      );
    }
    this.db = db;
    return true;
  }

  protected aux(): boolean {
    const { input } = this;
    if (!input.string()) return false;
    const name = latin1(input.stringBuf, input.stringOff, input.stringLen);
    if (!input.string()) return false;
    const value = latin1(input.stringBuf, input.stringOff, input.stringLen);
    this.result.aux.push([name, value]);
    if (this.options.aux?.(name, value)) this.keepsFields = true;
    return true;
  }

  protected library(): boolean {
    const { input } = this;
    if (!input.string()) return false;
    const { stringBuf, stringOff, stringLen } = input;
    this.result.functions.push(stringBuf.slice(stringOff, stringOff + stringLen));
    return true;
  }

  protected keyAndValue(kind: number): boolean {
    const { input, result } = this;
    if (result.version < RDB_VERSION && kind >= RDB_FOREIGN_TYPE_MIN) {
      return this.fail(
        `Can't handle foreign type or opcode ${kind} in RDB with version ${result.version}`,
      );
    }
    if (!isValueType(kind)) {
      return this.fail(
        `Unknown type or opcode when loading DB. Unrecoverable error, aborting now. (${kind})`,
      );
    }
    const type = valueTypeOf(kind);
    if (type < 0) return this.fail(`The RDB file contains module data I can't load: type ${kind}`);
    if (type === TYPE_STRING) this.ahead.look(this.ks, this.db, input);
    if (!input.string()) return false;
    this.name();
    const status = type === TYPE_STRING ? this.storeString() : this.storeValue(type, kind);
    this.hasExpiry = false;
    this.idleSeconds = -1;
    this.frequency = -1;
    if (status === READ_OK) result.keys++;
    else if (status === READ_EMPTY) this.noteEmpty();
    else if (status === READ_EXPIRED) this.leftOut();
    else {
      result.corruptKey = this.keyCopy();
      return this.fail(result.error || input.reason || "Corrupt value");
    }
    return true;
  }

  private noteEmpty(): void {
    const { result } = this;
    if (result.empty++ < EMPTY_KEYS_NAMED) result.emptyKeys.push(this.keyCopy());
  }

  private leftOut(): void {
    this.result.expired++;
    this.options.expired?.(this.db, this.keyCopy());
  }

  private keyCopy(): Uint8Array {
    return this.key.slice(this.keyOff, this.keyOff + this.keyLen);
  }

  /** Takes the name of the key: where it is when it stays there, which is when it was found ahead. */
  private name(): void {
    const { input } = this;
    const hash = this.ahead.take(input);
    if (hash < 0) {
      this.keep();
      this.hash = keyHash(this.ks, this.key, 0, this.keyLen);
      return;
    }
    this.hash = hash;
    this.key = input.stringBuf;
    this.keyOff = input.stringOff;
    this.keyLen = input.stringLen;
  }

  /** Copies the name of the key out of the way of its value. */
  protected keep(): void {
    const { stringBuf, stringOff, stringLen } = this.input;
    if (stringLen > this.ownKey.length) this.ownKey = new Uint8Array(stringLen * 2);
    copyBytes(stringBuf, stringOff, this.ownKey, 0, stringLen);
    this.key = this.ownKey;
    this.keyOff = 0;
    this.keyLen = stringLen;
  }

  private storeString(): number {
    const { ks, db, key, keyOff, keyLen, hash, input } = this;
    if (!input.string()) return READ_CORRUPT;
    if (this.isExpired()) return READ_EXPIRED;
    if (!this.isFree()) return READ_CORRUPT;
    const { stringBuf, stringOff, stringLen } = input;
    const rec = stringStore(
      ks,
      db,
      hash,
      0,
      key,
      keyOff,
      keyLen,
      stringBuf,
      stringOff,
      stringLen,
      false,
    );
    this.finish(rec);
    return READ_OK;
  }

  private storeValue(type: number, kind: number): number {
    const { ks, db, key, keyLen, hash, input } = this;
    const rec = recordCreate(ks, metaByte(type, ENCODING_LISTPACK, false), key, 0, keyLen, 0);
    const status = readValue(input, ks, rec, kind, this.keepsFields ? 0 : this.options.nowMs);
    if (status !== READ_OK) {
      recordAbandon(ks, rec);
      return status;
    }
    const isExpired = this.isExpired();
    if (isExpired || !this.isFree()) {
      recordDiscard(ks, rec);
      return isExpired ? READ_EXPIRED : READ_CORRUPT;
    }
    keyAdd(ks, db, hash, rec);
    this.finish(rec);
    return READ_OK;
  }

  private isExpired(): boolean {
    const { nowMs } = this.options;
    return this.hasExpiry && nowMs > 0 && int64ToNumber(this.expiry[0], this.expiry[1]) < nowMs;
  }

  /** Whether the key is absent, or may be replaced and now is. */
  private isFree(): boolean {
    const { ks, db, key, keyOff, keyLen, hash } = this;
    const old = keyFind(ks, db, hash, key, keyOff, keyLen);
    if (old === 0) return true;
    if (!this.options.merge) {
      this.result.error = "RDB has duplicated key " + JSON.stringify(latin1(key, keyOff, keyLen));
      return false;
    }
    keyDelete(ks, db, hash, old);
    return true;
  }

  /** Gives a key that was added its expiry and access clock. */
  private finish(added: number): void {
    const { ks, db, expiry, hash } = this;
    let rec = added;
    if (this.hasExpiry) rec = recordSetExpire(ks, db, hash, rec, expiry[0], expiry[1]);
    if (ks.lfuEnabled) {
      if (this.frequency >= 0) {
        recordSetClock(ks.arena, rec, (ks.lfuMinutes << 8) | this.frequency);
      }
    } else if (this.idleSeconds >= 0) {
      const idle = this.idleSeconds % CLOCK_SECONDS;
      recordSetClock(ks.arena, rec, (ks.lruSeconds - idle) & CLOCK_MASK);
    }
  }

  protected end(): void {
    const { input, result } = this;
    if (result.version < CHECKSUM_VERSION_MIN) return;
    if (this.options.checksum) input.sum();
    if (!input.need(CRC64_BYTES)) return;
    const { buf, pos } = input;
    input.pos += CRC64_BYTES;
    // All zeros: written without a checksum.
    this.hasChecksum = buf.subarray(pos, input.pos).some((byte) => byte !== 0);
    if (!this.options.checksum || !this.hasChecksum) return;
    if (!crc64Matches(input.crc, buf, pos)) this.fail("RDB CRC error");
  }
}

/** Whether a version belongs to others. */
export function isForeign(version: number): boolean {
  return version >= RDB_FOREIGN_VERSION_MIN && version <= RDB_FOREIGN_VERSION_MAX;
}
